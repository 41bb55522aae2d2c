"""The workbook and the CSV, read back by others: every cell is what the JSON export says, and nothing is a formula."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from handlers.cleaning import clean
from handlers.reports.celltext import guarded, risky
from handlers.reports.fitting import MOST_LINES, lines_in, parts, shared
from handlers.reports.listing import write_listing
from handlers.reports.snapshot import Snapshot
from handlers.reports.tabs import Tabs
from handlers.reports.workbook import write_workbook
from tests.proving import HOSTILE, hand_in, house, lived, prove, whole, written
from tests.season import Season

TOP = 4  # the row of the heads, as Excel counts
STATES = {"not_started": "未开始", "in_progress": "填报中", "submitted": "已提交"}


@pytest.fixture
def season(tmp_path: Path) -> Iterator[Season]:
    begun = lived(tmp_path)
    yield begun
    begun.db.close()


def points(value: str | None) -> float | None:
    return None if value is None else float(Decimal(value))


def answered(answer: dict[str, Any]) -> float | str | None:
    return "不适用" if answer["state"] == "not_applicable" else points(answer["self_score"])


def cells(sheet: Worksheet, row: int) -> list[Any]:
    return [cell.value for cell in sheet[row]]


def test_every_cell_of_the_summary_is_what_the_json_says(season: Season) -> None:
    hand_in(season)
    sheet = load_workbook(written(season, write_workbook))["汇总"]
    told = whole(season)
    assert cells(sheet, TOP)[:8] == ["学会", "状态", "自评分", "有依据的分", "评审分", "已完成", "提交时间", "逾期"]
    assert cells(sheet, TOP)[8:10] == ["1 学术交流\n(10分)", "4 热点研讨\n(5分)"]
    for row, entry in enumerate(told["entries"], TOP + 1):
        handed_in = entry["submitted_at"] and datetime.fromisoformat(entry["submitted_at"]).replace(tzinfo=None)
        assert cells(sheet, row) == [
            entry["society"],
            STATES[entry["status"]],
            points(entry["claimed"]),
            points(entry["supported"]),
            None,
            f"{entry['complete']}/{entry['total']}",
            handed_in and handed_in.replace(microsecond=0),
            None,
            *map(answered, entry["answers"]),
        ]
    assert sheet.max_row == TOP + len(told["entries"])
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("B5", "A4:AG6", "$4:$4")
    heads = "".join(str(sheet[f"A{row}"].value) for row in (1, 2, 3))
    assert all(
        part in heads for part in (told["round"]["title"], told["round"]["rubric_sha256"][:12], "2027-01-10 12:00:05")
    )
    assert "共2家，已提交1家；自评分合计17.5" in heads


def test_every_cell_of_a_society_is_what_the_json_says(season: Season) -> None:
    book = load_workbook(written(season, write_workbook))
    entry = whole(season)["entries"][0]
    sheet = book["浙江省示例学会"]
    assert cells(sheet, TOP) == ["序号", "类别", "项目", "评价内容", "分值", "自评分", "自评依据(工作实效)", "备注"]
    assert len(entry["answers"]) == 25
    for row, answer in enumerate(entry["answers"], TOP + 1):
        no, section, heading, text, full, score, basis, remark = cells(sheet, row)
        assert (no, full, score, remark) == (answer["no"], points(answer["max"]), answered(answer), None)
        assert section.startswith(f"{answer['section']}、")
        assert heading
        assert text
        pieces = [clean(piece["text"] or piece["name"]) for piece in answer["evidence"]]
        assert all(piece in unescape(basis or "") for piece in pieces)
        assert bool(basis) == bool(pieces or answer["reason"] or answer["facts"])
    assert cells(sheet, TOP + 26)[:6] == ["总计", None, None, None, 100, points(entry["claimed"])]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight) == (
        "landscape",
        9,
        0,
    )
    assert sheet["F5"].number_format == "0"
    assert sheet["F6"].number_format == "0.0"
    assert cells(book["浙江省茶叶学会"], TOP + 26)[5] == 0


def test_no_text_becomes_a_formula_a_link_or_markup(season: Season) -> None:
    book = load_workbook(written(season, write_workbook))
    every = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in every} <= {"s", "n", "d", "inlineStr"}
    assert not [cell for cell in every if cell.hyperlink]
    basis = next(unescape(str(cell.value)) for cell in every if "cmd|" in str(cell.value))
    assert all(text in basis for text in HOSTILE if text.strip() == text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_alone_in_its_cell_comes_back_as_it_was(tmp_path: Path, text: str) -> None:
    season = house(tmp_path)
    season.join("王老师")
    season.say("王老师", "开始")
    prove(season, "training", text=text, key=1)
    cell = load_workbook(written(season, write_workbook))["浙江省示例学会"]["G8"]
    season.db.close()
    assert (unescape(str(cell.value)), cell.data_type) == (clean(text), "s")
    assert bool(cell.quotePrefix) == risky(clean(text))


def test_a_text_too_long_for_a_cell_goes_on_below_and_loses_nothing(tmp_path: Path) -> None:
    season = house(tmp_path)
    season.join("王老师")
    season.say("王老师", "开始")
    long = "".join(f"第{n}场；" for n in range(15_000))
    prove(season, "training", text=long, key=1)
    sheet = load_workbook(written(season, write_workbook))["浙江省示例学会"]
    season.db.close()
    rows = [row for row in sheet.iter_rows(min_row=TOP + 1, values_only=True) if row[0] == "8"]
    assert len(rows) > 4
    assert [row[4] for row in rows] == [2, *[None] * (len(rows) - 1)]
    texts = [str(row[6]) for row in rows]
    assert all(lines_in(one, 52) <= MOST_LINES for one in texts)
    assert texts[0].endswith("\n（续下行）")
    assert texts[1].startswith("（接上行）\n")
    assert "".join(one.removesuffix("\n（续下行）").removeprefix("（接上行）\n") for one in texts) == long
    tall = [sheet.row_dimensions[row[0].row].height for row in sheet.iter_rows(min_row=TOP + 1) if row[0].value == "8"]
    assert max(tall) <= 409, "Excel shows no more of a row"


@given(
    st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.just("\n"), st.just("🎉")), max_size=400),
    st.integers(1, 300),
    st.sampled_from([2, 7.5, 52]),
)
@example("x" * 30_000, 1, 52)
@example("第一场。" * 3_000, 1, 52)
@example("🎉", 30_000, 7.5)
@example("\n", 600, 52)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_parts_fit_and_put_together_are_the_text(text: str, times: int, width: float) -> None:
    whole_text = text * times
    cut = list(parts(whole_text, width, "续", "接"))
    assert all(lines_in(part, width) <= MOST_LINES for part in cut)
    put_together = cut[0] if len(cut) == 1 else cut[0].removesuffix("\n续")
    for part in cut[1:-1]:
        put_together += part.removeprefix("接\n").removesuffix("\n续")
    if len(cut) > 1:
        put_together += cut[-1].removeprefix("接\n")
    assert put_together == whole_text


@given(st.lists(st.text(max_size=60), max_size=12))
@example(
    ["History", "history", "HISTORY", "汇总", "汇总", "a" * 40, "A" * 31 + "b", "[]:*?/\\", "'", "🎉" * 20, "🎉" * 20]
)
@example([f"浙江省非常非常非常非常非常非常非常长的同名学会分会{n % 2}" for n in range(12)])
@settings(deadline=None)
def test_names_of_sheets_are_such_as_excel_takes(names: list[str]) -> None:
    tabs = Tabs()
    given_names = [tabs.name(name, "学会") for name in names]
    assert len({name.casefold() for name in given_names}) == len(names)
    for name in given_names:
        assert 1 <= len(name.encode("utf-16-le")) // 2 <= 31
        assert not set(name) & set("[]:*?/\\")
        assert name.strip("'") == name
        assert name.casefold() != "history"


def test_a_tables_columns_share_the_page_by_what_stands_in_them() -> None:
    rows = [
        ("序号", "学会", "理由"),
        ("1", "杭州市医学会", "说" * 200),
        ("10", "杭州市茶叶学会和茶文化研究会", "说" * 40),
    ]
    number, name, reason = shared(rows, 150)
    assert number == 6
    assert number < name < reason
    assert number + name + reason == pytest.approx(150)


def listing(snapshot: Snapshot, out: BinaryIO) -> None:
    text = io.TextIOWrapper(out, encoding="utf-8", newline="")
    write_listing(snapshot, text)
    text.detach()


def test_the_csv_has_a_row_for_every_item_and_says_what_the_json_says(season: Season) -> None:
    raw = written(season, listing).getvalue()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") >= 51
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    told = [(entry, answer) for entry in whole(season)["entries"] for answer in entry["answers"]]
    assert len(rows) == len(told) == 50
    for row, (entry, answer) in zip(rows, told, strict=True):
        assert None not in row
        assert (row["学会"], row["状态"]) == (entry["society"], STATES[entry["status"]])
        assert (row["位置"], row["序号"], row["分值"]) == (str(answer["position"]), answer["no"], answer["max"])
        assert row["自评分"] == (answer["self_score"] or "")
        assert row["依据条数"] == str(len(answer["evidence"]))
    assert [row["作答"] for row in rows[:4]] == ["已作答", "已作答", "不适用", "未作答"]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_of_the_csv_runs(text: str) -> None:
    assert not guarded(text).lstrip().startswith(("=", "+", "-", "@", "＝"))
    assert guarded(text).removeprefix("'") == text or text.startswith("'")
