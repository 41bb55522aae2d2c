"""The answers go back into the very file that somebody brought: her cells hold what is on record, all else is as it was."""

import io
import zipfile
from decimal import Decimal

import pytest
import sqlalchemy as sa
from docx import Document

from handlers.reports.snapshot import Snapshot
from rubrics.filled.layout import Paper, filled
from rubrics.filled.placing import NoLayout, Said
from rubrics.filled.rows import FilledRow, filled_rows, total_cell
from rubrics.importing.findings import Refused
from scheduler.drawing import draw_due
from storage import queries, relations
from storage.relations import OUTBOX
from tests.brought import merged_and_torn
from tests.filling import FILLED
from tests.filling import LAYOUTS as HERS
from tests.official import LAYOUTS, RUBRIC
from tests.season import Season

SAID = {
    item.id: Said(item.points if item.position % 3 else "不适用", f"依据 <{item.position}> & “甲”\n第二行")
    for item in RUBRIC.items
}
WIDE = [
    name
    for name in LAYOUTS
    if name in ("merged_cells.docx", "torn_pages.docx", "shifted_rows.docx", "table_for_each.docx")
]


def rows(data: bytes) -> list[FilledRow]:
    return filled_rows(Paper(data).grids)


def others(data: bytes) -> list[str]:
    """All words of the file but those in the cells of the society, in their order."""
    paper = Paper(data)
    hers = {id(cell) for row in filled_rows(paper.grids) for cell in (row.score_at, row.basis_at, *row.rest) if cell}
    total = total_cell(paper.grids)
    hers |= {id(total[1])} if total else set()
    cells = [cell for grid in paper.grids for line in grid.rows for cell in dict.fromkeys(line.cells)]
    return [cell.text for cell in cells if id(cell) not in hers]


@pytest.mark.parametrize("name", [*WIDE, *HERS, "blank"])
def test_what_is_on_record_stands_in_the_cells_and_nothing_else_has_changed(name: str) -> None:
    before = LAYOUTS[name]() if name in LAYOUTS else FILLED[name]()
    after = filled(before, RUBRIC, SAID, Decimal("88.5"))
    assert [(row.score, row.basis) for row in rows(after)] == [
        (f"{SAID[item.id].score}", SAID[item.id].basis if rows(before)[0].basis_at else "") for item in RUBRIC.items
    ]
    assert others(after) == others(before)
    assert Document(io.BytesIO(after)).tables
    with zipfile.ZipFile(io.BytesIO(before)) as old, zipfile.ZipFile(io.BytesIO(after)) as new:
        assert old.namelist() == new.namelist()
        kept = [part for part in old.namelist() if part != "word/document.xml"]
        assert [old.read(part) for part in kept] == [new.read(part) for part in kept]


def test_the_sum_stands_in_the_row_for_it() -> None:
    table = Document(io.BytesIO(filled(LAYOUTS["merged_cells.docx"](), RUBRIC, SAID, Decimal("88.5")))).tables[0]
    assert [cell.text for cell in table.rows[-1].cells][4:6] == ["100分", "88.5"]


def test_a_table_without_a_place_for_every_item_is_not_filled() -> None:
    for data in (LAYOUTS["category_rows.docx"](), merged_and_torn(), FILLED["doubtful"](), FILLED["letter"]()):
        with pytest.raises(NoLayout):
            filled(data, RUBRIC, SAID, Decimal(1))
    with pytest.raises(NoLayout):
        filled(LAYOUTS["merged_sheet.xlsx"](), RUBRIC, SAID, Decimal(1))
    with pytest.raises(Refused):
        filled(b"PK\x03\x04", RUBRIC, SAID, Decimal(1))


def said(season: Season, who: str, text: str = "", *files: str) -> str:
    return "\n".join(reply.text for reply in season.say(who, text, files=files).replies)


def sent(season: Season) -> tuple[str, bytes]:
    """The file that followed the last answer."""
    draw_due(season.db, season.store, season.now)
    with season.db.read() as db:
        newest = sa.select(OUTBOX.c.text, OUTBOX.c.files).order_by(OUTBOX.c.id.desc()).limit(1)
        text, files = db.execute(newest).one()
        if not files:
            return text, b""
        sha256 = db.exec_driver_sql(
            f"SELECT sha256 FROM handout WHERE id = {files[0]['held'].partition(':')[2]}"
        ).scalar_one()
    return files[0]["name"], season.store.path(sha256).read_bytes()


def test_her_own_word_comes_back_with_what_counts_now(season: Season) -> None:
    season.join("王老师")
    name = next(iter(FILLED))
    assert "没有可照着填的原表" in said(season, "王老师", "导出原表")
    said(season, "王老师", "我的自评表", f"{name}.docx")
    said(season, "王老师", "全部确认")
    said(season, "王老师", "序号1 改成7分")
    assert "原表" in said(season, "王老师", "导出原表")
    file, data = sent(season)
    assert file.endswith(".docx")
    found = {row.no: row.score for row in rows(data)}
    assert found["1"] == "7"
    assert others(data) == others(FILLED[name]())
    with season.db.read() as db:
        entry = next(Snapshot(db, row_of(db, season), season.now).entries())
    scores = {
        answer["no"]: answer["self_score"] or "" for answer in entry["answers"] if answer["state"] != "not_applicable"
    }
    assert {no: found[no] for no in scores} == scores


def row_of(db: sa.Connection, season: Season) -> relations.Row:
    return queries.round_of(db, season.round)


def test_the_office_gets_its_own_table_filled_for_every_society(season: Season) -> None:
    season.join("staff")
    assert "没有原表可填" in said(season, "staff", "导出 原表")
    for words, files in (
        ("评分表", ("临江考核.docx",)),
        ("15", ()),
        ("改第8项 分值 15", ()),
        ("开新一轮", ()),
        ("1", ()),
    ):
        said(season, "staff", words, *files)
    said(season, "staff", "2027年1月15日17:30")
    said(season, "staff", "2")
    season.join("王老师")
    said(season, "王老师", "轮次2，第6项 18.5分，学术年会2场")
    said(season, "王老师", "提交")
    said(season, "王老师", "确认提交")
    assert "2家" in said(season, "staff", "导出 原表")
    name, data = sent(season)
    assert name.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        papers = [archive.read(one) for one in archive.namelist()]
    assert [[row.score for row in rows(one)] for one in papers] == [["", "", "", "", "", "18.5", "", ""], [""] * 8]
    assert all(others(one) == others(merged_and_torn()) for one in papers)
