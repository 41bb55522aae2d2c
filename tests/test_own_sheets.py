"""The answers go back into the Excel that the office brought: its looks stay, numbers are numbers, no word is a formula."""

import io
import re
import zipfile
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from openpyxl.worksheet.worksheet import Worksheet

from rubrics.filled.placing import NoLayout, Said
from rubrics.filled.sheets import filled
from rubrics.importing.findings import Refused
from rubrics.importing.tables import imported
from rubrics.reading import read
from scheduler.drawing import draw_due
from storage.relations import OUTBOX
from tests.brought import BROUGHT, on_a_sheet
from tests.official import LAYOUTS, RUBRIC, excel, word
from tests.season import Season
from tests.test_own_layout import rows, said, sent

WORDS = {"score": "自评分", "basis": "自评依据"}
LINJIANG = read(imported(on_a_sheet(), file="临江考核.xlsx", id="own-1").text, "own.yaml")
RISKY = ("=1+1", "+86 电话", "-见附件", "@甲", '=HYPERLINK("http://x.example","点")', "＝1")
LONG = "承办省内学术沙龙6次，科技工作者300余人次参加，纪要、照片、签到表齐全。" * 6


def answers(**more: Said) -> dict[str, Said]:
    basis = [*RISKY, LONG, "第一行\n第二行 <甲> & “乙”"]
    told = {item.id: Said(Decimal("2.5"), one) for item, one in zip(LINJIANG.items, basis, strict=True)}
    return told | {LINJIANG.items[2].id: Said("不适用", "没有这项工作"), LINJIANG.items[5].id: Said(None, "")} | more


def sheet(data: bytes, name: str = "考核表") -> Worksheet:
    found = openpyxl.load_workbook(io.BytesIO(data))[name]
    assert isinstance(found, Worksheet)
    return found


def columns(page: Worksheet, *names: str) -> list[list[Any]]:
    return [[page[f"{name}{row}"].value for row in range(4, 12)] for name in names]


def looks(page: Worksheet) -> list[Any]:
    """What the office has laid out, but for its cells."""
    return [
        sorted(str(one) for one in page.merged_cells.ranges),
        {name: one.width for name, one in page.column_dimensions.items()},
        (page.print_title_rows, page.print_area, page.freeze_panes, page.page_setup.orientation),
        [[(one.border.top.style, one.font.sz, one.font.name, one.font.b) for one in row] for row in page["A3:H12"]],
    ]


def test_scores_are_numbers_words_are_words_and_the_rest_is_as_it_was() -> None:
    before, after = on_a_sheet(), filled(on_a_sheet(), LINJIANG, answers(), Decimal(15), words=WORDS)
    page = sheet(after)
    scores, bases = columns(page, "F", "G")
    assert scores == [2.5, 2.5, "不适用", 2.5, 2.5, None, 2.5, 2.5]
    assert bases == [said.basis or None for said in answers().values()]
    assert {cell.data_type for cell in page["G"][3:11]} == {"s", "n"}
    assert [cell.quotePrefix for cell in (page["G4"], page["G10"])] == [True, False]
    assert page["G4"].alignment.wrap_text
    assert looks(page) == looks(sheet(before))
    assert columns(page, *"ABCDEH") == columns(sheet(before), *"ABCDEH")
    assert sheet(after, "填表说明")["A1"].value == "请如实填写。"


def test_a_row_grows_with_its_words_and_never_shrinks() -> None:
    page = sheet(filled(on_a_sheet(), LINJIANG, answers(), Decimal(15), words=WORDS))
    heights = [page.row_dimensions[number].height for number in range(4, 12)]
    assert heights[6] > 100
    assert heights[:2] == [32, 32]


def test_a_sum_of_the_office_stays_where_it_gives_the_same_and_old_figures_are_forgotten() -> None:
    same = sheet(filled(on_a_sheet(), LINJIANG, answers(), Decimal(15), words=WORDS))
    other = sheet(filled(on_a_sheet(), LINJIANG, answers(), Decimal(14), words=WORDS))
    assert (same["F12"].value, other["F12"].value) == ("=SUM(F4:F11)", 14)
    book = filled(_reckoned(on_a_sheet()), LINJIANG, answers(), Decimal(15), words=WORDS)
    values = openpyxl.load_workbook(io.BytesIO(book), data_only=True)
    assert values["考核表"]["F12"].value == 15
    assert [values["汇总"][name].value for name in ("B1", "B2")] == [None, 99]


def _reckoned(data: bytes) -> bytes:
    """As a program saves it: every formula with what it gave."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(held, "w") as new:
        for name in old.namelist():
            new.writestr(name, re.sub(rb"<v ?/>|<v></v>", b"<v>99</v>", old.read(name)))
    return held.getvalue()


def test_a_sheet_without_columns_gets_them_at_its_right() -> None:
    before, page = (
        sheet(on_a_sheet(columns=False)),
        sheet(filled(on_a_sheet(columns=False), LINJIANG, answers(), Decimal(15), words=WORDS)),
    )
    assert [page["G3"].value, page["H3"].value, page["G12"].value] == ["自评分", "自评依据", 15]
    scores, bases = columns(page, "G", "H")
    assert scores == [2.5, 2.5, "不适用", 2.5, 2.5, None, 2.5, 2.5]
    assert bases == [said.basis or None for said in answers().values()]
    assert columns(page, *"ABCDEF") == columns(before, *"ABCDEF")
    assert {cell.border.top.style for row in page["G3:H12"] for cell in row} == {"thin"}
    assert page["G3"].font.b
    assert "A1:H1" in {str(one) for one in page.merged_cells.ranges}
    assert page.print_area == "'考核表'!$A$1:$H$12"
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
    assert [page.column_dimensions[name].width for name in "DFGH"] == [34, 9, 9, 36]


def test_one_column_that_is_there_is_used_and_the_other_is_added() -> None:
    book = openpyxl.load_workbook(io.BytesIO(on_a_sheet()))
    book["考核表"]["G3"] = "复核"
    held = io.BytesIO()
    book.save(held)
    page = sheet(filled(held.getvalue(), LINJIANG, answers(), Decimal(15), words=WORDS))
    assert (page["F4"].value, page["G4"].value, page["I3"].value, page["I4"].value) == (2.5, None, "自评依据", "=1+1")


@pytest.mark.parametrize("name", ["merged_sheet.xlsx", "pasted_sheet.xlsx"])
def test_the_official_table_in_excel_takes_every_item(name: str) -> None:
    told = {item.id: Said(item.points, f"依据{item.position}") for item in RUBRIC.items}
    page = sheet(filled(LAYOUTS[name](), RUBRIC, told, Decimal(100), words=WORDS), "自评表")
    found = [(row[0].value, row[5].value, row[6].value) for row in page.iter_rows(min_row=4, max_row=13)]
    assert [one for one in found if one[0]][:3] == [
        (item.no if name == "pasted_sheet.xlsx" else int(item.no or 0), item.points, f"依据{item.position}")
        for item in RUBRIC.items[:3]
    ]


def test_what_has_no_place_is_refused_by_its_reason() -> None:
    book = openpyxl.load_workbook(io.BytesIO(on_a_sheet()))
    book["考核表"]["D6"], book["考核表"]["A6"], book["考核表"]["F8"] = "全不一样的话", 77, "=E8"
    held = io.BytesIO()
    book.save(held)
    with pytest.raises(NoLayout) as lost:
        filled(held.getvalue(), LINJIANG, answers(), None, words=WORDS)
    assert (lost.value.why, lost.value.positions) == ("rows", (3,))
    book["考核表"]["D6"], book["考核表"]["A6"] = LINJIANG.items[2].text, 3
    held = io.BytesIO()
    book.save(held)
    with pytest.raises(NoLayout) as reckoned:
        filled(held.getvalue(), LINJIANG, answers(), None, words=WORDS)
    assert (reckoned.value.why, reckoned.value.positions) == ("formula", (5,))
    with pytest.raises(Refused):
        filled(b"PK\x03\x04", LINJIANG, answers(), None, words=WORDS)


def opened(season: Season, name: str) -> None:
    """A round on that table, with one society that has answered one item."""
    season.join("staff")
    said(season, "staff", "评分表", name)
    for words in ("开新一轮", "1", "2027年1月15日17:30", "2"):
        told = said(season, "staff", words)
    assert "已开始轮次2" in told
    season.join("王老师")
    said(season, "王老师", "轮次2，第6项 18.5分，=学术年会2场")


def test_the_office_gets_its_excel_back_for_one_society_and_for_all(season: Season) -> None:
    opened(season, "临江考核.xlsx")
    said(season, "王老师", "提交")
    said(season, "王老师", "确认提交")
    assert "一家一份 Excel" in said(season, "staff", "导出 原表")
    name, data = sent(season)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        pages = {one: sheet(archive.read(one)) for one in archive.namelist()}
    assert {one.rpartition(".")[2] for one in pages} == {"xlsx"}
    assert [columns(page, "F")[0][5] for page in pages.values()] == [18.5, None]
    said(season, "staff", "导出 示例学会 原表")
    name, data = sent(season)
    assert name.endswith(".xlsx")
    assert columns(sheet(data), "F", "G")[1][5] == "=学术年会2场"


def test_a_secretary_gets_the_office_s_excel_with_her_answers(season: Season) -> None:
    opened(season, "临江考核无栏.xlsx")
    assert "原表" in said(season, "王老师", "导出原表")
    name, data = sent(season)
    assert name.endswith(".xlsx")
    assert [one[5] for one in columns(sheet(data), "G", "H")] == [18.5, "=学术年会2场"]


def test_a_word_table_without_a_column_says_which_one_to_add(season: Season) -> None:
    opened(season, "临江考核无栏.docx")
    said(season, "staff", "导出 示例学会 原表")
    told, data = sent(season)
    assert data == b""
    assert "表头写「自评分」" in told
    assert "换用评分表" in told
    assert "管理人员" in (said(season, "王老师", "导出原表") and sent(season)[0])
    assert "导出 原表」今后照这个文件填" in said(season, "staff", "换用评分表", "临江考核两栏.docx")
    said(season, "staff", "导出 示例学会 原表")
    name, data = sent(season)
    assert name.endswith(".docx")
    assert [row.no for row in rows(data)] == [item.no for item in LINJIANG.items]


def test_a_word_table_without_a_place_for_what_it_rests_on_says_how_much_was_left_out(season: Season) -> None:
    opened(season, "临江考核只有分.docx")
    said(season, "王老师", "导出原表")
    draw_due(season.db, season.store, season.now)
    with season.db.read() as db:
        told = db.scalar(sa.select(OUTBOX.c.text).order_by(OUTBOX.c.id.desc()).limit(1)) or ""
    assert "1项的依据没有写进去" in told


def test_a_row_that_goes_on_below_is_written_above_and_emptied_below() -> None:
    """As a page break tears it, and as somebody has filled it in before."""
    book = openpyxl.load_workbook(io.BytesIO(on_a_sheet()))
    page = book["考核表"]
    for reference in ("A12:D12", "B9:B11", "C9:C10"):
        page.unmerge_cells(reference)
    page.insert_rows(10)
    page["D10"], page["F9"], page["G9"], page["G10"] = "续上一项的内容。", 1, "旧的", "旧的下半"
    held = io.BytesIO()
    book.save(held)
    found = sheet(filled(held.getvalue(), LINJIANG, answers(), None, words=WORDS))
    assert [found[name].value for name in ("G9", "G10", "F9", "F10")] == [None, None, None, None]
    assert found["G8"].value == answers()[LINJIANG.items[4].id].basis


def test_formulas_of_other_sheets_know_whole_columns_and_each_other() -> None:
    book = openpyxl.load_workbook(io.BytesIO(on_a_sheet()))
    other = book["汇总"]
    other["C1"], other["C2"], other["C3"] = "=SUM(考核表!F:F)", "=C1+1", "=SUM(考核表!$E$4:$E$11)"
    held = io.BytesIO()
    book.save(held)
    made = filled(_reckoned(held.getvalue()), LINJIANG, answers(), Decimal(15), words=WORDS)
    values = openpyxl.load_workbook(io.BytesIO(made), data_only=True)["汇总"]
    assert [values[name].value for name in ("C1", "C2", "C3")] == [None, None, 99]


SHORT = (
    ("序号", "类别", "检查内容", "自评"),
    *((str(number), "一、办会", words, "") for number, words in enumerate(("章程", "总结", "网站", "年会"), 1)),
)


@pytest.mark.parametrize("name", ["短.docx", "短.xlsx"])
def test_rows_are_those_that_were_read_however_short_and_whatever_was_put_right(
    season: Season, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(BROUGHT, name, lambda: word(SHORT) if name.endswith("docx") else excel(SHORT))
    season.join("staff")
    said(season, "staff", "评分表", name)
    for words in (
        "1",
        "改第2项 内容 全年工作总结按时报送科协",
        "改第3项 序号 30",
        "开新一轮",
        "1",
        "2027年1月15日17:30",
        "都要填",
        "2",
    ):
        said(season, "staff", words)
    season.join("王老师")
    said(season, "王老师", "轮次2，第1-2项都达到")
    said(season, "王老师", "会话第3项 没达到")
    said(season, "王老师", "导出原表")
    file, data = sent(season)
    assert file.endswith(name[-5:])
    if name.endswith("docx"):
        found = [row.score for row in rows(data)]
    else:
        found = [sheet(data, "自评表")[f"D{number}"].value or "" for number in range(2, 6)]
    assert found == ["达到", "达到", "未达到", ""]


def test_a_row_of_no_height_of_its_own_fits_all_its_words() -> None:
    book = openpyxl.load_workbook(io.BytesIO(on_a_sheet()))
    page = book["考核表"]
    for number in range(4, 12):
        page.row_dimensions[number].height = None
    page["D4"] = LINJIANG.items[0].text + "按章程开展活动，形成记录并归档备查。" * 12
    held = io.BytesIO()
    book.save(held)
    told = {item.id: Said(Decimal(1), "有。") for item in LINJIANG.items} | {LINJIANG.items[6].id: Said(None, LONG)}
    made = sheet(filled(held.getvalue(), LINJIANG, told, Decimal(7), words=WORDS))
    heights = [made.row_dimensions[number].height for number in (4, 10)]
    assert all(height and height > 90 for height in heights)
