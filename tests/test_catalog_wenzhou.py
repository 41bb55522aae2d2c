"""The Wenzhou standard of 2022 is held against its document, cell by cell and bound by bound."""

import re
from decimal import Decimal

import pytest

from rubrics.facts import YesNo
from rubrics.model import Rubric
from rubrics.reading import catalog, read
from rubrics.scoring import standing
from rubrics.suggesting import criteria
from tests.verbatim import seed, unprinted, untold

LINES = seed("004")
TABLE = range(82, 137)
WRAPPED = {"组织会员活动与 会费管理": "组织会员活动与会费管理"}
LEFT_OUT = """\
文件
各市级学会(协会、研究会、促进会):
一、创建主体
,均可参加创建。二、创建内容
三、政策支持
（二）品牌学会评定后，享受市科协以下政策支持：1.
（三）提名为“品牌学会创建单位”，享受市科协以下政策支持：1.
四、创建流程
五、联系信息地址: 温州市市府路 481号科技馆办公大楼二楼市科协学会部 211 室。附件: 温州市科协品牌学会创建标准附件温州市科协品牌学会创建标准项目内容具体指标
合计100分温州市科学技术协会办公室2022年6月13日印发"""


@pytest.fixture(scope="module")
def wenzhou() -> Rubric:
    return read(catalog()["wenzhou-2022"], "wenzhou-2022.yaml")


def columns(line: int) -> tuple[str, str, str]:
    """项目, 内容, 具体指标 as they stand; a row that lost a border starts one or two columns too far left (Q-WZ02)."""
    cells = [*LINES[line - 1].split("\t"), "", ""]
    if cells[0] and not re.match("[一二三四五]、", cells[0]):
        return ("", cells[0], cells[1]) if cells[1] else ("", "", cells[0])
    return cells[0], cells[1], cells[2]


def test_every_indicator_is_verbatim(wenzhou: Rubric) -> None:
    category = heading = ""
    theirs = []
    for line in TABLE:
        if not LINES[line - 1]:
            continue  # a page break
        first, second, text = columns(line)
        category, heading = first or category, second or heading
        label, title, points = re.fullmatch(r"(.)、 (.+?) ?[(（](\d+)分[)）]", category).groups()  # type: ignore[union-attr]
        theirs.append((line, label, title, Decimal(points), WRAPPED.get(heading, heading), text))
    ours = [
        (one.source_line, one.section.label, one.section.title, one.section.points, one.heading, one.text)
        for one in wenzhou.items
    ]
    assert ours == theirs


def test_counts_and_control_sums(wenzhou: Rubric) -> None:
    assert [section.points for section in wenzhou.sections] == [25, 15, 10, 35, 15]
    assert [len(section.items) for section in wenzhou.sections] == [4, 8, 21, 9, 11]
    assert [len({one.heading for one in section.items}) for section in wenzhou.sections] == [2, 6, 7, 6, 6]
    assert wenzhou.points == 100
    assert (wenzhou.maximum, standing(wenzhou, {}).claimed) == (None, None)
    assert {one.points for one in wenzhou.items} == {one.suggest for one in wenzhou.items} == {None}


def test_nothing_is_said_that_is_not_printed(wenzhou: Rubric) -> None:
    """Headings are filled down by the test of the rows; here they stand in one row only."""
    assert {place for place in unprinted(wenzhou, LINES) if not place.endswith(".heading")} == set()
    assert wenzhou.source.date == "2022-06-13"
    assert "2022年6月13日印发" in LINES


def test_nothing_printed_is_left_out_but_headings(wenzhou: Rubric) -> None:
    left = [one for one in untold(wenzhou, LINES) if not re.fullmatch(r"\d\.|[(（].{1,3}[)）]|,", one)]
    assert left == LEFT_OUT.split("\n")


def test_torn_rows_keep_what_stands_on_paper(wenzhou: Rubric) -> None:
    torn = [line for line in TABLE if LINES[line - 1][:1].strip() and columns(line)[0] == ""]
    assert torn == [92, 93, 101, 102, 123, 124]
    for item in wenzhou.items:
        kept = {one.field: one.text for one in item.printed if one.line == item.source_line}
        if item.source_line in torn:
            first, second, third = (*LINES[item.source_line - 1].split("\t"), "", "")[:3]
            assert (kept["section"], kept["heading"], third) == (first, second, "")
        else:
            assert "section" not in kept
    unsure = [
        item.source_line for item in wenzhou.items if any(one.confidence <= Decimal("0.85") for one in item.printed)
    ]
    assert unsure == [102, 131]


def test_items_are_told_apart_and_explained(wenzhou: Rubric) -> None:
    assert len({item.name for item in wenzhou.items}) == 53
    for item in wenzhou.items:
        assert item.name in item.subjects
        assert item.example
        assert item.evidence.helpful
        assert item.evidence.demanded == (() if item.id == "no-incidents" else ("佐证材料",))


# 17 indicators with a number: what is met exactly, and what just misses (Q-WZ12). Other facts of the item are good.
BOUNDS = [
    ("office", "area", "80", "79.99", "80.01"),
    ("office", "lease", 3, "2.9", "3.1"),
    ("assets", "net_assets", 50000, "49999.99", "50000.01"),
    ("full-time-staff", "staff", 1, 0, 2),
    ("inspection-and-rating", "star", "三星级", "二星级", "四星级"),
    ("inspection-and-rating", "grade", "3A", "2A", "4A"),
    ("member-activities", "activities", 2, 1, 3),
    ("honours", "honoured", 2, 1, 3),
    ("project-applications", "applications", 3, 2, 4),
    ("project-results", "results", 3, 2, 4),
    ("consulting", "consultations", 30, 29, 31),
    ("exhibitions", "exhibitions", 2, 1, 3),
    ("papers", "papers", 10, 9, 11),
    ("exchanges", "exchanges", 1, 0, 2),
    ("meetings", "meetings", 2, 1, 3),
    ("outreach", "outreach", 2, 1, 3),
    ("training", "courses", 1, 0, 2),
    ("training", "largest", 30, 29, 31),
    ("advice", "papers", 2, 1, 3),
    ("abroad", "lectures", 1, 0, 2),
    ("abroad", "largest", 30, 29, 31),
]
GOOD: dict[str, dict[str, object]] = {
    "office": {"area": 100, "rented": True, "borrowed": False, "lease": 5, "equipped": True},
    "assets": {"net_assets": 60000, "sound": True},
    "inspection-and-rating": {"three_years": True, "passed": True, "star": "无", "grade": "无"},
    "training": {"courses": 2, "largest": 40, "attended": 70},
    "advice": {"papers": 3, "adopted": True, "endorsed": True},
    "abroad": {"linked": True, "lectures": 2, "largest": 40, "attended": 70},
}


@pytest.mark.parametrize(("id", "fact", "at", "below", "above"), BOUNDS)
def test_a_printed_bound_takes_in_its_number(
    wenzhou: Rubric, id: str, fact: str, at: object, below: object, above: object
) -> None:
    item = wenzhou.item(id)
    assert item.condition is not None
    for value, met in ((at, "yes"), (below, "no"), (above, "yes")):
        assert item.condition.met(item.known, {**GOOD.get(id, {}), fact: value}) == met


def test_only_printed_numbers_are_bounds(wenzhou: Rubric) -> None:
    numbered = {
        item.id: {leaf.fact for leaf in item.leaves if leaf.op == ">=" and item.known[leaf.fact].kind != "choice"}
        for item in wenzhou.items
    }
    assert {id: facts for id, facts in numbered.items() if facts} == {
        id: {fact for other, fact, *_ in BOUNDS if other == id} for id, *_ in BOUNDS
    }
    assert len({id for id, *_ in BOUNDS}) == 17
    for item in wenzhou.items:
        for leaf in item.leaves:
            if leaf.unit is not None and leaf.fact != "net_assets":
                assert leaf.unit in item.text
                assert str(leaf.value) in item.text.replace("一位", "1位")


@pytest.mark.parametrize(
    ("facts", "met"),
    [
        ({"three_years": True, "passed": True}, "yes"),
        ({"three_years": True, "passed": False}, "no"),
        ({"three_years": False}, "open"),
        ({"three_years": False, "passed": True}, "open"),
        ({"three_years": False, "passed": False}, "open"),
        ({"passed": True}, "open"),
        ({}, "open"),
    ],
)
def test_a_young_society_is_judged_by_a_person(wenzhou: Rubric, facts: dict[str, object], met: str) -> None:
    assert criteria(wenzhou.item("inspection-and-rating"), facts)[0].met == met


@pytest.mark.parametrize(
    ("id", "facts", "met"),
    [
        ("office", {"area": 80, "rented": False, "borrowed": False, "equipped": True}, "yes"),
        ("office", {"area": 80, "rented": False, "borrowed": True, "equipped": True}, "open"),
        ("changes", {"changed": False}, "yes"),
        ("changes", {"changed": True, "proper": False}, "no"),
        ("changes", {}, "open"),
        ("foreign-events", {"held": False}, "yes"),
        ("foreign-events", {"held": True, "reported_before": True, "reported_after": True}, "yes"),
        ("foreign-events", {"held": True, "reported_before": True, "reported_after": False}, "no"),
        ("no-incidents", {"none": True}, "yes"),
        ("no-incidents", {"none": False}, "no"),
        ("advice", {"papers": 2, "adopted": True, "endorsed": False}, "no"),
        ("council", {"by_charter": True, "works": True, "young": 45, "members": 45}, "open"),
    ],
)
def test_conditional_negative_and_open_demands(wenzhou: Rubric, id: str, facts: dict[str, object], met: str) -> None:
    item = wenzhou.item(id)
    assert item.condition is not None
    assert item.condition.met(item.known, facts) == met


def test_the_gate_asks_four_things(wenzhou: Rubric) -> None:
    gates = [one for one in wenzhou.requirements if one.role == "gate"]
    assert [one.id for one in gates] == ["founded", "affiliated", "organised", "active"]
    assert [criteria(gates[0], {"founded_on": day})[0].met for day in ("2021-12-31", "2022-01-01")] == ["yes", "no"]
    assert all(isinstance(fact, YesNo) for gate in gates[1:] for fact in gate.facts)


def test_no_day_is_invented(wenzhou: Rubric) -> None:
    assert [(one.opens, one.closes, one.status) for one in wenzhou.stages] == [
        ("2022-06", "2022-10", "stated"),
        ("2022-10", "2022-11", "to_be_announced"),
        ("2022-11", "2022-11", "stated"),
        ("2022-12", "2022-12", "stated"),
    ]
    assert {(one.precision, one.closes_at) for one in wenzhou.stages} == {("month", None)}


def test_six_are_named_and_an_open_number_is_nominated(wenzhou: Rubric) -> None:
    brand, nominee = wenzhou.awards
    assert (brand.quota, brand.open, brand.ties, len(brand.benefits)) == (6, False, "people", 5)
    assert (nominee.quota, nominee.open, nominee.ties, len(nominee.benefits)) == (None, True, "people", 4)
    for award, first in ((brand, 27), (nominee, 39)):
        theirs = [re.sub(r"^\d\. ?", "", LINES[first - 1 + 2 * number]) for number in range(len(award.benefits))]
        assert list(award.benefits) == theirs


def test_periods_are_those_of_the_text(wenzhou: Rubric) -> None:
    yearly = {item.id for item in wenzhou.items if "每年" in item.text}
    told = {item.id: {fact.period for fact in item.facts if fact.unit} for item in wenzhou.items if item.id in yearly}
    assert set().union(*told.values()) == {"年度"}
    assert {fact.period for fact in wenzhou.item("honours").facts} == {"未注明"}
