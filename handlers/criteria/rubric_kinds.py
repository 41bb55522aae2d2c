"""What a brought table asks of one kind of unit only, and other points for one: «改第3项 企业科协 5分», «第5项只问学会»."""

import hashlib
import re
from typing import Any

import sqlalchemy as sa

from handlers.criteria.rubric_questions import valued
from handlers.phrasebook import phrasebook
from handlers.rounds import pinned
from handlers.societies import kinds
from handlers.societies.initials import initials
from handlers.understanding.numerals import fold
from rubrics.importing.correcting import WHOLE, Correction
from rubrics.importing.draft import Draft, DraftItem, DraftSection, Unit
from storage import queries
from storage.relations import RUBRIC_TEXT, SOCIETY

EVERYBODY = re.compile(r"(?:所有|全部|各类)?(?:单位|学会)?都要?问|不限单位")
ONLY = re.compile(r"(?:改?[为成])?(只|不要?)问[:： ]*(.+)")
WORTH = re.compile(
    r"对?[:： ]*([^\d：:]+?)[:： ]*的?(?:分值|满分|分数|总分)?(?:改?[为成]|是|算)?[:： ]*(\d[\d.]*|[一二三四五六七八九十]+)\s*分?"
)
SEVERAL = re.compile(r"[、,，和与及]")
BELONGING = re.compile(r"^[省市县区](?:属|级)")
LONGEST = 20
USUAL = "society"


class Unfit(Exception):
    """It can't be decided so; `why` is the message that says what can, and `about` what it speaks of."""

    def __init__(self, why: str, **about: Any) -> None:
        super().__init__(why)
        self.why = why
        self.about = about


def decisions(db: sa.Connection, draft: Draft, place: str, said: str) -> list[Correction] | None:
    """What her words decide of kinds of units, those that the table has to know before; None where they say nothing of
    any. Raises Unfit."""
    words = fold(said).strip(" 。.")
    if EVERYBODY.fullmatch(words):
        return [Correction(place, "applicants", "")]
    if match := ONLY.fullmatch(words):
        return _asked(db, draft, place, match[2], only=match[1] == "只")
    if match := WORTH.fullmatch(words):
        return _worth(db, draft, place, match[1], match[2])
    return None


def _asked(db: sa.Connection, draft: Draft, place: str, said: str, *, only: bool) -> list[Correction]:
    known = offered(db, draft)
    meant = [_meant(known, one) for one in SEVERAL.split(said) if one.strip()]
    kept = [one for one in known if (one in meant) == only]
    if not kept or len(kept) == len(known):
        raise Unfit("table_unit_alone", units=[one.short for one in known])
    value = " ".join(one.id for one in kept)
    return [*_declared(draft, known), Correction(place, "applicants", value)]


def _worth(db: sa.Connection, draft: Draft, place: str, said: str, points: str) -> list[Correction]:
    known = offered(db, draft)
    unit, value = _meant(known, said), valued("points", points)
    if value is None:
        raise Unfit("table_no_points", said=points)
    if _printed(draft, place) is None:
        raise Unfit("table_unit_pointless")
    if unit == known[0]:
        raise Unfit("table_unit_usual", unit=unit.short)
    return [*_declared(draft, [known[0], unit]), Correction(place, "points_for", f"{value} {unit.id}")]


def _printed(draft: Draft, place: str) -> object:
    """The points that another maximum would stand beside."""
    kind, _, number = place.partition(":")
    parts: list[DraftItem] | list[DraftSection] = draft.items if kind == "item" else draft.sections
    part = next((one for one in parts if place != WHOLE and one.ordinal == int(number)), None)
    if part is None:
        return draft.total
    return part.points if isinstance(part, DraftItem) else part.category.points


def _declared(draft: Draft, units: list[Unit]) -> list[Correction]:
    """Those that the table does not know yet, each to be decided before what is said of it."""
    known = {one.id for one in draft.units}
    return [Correction(WHOLE, "unit", f"{one.id} {one.title}") for one in units if one.id not in known]


def _meant(known: list[Unit], said: str) -> Unit:
    word = fold(said).strip(" :：的")
    found = next((one for one in known if word in _names(one)), None)
    if found is None:
        raise Unfit("table_unit_unknown", said=said.strip(), units=[one.short for one in known])
    return found


def _names(unit: Unit) -> set[str]:
    title = fold(unit.title)
    short = title.partition("(")[0]
    return {unit.id, title, short, BELONGING.sub("", short)}


def offered(db: sa.Connection, draft: Draft) -> list[Unit]:
    """The kinds that may be named, the usual one first: of this table, of the newest round's, of the roster."""
    newest = kinds.known(db) if queries.newest_round(db) is not None else ()
    found = [*draft.units, *(Unit(one.id, one.title) for one in newest)]
    found = found or [Unit(USUAL, phrasebook().text("table_unit_title", {}))]
    used = set(db.scalars(sa.select(SOCIETY.c.kind).where(SOCIETY.c.kind.is_not(None)).distinct()))
    if lacking := used - {one.id for one in found}:
        found += _of_roster(db, lacking)
    return [one for at, one in enumerate(found) if one.id not in {other.id for other in found[:at]}]


def _of_roster(db: sa.Connection, ids: set[str]) -> list[Unit]:
    """Kinds that societies have by an earlier document."""
    texts = (pinned(db, sha256) for sha256 in db.scalars(sa.select(RUBRIC_TEXT.c.sha256)).all())
    return [Unit(one.id, one.title) for text in texts for one in text.applicants if one.id in ids]


def added(db: sa.Connection, draft: Draft, said: str) -> list[Correction]:
    """«加类型 企业科协». Raises Unfit."""
    title = " ".join(said.split()).strip("「」“” 。")
    known = offered(db, draft)
    if not title or len(title) > LONGEST or any(fold(title) in _names(one) for one in draft.units):
        raise Unfit("table_unit_there", said=said, units=[one.short for one in known])
    unit = next((one for one in known if fold(title) in _names(one)), Unit(_id(title), title))
    return _declared(draft, [known[0], unit])


def _id(title: str) -> str:
    """The same for the same title in whatever document, so that a society stays what it is."""
    letters = re.sub(r"[^a-z0-9]", "", initials(fold(title)))
    return f"{letters or 'kind'}-{hashlib.sha256(title.encode()).hexdigest()[:4]}"
