"""A society's own Word table read: first its rows, from the file alone, then what they say, against a rubric."""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rubrics.filled.matching import Match, matched
from rubrics.filled.rows import FilledRow, filled_rows
from rubrics.filled.values import Value, value
from rubrics.importing import word
from rubrics.importing.findings import Refused, placed
from rubrics.importing.opening import MOST_PARTS, Package
from rubrics.model import Rubric

LARGEST_MAIN = 4 << 20  # bytes of XML: a table of 25 rows has a hundredth of it
LONGEST_BASIS = 20_000
FILLED_IN = ("self_evaluation", "standard")
ENOUGH = 5  # rows that are items: less is not her table


@dataclass(frozen=True, slots=True)
class Proposed:
    """What one cell says of one item. `kind`: score (of an item without points met or unmet), excuse (不适用, the value is its reason) or evidence. `doubt`: match,
    twice, none (which item?), above, step, unread (which score?), reason, long."""

    item: str | None
    kind: str
    value: str
    said: str
    doubt: str | None
    place: str


def rows_of(path: Path) -> list[FilledRow]:
    """The rows of a docx on disk; of its parts only the text is unpacked. Raises Refused."""
    try:
        with zipfile.ZipFile(path) as archive:
            return filled_rows(word.tables(_light(archive)))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError):
        raise Refused("damaged") from None


def _light(archive: zipfile.ZipFile) -> Package:
    names = archive.namelist()
    if len(names) > MOST_PARTS:
        raise Refused("content_too_large", limit=LARGEST_MAIN >> 20)
    if any(name.casefold().endswith("vbaproject.bin") for name in names):
        raise Refused("has_macros")
    package = Package("word", _parts(archive, ["_rels/.rels"]), b"")
    return Package("word", _parts(archive, ["_rels/.rels", word.main_part(package)]), b"")


def _parts(archive: zipfile.ZipFile, names: Sequence[str]) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    for entry in archive.infolist():
        if entry.filename in names and entry.flag_bits & 1:
            raise Refused("is_locked")
        if entry.filename in names and entry.file_size > LARGEST_MAIN:
            raise Refused("content_too_large", limit=LARGEST_MAIN >> 20)
        if entry.filename in names:
            parts[entry.filename] = archive.read(entry)
    return parts


def proposed(rows: Sequence[FilledRow], rubric: Rubric) -> list[Proposed]:
    """What the rows say; empty where they are not this rubric's table, or nothing is filled in."""
    if rubric.kind not in FILLED_IN:
        return []
    found = matched(rows, rubric)
    if sum(one.item is not None for one in found) < ENOUGH:
        return []
    return [one for match in found for one in _said(match)]


def _said(match: Match) -> Iterator[Proposed]:
    row, item = match.row, match.item
    place = placed(row.spot)
    read = value(row.score, item)
    id = item.id if item else None
    if read.kind == "excuse":
        reason = row.basis
        yield Proposed(id, "excuse", reason[:LONGEST_BASIS], row.text, match.doubt or _unreasoned(reason), place)
        return
    if read.kind != "blank":
        score = _judgement(read)
        said = row.text if match.doubt else row.score
        yield Proposed(id, "score", score, said, match.doubt or read.fault, place)
    if row.basis:
        too_long = len(row.basis) > LONGEST_BASIS
        basis = "" if too_long else row.basis
        yield Proposed(id, "evidence", basis, row.text, match.doubt or ("long" if too_long else None), place)


def _judgement(read: Value) -> str:
    """The points, or met and unmet where an item has none; nothing where it can't be read."""
    if read.met is not None:
        return "met" if read.met else "unmet"
    return "" if read.score is None else f"{read.score:f}"


def _unreasoned(reason: str) -> str | None:
    if not reason.strip():
        return "reason"
    return "long" if len(reason) > LONGEST_BASIS else None
