"""«排名», «排名 10», «排名 二», «排名 全部»: the office looks at who stands where, in words and in a picture."""

import re
from dataclasses import dataclass, replace
from typing import Any

from handlers.looking.ranking import NoTotal, Ranking, ranking
from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import pages, phrasebook
from handlers.reports import sheets
from handlers.review import judging
from handlers.rounds import pinned
from handlers.understanding.numerals import fold, number
from rubrics.model import Rubric, Section
from rubrics.programme import Applicant

USUAL = 20
MOST = sheets.ROWS * sheets.MOST
EVERYBODY = re.compile(r"全部|所有|全体|all")
FIRST = re.compile(r"(?:前|top\s*)?(\d{1,4})\s*[名家位个]?|前(\S{1,4}?)\s*[名家位个]?")
AROUND = re.compile(r"^第|[类章节部大]?(?:类|部分|的)?$")
PARTS = re.compile(r"[\s,，、;；:：]+")


class NoSection(Exception):
    """The document has no such category."""


@dataclass(frozen=True)
class Asked:
    most: int | None = None
    section: Section | None = None
    everybody: bool = False
    kind: Applicant | None = None


def asked(said: str, rubric: Rubric) -> Asked:
    """How many, of which category, and whether also who has not handed in. Raises NoSection."""
    found = Asked()
    for word in filter(None, PARTS.split(fold(said))):
        rest = EVERYBODY.sub("", word)
        found = replace(found, everybody=found.everybody or rest != word)
        if rest:
            found = _with(found, rest, rubric)
    return found


def _with(found: Asked, word: str, rubric: Rubric) -> Asked:
    match = FIRST.fullmatch(word)
    counted = number(match[1] or match[2]) if match else None
    if counted is not None and counted >= 1:
        return replace(found, most=int(counted))
    if (kind := _kind(word, rubric)) is not None:
        return replace(found, kind=kind)
    return replace(found, section=section_named(word, rubric))


def _kind(word: str, rubric: Rubric) -> Applicant | None:
    """A kind of unit by its id or its title, with or without what stands in brackets behind it."""
    names = ((one, {one.id, fold(one.title), fold(one.title).partition("(")[0]}) for one in rubric.applicants)
    return next((one for one, said in names if word in said), None)


def section_named(said: str, rubric: Rubric) -> Section:
    """A category by its label, its id or a part of its title that no other has. Raises NoSection."""
    plain = AROUND.sub("", fold(said).strip())
    every = list(rubric.walk())
    exact = [one for one in every if plain and plain in (one.label, one.id, fold(one.title))]
    alike = exact or [one for one in every if plain and plain in fold(one.title)]
    if len(alike) != 1:
        raise NoSection(said)
    return alike[0]


def shown(desk: Office, said: str = "") -> list[Reply]:
    """The ranking, as far as a phone and a few pictures hold it."""
    rubric = pinned(desk.db, desk.round.rubric_sha256)
    try:
        wanted = asked(said, rubric)
        found = ranking(desk.db, desk.round, wanted.section, everybody=wanted.everybody, kind=wanted.kind)
    except NoSection:
        return [phrasebook().reply("ranking_no_section", {"said": said, "sections": rubric.sections})]
    except NoTotal:
        return [phrasebook().reply("ranking_no_total", {"title": desk.round.title, "listed": rubric.kind == "list"})]
    if not found.rows:
        return [phrasebook().reply("ranking_nobody", {"title": desk.round.title})]
    most = min(wanted.most or (MOST if wanted.everybody else USUAL), MOST)
    return _said(desk, found, found.first(most), most, everybody=wanted.everybody)


def _said(desk: Office, whole: Ranking, found: Ranking, most: int, *, everybody: bool) -> list[Reply]:
    kinds = pinned(desk.db, desk.round.rubric_sha256).applicants
    about = {**facts(whole, found, most, desk.round), "everybody": everybody, "kinds": kinds}
    found = found.veiled(whole, judging.barred_names(desk))
    about |= {"ranking": found, "left": len(whole.rows) - len(found.rows)}
    head = phrasebook().text("ranking", {**about, "at": desk.now})
    lines = [phrasebook().text("ranking_line", {"row": row, "mixed": found.mixed}) for row in found.rows]
    texts = pages([*lines, phrasebook().text("ranking_end", about)], head)
    sheet = sheets.of_ranking(found, desk.round.title, desk.now, desk.round.timezone)
    last = Reply(texts[-1], phrasebook().choices("ranking_end", about), drawing={"sheets": sheet})
    return [*(Reply(text) for text in texts[:-1]), last]


def facts(whole: Ranking, found: Ranking, most: int, round: Any) -> dict[str, Any]:
    """What the head and the end of a ranking speak of."""
    last = found.ranked[-1].rank if found.ranked else None
    sharing = sum(row.rank == last for row in found.ranked)
    return {
        "title": round.title,
        "zone": round.timezone,
        "ranking": found,
        "handed_in": len(whole.ranked),
        "left": len(whole.rows) - len(found.rows),
        "most": most,
        "limit": MOST,
        "surplus": max(len(found.ranked) - most, 0),
        "last": last,
        "sharing": sharing,
    }
