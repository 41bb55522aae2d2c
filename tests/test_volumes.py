"""A round of more societies than one workbook holds: a summary of all, and volumes that are named by what is in them."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from handlers.reports.endings import MOST_IN_ONE, ending
from handlers.reports.formats import Job, made, write
from handlers.reports.snapshot import Snapshot
from handlers.reports.volumes import span
from storage import queries
from storage.relations import SOCIETY
from tests.proving import NOW, house
from tests.season import Season


@pytest.fixture
def season(tmp_path: Path) -> Iterator[Season]:
    """Two societies more than one workbook holds, of which one has answered."""
    begun = house(tmp_path)
    begun.join("王老师")
    begun.say("王老师", "开始")
    begun.say("王老师", "8分，承办年会1场")
    rows = [{"name": f"第{n}号学会", "created_at": NOW} for n in range(MOST_IN_ONE)]
    begun.db.write(lambda db: db.execute(sa.insert(SOCIETY), rows))
    yield begun
    begun.db.close()


def tabs(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return re.findall(r'<sheet name="([^"]*)"', book.read("xl/workbook.xml").decode())


def test_what_is_too_much_for_one_workbook_is_a_summary_and_volumes_in_one_zip(season: Season) -> None:
    out = io.BytesIO()
    with season.db.read() as db:
        job = Job("xlsx", Snapshot(db, queries.round_of(db, season.round), NOW), season.store, out)
        assert made(job) == "zip"
        write(job)
    with zipfile.ZipFile(out) as archive:
        books = {name: archive.read(name) for name in archive.namelist()}
    title = "2026年度省级学会工作自评表"
    assert set(books) == {f"{title}_汇总.xlsx", f"{title}_001-300.xlsx", f"{title}_301-302.xlsx"}
    first, last = tabs(books[f"{title}_001-300.xlsx"]), tabs(books[f"{title}_301-302.xlsx"])
    assert (len(first), first[:2], last) == (300, ["浙江省示例学会", "浙江省茶叶学会"], ["第298号学会", "第299号学会"])
    summary = load_workbook(io.BytesIO(books[f"{title}_汇总.xlsx"]))
    assert summary.sheetnames == ["汇总"]
    rows = list(summary["汇总"].iter_rows(min_row=5, values_only=True))
    assert (len(rows), rows[0][0], rows[0][2], rows[-1][0]) == (302, "浙江省示例学会", 8, "第299号学会")


@pytest.mark.parametrize(
    ("form", "societies", "own", "volumes", "ends"),
    [
        ("xlsx", 300, False, False, "xlsx"),
        ("xlsx", 301, False, False, "zip"),
        ("xlsx", 301, False, True, "xlsx"),
        ("docx", 300, False, False, "docx"),
        ("docx", 301, False, False, "zip"),
        ("pdf", 301, False, True, "zip"),
        ("docx", 1, True, False, "docx"),
        ("docx", 2, True, False, "zip"),
        ("forms", 1, False, False, "zip"),
        ("csv", 2000, False, False, "csv"),
        ("zip", 2000, False, False, "zip"),
        ("sample", 2000, True, False, "docx"),
    ],
)
def test_how_the_file_will_end_is_known_before(form: str, societies: int, own: bool, volumes: bool, ends: str) -> None:
    assert ending(form, societies, own=own, volumes=volumes) == ends


def test_names_of_volumes_are_in_order() -> None:
    assert [span(1, 300, 302), span(301, 302, 302)] == ["001-300", "301-302"]
    assert span(901, 1200, 2000) == "0901-1200"
