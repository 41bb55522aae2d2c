"""The counter where papers arrive, as the office speaks of it: «收到纸质 医学会 总结», «收到纸质 K7Q2MA», «材料 医学会»."""

import re
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.office import Office
from handlers.papers import papers, receiving, shortcode
from handlers.papers.declaring import Behind, behind
from handlers.papers.papers import ELECTRONIC, STAMPED
from handlers.papers.receiving import Arrival, NotTicked
from handlers.phrasebook import phrasebook
from handlers.review import judging
from handlers.rounds import deadline, pinned
from handlers.societies import roster
from handlers.understanding.numerals import fold, number
from rubrics.units import TABLE, unit
from storage.relations import ENTRY, Row

FORMS = {"电子": ELECTRONIC}
WHEN = re.compile(
    r"[\s,，(（]*(?P<late>逾期|迟到|过期)(?:到)?的?[)）]*$|[\s,，(（]*(?:按时|及时|准时|截止前)(?:到)?的?[)）]*$"
)
SHORTEST_NAME = 2  # characters
OFFERED = 8  # societies that are asked about by name


def ticked(office: Office, form: str, said: str) -> list[Reply]:
    return _acted(office, form, said, verb="收到", undo=False)


def unticked(office: Office, form: str, said: str) -> list[Reply]:
    return _acted(office, form, said, verb="撤销", undo=True)


def _acted(office: Office, form: str, said: str, *, verb: str, undo: bool) -> list[Reply]:
    """One society, exactly; one or more of its papers; anything less is asked about and stores nothing."""
    late, rest = _when(said)
    named = behind(rest, pinned(office.db, office.round.rubric_sha256).deliverables)
    opening, closing = f"{verb}{form}", said[len(rest) :]
    try:
        arrival = _meant(office, named, undo=undo)
        if arrival is None:
            return _whose(office, named.before, lambda name: f"{opening} {name} {named.words}{closing}")
        arrival = replace(arrival, form=FORMS.get(form, STAMPED), late=late)
        if named.everything:
            arrival = replace(arrival, papers=_all(office, arrival))
        return _done(office, arrival, undo=undo) if arrival.papers else _which(office, arrival, opening, closing)
    except NotTicked as refused:
        asks = ("按时", "逾期") if refused.why == "papers_when" else ()
        ways = [f"{opening} {rest.strip()} {when}" for when in asks]
        return [_offered(office, refused.why, {**refused.about, "ways": ways})]


def _meant(office: Office, named: Behind, *, undo: bool) -> Arrival | None:
    """Of the society with exactly that name, or of the one whose form has that code; None where it is neither."""
    whom = named.before
    exact = [row for row in roster.find(office.db, whom) if row.name == whom] if whom else []
    if exact:
        return Arrival(office.round, exact[0], named.papers)
    if not shortcode.looks_like(whom):
        return None
    table = () if undo and named.papers else (TABLE,)  # whoever reads the code has the form before her
    return replace(by_code(office.db, whom, undo=undo), papers=(*table, *named.papers))


def _all(office: Office, arrival: Arrival) -> tuple[str, ...]:
    rubric = pinned(office.db, arrival.round.rubric_sha256)
    return tuple(paper.id for paper in receiving.tickable(rubric, arrival.society.kind, arrival.form))


def _when(said: str) -> tuple[bool | None, str]:
    match = WHEN.search(said)
    return (None, said) if match is None else (match["late"] is not None, said[: match.start()])


def by_code(db: sa.Connection, said: str, *, undo: bool) -> Arrival:
    """The society of a printed form; a form of another version than the current one is none. Raises NotTicked."""
    id = shortcode.submission_of(said)
    found = receiving.submission(db, id) if id is not None else None
    if found is None:
        raise NotTicked("papers_code_wrong", said=said)
    submission, round, society = found
    standing = receiving.current(db, submission.entry_id)
    if not undo and (standing is None or standing.id != submission.id):
        about = {"code": shortcode.code(submission.id), "society": society.name}
        about["number"] = receiving.times(db, submission)
        now = {
            "current": shortcode.code(standing.id) if standing else "",
            "current_number": receiving.times(db, standing) if standing else 0,
        }
        taken_back = submission.withdrawn_at is not None
        raise NotTicked("papers_code_old", **about, **now, withdrawn=taken_back)
    return Arrival(round, society, ())


def _whose(office: Office, said: str, way: Any) -> list[Reply]:
    """Names that contain the words are offered, never acted on."""
    names = [row.name for row in roster.find(office.db, said)[:OFFERED]] if said else []
    about = {"said": said, "names": names, "exact": len(names) > 1, "ways": [way(name).strip() for name in names]}
    return [_offered(office, "papers_whose", about)]


def _which(office: Office, arrival: Arrival, opening: str, closing: str) -> list[Reply]:
    rubric = pinned(office.db, arrival.round.rubric_sha256)
    titles = [paper.title for paper in receiving.tickable(rubric, arrival.society.kind, arrival.form)]
    name = arrival.society.name
    ways = [f"{opening} {name} {title}{closing}" for title in ["全部", *titles]]
    return [_offered(office, "papers_which", {"society": name, "ways": ways})]


def _offered(office: Office, name: str, about: dict[str, Any]) -> Reply:
    """The ways to go on may be tapped, or their number typed."""
    if about.get("ways"):
        office.wait_for("choose", ways=list(about["ways"]))
    return phrasebook().reply(name, about)


def chosen(waiting: dict[str, Any], words: str) -> str:
    """The words of the way whose number, or a name in which alone, was typed; else what was typed."""
    counted = number(fold(words).strip(" 。.、"))
    ways = waiting["ways"]
    whole = counted is not None and counted == int(counted) and 1 <= counted <= len(ways)
    if whole and counted is not None:
        return str(ways[int(counted) - 1])
    said = words.strip(" 。.、")
    named = [str(way) for way in ways if said in way.partition(" ")[2]] if len(said) >= SHORTEST_NAME else []
    return named[0] if len(named) == 1 else words


def _done(office: Office, arrival: Arrival, *, undo: bool) -> list[Reply]:
    act = receiving.untick if undo else receiving.tick
    made = act(office.db, arrival, office.now, by=office.actor.person_id)
    return [phrasebook().reply("papers_unticked" if undo else "papers_ticked", described(arrival, made))]


def described(arrival: Arrival, made: receiving.Ticked) -> dict[str, Any]:
    """What the office reads of a tick."""
    return {
        "society": arrival.society.name,
        "form": phrasebook().text("paper_form", {"form": arrival.form}),
        "titles": made.titles,
        "already": made.already,
        "late": made.late,
        "receipt": made.receipt,
        "told": made.told,
        "owing": papers.owing(made.matrix),
        "all_in": made.matrix.all_in,
    }


def looked(office: Office, said: str) -> list[Reply]:
    """«材料 医学会»: what has come in of one society."""
    found = roster.find(office.db, said.strip())
    if len(found) != 1:
        return _whose(office, said.strip(), lambda name: f"材料 {name}")
    [society] = found
    if judging.barred(office, society):
        return [phrasebook().reply("overview_recused", {"society": society.name, "title": office.round.title})]
    rubric = pinned(office.db, office.round.rubric_sha256)
    entry = _entry(office, society)
    matrix = papers.of_entry(office.db, rubric, society.kind, entry.id if entry else None)
    kind = unit(rubric, society.kind)
    about = {"society": society.name, "kind": kind.title if kind and society.kind else None}
    zone = {"closes": deadline(office.round, entry), "zone": office.round.timezone}
    ticks = [f"收到纸质 {society.name} 全部"] if matrix.missing(STAMPED) else []
    return papers.shown(matrix, "papers_of", "papers_of_end", {**about, **zone, "ticks": ticks})


def _entry(office: Office, society: Row) -> Row | None:
    mine = sa.select(ENTRY).where(ENTRY.c.round_id == office.round.id, ENTRY.c.society_id == society.id)
    return office.db.execute(mine).one_or_none()


def overview(office: Office) -> list[Reply]:
    """«材料»: how many societies have everything in."""
    counts = {"all_in": 0, "stamped": 0, "electronic": 0, "total": 0}
    for _, matrix in papers.of_round(office.db, office.round):
        lacking = not matrix.submitted or matrix.awaits_files
        counts["all_in" if matrix.all_in else "electronic" if lacking else "stamped"] += 1
        counts["total"] += 1
    return [phrasebook().reply("papers_overview", {"title": office.round.title, "counts": counts})]
