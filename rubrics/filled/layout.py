"""A Word table filled in where it stands: what is said of each item goes into its cells, all else stays as it was."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from lxml import etree

from rubrics.filled.parts import Element, packed, parsed
from rubrics.filled.placing import Known, NoLayout, Said, places
from rubrics.filled.rows import filled_rows, total_cell
from rubrics.importing import word
from rubrics.importing.grid import Cell, Grid
from rubrics.importing.opening import opened
from rubrics.model import Rubric

SPACE = "{http://www.w3.org/XML/1998/namespace}space"


class Paper:
    """A docx whose main part is taken apart; its cells are found by the places the reader names."""

    def __init__(self, data: bytes) -> None:
        self.package = opened(data)
        if self.package.kind != "word":
            raise NoLayout("column")
        self.part = word.main_part(self.package)
        self.root = parsed(self.package.parts.get(self.part, b""))
        self.grids: list[Grid] = list(word.found(self.root))
        self.cells = {
            (number, *place): cell
            for number, table in enumerate((one for one in word.blocks(self.root, 0) if word.local(one) == "tbl"), 1)
            for place, cell in _places(table)
        }

    def write(self, table: int, cell: Cell, text: str) -> None:
        _put(self.cells[table, cell.row, cell.column], text)

    def saved(self) -> bytes:
        """The file with every other part as it was."""
        return packed(self.package.parts, {self.part: self.root})


def filled(
    data: bytes, rubric: Rubric, said: Mapping[str, Said], total: Decimal | None, *, known: Known | None = None
) -> bytes:
    """The file with the answers in it; `known` are the rows of which it is on record what they are. Raises NoLayout where an item has no place of its own, and Refused."""
    paper = Paper(data)
    for id, row in places(paper.grids, rubric, known or {}).items():
        assert row.score_at is not None, "looked at before"
        paper.write(row.spot.table, row.score_at, _shown(said[id].score))
        if row.basis_at is not None:
            paper.write(row.spot.table, row.basis_at, said[id].basis)
        for cell in row.rest:
            paper.write(row.spot.table, cell, "")
    if found := total_cell(paper.grids):
        paper.write(found[0], found[1], _shown(total))
    return paper.saved()


def has_basis(data: bytes) -> bool:
    """Whether the file has a column for what the scores rest on. Raises NoLayout and Refused."""
    return any(row.basis_at is not None for row in filled_rows(Paper(data).grids))


def _shown(score: Decimal | str | None) -> str:
    return f"{score:f}" if isinstance(score, Decimal) else score or ""


def _places(table: Element) -> list[tuple[tuple[int, int], Element]]:
    """Every cell by the row and column in which it begins, counted as rubrics.importing.word counts them."""
    found: list[tuple[tuple[int, int], Element]] = []
    for number, row in enumerate(word.inside(table, "tr"), 1):
        column = word.skipped(row) + 1
        for cell in word.inside(row, "tc"):
            found.append(((number, column), cell))
            column += word.whole(word.value(word.child(word.child(cell, "tcPr"), "gridSpan")), 1)
    return found


def _put(cell: Element, text: str) -> None:
    """Replace the words of a cell, in the looks of its first paragraph and letters."""
    space = cell.tag.rpartition("}")[0] + "}"
    paragraphs: list[Element] = list(word.inside(cell, "p"))
    first = paragraphs[0] if paragraphs else etree.SubElement(cell, f"{space}p")
    for other in paragraphs[1:]:
        other.getparent().remove(other)
    letters: Iterator[Element] = first.iter(f"{space}rPr")
    looks = next((one for one in letters if one.getparent().tag == f"{space}r"), None)
    for one in list(first):
        if one.tag != f"{space}pPr":
            first.remove(one)
    for number, line in enumerate(text.split("\n") if text else ()):
        run = etree.SubElement(first, f"{space}r")
        if looks is not None:
            run.append(etree.fromstring(etree.tostring(looks)))
        if number:
            etree.SubElement(run, f"{space}br")
        words = etree.SubElement(run, f"{space}t")
        words.text = line
        words.set(SPACE, "preserve")
