"""What the office sees of a round that is being filled in: counts, who is how far, and one society; never its words."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from handlers import rounds
from handlers.answers.telling import due
from handlers.looking import consent
from handlers.messages import Reply
from handlers.notices.audience import audience
from handlers.notices.unreached import unreached
from handlers.office import Office
from handlers.papers import papers
from handlers.phrasebook import pages, phrasebook
from handlers.projects.applications import live
from handlers.reports import sheets
from handlers.review import judging
from handlers.rights import OFFICE
from handlers.rounds import pinned
from handlers.societies import people, roster
from handlers.understanding.numerals import NUMBER, fold, number
from rubrics.answers import Answer
from rubrics.scoring import standing
from rubrics.units import unit
from storage import overviews
from storage.overviews import HANDED_IN
from storage.relations import ANSWER_EVENT, PERSON, Row

BEGUN = ("in_progress",)
IDLE = re.compile(rf"({NUMBER})个?(天|日|周|星期)(?:以上)?(?:都|还)*[没未]有?(?:动|填|更新|进展|操作)[过的]*")
PAGE = 10  # societies of one answer: with head and end a phone screen
WEEK = 7
LONGEST_IDLE = 999  # days


def counted(rows: Sequence[Row]) -> dict[str, int]:
    """Societies by state; one that has no entry yet has not started."""
    submitted = sum(row.status in HANDED_IN for row in rows)
    started = sum(row.status in BEGUN for row in rows)
    return {
        "submitted": submitted,
        "started": started,
        "waiting": len(rows) - submitted - started,
        "total": len(rows),
    }


def progress(desk: Office) -> list[Reply]:
    """«进度»: one message, and a picture that follows."""
    current = rounds.season(desk.db, desk.round, desk.now)
    rows = overviews.everybody(desk.db, current.id, voluntary=desk.round.voluntary)
    counts, until = counted(rows), due(current, desk.now)
    handed_in = [row.submitted_at for row in rows if row.status in HANDED_IN and row.submitted_at is not None]
    about = {
        **counts,
        "title": current.title,
        "due": until,
        "lately": sum(at > desk.now - timedelta(days=1) for at in handed_in),
        "idle": len(_idle(rows, 3, desk.now)),
        "unreached": len(unreached(desk.db, desk.round, desk.now)),
        "kind": current.rubric.kind,
        "rubric": current.rubric,
    }
    recent = [at for at in handed_in if at >= sheets.since(desk.now)]
    sheet = sheets.of_progress(counts, current.title, until, recent, desk.now, current.timezone)
    said = phrasebook().reply("overview", about)
    return [Reply(said.text, said.choices, drawing={"sheets": [sheet]})]


def listed(desk: Office, said: str, page: str = "") -> list[Reply]:
    """«谁还没交», «三天没动的», «缺第14项的有哪些 第2页»: by name, with how far each is."""
    rows = overviews.everybody(desk.db, desk.round.id, voluntary=desk.round.voluntary)
    idle = IDLE.search(fold(said))
    if idle:
        found = _idle(rows, _days(idle), desk.now)
    else:
        meant = audience(desk.db, desk.round, said)
        if meant.doubtful:
            return [phrasebook().reply("audience_doubtful", {"doubtful": meant.doubtful})]
        known = {row.society_id: row for row in rows}
        found = [known[one.id] for one in meant.societies if one.id in known]
    about = {"said": said, "everybody": len(rows), "announced": not idle and bool(found)}
    return _paged(desk, found, about, int(page or 1))


def _days(idle: re.Match[str]) -> int:
    count = number(idle[1])
    return min(int(count or 1) * (1 if idle[2] in "天日" else WEEK), LONGEST_IDLE)


def _idle(rows: Sequence[Row], days: int, now: datetime) -> list[Row]:
    """Begun, not handed in, and not touched for so many days; the longest first."""
    before = now - timedelta(days=days)
    found = [row for row in rows if row.status in BEGUN and row.touched_at is not None and row.touched_at <= before]
    return sorted(found, key=lambda row: row.touched_at)


def _paged(desk: Office, found: Sequence[Row], about: Mapping[str, Any], page: int) -> list[Reply]:
    last = max((len(found) + PAGE - 1) // PAGE, 1)
    page = min(max(page, 1), last)
    barred = judging.avoided(desk.db, desk.round.id, desk.actor.person_id)
    shown = found[(page - 1) * PAGE : page * PAGE]
    lines = [_line(desk, row, barred=row.society_id in barred) for row in shown]
    about = {**about, "count": len(found), "page": page, "last": last}
    end = phrasebook().text("overview_list_end", about)
    texts = pages([*lines, end], phrasebook().text("overview_list", about))
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], phrasebook().choices("overview_list", about))]


def _line(desk: Office, row: Row, *, barred: bool) -> str:
    """A unit that is asked no table has no items to count; whoever is recused reads its name alone."""
    if barred:
        return phrasebook().text("overview_line_recused", {"society": row.name})
    rubric = pinned(desk.db, rounds.version(desk.round, row), row.kind)
    about = {"row": row, "items": len(rubric.items), "kind": rubric.kind, "zone": desk.round.timezone}
    return phrasebook().text("overview_line", about)


def society(desk: Office, said: str) -> list[Reply]:
    """«看 医学会»: how far one society is, by whom and until when. Raises roster.Unsure."""
    one = roster.one(desk.db, said)
    if judging.barred(desk, one):
        return [phrasebook().reply("overview_recused", {"society": one.name, "title": desk.round.title})]
    rows = overviews.everybody(desk.db, desk.round.id, voluntary=desk.round.voluntary)
    entry = next((row for row in rows if row.society_id == one.id), None)
    own = rounds.OwnTime(entry.extended_to, entry.closed_at) if entry is not None and entry.entry_id else None
    until = rounds.deadline(desk.round, own)
    rubric = pinned(desk.db, desk.round.rubric_sha256)
    kind = unit(rubric, one.kind)
    matrix = papers.of_entry(desk.db, rubric, one.kind, entry.entry_id if entry is not None else None)
    about = {
        **_figures(desk, one, entry),
        "society": one.name,
        "taking_part": entry is not None,
        "entry": entry,
        "kind": kind.title if kind and one.kind else None,
        "programme": rubric.kind,
        "applied": [each.section.title for each, _ in live(desk.db, rubric, entry.entry_id)]
        if rubric.kind == "projects" and entry is not None and entry.entry_id
        else [],
        "papers": {form: len(matrix.missing(form)) for form in (papers.ELECTRONIC, papers.STAMPED)},
        "closed": rounds.closed(desk.round, own),
        "until": until,
        "left": until - desk.now if until and until > desk.now else None,
        "extended": own is not None and own.extended_to is not None,
        "people": [people.told(desk.db, person) for person in people.of_society(desk.db, one.id)][:5],
        "last": _last(desk.db, entry.entry_id) if entry is not None and entry.entry_id else None,
        "zone": desk.round.timezone,
        "title": desk.round.title,
        "consent": consent.live(desk.db, desk.round.id, one.id),
        "asks": desk.actor.role in OFFICE,
    }
    return [phrasebook().reply("overview_society", about)]


def _figures(desk: Office, society: Row, entry: Row | None) -> Mapping[str, Any]:
    """Totals and how much is missing, from scores and counts; what a society wrote is not even read (users.md 31)."""
    rubric = pinned(desk.db, rounds.version(desk.round, entry), society.kind)
    scores = overviews.scores_of(desk.db, entry.entry_id) if entry is not None and entry.entry_id else []
    answers = {row.item: Answer(row.state, row.self_score, row.evidence, row.facts, None, row.met) for row in scores}
    totals = standing(rubric, answers)
    kinds = [gap.kind for gap in totals.gaps]
    unsaid = kinds.count("score") + kinds.count("fact")
    return {"standing": totals, "unsaid": unsaid, "unproved": kinds.count("evidence")}


def _last(db: sa.Connection, entry: int) -> Row | None:
    """Who changed something last, when and by which channel."""
    joined = ANSWER_EVENT.join(PERSON, PERSON.c.id == ANSWER_EVENT.c.person_id)
    chosen = sa.select(ANSWER_EVENT.c.at, ANSWER_EVENT.c.channel, PERSON.c.name).select_from(joined)
    mine = chosen.where(ANSWER_EVENT.c.entry_id == entry)
    return db.execute(mine.order_by(ANSWER_EVENT.c.id.desc()).limit(1)).one_or_none()


LOOKS: dict[str, Callable[..., list[Reply]]] = {"progress_list": listed, "society_look": society}
