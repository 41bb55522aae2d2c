"""The printed form, read back: the cells as the document prints them, merged by its sections, with its stamp."""

import io
import zipfile
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO

import pytest
import sqlalchemy as sa
from docx import Document
from docx.document import Document as Paper
from docx.oxml.ns import qn
from docx.table import Table

from handlers.cleaning import clean
from handlers.papers.shortcode import code
from handlers.receipts import LETTERS
from handlers.reports.form import TooMany, write_form, write_one_form
from handlers.reports.formset import write_forms
from handlers.reports.owntemplate import write_own
from handlers.reports.pdf import convert, soffice
from handlers.reports.snapshot import Snapshot
from handlers.reports.stamp import fingerprint, stamp
from handlers.reports.templatefaults import BadTemplate
from rubrics.model import Rubric
from rubrics.reading import catalog, read
from storage import queries
from storage.relations import SOCIETY
from tests.proving import HOSTILE, NOW, hand_in, lived, whole, written
from tests.season import Season

HEADS = ["序号", "类别", "项目", "评价内容", "分值", "自评分", "自评依据(工作实效)", "备注"]


@pytest.fixture
def season(tmp_path: Path) -> Iterator[Season]:
    begun = lived(tmp_path)
    yield begun
    begun.db.close()


@pytest.fixture
def rubric() -> Rubric:
    return read(catalog()["zhejiang-2020"], "zhejiang-2020.yaml")


def paper_of(season: Season, society: int | None = 1) -> Paper:
    return Document(written(season, write_form, society))


def merges(table: Table, column: int) -> list[int]:
    """How many rows each merged cell covers, read as Word reads it."""
    cells = [row._tr.tc_lst[column] for row in table.rows[1:-1]]
    starts = [cell.vMerge != "continue" for cell in cells]
    assert starts[0]
    places = [place for place, start in enumerate(starts) if start]
    return [end - begin for begin, end in zip(places, [*places[1:], len(cells)], strict=True)]


def footers(paper: Paper) -> list[str]:
    return ["\n".join(line.text for line in section.footer.paragraphs) for section in paper.sections]


def test_the_form_prints_the_official_table(season: Season, rubric: Rubric) -> None:
    paper, entry = paper_of(season), whole(season)["entries"][0]
    (table,) = paper.tables
    assert [one.text for one in paper.paragraphs[:2]] == [
        "2026年度省级学会工作自评表",
        "填报单位：浙江省示例学会（盖章）",
    ]
    assert [cell.text for cell in table.rows[0].cells] == HEADS
    for row, item, answer in zip(table.rows[1:-1], rubric.items, entry["answers"], strict=True):
        no, section, heading, text, full, score, basis, remark = (cell.text for cell in row.cells)
        assert (no, heading, text, full, remark) == (item.no, item.heading, item.text, f"{item.points}分", "")
        assert section == f"{item.section.label}、{item.section.title}\n（{item.section.points}分）"
        assert score == ("不适用" if answer["state"] == "not_applicable" else answer["self_score"] or "")
        assert all(clean(piece["text"] or piece["name"]) in basis for piece in answer["evidence"])
    assert [cell.text for cell in table.rows[-1].cells] == ["总计", "", "", "", "100分", entry["claimed"], "", ""]


def test_cells_are_merged_as_the_sections_and_headings_run(season: Season, rubric: Rubric) -> None:
    (table,) = paper_of(season).tables
    assert merges(table, 1) == [len(section.items) for section in rubric.sections] == [7, 4, 3, 2, 9]
    runs = groupby(rubric.items, key=lambda item: (item.section.id, item.heading))
    assert merges(table, 2) == [len(list(run)) for _, run in runs]
    header = table.rows[0]._tr.trPr
    assert header is not None
    assert header.find(qn("w:tblHeader")) is not None


def test_it_is_set_up_for_a4_with_chinese_fonts(season: Season) -> None:
    paper = paper_of(season)
    section = paper.sections[0]
    assert section.page_width is not None
    assert section.page_height is not None
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (297, 210)
    fonts = paper.styles["Normal"].element.rPr.rFonts
    assert (fonts.get(qn("w:eastAsia")), fonts.get(qn("w:eastAsiaTheme"))) == ("仿宋", None)
    assert paper.core_properties.author == ""


def test_hostile_texts_are_printed_as_they_are(season: Season) -> None:
    basis = paper_of(season).tables[0].rows[17].cells[6].text
    assert "cmd|" in basis
    assert [text for text in HOSTILE if text.strip() not in basis] == []


def test_a_draft_says_so_and_a_submission_carries_its_code(season: Season) -> None:
    draft = footers(paper_of(season))[0]
    assert "草稿，未提交" in draft
    assert "校验码" not in draft
    hand_in(season)
    entry = whole(season)["entries"][0]
    printed = stamp(entry, whole(season)["round"]["rubric_sha256"])
    handed_in = footers(paper_of(season))[0]
    assert printed.code == code(entry["submissions"][0]["number"])
    assert f"校验码 {printed.code}　第1次提交" in handed_in
    assert printed.hash in handed_in
    assert printed.hash in draft, "handing in changes no answer"
    season.say("王老师", "撤回提交")
    assert "草稿，未提交" in footers(paper_of(season))[0]
    hand_in(season)
    assert "第2次提交" in footers(paper_of(season))[0]


def test_what_comes_late_is_printed_as_late(season: Season) -> None:
    season.clock("2027-01-16 09:00")
    season.say("王老师", "序号49 5分，编发会讯4期")
    season.say("王老师", "提交")
    paper = paper_of(season)
    assert "逾期提交，待科协认定" in footers(paper)[0]
    news = next(row for row in paper.tables[0].rows if row.cells[0].text == "49")
    assert [cell.text for cell in news.cells][5:7] == ["", "编发会讯4期（逾期补交）"]


@pytest.mark.parametrize("change", [{"self_score": "1"}, {"state": "unanswered"}, {"reason": "x"}, {"evidence": []}])
def test_the_hash_is_another_when_an_answer_is(season: Season, change: dict[str, Any]) -> None:
    entry = whole(season)["entries"][0]
    before = fingerprint(entry, "a")
    assert fingerprint(whole(season)["entries"][0], "a") == before
    entry["answers"][0].update(change)
    assert fingerprint(entry, "a") != before
    assert fingerprint(whole(season)["entries"][0], "b") != before


def test_all_societies_are_a_section_each_or_a_file_each(season: Season) -> None:
    paper = paper_of(season, None)
    assert len(paper.tables) == len(paper.sections) == 2
    assert [one.text for one in paper.paragraphs if one.text.startswith("填报单位")] == [
        "填报单位：浙江省示例学会（盖章）",
        "填报单位：浙江省茶叶学会（盖章）",
    ]
    assert len(set(footers(paper))) == 2
    order = ["footerReference", "pgSz", "pgMar", "pgNumType", "cols", "docGrid"]
    for section in paper.sections:
        assert [part.tag.split("}")[1] for part in section._sectPr if not part.tag.endswith("}type")] == order

    def forms(snapshot: Snapshot, out: BinaryIO) -> None:
        write_forms(snapshot, partial(write_one_form, snapshot), out)

    with zipfile.ZipFile(written(season, forms)) as archive:
        assert archive.namelist() == ["浙江省示例学会_自评表.docx", "浙江省茶叶学会_自评表.docx"]
        one = Document(io.BytesIO(archive.read("浙江省茶叶学会_自评表.docx")))
    assert one.paragraphs[1].text == "填报单位：浙江省茶叶学会（盖章）"


def test_one_document_takes_only_so_many(season: Season) -> None:
    rows = [{"name": f"第{n}号学会", "created_at": NOW} for n in range(300)]
    season.db.write(lambda db: db.execute(sa.insert(SOCIETY), rows))
    with pytest.raises(TooMany):
        written(season, write_form)


def own(season: Season, template: bytes) -> Paper:
    with season.db.read() as db:
        snapshot = Snapshot(db, queries.round_of(db, season.round), NOW, only=[1])
        out = io.BytesIO()
        write_own(snapshot, next(snapshot.entries()), out, template=template)
    return Document(out)


def template(*paragraphs: str) -> bytes:
    paper = Document()
    for one in paragraphs:
        paper.add_paragraph(one)
    table = paper.add_table(3, 3)
    for row, texts in zip(
        table.rows,
        (
            ("{%tr for 行 in 表 %}", "", ""),
            ("{{行.序号}}", "{{行.自评分}}", "{{行.自评依据}}"),
            ("{%tr endfor %}", "", ""),
        ),
        strict=True,
    ):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    held = io.BytesIO()
    paper.save(held)
    return held.getvalue()


def test_the_offices_own_template_is_filled_and_user_text_is_never_a_part_of_it(season: Season) -> None:
    paper = own(season, template("单位：{{学会}}", "合计 {{合计}} 分，{{校验}}"))
    assert paper.paragraphs[0].text == "单位：浙江省示例学会"
    assert paper.paragraphs[1].text.startswith("合计 17.5 分，草稿，未提交")
    rows = [[cell.text for cell in row.cells] for row in paper.tables[0].rows]
    assert len(rows) == 25
    assert rows[0] == ["1", "8", "承办年会1场，参会300人"]
    hostile = next(row[2] for row in rows if "cmd|" in row[2])
    assert all(text in hostile for text in ("{{ 7*7 }} {% raw %}", "<b>&amp;</b>]]>", "=1+1"))


@pytest.mark.parametrize(
    "broken", ["{{没有这个}}", "{{学会", "{% if %}", "{{ ''.__class__.__mro__[1].__subclasses__() }}"]
)
def test_a_template_that_can_not_be_filled_is_refused(season: Season, broken: str) -> None:
    with pytest.raises(BadTemplate):
        own(season, template(broken))


def test_a_file_that_is_no_template_is_refused(season: Season) -> None:
    with pytest.raises(BadTemplate):
        own(season, b"no docx at all")


def test_codes_are_unlike_each_other_and_hold_no_letter_that_is_misread() -> None:
    codes = [code(number) for number in range(1, 5000)]
    assert len(set(codes)) == len(codes)
    assert {len(one) for one in codes} == {6}
    assert not set("".join(codes)) - set(LETTERS)
    assert not set(LETTERS) & set("01OI")
    slips = {
        one[:at] + other + one[at + 1 :]
        for one in codes[:40]
        for at in range(6)
        for other in LETTERS
        if other != one[at]
    }
    every = {code(number) for number in range(1, 20_000)}
    assert not slips & every


@pytest.mark.skipif(soffice() is None, reason="no LibreOffice on this machine")
def test_libreoffice_makes_a_pdf_of_it(season: Season) -> None:
    assert convert(written(season, write_form, 1).getvalue()).startswith(b"%PDF-")
