"""Awards: the order of the experts' points, ties left to people, and no step without the one before (Q-WZ16, Q-WZ26)."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.reports.exporting import export
from rubrics.awards import propose, totals
from storage import queries
from storage.relations import OUTBOX
from tests.season import Season
from tests.test_standards import begun, said

NAMES = "abcdefgh"


@pytest.mark.parametrize(
    ("points", "proposed", "tied", "places"),
    [
        ("9 8 7 6 5 4 3 2", "abcdef", "", 0),
        ("9 8 7 6 5 4 4 2", "abcde", "fg", 1),
        ("9 8 7 6 4 4 4 4", "abcd", "efgh", 2),
        ("5 5 5 5 5 5 5 5", "", "abcdefgh", 6),
        ("5 5 5 5 5 5 4 4", "abcdef", "", 0),
        ("2 3 4 5 6 7 8 9", "hgfedc", "", 0),
        ("9 8 7", "abc", "", 0),
        ("9 8 8", "abc", "", 0),
        ("9 8 7 6 5 4", "abcdef", "", 0),
        ("", "", "", 0),
    ],
)
def test_never_seven_and_never_by_name(points: str, proposed: str, tied: str, places: int) -> None:
    sums = {name: Decimal(one) for name, one in zip(NAMES, points.split(), strict=False)}
    found = propose(sums, 6)
    assert ("".join(found.proposed), "".join(found.tied), found.places) == (proposed, tied, places)


def test_equal_totals_share_a_rank() -> None:
    found = propose({"a": Decimal(5), "b": Decimal(7), "c": Decimal("7.0"), "d": Decimal(1)}, 3)
    assert [(one.rank, one.unit) for one in found.ranked] == [(1, "b"), (1, "c"), (3, "a"), (4, "d")]


def test_who_is_not_scored_in_every_category_is_not_compared() -> None:
    given = {"a": {"x": Decimal(1), "y": Decimal(2)}, "b": {"x": Decimal(9)}}
    assert totals(given, ["x", "y"]) == {"a": Decimal(3)}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Season]:
    """Two societies that take part, and an officer."""
    season = begun(tmp_path)
    for who in ("王老师", "赵老师"):
        season.join(who)
        season.say(who, "1")
        season.say(who, "2015年3月8日，是，是，是")
    season.join("staff")
    yield season
    season.db.close()


def awards(season: Season) -> dict[str, dict[str, object]]:
    with season.db.read() as db:
        found = export(db, queries.round_of(db, season.round))["awards"]
    return {one["id"]: one for one in found}


def congratulated(season: Season) -> list[str]:
    with season.db.read() as db:
        return [text for text in db.scalars(sa.select(OUTBOX.c.text)) if "祝贺" in text]


def test_points_are_kept_whole_or_not_at_all(office: Season) -> None:
    told = said(office, "评分 茶叶学会 20 10 8 30 10\n示例学会 26 10 8 30 10", "staff")
    assert "党建工作规范最多25分" in told
    assert "要5个分数，现在是4个" in said(office, "评分 茶叶学会 20 10 8 30", "staff")
    assert "名册里没有这家" in said(office, "评分 海洋学会 20 10 8 30 10", "staff")
    assert awards(office)["brand"]["proposed"] == []
    assert "合计78.5分" in said(office, "评分 茶叶学会 20 10 8 30 10.5", "staff")
    assert awards(office)["brand"] == {
        "name": "2022年度温州市科协品牌学会",
        "quota": 6,
        "proposed": ["浙江省茶叶学会"],
        "tied": [],
        "decided": [],
        "id": "brand",
        "displayed": [],
    }


def test_step_by_step_and_not_a_word_before_the_last(office: Season) -> None:
    said(office, "评分 茶叶学会 20 10 8 30 10\n示例学会 25 10 8 30 10", "staff")
    assert "没有可以公示" in said(office, "公示 品牌学会", "staff")
    assert "2家" in said(office, "拟定 品牌学会", "staff")
    assert "数字对不上" in said(office, "6", "staff")
    assert awards(office)["brand"]["proposed"] == ["浙江省示例学会", "浙江省茶叶学会"]  # what the points propose
    said(office, "拟定 品牌学会", "staff")
    assert "已拟定" in said(office, "2", "staff")
    assert "还不能认定" in said(office, "认定 品牌学会 茶叶学会", "staff")
    said(office, "公示 品牌学会", "staff")
    said(office, "2", "staff")
    assert congratulated(office) == []
    assert "品牌学会" not in said(office, "资格", "赵老师")
    said(office, "认定 品牌学会 示例学会", "staff")
    assert "已认定" in said(office, "1", "staff")
    assert len(congratulated(office)) == 1
    found = awards(office)["brand"]
    assert (found["proposed"], found["displayed"], found["decided"]) == (
        ["浙江省茶叶学会"],
        ["浙江省茶叶学会"],
        ["浙江省示例学会"],
    )
    assert "没有可以撤下" not in said(office, "撤下 品牌学会 茶叶学会", "staff")
    said(office, "1", "staff")
    assert awards(office)["brand"]["proposed"] == []


def test_who_may_not_take_part_is_not_proposed(office: Season) -> None:
    said(office, "评分 茶叶学会 20 10 8 30 10\n示例学会 25 10 8 30 10", "staff")
    said(office, "资格 示例学会 不通过 登记不符", "staff")
    assert awards(office)["brand"]["proposed"] == ["浙江省茶叶学会"]


def test_nominees_are_named_by_people(office: Season) -> None:
    assert "没有可以拟定" in said(office, "拟定 创建单位", "staff")
    said(office, "拟定 创建单位 茶叶学会、示例学会", "staff")
    assert "已拟定" in said(office, "2", "staff")
    assert set(awards(office)["nominee"]["proposed"]) == {"浙江省示例学会", "浙江省茶叶学会"}  # type: ignore[call-overload]


def test_only_the_office_takes_a_step(office: Season) -> None:
    said(office, "评分 茶叶学会 25 15 10 35 15", "王老师")
    said(office, "拟定 品牌学会 示例学会", "王老师")
    assert awards(office)["brand"]["proposed"] == []
