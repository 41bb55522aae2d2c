"""Changed in mid-season: what was handed in before is read by the rubric it was made under, what comes after by the new."""

import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from handlers.checking import check
from handlers.criteria.amending import amend
from handlers.looking.ranking import ranking
from handlers.reports.exporting import export
from handlers.reports.formats import Job, write
from handlers.reports.snapshot import Snapshot
from handlers.rounds import pinned
from handlers.standards import awarding
from rubrics.reading import catalog
from storage import queries
from storage.relations import OUTBOX
from tests.season import Season
from tests.test_amending import OTHER, edited, item_of, worth
from tests.test_standards import begun

FIRST = "浙江省示例学会"
# 科技期刊 (3 points) is asked no more, and 一 is worth 3 points less; what is left over goes to 二.
BETWEEN = edited(
    (item_of("journal"), ""),
    ("    title: 为科技工作者服务\n    points: 35\n", "    title: 为科技工作者服务\n    points: 32\n"),
    ("    title: 为创新驱动发展服务\n    points: 15\n", "    title: 为创新驱动发展服务\n    points: 18\n"),
    worth("technology-transfer", "3", "6"),
)


def said(season: Season, who: str, *words: str) -> str:
    for one in words:
        replies = season.say(who, one).replies
    return "\n".join(reply.text for reply in replies)


def change(season: Season, text: str, name: str) -> None:
    def made(number: int | None) -> int:
        return len(season.db.write(lambda db: amend(db, season.round, text, name, season.now, yes=number)).touched)

    made(made(None))


def sound(season: Season) -> bool:
    with season.db.read() as db:
        assert check(db, season.store) == []
    return True


@pytest.fixture
def between(season: Season) -> Season:
    """One society handed in before the change, one after it; both claim as much."""
    for who in ("王老师", "赵老师", "staff"):
        season.join(who)
    for who in ("王老师", "赵老师"):
        said(season, who, "第1项 8分，承办年会1场", "第3项 2分，办刊4期")
    said(season, "王老师", "提交", "确认提交")
    change(season, BETWEEN, "zhejiang-2020.yaml")
    said(season, "赵老师", "提交", "确认提交")
    return season


def test_each_is_ranked_in_a_category_by_its_own_version(between: Season) -> None:
    with between.db.read() as db:
        round = queries.round_of(db, between.round)
        newest = pinned(db, round.rubric_sha256)
        whole = {row.society: (row.rank, row.claimed, row.maximum) for row in ranking(db, round).rows}
        first = {row.society: (row.claimed, row.maximum) for row in ranking(db, round, newest.sections[0]).rows}
    assert whole == {FIRST: (1, Decimal(10), Decimal(100)), OTHER: (2, Decimal(8), Decimal(100))}
    assert first == {FIRST: (Decimal(10), Decimal(35)), OTHER: (Decimal(8), Decimal(32))}
    assert sound(between)


def test_the_office_looks_at_each_by_its_own_version(between: Season) -> None:
    assert "已完成2/25项" in said(between, "staff", "看 示例学会")
    assert "自评10，有依据10" in said(between, "staff", "看 示例学会")
    assert "已完成1/24项" in said(between, "staff", "看 茶叶学会")
    assert "满分不同" in said(between, "staff", "排名 一")


def test_what_is_reviewed_is_the_table_that_was_handed_in(between: Season) -> None:
    assert "【评审 1/25】" in said(between, "staff", "评审 示例学会")
    assert "科技期刊" in said(between, "staff", "第3项")
    said(between, "staff", "1分 只有4期", "其余同意", "24")
    assert "合计 9 分" in said(between, "staff", "核定 示例学会")
    said(between, "staff", "9", "公布核定 示例学会", "1")
    assert "科技期刊" in said(between, "王老师", "核定分")
    said(between, "王老师", "申诉 会话第3项 另有两期增刊")
    assert "第3项 核定1分（满分3）" in said(between, "staff", "申诉")
    assert "2" in said(between, "staff", "申诉 1 改 2分 增刊有效")
    with between.db.read() as db:
        entries = {one["society"]: one for one in export(db, queries.round_of(db, between.round))["entries"]}
    assert (entries[FIRST]["reviewed"], entries[FIRST]["answers"][2]["reviewed"]) == ("10", "2")
    assert "【评审 1/24】" in said(between, "staff", "评审 茶叶学会")
    between.join("陈评审")
    listed = said(between, "陈评审", "评审")
    assert "已核定" in listed
    assert "0/24项" in listed
    assert sound(between)


def test_the_summary_has_a_column_for_what_is_asked_no_more(between: Season) -> None:
    out = io.BytesIO()
    with between.db.read() as db:
        snapshot = Snapshot(db, queries.round_of(db, between.round), between.now)
        write(Job("xlsx", snapshot, between.store, out))
    sheet = openpyxl.load_workbook(out).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(row for row in rows if any("科技期刊" in str(value) for value in row))
    column = next(number for number, value in enumerate(head) if "科技期刊" in str(value))
    cells = {row[0]: row[column] for row in rows}
    assert (cells[FIRST], cells[OTHER]) == (2, None)


def test_what_was_sent_back_is_answered_by_the_table_it_was_sent_back_from(season: Season) -> None:
    for who in ("王老师", "staff"):
        season.join(who)
    said(season, "王老师", "第1项 8分，承办年会1场", "第3项 2分，办刊4期", "提交", "确认提交")
    said(season, "staff", "评审 示例学会", "第3项", "退回 请补刊号")
    change(season, BETWEEN, "zhejiang-2020.yaml")
    assert "【3/25】" in said(season, "王老师", "第3项")
    said(season, "王老师", "3分", "刊号CN33-1000", "提交")
    with season.db.read() as db:
        entries = {one["society"]: one for one in export(db, queries.round_of(db, season.round))["entries"]}
    assert (entries[FIRST]["status"], entries[FIRST]["total"], entries[FIRST]["claimed"]) == ("submitted", 25, "11")
    assert sound(season)


def test_a_cap_that_comes_in_mid_season_is_told_to_those_whose_total_it_changes(season: Season) -> None:
    for who in ("王老师", "赵老师"):
        season.join(who)
    said(season, "王老师", "第1项 10分，承办年会1场", "第2项 5分，研讨", "第3项 3分，办刊")
    said(season, "赵老师", "第1项 8分，论坛1场")
    capped = edited(
        (
            "    title: 为科技工作者服务\n    points: 35\n",
            "    title: 为科技工作者服务\n    points: 12\n    most: 12\n",
        ),
        ("points: 100\n", "points: 77\n"),
    )
    looked = season.db.write(lambda db: amend(db, season.round, capped, "zhejiang-2020.yaml", season.now, yes=None))
    assert [one.kind for one in looked.changes] == ["caps"]
    change(season, capped, "zhejiang-2020.yaml")
    with season.db.read() as db:
        entries = {one["society"]: one for one in export(db, queries.round_of(db, season.round))["entries"]}
        told = {row.address: row.text for row in db.execute(sa.select(OUTBOX).where(OUTBOX.c.kind == "notice"))}
    assert (entries[FIRST]["claimed"], entries[FIRST]["maximum"], entries[OTHER]["claimed"]) == ("12", "77", "8")
    assert list(told) == ["王老师"]
    assert "由18分变为12分" in told["王老师"]
    assert sound(season)


@pytest.fixture
def brand(tmp_path: Path) -> Iterator[Season]:
    made = begun(tmp_path)
    yield made
    made.db.close()


def test_experts_points_and_gates_belong_to_the_version_that_was_handed_in(brand: Season) -> None:
    source = catalog()["wenzhou-2022"]
    for who in ("王老师", "赵老师", "staff"):
        brand.join(who)
    for who in ("王老师", "赵老师"):
        said(brand, who, "1", "2015年3月8日，是，是，是", "第1项 达到，章程第3条")
    said(brand, "王老师", "提交", "确认提交")
    moved = source.replace("    points: 25\n", "    points: 20\n", 1).replace("    points: 15\n", "    points: 20\n", 1)
    stricter = moved.replace("2022-01-01", "2012-01-01")
    assert stricter.count("2012-01-01") >= 1
    change(brand, stricter, "wenzhou-2022.yaml")
    said(brand, "赵老师", "提交", "确认提交")
    assert "最多20分" in said(brand, "staff", "评分 浙江省茶叶学会 25 15 10 35 15")
    assert "合计100" in said(brand, "staff", "评分 浙江省示例学会 25 15 10 35 15").replace(" ", "")
    said(brand, "staff", "评分 浙江省茶叶学会 20 20 10 35 15")
    with brand.db.read() as db:
        [award, *_] = awarding.standings(db, queries.round_of(db, brand.round))
    assert award.named(one.unit for one in award.proposal.ranked) == [FIRST]  # the other is too young by the new text
    assert sound(brand)
