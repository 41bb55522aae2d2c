"""Tables that people send, as rows of text: every sheet of an .xlsx, or the one of a .csv, whatever made them."""

import csv
import io
import re
import zipfile
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, NamedTuple
from xml.etree import ElementTree as ET

MOST_BYTES = 20 << 20
MOST_UNPACKED = 64 << 20  # of a whole workbook; a roster of 5,000 societies unpacks to 3 MB
MOST_ELEMENTS = 600_000  # of a sheet
MOST_ROWS = 6_000  # with something in them
MOST_COLUMNS = 100  # what stands further right is no list of societies
LONGEST_CELL = 2_000
CHUNK = 1 << 16
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"%PDF", b"GIF8", b"RIFF", b"II*\x00", b"MM\x00*")
REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
WORKBOOK = re.compile(r"xl/(workbook\d*\.xml)")


class Unreadable(Exception):
    """No table can be read from this file; `why` is the message that says so, with what it is about."""

    def __init__(self, why: str, **about: object) -> None:
        super().__init__(why)
        self.why = why
        self.about = about


class NoNames(Unreadable):
    """A table, but no list of societies."""


@dataclass
class Sheet:
    name: str
    rows: dict[int, dict[int, str]] = field(default_factory=dict)  # by number from 1 and column from 0; no blank cells
    repeated: set[tuple[int, int]] = field(default_factory=set)  # cells that a merged cell above or beside covers
    unreckoned: set[tuple[int, int]] = field(default_factory=set)  # a formula whose value is not in the file


def sheets(data: bytes, name: str) -> list[Sheet]:
    """Every sheet with something on it. Raises Unreadable."""
    if len(data) > MOST_BYTES:
        raise Unreadable("sheet_too_big")
    if data.startswith(OLE):
        raise Unreadable("sheet_locked" if ENCRYPTED in data else "sheet_old")
    if data.startswith(PICTURES):
        raise Unreadable("sheet_picture")
    if data.startswith(b"PK"):
        found = _workbook(data)
    elif name.lower().endswith((".csv", ".txt", ".tsv")):
        found = [_text(data, name)]
    else:
        raise Unreadable("sheet_unknown")
    return [sheet for sheet in found if sheet.rows]


def _text(data: bytes, name: str) -> Sheet:
    text = _decoded(data)
    if "\x00" in text:
        raise Unreadable("sheet_unknown")
    head = "\n".join(text.splitlines()[:10])
    comma = max(",;\t，；|", key=head.count)
    sheet = Sheet(name)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=comma), 1):
            _keep(sheet, number, dict(enumerate(row[:MOST_COLUMNS])))
    except csv.Error:
        raise Unreadable("sheet_unknown") from None
    return sheet


def _decoded(data: bytes) -> str:
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("sheet_letters")


def _keep(sheet: Sheet, number: int, cells: dict[int, str]) -> None:
    told = {
        column: text for column, cell in cells.items() if (text := cell[:LONGEST_CELL].strip().strip("\ufeff\u200b"))
    }
    if told:
        sheet.rows[number] = told
    if len(sheet.rows) > MOST_ROWS:
        raise Unreadable("sheet_too_long", limit=MOST_ROWS)


def _workbook(data: bytes) -> list[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            workbook = next((match[1] for name in sorted(names) if (match := WORKBOOK.fullmatch(name))), None)
            if workbook is None:
                raise Unreadable("sheet_unknown")
            _small_enough(archive)
            shared = _shared(archive) if "xl/sharedStrings.xml" in names else []
            return [_sheet(archive, part, title, shared) for title, part in _parts(archive, workbook) if part in names]
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
                _keep(sheet, number, _placed(sheet, number, cells))
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
