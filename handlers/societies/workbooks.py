"""An .xlsx as rows of text, read as a stream and within limits, whatever program made it."""

import io
import re
import zipfile
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import IO, NamedTuple
from xml.etree import ElementTree as ET

from handlers.societies.tabular import MOST_COLUMNS, MOST_ROWS, Sheet, Unreadable, keep

MOST_UNPACKED = 64 << 20  # of a whole workbook; a roster of 5,000 societies unpacks to 3 MB
MOST_ELEMENTS = 600_000  # of a sheet
CHUNK = 1 << 16
REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
WORKBOOK = re.compile(r"xl/(workbook\d*\.xml)")


def workbook(data: bytes) -> list[Sheet]:
    """Its sheets that are not hidden, in their order. Raises Unreadable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            main = next((match[1] for name in sorted(names) if (match := WORKBOOK.fullmatch(name))), None)
            if main is None:
                raise Unreadable("sheet_unknown")
            _small_enough(archive)
            shared = _shared(archive) if "xl/sharedStrings.xml" in names else []
            return [_sheet(archive, part, title, shared) for title, part in _parts(archive, main) if part in names]
    except (
        zipfile.BadZipFile,
        zlib.error,
        ET.ParseError,
        NotImplementedError,
        RuntimeError,
        KeyError,
        OSError,
        ValueError,
    ):
        raise Unreadable("sheet_damaged") from None


def _small_enough(archive: zipfile.ZipFile) -> None:
    """What it unpacks to is counted: what its directory says of that is a claim."""
    left = MOST_UNPACKED
    for member in archive.infolist():
        if not member.filename.endswith((".xml", ".rels")):
            continue
        member.file_size = MOST_UNPACKED + 1
        with archive.open(member) as part:
            while chunk := part.read(CHUNK):
                left -= len(chunk)
                if left < 0 or b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk:
                    raise Unreadable("sheet_bomb")


def _parts(archive: zipfile.ZipFile, workbook: str) -> list[tuple[str, str]]:
    """Title and part of every sheet that is not hidden, in their order."""
    with archive.open(f"xl/_rels/{workbook}.rels") as part:
        targets = {one.get("Id", ""): one.get("Target", "") for one in _tree(part)}
    with archive.open(f"xl/{workbook}") as part:
        found = [one for one in _tree(part).iter() if _tag(one) == "sheet" and one.get("state", "visible") == "visible"]
    parts = [
        (one.get("name", ""), targets.get(next((v for k, v in one.items() if k.endswith("}id")), ""), ""))
        for one in found
    ]
    return [(title, part.lstrip("/") if part.startswith("/") else f"xl/{part}") for title, part in parts]


def _tree(part: IO[bytes]) -> ET.Element:
    return ET.parse(part).getroot()  # noqa: S314  no document type and no more than 64 MB has come so far


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _elements(part: IO[bytes]) -> Iterator[ET.Element]:
    """Every element once it is complete; a cell, a row, a text of the common list is forgotten behind it."""
    above: list[ET.Element] = []
    left = MOST_ELEMENTS
    for event, element in ET.iterparse(part, ("start", "end")):  # noqa: S314  as above
        if event == "start":
            above.append(element)
            left -= 1
            if left < 0:
                raise Unreadable("sheet_too_long", limit=MOST_ROWS)
            continue
        above.pop()
        yield element
        if above and _tag(element) in ("c", "row", "si", "mergeCell"):
            above[-1].remove(element)


def _shared(archive: zipfile.ZipFile) -> list[str]:
    with archive.open("xl/sharedStrings.xml") as part:
        return [_letters(one) for one in _elements(part) if _tag(one) == "si"]


def _letters(element: ET.Element) -> str:
    """The text of a cell, without the pinyin that may stand above it."""
    runs = [one for one in element if _tag(one) == "r"]
    texts = [text for one in (runs or [element]) for text in one if _tag(text) == "t"]
    return "".join(text.text or "" for text in texts)


def _sheet(archive: zipfile.ZipFile, part: str, title: str, shared: list[str]) -> Sheet:
    sheet, number = Sheet(title), 0
    merged: list[str] = []
    cells: list[_Cell] = []
    with archive.open(part) as stream:
        for element in _elements(stream):
            if _tag(element) == "c":
                cells.append(_cell(element, shared))
            elif _tag(element) == "row":
                number = int(element.get("r") or number + 1)
                keep(sheet, number, _placed(sheet, number, cells))
                cells = []
            elif _tag(element) == "mergeCell":
                merged.append(element.get("ref", ""))
    _fill(sheet, merged)
    return sheet


class _Cell(NamedTuple):
    at: str
    text: str
    formula: bool


def _cell(element: ET.Element, shared: list[str]) -> _Cell:
    inner = {_tag(one): one for one in element}
    return _Cell(element.get("r", ""), _value(element.get("t", "n"), inner, shared), "f" in inner)


def _placed(sheet: Sheet, number: int, cells: list[_Cell]) -> dict[int, str]:
    """By column; a cell that does not say where it is stands behind the one before."""
    told: dict[int, str] = {}
    column = -1
    for cell in cells:
        place = REFERENCE.fullmatch(cell.at)
        column = _column(place[1]) if place else column + 1
        if column < MOST_COLUMNS:
            told[column] = cell.text
            if cell.formula and not cell.text:
                sheet.unreckoned.add((number, column))
    return told


def _value(kind: str, inner: dict[str, ET.Element], shared: list[str]) -> str:
    if kind == "inlineStr":
        return _letters(inner["is"]) if "is" in inner else ""
    value = (inner["v"].text or "") if "v" in inner else ""
    if kind == "s":
        return shared[int(value)] if value.isdecimal() and int(value) < len(shared) else ""
    if kind == "e":
        return ""
    return _whole(value) if kind == "n" else value


def _whole(value: str) -> str:
    """Numbers are kept as floats: 13.0 is 13."""
    return re.sub(r"\.0+$", "", value)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _fill(sheet: Sheet, merged: list[str]) -> None:
    """What a merged cell says holds for every row that it covers. Cells that are merged do not overlap."""
    numbers = sorted(sheet.rows)
    left = MOST_ROWS * MOST_COLUMNS
    for corners in ([REFERENCE.fullmatch(one) for one in ref.split(":")] for ref in merged):
        if len(corners) != 2 or corners[0] is None or corners[1] is None:
            continue
        (first, top), (last, bottom) = ((_column(one[1]), int(one[2])) for one in corners if one)
        said = sheet.rows.get(top, {}).get(first)
        if said is None:
            continue
        columns = range(first, min(last, MOST_COLUMNS - 1) + 1)
        covered = numbers[bisect_left(numbers, top) : bisect_right(numbers, bottom)]
        left -= len(covered) * len(columns)
        if left < 0:
            raise Unreadable("sheet_damaged")
        places = {(number, column) for number in covered for column in columns} - {(top, first)}
        sheet.repeated |= places
        for number, column in places:
            sheet.rows[number][column] = said
