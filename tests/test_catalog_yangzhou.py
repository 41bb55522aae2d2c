"""The Yangzhou plan of 2020 is held against its document: words, quotas, bounds and what the document leaves undecided."""

import re
from itertools import combinations, pairwise

import pytest

from rubrics.model import Requirement, Rubric, Section
from rubrics.reading import catalog, read
from rubrics.suggesting import criteria
from tests.verbatim import seed, unprinted, untold

LINES = seed("003")
UNIVERSITIES = {
    "think-tank",
    "outreach",
    "forum",
    "brand",
    "international",
    "national",
    "regional",
    "website",
    "journal",
}


@pytest.fixture(scope="module")
def yangzhou() -> Rubric:
    return read(catalog()["yangzhou-2020"], "yangzhou-2020.yaml")


def section(rubric: Rubric, id: str) -> Section:
    return next(one for one in rubric.walk() if one.id == id)


def requirement(rubric: Rubric, id: str) -> Requirement:
    return next(one for one in rubric.asked() if one.id == id)


def test_nothing_is_said_that_is_not_printed(yangzhou: Rubric) -> None:
    """But for one lost text, one lost label, and three titles of table 1 under whose headings another name stands."""
    assert unprinted(yangzhou, LINES) == {
        "excellence-lost.text",
        "special.label",
        "website.title",
        "regional.title",
        "stations.title",
    }
    for id in ("website", "regional", "stations"):
        assert section(yangzhou, id).title in "".join(LINES[60:98])
    assert (yangzhou.source.date, LINES[35].strip()) == ("2020-04-24", "2020 年 4 月 24 日")


def test_nothing_printed_is_left_out_but_headings(yangzhou: Rubric) -> None:
    left = untold(yangzhou, LINES)
    assert [one for one in left if one not in ("项目内容：", "申报要求：", "学术活动：")] == [
        "各市级学会(协会、研究会)、高校科协：",
        "附件:",
        "2020 年 4 月 24 日附件：2020 年扬州市科协学会创新和服务能力提升计划实施方案一、项目类别",
        "表 1：2020 年度扬州市科协“提升工程”项目分类一览表项目类别 子  项  目 项目数量创先争优学会",
        "学术交流精品",
        "品牌特色学术活动",
        "学会专家工作站",
        "二、项目内容及要求",
        "三、申报单位资格要求",
        "四、实施步骤",
        "2、",
        "（4—11 月）：",
        "3、",
        "（12-1 月）：",
    ]


def test_the_tree_has_the_quotas_of_table_1(yangzhou: Rubric) -> None:
    """Titles and numbers of the flattened table in its own order; 品牌特色学术活动 alone has no number (Q-YZ08)."""
    cells = " ".join(line.strip() for line in LINES[60:98]).split()
    theirs = {name: int(number) for name, number in pairwise(cells) if number.isdigit()}
    leaves = {one.title: one.quota for one in yangzhou.walk() if not one.sections}
    assert leaves == theirs
    assert sum(theirs.values()) == yangzhou.quota == 48
    assert [one.quota for one in yangzhou.sections] == [6, 13, 19, 10]
    assert section(yangzhou, "brand").quota == 10
    assert [one.title for one in section(yangzhou, "brand").sections] == ["国际级", "国家级", "区域级"]


def test_what_is_lost_is_unknown_and_blocks_the_first_category(yangzhou: Rubric) -> None:
    excellence = yangzhou.sections[0]
    (lost,) = excellence.requirements
    assert [(one.field, one.text) for one in lost.printed] == [("text", "")]
    assert [one.met for one in criteria(lost, {"anything": True})] == ["open"]
    assert (lost.role, excellence.text) == ("gate", None)


def test_five_requirements_come_from_under_the_wrong_heading(yangzhou: Rubric) -> None:
    special = yangzhou.sections[1]
    assert [one.text[:2] for one in special.requirements] == ["1、", "2、", "3、", "4、", "5、"]
    heading = {(kept.field, kept.text, kept.line) for one in special.requirements for kept in one.printed}
    assert heading == {("section", "（一）创先争优学会", 101)}


def test_requirements_of_the_exchanges_are_a_matrix(yangzhou: Rubric) -> None:
    exchange = yangzhou.sections[2]
    assert [(one.only_sections, str(one.printed[0].confidence)) for one in exchange.requirements] == [
        (("forum", "brand"), "0.85"),
        (("forum", "brand"), "0.8"),
        (("forum", "brand"), "0.8"),
        (("journal",), "0.98"),
        (("website",), "0.6"),
    ]


# Every printed bound: what is met exactly, what just misses, what is above it.
BOUNDS = [
    ("special-grade", "grade", "2A", "1A", "3A", {}),
    ("special-growth", "net", 30, 29, 31, {"members_before": 1000, "joined": 0}),
    ("special-growth", "net", 300, 298, 301, {"members_before": 10000, "joined": 299}),
    ("outreach-visits", "schools", 4, 3, 5, {"enterprises": 0, "villages": 4, "parks": 0, "offices": 0}),
    ("outreach-visits", "villages", 4, 3, 5, {"schools": 9, "enterprises": 0, "parks": 0, "offices": 0}),
    ("experts", "leads", 1, 0, 2, {"pool": True, "group": 0, "group_senior": False}),
    ("experts", "group", 3, 2, 4, {"pool": True, "leads": 0, "group_senior": True}),
    ("inspected", "inspection", "合格", "不合格", "合格", {}),
]


@pytest.mark.parametrize(("id", "fact", "at", "below", "above", "others"), BOUNDS)
def test_a_printed_bound_takes_in_its_number(
    yangzhou: Rubric, id: str, fact: str, at: object, below: object, above: object, others: dict[str, object]
) -> None:
    asked = requirement(yangzhou, id)
    assert asked.condition is not None
    for value, met in ((at, "yes"), (below, "no"), (above, "yes")):
        assert asked.condition.met(asked.known, {**others, fact: value}) == met


def test_every_bound_of_the_file_is_in_the_table(yangzhou: Rubric) -> None:
    numbered = {
        (one.id, leaf.fact)
        for one in yangzhou.asked()
        for leaf in one.leaves
        if leaf.op == ">=" and leaf.label != "参加重大科普活动"
    }
    tried = {(id, fact) for id, fact, *_ in BOUNDS}
    computed = {("special-growth", "net_growth"), ("special-growth", "growth"), ("outreach-visits", "visits")}
    assert numbered - computed == tried - {("special-growth", "net"), ("outreach-visits", "schools")}
    for one in yangzhou.asked():
        for leaf in one.leaves:
            if leaf.unit:
                assert re.search(rf"{leaf.value} ?{leaf.unit}", one.text)


@pytest.mark.parametrize(
    ("id", "facts", "met"),
    [
        ("special-growth", {"joined": 40, "net": 10, "members_before": 1000}, "open"),
        ("special-growth", {"joined": 10, "net": 0, "members_before": 0}, "open"),
        ("special-growth", {"joined": 29, "net": 29, "members_before": 1000}, "no"),
        ("special-grade", {}, "open"),
        ("inspected", {"inspection": "基本合格"}, "open"),
        ("inspected", {"inspection": "未参加年检"}, "no"),
        ("inspected-university", {}, "open"),
        ("unlawful", {"clean": True}, "yes"),
        ("unlawful", {"clean": False, "happened_on": "2011-05-01"}, "open"),
        ("outreach-visits", {"schools": 0, "enterprises": 0, "villages": 7, "parks": 0, "offices": 0}, "no"),
        ("outreach-visits", {"schools": 0, "enterprises": 0, "villages": 8, "parks": 0, "offices": 0}, "yes"),
        ("journal-licence", {"public": True, "issn": False, "cn": True}, "yes"),
        ("journal-licence", {"public": True, "issn": False, "cn": False}, "no"),
        ("journal-licence", {"public": False, "licensed": True, "unbroken": True}, "yes"),
        ("journal-licence", {"public": False, "issn": True, "licensed": True, "unbroken": False}, "no"),
        ("experts", {"pool": True, "leads": 0, "group": 5, "group_senior": False}, "no"),
        ("online", {"website": False, "wechat": False}, "no"),
        ("special-secretary", {"secretary": True}, "yes"),
    ],
)
def test_branches_and_what_people_decide(yangzhou: Rubric, id: str, facts: dict[str, object], met: str) -> None:
    asked = requirement(yangzhou, id)
    assert asked.condition is not None
    assert asked.condition.met(asked.known, facts) == met


def test_a_wechat_account_is_a_website(yangzhou: Rubric) -> None:
    first = criteria(requirement(yangzhou, "online"), {"website": False, "wechat": True})[0]
    assert (first.label, first.met) == ("独立网站或微信公众号", "yes")


def test_universities_apply_for_part_of_the_tree(yangzhou: Rubric) -> None:
    open_to = {one.id for one in yangzhou.walk() if "university" in one.applicants}
    assert open_to == UNIVERSITIES | {"stations"}
    closed = {one.id for one in yangzhou.walk() if one.applicants == ("society",)}
    assert closed == {"excellence", "first-prize", "second-prize", "third-prize", "functions", "talent"}
    assert {one.id for one in yangzhou.walk() if not one.applicants} == {"special", "exchange"}
    assert {one.id for one in yangzhou.walk() if one.tier == "model"} == closed


def test_the_application_day_is_impossible_and_the_report_has_a_day(yangzhou: Rubric) -> None:
    stages = {one.id: one for one in yangzhou.stages}
    proposal, report = stages["proposal"], stages["report"]
    assert (proposal.closes, proposal.status, proposal.closes_at) == ("2020-04-20", "contradictory", None)
    assert (report.closes, report.precision, report.boundary) == ("2020-12-15", "day", None)
    assert report.closes_at is not None
    assert report.closes_at.isoformat() == "2020-12-16T00:00:00+08:00"
    assert (stages["acceptance"].opens, stages["acceptance"].closes) == ("2020-12", "2021-01")
    assert {one.id for one in yangzhou.stages if one.closes_at} == {"report"}


def test_two_pairs_of_categories_are_regulated_by_no_rule(yangzhou: Rubric) -> None:
    """Q-YZ06: within 特专优精 and within 学术交流精品 one is recognised, between the two halves all."""
    within, across = yangzhou.stacking
    assert (within.recognised, across.recognised) == ("one", "all")
    assert [set(family) for family in within.families] == [
        {one.id for one in section(yangzhou, id).sections} for id in ("special", "exchange")
    ]
    ids = [one.id for one in yangzhou.sections]
    left, right = map(set, across.families)
    undecided = [pair for pair in combinations(ids, 2) if set(pair) <= left or set(pair) <= right]
    assert undecided == [("excellence", "special"), ("exchange", "stations")]


def test_nothing_has_points_or_items(yangzhou: Rubric) -> None:
    assert (yangzhou.points, yangzhou.maximum, yangzhou.items) == (None, None, ())
    assert {one.points for one in yangzhou.walk()} == {None}
