"""Which item a row of a society's own table is: by the words of the item, by its printed number, by its heading."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rubrics.filled.rows import FilledRow
from rubrics.importing.wording import plain
from rubrics.model import Item, Rubric

CERTAIN, LIKELY, APART = 0.8, 0.5, 0.1
SHORTEST = 4  # letters that can tell one text from another
Pairs = frozenset[str]


@dataclass(frozen=True, slots=True)
class Match:
    """A row with the item it is; `doubt` says why a person has to look: match, twice, none."""

    row: FilledRow
    item: Item | None
    likeness: float
    doubt: str | None = None


def matched(rows: Sequence[FilledRow], rubric: Rubric) -> list[Match]:
    """Every row with its item, in the order of the file."""
    printed = _printed(rows, rubric)
    found = [_match(row, rubric, printed=printed) for row in rows]
    return _once(found)


def _match(row: FilledRow, rubric: Rubric, *, printed: bool) -> Match:
    numbered = rubric.numbered(row.no) if printed else None
    if len(_bare(row.text)) < SHORTEST:
        return _by_number(row, rubric, numbered)
    likely = sorted(((_like(row.text, item), item) for item in rubric.items), key=lambda one: -one[0])
    best, item = likely[0]
    second = likely[1][0] if len(likely) > 1 else 0.0
    if best >= CERTAIN and best - second >= APART:
        return Match(row, item, best)
    if numbered is not None and (near := _like(row.text, numbered)) >= LIKELY and best - near < APART:
        return Match(row, numbered, near)
    if best >= LIKELY:
        return Match(row, item, best, "match")
    return Match(row, numbered, 0.0, "match") if numbered is not None else Match(row, None, best, "none")


def _by_number(row: FilledRow, rubric: Rubric, numbered: Item | None) -> Match:
    """Where the words are missing: the number, if the points or the heading say the same; else the heading."""
    item = numbered
    if item is None and row.no.isdecimal():
        item = rubric.at(int(row.no))
    agrees = item is not None and _agrees(row, item)
    if item is not None and agrees:
        return Match(row, item, CERTAIN, None if numbered is item else "match")
    named = [one for one in rubric.items if row.heading and _bare(row.heading) in {_bare(one.heading), _bare(one.name)}]
    if len(named) == 1:
        return Match(row, named[0], LIKELY, None if _agrees(row, named[0]) and not row.no else "match")
    return Match(row, item, 0.0, "match" if item is not None else "none")


def _agrees(row: FilledRow, item: Item) -> bool:
    """Whether what stands beside the number is the item's, and nothing is another's."""
    said = [row.points == item.points] if row.points is not None else []
    if row.heading:
        said.append(_bare(row.heading) in {_bare(item.heading), _bare(item.name)})
    return bool(said) and all(said)


def _printed(rows: Sequence[FilledRow], rubric: Rubric) -> bool:
    """Whether the numbers are those of the document; 1, 2, 3 … through a table with gaps are the office's own count."""
    numbers = [row.no for row in rows if row.no]
    known = [item.no for item in rubric.items]
    counted = numbers == [str(n) for n in range(1, len(numbers) + 1)] and len(numbers) > 2
    return not counted or known[: len(numbers)] == numbers


def _once(found: list[Match]) -> list[Match]:
    """An item has one row: of several the one that is plainly most like it, else a person decides."""
    rivals: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(found):
        if one.item is not None:
            rivals[one.item.id].append(at)
    for places in rivals.values():
        sure = [at for at in places if found[at].doubt is None]
        best = sorted(sure or places, key=lambda at: -found[at].likeness)
        plain_best = len(best) == 1 or found[best[0]].likeness - found[best[1]].likeness >= APART
        for at in places:
            if len(places) > 1 and not (at == best[0] and plain_best):
                found[at] = replace(found[at], doubt="twice")
    return found


def _like(text: str, item: Item) -> float:
    """How much two texts have in common, 0 to 1; a text cut off by a page break is like the whole."""
    said, asked = _pairs(_bare(text)), _pairs(_bare(item.text))
    if not said or not asked:
        return 0.0
    common = len(said & asked)
    whole = 2 * common / (len(said) + len(asked))
    return max(whole, 0.95 * common / len(said)) if len(said) >= 12 else whole


@lru_cache(maxsize=1024)
def _bare(text: str | None) -> str:
    return re.sub(r"[\W_]+", "", plain(text or "")).casefold()


@lru_cache(maxsize=1024)
def _pairs(bare: str) -> Pairs:
    return frozenset(bare[at : at + 2] for at in range(len(bare) - 1))
