"""The files of a project: they count in the society's room and to the limit, and go out in folders named by project."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.reports.bundle import MANIFEST, write_bundle
from handlers.reports.snapshot import Snapshot
from storage import queries
from storage.database import Database
from storage.relations import SOCIETY
from tests.season import Season
from tests.test_projects import told
from tests.test_taking_back import begun


@pytest.fixture
def placed(db: Database, tmp_path: Path) -> Iterator[Season]:
    """王老师's society has a place for its journal; 赵老师's has applied and no more."""
    for season in begun(db, tmp_path, "yangzhou"):
        for person in ("王老师", "赵老师"):
            season.say(person, "申报 期刊")
        season.say("staff", "推荐 扬州市示例学会 期刊")
        yield season


def report(season: Season, *names: str) -> str:
    return "\n".join(one.text for one in season.say("王老师", "验收报告", files=names).replies)


def stored(season: Season) -> int:
    with season.db.read() as db:
        id = db.scalar(sa.select(SOCIETY.c.id).where(SOCIETY.c.name == "扬州市示例学会"))
        return queries.stored_bytes(db, int(id or 0))


def bundle(season: Season, *, veiled: bool) -> zipfile.ZipFile:
    out = io.BytesIO()
    with season.db.read() as db:
        snapshot = Snapshot(db, queries.round_of(db, season.round), season.now, veiled=veiled)
        assert write_bundle(snapshot, season.store, out) == 0
    return zipfile.ZipFile(out)


def test_a_report_counts_in_the_room_until_it_is_taken_back(placed: Season) -> None:
    before = stored(placed)
    report(placed, "总结.pdf")
    held = stored(placed)
    assert held > before
    placed.say("王老师", "撤销")
    assert stored(placed) == before
    placed.say("王老师", "撤销")
    assert stored(placed) == held


def test_a_project_has_ten_files_of_its_report(placed: Season) -> None:
    names = tuple(f"附件{number}.pdf" for number in range(1, 13))
    said = report(placed, *names[:8])
    assert "没有收下" not in said
    said = report(placed, *names[8:])
    assert "附件10.pdf" in said.split("最多10个文件")[0]
    assert "没有收下：附件11.pdf、附件12.pdf" in said
    assert "最多10个文件" in report(placed, "附件13.pdf")


def test_a_requirement_has_ten_files_too(placed: Season) -> None:
    names = tuple(f"证明{number}.jpg" for number in range(1, 12))
    said = "\n".join(one.text for one in placed.say("赵老师", files=names).replies)
    assert "没有收下：证明11.jpg" in said


def test_the_zip_has_a_folder_for_each_project_and_names_every_file(placed: Season) -> None:
    placed.say("赵老师", files=("照片.jpg",))
    report(placed, "总结.pdf")
    told(placed, "王老师", "验收 出版了4期")
    placed.say("王老师", "立项申报书", files=("申报书.pdf",))
    archive = bundle(placed, veiled=False)
    names = archive.namelist()
    assert "扬州市示例学会/3.4_学会期刊/3.4-1_总结_扬州市示例学会.pdf" in names
    assert "扬州市示例学会/3.4_学会期刊/3.4-2_文字_扬州市示例学会.txt" in names
    assert "扬州市示例学会/材料_立项申报书/材料-1_申报书_扬州市示例学会.pdf" in names
    assert any(one.startswith("扬州市茶叶学会/条件_") and one.endswith(".jpg") for one in names)
    manifest = json.loads(archive.read(MANIFEST))
    assert {one["path"] for one in manifest["evidence"]} == {one for one in names if "/" in one}
    assert {one["item"] for one in manifest["evidence"]} >= {"journal", "proposal-form"}
    page = archive.read("佐证材料目录.html").decode()
    assert "学会期刊" in page
    assert "共4份材料" in page


def test_what_is_not_handed_in_stays_with_the_society_but_its_report_goes_out(placed: Season) -> None:
    placed.say("赵老师", files=("照片.jpg",))
    placed.say("王老师", "立项申报书", files=("申报书.pdf",))
    report(placed, "总结.pdf")
    report(placed, "废稿.pdf")
    placed.say("王老师", "撤销")
    names = [one for one in bundle(placed, veiled=True).namelist() if "/" in one]
    assert names == ["扬州市示例学会/3.4_学会期刊/3.4-1_总结_扬州市示例学会.pdf"]
