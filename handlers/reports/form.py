"""The official table as a Word document, ready to print and stamp: a section for each society."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from io import BytesIO
from typing import Any, BinaryIO

from docx import Document
from docx.document import Document as Paper
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from handlers.cleaning import clean
from handlers.phrasebook import phrasebook
from handlers.reports.formtable import table_xml
from handlers.reports.snapshot import Snapshot, version
from handlers.reports.stamp import Stamp, stamp
from handlers.reports.table import heads, lines

MOST = 300  # societies in one document: a Word file is held in memory whole
BODY, TITLE, LATIN = "仿宋", "方正小标宋简体", "Times New Roman"


class TooMany(Exception):
    """More societies than one document takes."""


def write_form(snapshot: Snapshot, out: BinaryIO) -> None:
    """One document for all societies of the snapshot. Raises TooMany."""
    if len(snapshot.societies) > MOST:
        raise TooMany
    paper = _blank(snapshot)
    for entry in snapshot.entries():
        _add(paper, snapshot, entry, alone=len(snapshot.societies) == 1)
    _finish(paper, out)


def write_one_form(snapshot: Snapshot, entry: Mapping[str, Any], out: BinaryIO) -> None:
    """One society's document."""
    paper = _blank(snapshot)
    _add(paper, snapshot, entry, alone=True)
    _finish(paper, out)


def _blank(snapshot: Snapshot) -> Paper:
    paper = Document()
    _font(paper.styles["Normal"], Pt(10.5))
    head, about = snapshot.head, paper.core_properties
    about.title, about.author, about.last_modified_by = clean(head.title), "", ""
    about.comments = version(head)
    about.created = about.modified = head.at.astimezone(UTC).replace(tzinfo=None)
    return paper


def _font(style: Any, size: Pt) -> None:
    """Word takes Chinese letters from eastAsia alone, and the theme's font before it."""
    style.font.size, style.font.name, style.font.bold = size, LATIN, False
    fonts = style.element.rPr.rFonts
    for name in list(fonts.attrib):
        if "Theme" in name:
            del fonts.attrib[name]
    fonts.set(qn("w:eastAsia"), BODY)
    for language in style.element.getparent().iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def _add(paper: Paper, snapshot: Snapshot, entry: Mapping[str, Any], *, alone: bool) -> None:
    """A society's section; the one that a new document has belongs to the first."""
    body = paper.element.body
    first = body.find(qn("w:tbl")) is None
    section = paper.sections[0] if first else paper.add_section(WD_SECTION.NEW_PAGE)
    _page(section)
    _footer(section, snapshot, stamp(entry, snapshot.round.rubric_sha256), alone=alone)
    title = paper.add_paragraph(clean(snapshot.head.title))
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.runs[0].font.size = Pt(20)
    title.runs[0]._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), TITLE)
    unit = paper.add_paragraph(phrasebook().text("export_unit", {"society": clean(entry["society"])}))
    for one in (title, unit):
        one.paragraph_format.space_after = Pt(4)
        one.paragraph_format.keep_with_next = True
    xml = table_xml(heads("export_table_heads"), list(lines(snapshot.rubric, entry)), entry)
    body.insert(len(body) - 1, parse_xml(xml))


def _page(section: Section) -> None:
    section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin, section.bottom_margin = Mm(18), Mm(16)
    section.footer_distance = Mm(8)


def _footer(section: Section, snapshot: Snapshot, printed: Stamp, *, alone: bool) -> None:
    """Code, hash and version to trace the paper by; the page of this society's pages."""
    section.footer.is_linked_to_previous = False
    line = section.footer.paragraphs[0]
    for before, field in zip(
        heads("export_page_count"), ("PAGE", "NUMPAGES" if alone else "SECTIONPAGES", ""), strict=True
    ):
        line.add_run(before)
        if field:
            _field(line, field)
    said = (
        phrasebook().text("export_stamp", {"stamp": printed}),
        version(snapshot.head),
    )
    line.insert_paragraph_before("　".join(said))
    for one in section.footer.paragraphs:
        one.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for run in one.runs:
            run.font.size = Pt(9)
    if not alone and section._sectPr.find(qn("w:pgNumType")) is None:
        # Each society counts its own pages; a new section is a copy of the last. Word insists on the schema's order.
        section._sectPr.find(qn("w:pgMar")).addnext(parse_xml(f'<w:pgNumType {NAMESPACE} w:start="1"/>'))


NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _field(line: Paragraph, name: str) -> None:
    for xml in _field_xml(name):
        line.add_run()._r.append(parse_xml(xml))


def _field_xml(name: str) -> Iterator[str]:
    yield f'<w:fldChar {NAMESPACE} w:fldCharType="begin"/>'
    yield f'<w:instrText {NAMESPACE} xml:space="preserve"> {name} </w:instrText>'
    yield f'<w:fldChar {NAMESPACE} w:fldCharType="separate"/>'
    yield f"<w:t {NAMESPACE}>1</w:t>"
    yield f'<w:fldChar {NAMESPACE} w:fldCharType="end"/>'


def _finish(paper: Paper, out: BinaryIO) -> None:
    """Word wants a paragraph after the last table. Through memory, for python-docx seeks in what it writes."""
    last = paper.add_paragraph()
    last.paragraph_format.space_after = Pt(0)
    last.paragraph_format.line_spacing = Pt(1)
    held = BytesIO()
    paper.save(held)
    out.write(held.getbuffer())
