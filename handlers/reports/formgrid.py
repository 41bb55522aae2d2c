"""A plain table in a Word document: columns as wide as told, the first row in bold and again on every page."""

from collections.abc import Sequence
from typing import Any

from docx.document import Document as Paper
from docx.oxml import parse_xml
from docx.shared import Mm, Pt
from docx.table import Table

from handlers.reports.formtable import MARGINS, NAMESPACE


def write_grid(paper: Paper, rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
    """The rows with their heads first; widths in millimetres. A line break within a cell is a paragraph."""
    table = paper.add_table(rows=0, cols=len(widths), style="Table Grid")
    table.autofit = False
    table._tbl.tblPr.append(parse_xml(f"<w:tblCellMar {NAMESPACE}>{MARGINS}</w:tblCellMar>"))
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in rows:
        for cell, text, width in zip(table.add_row().cells, row, widths, strict=True):
            cell.text, cell.width = text, Mm(width)
            for line in cell.paragraphs:
                line.paragraph_format.space_after = Pt(0)
    _head(table)


def _head(table: Table) -> None:
    """In bold, and again on every page; no row is cut by the end of one."""
    for cell in table.rows[0].cells:
        for run in (run for line in cell.paragraphs for run in line.runs):
            run.font.bold = True
    for number, row in enumerate(table.rows):
        properties: Any = row._tr.get_or_add_trPr()
        for name in ("cantSplit", *(("tblHeader",) if number == 0 else ())):
            properties.append(parse_xml(f"<w:{name} {NAMESPACE}/>"))
