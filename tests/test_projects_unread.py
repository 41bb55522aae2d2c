"""Applications before they are handed in: the office counts them, and reads them only while the society consents."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.checking import check
from handlers.reports.formats import Job, write
from handlers.reports.snapshot import Snapshot
from storage import handouts, queries
from storage.database import Database
from storage.relations import ACT
from tests.season import Season
from tests.test_desk_attacks import said
from tests.test_programmes import begin

EXAMPLE = "扬州市示例学会"
READ = f"看内容 {EXAMPLE}"


@pytest.fixture
def applied(db: Database, tmp_path: Path) -> Iterator[Season]:
    """王老师 applies for one project, answers two conditions and proves one; her council's minutes are in."""
    season = begin(db, tmp_path / "files", "yangzhou")
    for who in ("staff", "王老师"):
        season.join(who)
    said(season, "王老师", "1", "申报 期刊", "是", "依据：秘密的批文")
    season.say("王老师", files=("理事会纪要.pdf",))
    yield season
    with season.db.read() as connection:
        assert check(connection, season.store) == []
    season.db.close()


def zipped(season: Season) -> str:
    out = io.BytesIO()
    with season.db.read() as db:
        snapshot = Snapshot(db, queries.round_of(db, season.round), season.now, veiled=True)
        write(Job("zip", snapshot, season.store, out))
    with zipfile.ZipFile(out) as archive:
        return "\n".join(
            [*archive.namelist(), *(archive.read(one).decode(errors="ignore") for one in archive.namelist())]
        )


def test_counts_and_no_words(applied: Season) -> None:
    told = said(applied, "staff", "申报情况 期刊")
    assert "条件已答1/" in told
    assert "证明1份" in told
    assert "提交之前只看数目" in told
    for words in ("申报情况 期刊", READ, f"看 {EXAMPLE}", f"推荐 {EXAMPLE} 期刊"):
        assert "秘密的批文" not in said(applied, "staff", words)
    assert "还没有提交" in said(applied, "staff", READ)
    assert "秘密的批文" not in zipped(applied)


def test_with_her_consent_it_is_read_and_the_look_is_on_record(applied: Season) -> None:
    assert "能收到" in said(applied, "staff", f"请她同意 {EXAMPLE}")
    assert "同意" in said(applied, "王老师", "同意科协查看")
    told = said(applied, "staff", READ)
    assert "经学会同意查看" in told
    assert "秘密的批文" in told
    assert "理事会纪要.pdf" in told
    with applied.db.read() as db:
        assert len(db.scalars(sa.select(ACT.c.id).where(ACT.c.act == "contents_read")).all()) == 1
    assert "提交之前只看数目" not in said(applied, "staff", "申报情况 期刊")
    assert "秘密的批文" in zipped(applied)
    said(applied, "王老师", "不再同意查看")
    assert "秘密的批文" not in said(applied, "staff", READ)
    assert "秘密的批文" not in zipped(applied)


def test_one_project_comes_with_its_files(applied: Season) -> None:
    said(applied, "王老师", "同意科协查看")
    taken = applied.say("staff", f"{READ} 学会期刊")
    [(name, held)] = taken.replies[-1].files
    assert name == "理事会纪要.pdf"
    with applied.db.read() as db:
        assert handouts.file(db, held) is not None
    assert "没有申报" in said(applied, "staff", f"{READ} 论坛")


def test_once_it_is_handed_in_it_is_read_without_asking(applied: Season) -> None:
    applied.say("王老师", files=("立项申报书.pdf",))
    assert "已提交" in said(applied, "王老师", "提交", "确认提交")
    told = said(applied, "staff", READ)
    assert "秘密的批文" in told
    assert "经学会同意查看" not in told
    assert "条件已答" not in said(applied, "staff", "申报情况 期刊")
