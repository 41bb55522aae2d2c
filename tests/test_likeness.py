"""Names of societies as people write them: who is meant for certain, who is only offered, and what may be a slip."""

import pytest
import sqlalchemy as sa

from handlers.societies import roster
from handlers.societies.comparing import compare
from handlers.societies.initials import initials
from handlers.societies.roster_file import Line, Roster
from tests.season import Season

NAMES = (
    *("杭州市医学会", "杭州市预防医学会", "杭州市中西医结合学会", "杭州数字经济联合会", "杭州市IT协会"),
    *("杭州结构与地基处理研究会", "浙江省城市规划学会", "浙江省杭州市茶叶学会", "杭州市茶业协会"),
)


@pytest.fixture
def named(season: Season) -> Season:
    """The season's two societies, and these."""
    season.db.write(lambda db: [roster.add_society(db, name, season.now) for name in NAMES])
    return season


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("杭州市医学会", "杭州市医学会"),
        ("医学会", "杭州市医学会"),
        ("预防医学会", "杭州市预防医学会"),
        ("中西医结合", "杭州市中西医结合学会"),
        ("数字经济联合会", "杭州数字经济联合会"),
        ("杭州市it协会", "杭州市IT协会"),
        ("ＩＴ协会", "杭州市IT协会"),
        ("结构与地基处理", "杭州结构与地基处理研究会"),
        ("城市规划", "浙江省城市规划学会"),
        (" 示例学会 ", "浙江省示例学会"),
    ],
)
def test_a_full_name_or_the_only_short_form_is_certain(named: Season, said: str, name: str) -> None:
    with named.db.read() as db:
        assert roster.one(db, said).name == name
        assert [row.name for row in roster.find(db, said)] == [name]


@pytest.mark.parametrize(
    ("said", "first", "count"),
    [
        ("yxh", "杭州市医学会", 1),
        ("hzsyfyxh", "杭州市预防医学会", 1),
        ("杭州市医学汇", "杭州市医学会", None),
        ("杭洲市医学会", "杭州市医学会", None),
        ("预防", "杭州市预防医学会", 1),
        ("茶叶学会", "浙江省茶叶学会", 2),
        ("学会", "杭州市医学会", 7),
        ("没有的", None, 0),
        ("", None, 0),
        ("会" * 300, None, 0),
    ],
)
def test_all_else_is_offered_and_never_acted_on(named: Season, said: str, first: str | None, count: int | None) -> None:
    with named.db.read() as db, pytest.raises(roster.Unsure) as unsure:
        roster.one(db, said)
    names = unsure.value.names
    assert (names[0] if names else None) == first
    assert count in (None, len(names))
    with named.db.read() as db:
        assert len(roster.find(db, said)) != 1


def test_by_a_former_name_the_new_one_is_offered(named: Season) -> None:
    def rename(db: sa.Connection) -> None:
        roster.rename(db, roster.one(db, "城市规划"), "浙江省国土空间规划学会", named.now, by=None)

    named.db.write(rename)
    with named.db.read() as db:
        found = roster.meant(db, "浙江省城市规划学会")
        assert (found.certain, found.offered[0].name) == (None, "浙江省国土空间规划学会")
        assert list(roster.former_names(db).values()) == [["浙江省城市规划学会"]]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("杭州医学会", "杭州市医学会"),
        ("杭州市医学会（筹）", "杭州市医学会"),
        ("杭州市医学汇", "杭州市医学会"),
        ("杭州市(IT)协会", "杭州市IT协会"),
        ("杭州数字经挤联合会", "杭州数字经济联合会"),
        ("浙江省茶叶协会", "浙江省茶叶学会"),
        ("杭州市药学会", None),
        ("温州市医学会", None),
        ("杭州数字经济二联合会", None),
        ("浙江省示例学会2", None),
        ("浙江省示例学会分会", None),
    ],
)
def test_near_names_are_doubtful_and_others_new(named: Season, name: str, near: str | None) -> None:
    with named.db.read() as db:
        compared = compare(db, Roster((Line(name),), (), "学会名称"))
    assert [one.near for one in compared.doubtful] == ([near] if near else [])
    assert [line.name for line in compared.new] == ([] if near else [name])


def test_names_that_are_numbered_are_no_slips_for_one_another(season: Season) -> None:
    lines = tuple(Line(f"浙江省第{number}学会") for number in [*"一二三四五六七八九十", *range(100)])
    with season.db.read() as db:
        assert compare(db, Roster(lines, (), "名称")).new == lines


def test_first_letters() -> None:
    assert initials("杭州市医学会A") == "hzsyxha"
    assert initials("鑫") == "?"
