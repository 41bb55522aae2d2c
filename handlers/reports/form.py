"""The official table as a Word document, ready to print and stamp: a section for each society."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from io import BytesIO
from operator import itemgetter
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
from handlers.reports.endings import MOST_IN_ONE
from handlers.reports.formtable import table_xml
from handlers.reports.snapshot import Snapshot, version
from handlers.reports.stamp import Stamp, stamp
from handlers.reports.table import heads

BODY, TITLE, LATIN = "仿宋", "方正小标宋简体", "Times New Roman"


class TooMany(Exception):
    """More societies than one document takes."""


def write_form(snapshot: Snapshot, out: BinaryIO, *, bookmarked: bool = False) -> None:
    """One document for all societies of the snapshot. `bookmarked`: LibreOffice knows no SECTIONPAGES and finds the
    number of a society's pages by a bookmark on the last one, which Word and WPS would not look up by themselves.
    Raises TooMany."""
    if len(snapshot.societies) > MOST_IN_ONE:
        raise TooMany
    paper = _blank(snapshot)
    alone = len(snapshot.societies) == 1
    for number, entry in enumerate(filter(itemgetter("answers"), snapshot.entries())):  # who owes no table prints none
        counted = "NUMPAGES" if alone else f"PAGEREF end{number}" if bookmarked else "SECTIONPAGES"
        _add(paper, snapshot, entry, counted, number)
    finish(paper, out)


def write_one_form(snapshot: Snapshot, entry: Mapping[str, Any], out: BinaryIO) -> None:
    """One society's document."""
    paper = _blank(snapshot)
    _add(paper, snapshot, entry, "NUMPAGES", 0)
    finish(paper, out)


def _blank(snapshot: Snapshot) -> Paper:
    paper = Document()
    set_font(paper.styles["Normal"], Pt(10.5))
    head, about = snapshot.head, paper.core_properties
    about.title, about.author, about.last_modified_by = clean(head.title), "", ""
    about.comments = version(head)
    about.created = about.modified = head.at.astimezone(UTC).replace(tzinfo=None)
    return paper


def set_font(style: Any, size: Pt) -> None:
    """Word takes Chinese letters from eastAsia alone, and the theme's font before it."""
    style.font.size, style.font.name, style.font.bold = size, LATIN, False
    fonts = style.element.rPr.rFonts
    for name in list(fonts.attrib):
        if "Theme" in name:
            del fonts.attrib[name]
    fonts.set(qn("w:eastAsia"), BODY)
    for language in style.element.getparent().iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")


def _add(paper: Paper, snapshot: Snapshot, entry: Mapping[str, Any], counted: str, number: int) -> None:
    """A society's section, its pages counted by that field; the section that a new document has belongs to the first."""
    body = paper.element.body
    first = body.find(qn("w:tbl")) is None
    section = paper.sections[0] if first else paper.add_section(WD_SECTION.NEW_PAGE)
    lay_out(section)
    _footer(section, snapshot, stamp(entry, entry["rubric_sha256"]), counted)
    write_title(paper, snapshot.head.title)
    unit = paper.add_paragraph(phrasebook().text("export_unit", {"society": clean(entry["society"])}))
    unit.paragraph_format.space_after, unit.paragraph_format.keep_with_next = Pt(4), True
    body.insert(len(body) - 1, parse_xml(table_xml(snapshot.rubric_of(entry), entry)))
    _end(paper, number if counted.startswith("PAGEREF") else None)


def write_title(paper: Paper, text: str) -> None:
    title = paper.add_paragraph(clean(text))
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_after, title.paragraph_format.keep_with_next = Pt(4), True
    title.runs[0].font.size = Pt(20)
    title.runs[0]._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), TITLE)


def _end(paper: Paper, number: int | None) -> None:
    """Word wants a paragraph after a table; this one takes no room, and may carry the bookmark of the last page."""
    last = paper.add_paragraph()
    last.paragraph_format.space_after, last.paragraph_format.line_spacing = Pt(0), Pt(1)
    if number is not None:
        for xml in (
            f'<w:bookmarkStart {NAMESPACE} w:id="{number}" w:name="end{number}"/>',
            f'<w:bookmarkEnd {NAMESPACE} w:id="{number}"/>',
        ):
            last._p.append(parse_xml(xml))


def lay_out(section: Section) -> None:
    """A4 across."""
    section.orientation, section.page_width, section.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin, section.bottom_margin = Mm(18), Mm(20)
    section.footer_distance = Mm(8)


def _footer(section: Section, snapshot: Snapshot, printed: Stamp, counted: str) -> None:
    """Code, hash and version to trace the paper by; the page of this society's pages."""
    section.footer.is_linked_to_previous = False
    line = section.footer.paragraphs[0]
    number_pages(line, counted)
    said = (
        phrasebook().text("export_stamp", {"stamp": printed}),
        version(snapshot.head),
    )
    line.insert_paragraph_before("　".join(said))
    for one in section.footer.paragraphs:
        _small(one)
    if counted != "NUMPAGES" and section._sectPr.find(qn("w:pgNumType")) is None:
        # Each society counts its own pages; a new section is a copy of the last. Word insists on the schema's order.
        section._sectPr.find(qn("w:pgMar")).addnext(parse_xml(f'<w:pgNumType {NAMESPACE} w:start="1"/>'))


NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def number_pages(line: Paragraph, counted: str) -> None:
    """第 1 页，共 3 页, the second by that field."""
    for before, field in zip(heads("export_page_count"), ("PAGE", counted, ""), strict=True):
        line.add_run(before)
        if field:
            _field(line, field)
    _small(line)


def _small(line: Paragraph) -> None:
    line.alignment, line.paragraph_format.space_after = WD_ALIGN_PARAGRAPH.CENTER, Pt(0)
    for run in line.runs:
        run.font.size = Pt(9)


def _field(line: Paragraph, name: str) -> None:
    for xml in _field_xml(name):
        line.add_run()._r.append(parse_xml(xml))


def _field_xml(name: str) -> Iterator[str]:
    yield f'<w:fldChar {NAMESPACE} w:fldCharType="begin"/>'
    yield f'<w:instrText {NAMESPACE} xml:space="preserve"> {name} </w:instrText>'
    yield f'<w:fldChar {NAMESPACE} w:fldCharType="separate"/>'
    yield f"<w:t {NAMESPACE}>1</w:t>"
    yield f'<w:fldChar {NAMESPACE} w:fldCharType="end"/>'


def finish(paper: Paper, out: BinaryIO) -> None:
    """Through memory, for python-docx seeks in what it writes."""
    held = BytesIO()
    paper.save(held)
    out.write(held.getbuffer())
