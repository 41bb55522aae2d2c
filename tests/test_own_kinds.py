"""A brought table that asks kinds of units for different things: what the dialogue does not show of deciding and adding up."""

import pytest

from rubrics.carrying import carried
from rubrics.importing.correcting import WHOLE, Correction
from rubrics.importing.tables import Imported, imported
from rubrics.model import Rubric
from rubrics.reading import catalog, read
from rubrics.units import fitted
from tests.brought import NAMES, ROWS, TITLE, checklist
from tests.official import LAYOUTS, word
from tests.season import Season

UNITS = (Correction(WHOLE, "unit", "society 学会"), Correction(WHOLE, "unit", "enterprise 企业科协"))


def brought(*decided: Correction, data: bytes | None = None) -> Imported:
    name = "临江考核.xlsx"
    return imported(data or totalled(), file=name, id="own-1", corrections=[*UNITS, *decided])


def totalled() -> bytes:
    """The city's table with its total printed as a number."""
    worth = {"5": "15", "8": "15"}
    rows = [(*row[:4], worth.get(row[0], row[4])) for row in ROWS]
    return word([NAMES, *rows, ("合计", "", "", "", "100")], above=(TITLE,))


def doubts(found: Imported) -> list[tuple[str, object, object]]:
    return [(one.code, one.details.get("id"), one.details.get("sum")) for one in found.findings if one.decide]


def rubric(found: Imported) -> Rubric:
    return read(found.text, "own.yaml")


def maxima(found: Imported) -> list[tuple[int, str]]:
    whole = rubric(found)
    return [(len(one.items), str(one.maximum)) for one in (fitted(whole, unit.id) for unit in whole.applicants)]


FIVE = Correction("item:3", "points_for", "5 enterprise")
ALONE = Correction("item:5", "applicants", "society")
EMPTY = [Correction(f"item:{number}", "applicants", "society") for number in (1, 2)]


@pytest.mark.parametrize(
    ("decided", "asked"),
    [
        ([FIVE], [("sum_for_section", "enterprise", "27")]),
        ([ALONE], [("sum_for_section", "enterprise", "15")]),
        ([FIVE, Correction("section:2", "points_for", "27 enterprise")], [("sum_for_all", "enterprise", "97")]),
        (EMPTY, [("sum_for_all", "enterprise", "80")]),
        ([Correction("item:5", "applicants", "enterprise")], [("sum_for_section", "society", "15")]),
        ([FIVE, Correction("item:3", "points_for", "8 enterprise")], []),
        ([ALONE, Correction("item:5", "applicants", "")], []),
    ],
)
def test_the_control_sums_are_doubted_for_each_kind(
    decided: list[Correction], asked: list[tuple[str, str, str]]
) -> None:
    found = brought(*decided)
    assert doubts(found) == asked
    assert found.complete == (not doubts(found))


@pytest.mark.parametrize(
    ("decided", "expected"),
    [
        (
            [
                FIVE,
                Correction("section:2", "points_for", "27 enterprise"),
                Correction(WHOLE, "points_for", "97 enterprise"),
            ],
            [(8, "100"), (8, "97")],
        ),
        (
            [
                ALONE,
                Correction("section:2", "points_for", "15 enterprise"),
                Correction(WHOLE, "points_for", "85 enterprise"),
            ],
            [(8, "100"), (7, "85")],
        ),
        ([*EMPTY, Correction(WHOLE, "points_for", "80 enterprise")], [(8, "100"), (6, "80")]),
        (
            [Correction("section:1", "applicants", "society"), Correction(WHOLE, "points_for", "80 enterprise")],
            [(8, "100"), (6, "80")],
        ),
    ],
)
def test_what_is_decided_stands_in_the_file_and_holds_there(
    decided: list[Correction], expected: list[tuple[int, str]]
) -> None:
    assert maxima(brought(*decided)) == expected


def test_a_table_without_points_asks_some_kinds_only() -> None:
    decided = [Correction(WHOLE, "kind", "standard"), Correction("item:4", "applicants", "society")]
    whole = rubric(brought(*decided, data=checklist()))
    assert [len(fitted(whole, one).items) for one in ("society", "enterprise")] == [7, 6]


def test_a_category_without_a_printed_sum_is_counted_for_each_kind() -> None:
    rows = [
        ("1", "一、甲", "办会", "办年会。", "12"),
        ("2", "一、甲", "科普", "办科普日。", "8"),
        ("总计", "", "", "", "20"),
    ]
    data = word([NAMES, *rows], above=(TITLE,))
    found = brought(Correction("item:1", "points_for", "10 enterprise"), data=data)
    assert doubts(found) == [("sum_for_all", "enterprise", "18")]
    whole = brought(
        Correction("item:1", "points_for", "10 enterprise"), Correction(WHOLE, "points_for", "18 enterprise"), data=data
    )
    assert maxima(whole) == [(2, "20"), (2, "18")]


def test_what_is_said_of_kinds_goes_into_the_running_round_and_what_is_not_said_stays() -> None:
    text = catalog()["zhejiang-2020"]
    old = read(text, "old.yaml")
    said = [
        Correction("item:5", "points_for", "3 enterprise"),
        Correction("section:1", "points_for", "33 enterprise"),
        Correction(WHOLE, "points_for", "98 enterprise"),
    ]
    new = read(
        imported(LAYOUTS["merged_cells.docx"](), file="表.docx", id="own-1", corrections=[*UNITS, *said]).text, "n"
    )
    merged = read(carried(text, old, new), "merged.yaml")
    assert [one.points_for[0].points for one in merged.items if one.points_for] == [3]
    assert (merged.applicants, merged.deliverables) == (old.applicants, old.deliverables)
    again = read(imported(LAYOUTS["merged_cells.docx"](), file="表.docx", id="own-1").text, "again")
    kept = read(carried(carried(text, old, new), merged, again), "kept.yaml")
    assert [one.points_for[0].points for one in kept.items if one.points_for] == [3]


@pytest.fixture
def office(season: Season) -> Season:
    season.join("staff")
    season.say("staff", "评分表", files=("临江考核.xlsx",))
    return season


def said(season: Season, words: str) -> str:
    return "\n".join(reply.text for reply in season.say("staff", words).replies)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("改第3项 高校科协 5分", "加类型 高校科协"),
        ("第5项不问高校", "没有「高校」这类单位"),
        ("第5项不问学会和企业科协", "全都不问就发「删第5项」"),
        ("改第3项 学会 5分", "一般的单位"),
        ("改第3项 企业科协 0分", "不能这样改"),
        ("第99项只问学会", "没有第99项"),
        ("第9类只问学会", "这份表有3类"),
        ("加类型 " + "长" * 30, "超过20字"),
        ("改第3项 什么", "没看懂"),
    ],
)
def test_what_can_t_be_decided_so_is_said_and_changes_nothing(office: Season, words: str, told: str) -> None:
    answer = said(office, words)
    assert told in answer
    assert "回执" not in answer


@pytest.mark.parametrize("words", ["第5项只问学会", "改第5项 只问学会", "第 5 项，不问企业科协", "第5项不要问企业科协"])
def test_one_thing_may_be_said_in_several_ways(office: Season, words: str) -> None:
    assert "第5项只问省级学会" in said(office, words)
    assert "所有单位都问" in said(office, "第5项都问")


def test_a_kind_that_is_new_is_the_same_in_another_table(office: Season) -> None:
    said(office, "加类型 高校科协")
    assert "已改" not in said(office, "第8项不问高校科协")
    assert "以合计35分为准" in said(office, "评分表")
    said(office, "以合计35分为准")
    assert "高校科协：7项，共85分" in said(office, "评分表")
    for words in ("开新一轮", "1", "2027年1月15日17:30", "2"):
        told = said(office, words)
    assert "已开始轮次2" in told
    assert "改为「高校科协」" in said(office, "类型 浙江省茶叶学会 高校科协")
    office.say("staff", "评分表", files=("临江考核两栏.docx",))
    assert "现有：省级学会、高校科协" in said(office, "改第3项 民办学会 5分")
