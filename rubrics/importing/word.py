"""The tables of a Word document with merged cells resolved, read from its XML: body, content controls, text boxes."""

import posixpath
import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from rubrics.importing.findings import Refused
from rubrics.importing.grid import Cell, Grid, Row
from rubrics.importing.opening import Package

Element = ET.Element
# Containers that stand around blocks, rows or cells and mean nothing for the table.
THROUGH = {"sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "AlternateContent", "Choice"}
# Removed text of tracked changes, and the second copy of every text box.
SKIPPED = {"del", "moveFrom", "Fallback", "rPr", "pPr", "sdtPr", "instrText"}
DEEPEST = 8
WIDEST = 200
MOST_ROWS = 5000  # of all tables, one within another counted too
ROW = re.compile(rb"<(?:\w+:)?tr[\s>]")


def tables(package: Package) -> list[Grid]:
    """Every table in the order of the document, a table within a table after the one around it."""
    try:
        return list(found(body(package)))
    except RecursionError:
        raise Refused("damaged") from None


def found(root: Element) -> Iterator[Grid]:
    number, above = 0, list[str]()
    for block in blocks(root, 0):
        if local(block) == "tbl":
            number += 1
            yield Grid(number, rows(block), above=tuple(above))
            above.clear()
        elif said := line(block).strip():
            above.append(said)


def words(package: Package) -> str:
    """The text outside all tables; empty for what is no Word file."""
    if package.kind != "word":
        return ""
    return "".join(line(block) for block in blocks(body(package), 0) if local(block) == "p")


def body(package: Package) -> Element:
    """The root of the main part, wherever the package says it is. Raises Refused before one that is all rows is built."""
    part = package.parts.get(main_part(package), b"")
    if sum(1 for _ in ROW.finditer(part)) > MOST_ROWS:
        raise Refused("too_many_lines", limit=MOST_ROWS)
    return parsed(part)


def main_part(package: Package) -> str:
    """The name of the main part by the package's relationships, else the usual one."""
    for one in parsed(package.parts.get("_rels/.rels", b"<none/>")):
        if one.get("Type", "").endswith("/officeDocument"):
            return posixpath.normpath(one.get("Target", "").lstrip("/"))
    return "word/document.xml"


def parsed(part: bytes) -> Element:
    """A part's root. A real one is UTF-8 without a document type, so one that is not can only mean harm."""
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part or b"\0" in part:
        raise Refused("damaged")
    try:
        return ET.fromstring(part)  # noqa: S314  # no document type, so no entities
    except (ET.ParseError, ValueError, LookupError):
        raise Refused("damaged") from None


def local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def value(element: Element | None, name: str = "val") -> str | None:
    """An attribute, whatever its namespace (Word's transitional and strict files differ)."""
    if element is None:
        return None
    return next((one for key, one in element.attrib.items() if key.rpartition("}")[2] == name), None)


def child(element: Element | None, name: str) -> Element | None:
    return None if element is None else next((one for one in element if local(one) == name), None)


def inside(element: Element, name: str) -> Iterator[Element]:
    """The parts of that name, also within content controls and tracked insertions."""
    for one in element:
        if local(one) == name:
            yield one
        elif local(one) in THROUGH:
            yield from inside(one, name)


def blocks(element: Element, depth: int) -> Iterator[Element]:
    """Paragraphs and tables in order; what stands in a text box or within a cell comes after what holds it."""
    if depth > DEEPEST:
        return
    for one in element:
        name = local(one)
        if name in SKIPPED:
            continue
        if name == "p":
            yield one
            for box in boxes(one):
                yield from blocks(box, depth + 1)
        elif name == "tbl":
            yield one
            for cell in (cell for row in inside(one, "tr") for cell in inside(row, "tc")):
                yield from nested(cell, depth + 1)
        elif name in THROUGH or name in {"body", "document"}:
            yield from blocks(one, depth)


def nested(cell: Element, depth: int) -> Iterator[Element]:
    """The tables within a cell; its paragraphs are its words."""
    yield from (block for block in blocks(cell, depth) if local(block) == "tbl")


def boxes(paragraph: Element) -> Iterator[Element]:
    for one in paragraph:
        if local(one) == "txbxContent":
            yield one
        elif local(one) not in SKIPPED:
            yield from boxes(one)


def rows(table: Element) -> tuple[Row, ...]:
    """The rows; a vertically merged cell is the cell above it, a wide one stands in all its columns."""
    made: list[Row] = []
    for number, tr in enumerate(inside(table, "tr"), 1):
        above = made[-1].cells if made else ()
        cells: list[Cell] = [Cell("", number, at + 1) for at in range(skipped(tr))]
        for tc in inside(tr, "tc"):
            form = child(tc, "tcPr")
            width = whole(value(child(form, "gridSpan")), 1)
            merge = child(form, "vMerge")
            goes_on = merge is not None and value(merge) != "restart" and len(cells) < len(above)
            cell = above[len(cells)] if goes_on else Cell(text(tc), number, len(cells) + 1)
            cells += [cell] * min(width, WIDEST - len(cells))
        made.append(Row(tuple(cells), number, torn(tr)))
    return tuple(made)


def skipped(tr: Element) -> int:
    """How many columns a row leaves out at its left."""
    return min(whole(value(child(child(tr, "trPr"), "gridBefore")), 0), WIDEST)


def whole(written: str | None, otherwise: int) -> int:
    return int(written) if written and written.isascii() and written.isdigit() else otherwise


def torn(tr: Element) -> bool:
    """Whether Word last drew a page break here."""
    return any(
        local(one) == "lastRenderedPageBreak" or (local(one) == "br" and value(one, "type") == "page")
        for one in tr.iter()
    )


def text(tc: Element) -> str:
    """The words of a cell, a line a paragraph, without those of tables within it."""
    return "\n".join(line(block) for block in inside(tc, "p"))


def line(paragraph: Element) -> str:
    return "".join(pieces(paragraph))


def pieces(element: Element) -> Iterator[str]:
    for one in element:
        name = local(one)
        if name == "t":
            yield one.text or ""
        elif name in {"br", "cr"}:
            yield "\n"
        elif name == "tab":
            yield "\t"
        elif name == "noBreakHyphen":
            yield "-"
        elif name not in SKIPPED and name != "txbxContent":
            yield from pieces(one)
