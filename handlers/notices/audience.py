"""Whom the office means: everybody, who has not begun, who has not handed in, who lacks an item, or names; all at once."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from handlers.papers.papers import of_round
from handlers.rounds import pinned
from handlers.societies import roster
from handlers.understanding.numerals import NUMBER, fold, number
from rubrics.model import Rubric
from rubrics.units import unit
from storage.relations import ANSWER, ENTRY, Row

EVERYBODY = re.compile(r"全部|所有|全体|大家|每家|all")
STATES = (
    (re.compile(r"[没未]有?(?:开始|填|动)的?"), ("not_started",)),
    (re.compile(r"[没未]有?(?:提交|交|报)的?"), ("not_started", "in_progress")),
    (re.compile(r"填报中的?|正在填的?|填了一半的?"), ("in_progress",)),
    (re.compile(r"(?:已经?提交|已交|交了|提交了)的?"), ("submitted", "returned")),
    (re.compile(r"(?:已经?|被)?退回的?"), ("returned",)),
)
INCOMPLETE = re.compile(r"(?:材料)?[没未]有?(?:交齐|交全)的?|缺材料的?")
LACKING = re.compile(rf"缺(?:少)?(?:会话)?第?({NUMBER})项的?|第({NUMBER})项(?:没有?填|缺)的?")
PARTING = r"[\s的和且并、,，;；及又但给向对]"
THEM = re.compile("各?(?:家|个)?(?:学会|单位)们?")
FILLING = re.compile(r"[\s的和且并、,，;；及又但]+|^给|^向|^对|^通知|^凡")


BELONGING = re.compile(r"^[省市县区](?:属|级)")


@dataclass(frozen=True)
class Audience:
    """The societies meant, by name; `doubtful` are words that mean none of them or several."""

    said: str
    societies: tuple[Row, ...]
    doubtful: tuple[tuple[str, tuple[str, ...]], ...] = ()


def audience(db: sa.Connection, round: Row, said: str) -> Audience:
    """Every condition in the words holds for those meant; names alone are a list."""
    rest = fold(said).strip()
    everybody = list(roster.societies(db))
    conditions: list[Callable[[Row], bool]] = []
    rest, incomplete = _taken(INCOMPLETE, rest)
    conditions += [_owes_papers(db, round)] if incomplete else []
    for pattern, states in STATES:
        rest, found = _taken(pattern, rest)
        if found:
            conditions.append(_in_state(db, round, states))
            break
    rest, lacking = _taken(LACKING, rest)
    conditions += [_lacks(db, round, int(number(match[1] or match[2]) or 0)) for match in lacking]
    rest, spelled_out = _full_names(rest, everybody)
    rest, all_of_them = _taken(EVERYBODY, rest)
    words = [one for one in FILLING.sub(" ", rest).split() if not THEM.fullmatch(one)]
    rubric = pinned(db, round.rubric_sha256)
    kinds = {word: kind for word in words if (kind := _kind(rubric, word))}
    conditions += [_of_kind(rubric, set(kinds.values()))] if kinds else []
    names = [*spelled_out, *(one for one in words if one not in kinds)]
    if not names:
        meant = [row for row in everybody if all(holds(row) for holds in conditions)]
        return Audience(said, tuple(meant) if conditions or all_of_them else ())
    named, doubtful = _named(db, names)
    meant = [row for row in named if all(holds(row) for holds in conditions)]
    return Audience(said, tuple(meant), doubtful)


def _kind(rubric: Rubric, word: str) -> str | None:
    """The kind of unit that a word is, as the document calls it, with or without 省属, 省级 …."""
    for one in rubric.applicants:
        title = fold(one.title.partition("（")[0])
        if word in (one.id, title, BELONGING.sub("", title)):
            return one.id
    return None


def _of_kind(rubric: Rubric, wanted: set[str]) -> Callable[[Row], bool]:
    def holds(society: Row) -> bool:
        found = unit(rubric, society.kind)
        return found is not None and found.id in wanted

    return holds


def _full_names(said: str, everybody: Iterable[Row]) -> tuple[str, list[str]]:
    """Names that stand there whole and alone; one may hold words that else part or fill a list (和, 与, 全体)."""
    found: list[str] = []
    for name in sorted((row.name for row in everybody), key=len, reverse=True):
        alone = re.compile(rf"(?:^|(?<={PARTING})){re.escape(fold(name))}(?=$|{PARTING})")
        said, times = alone.subn(" ", said) if fold(name) in said else (said, 0)
        found += [name] * bool(times)
    return said, found


def _taken(pattern: re.Pattern[str], said: str) -> tuple[str, list[re.Match[str]]]:
    found = list(pattern.finditer(said))
    return (pattern.sub(" ", said), found) if found else (said, [])


def _in_state(db: sa.Connection, round: Row, states: Iterable[str]) -> Callable[[Row], bool]:
    rows = db.execute(sa.select(ENTRY.c.society_id, ENTRY.c.status).where(ENTRY.c.round_id == round.id))
    known = {row.society_id: row.status for row in rows}
    wanted = set(states)
    return lambda society: known.get(society.id, "not_started") in wanted


def _owes_papers(db: sa.Connection, round: Row) -> Callable[[Row], bool]:
    """Something it owes is not in, in one form or the other."""
    complete = {society.id for society, found in of_round(db, round) if found.all_in}
    return lambda society: society.id not in complete


def _lacks(db: sa.Connection, round: Row, position: int) -> Callable[[Row], bool]:
    """No answer to the item, or a score with nothing to show for it."""
    items = pinned(db, round.rubric_sha256).items
    item = next((one.id for one in items if one.position == position), None)
    joined = ANSWER.join(ENTRY, ENTRY.c.id == ANSWER.c.entry_id)
    answered = sa.or_(ANSWER.c.state == "not_applicable", sa.and_(ANSWER.c.state == "answered", ANSWER.c.evidence > 0))
    plain = [ANSWER.c.self_score == 0, ANSWER.c.met.is_(False)]
    if any(one.id == item and one.negative for one in items):
        plain.append(ANSWER.c.met.is_(True))  # no file can prove it
    if any(one.id == item and one.counts == "deduction" for one in items):
        plain.append(ANSWER.c.self_score.is_not(None))  # nobody has to prove what is taken off
    nothing = sa.and_(ANSWER.c.state == "answered", sa.or_(*plain))
    done = sa.select(ENTRY.c.society_id).select_from(joined).where(ENTRY.c.round_id == round.id, ANSWER.c.item == item)
    has = set(db.scalars(done.where(sa.or_(answered, nothing))))
    return lambda society: society.id not in has and _asks(db, round, society, item)


def _asks(db: sa.Connection, round: Row, society: Row, item: str | None) -> bool:
    """Whether a unit of its kind is asked the item at all."""
    return any(one.id == item for one in pinned(db, round.rubric_sha256, society.kind).items)


def _named(db: sa.Connection, names: Iterable[str]) -> tuple[list[Row], tuple[tuple[str, tuple[str, ...]], ...]]:
    found: dict[int, Row] = {}
    doubtful: list[tuple[str, tuple[str, ...]]] = []
    for name in names:
        meant = roster.meant(db, name)
        if meant.certain is not None:
            found[meant.certain.id] = meant.certain
        else:
            doubtful.append((name, tuple(row.name for row in meant.offered)))
    return list(found.values()), tuple(doubtful)
