"""A Word template to begin with: the official layout as placeholders, to be changed in Word and sent back."""

from typing import BinaryIO

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from handlers.reports.form import finish, lay_out, number_pages, set_font, write_title
from handlers.reports.formgrid import write_grid
from handlers.reports.formtable import WIDTHS
from handlers.reports.table import heads, labels
from handlers.reports.templatefaults import TABLE, line_names

LINE = "行"


def write_sample(out: BinaryIO) -> None:
    """Every placeholder that a printed form needs, where the official form has it."""
    paper = docx.Document()
    set_font(paper.styles["Normal"], Pt(10.5))
    lay_out(paper.sections[0])
    write_title(paper, "{{标题}}")
    paper.add_paragraph(labels()["sample_unit"])
    named = line_names()
    rows: list[tuple[str, ...]] = [
        heads("export_table_heads"),
        (f"{{%tr for {LINE} in {TABLE} %}}", *[""] * (len(named) - 1)),
        tuple(f"{{{{{LINE}.{name}}}}}" for name in named),
        ("{%tr endfor %}", *[""] * (len(named) - 1)),
        (labels()["total"], "", "", "", "{{满分}}", "{{合计}}", "", ""),
    ]
    write_grid(paper, rows, WIDTHS)
    footer = paper.sections[0].footer.paragraphs[0]
    footer.text, footer.alignment = "{{校验}}　{{版本}}", WD_ALIGN_PARAGRAPH.CENTER
    number_pages(paper.sections[0].footer.add_paragraph(), "NUMPAGES")
    finish(paper, out)
