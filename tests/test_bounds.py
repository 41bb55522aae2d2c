"""Every printed bound of every shipped document: met at it, as printed just below it, and just above it."""

from collections.abc import Mapping

import pytest

from rubrics.facts import Choice, YesNo
from rubrics.model import Requirement
from rubrics.reading import catalog, read
from rubrics.suggesting import criteria

RUBRICS = {id: read(text, f"{id}.yaml") for id, text in catalog().items()}
Facts = dict[str, object]
# By document and id: the fact that is compared; what is known besides and decides nothing; the facts at the bound, just
# below and just above; and what each of the three is by the document.
Case = tuple[str, str, str, Mapping[str, object], tuple[Facts, Facts, Facts], tuple[str, str, str]]
USUAL = ("yes", "no", "yes")


def of(document: str, id: str, fact: str, at: object, below: object, above: object, **known: object) -> Case:
    return document, id, fact, known, ({fact: at}, {fact: below}, {fact: above}), USUAL


ZJ, WZ, YZ = "zhejiang-2020", "wenzhou-2022", "yangzhou-2020"
CASES: list[Case] = [
    of(ZJ, "training", "courses", 2, 1, 3),
    of(ZJ, "member-home", "activities", 2, 1, 3),
    (
        *(ZJ, "member-growth", "growth", {"members_before": 100_000}),
        ({"new_members": 3000}, {"new_members": 2999}, {"new_members": 3001}),
        USUAL,
    ),
    of(ZJ, "assessment-level", "level", "4A", "3A", "5A"),
    (
        *(ZJ, "news", "published", {"website": 2, "wechat": 2}),
        ({"magazine": 1}, {"magazine": 0}, {"magazine": 2}),
        USUAL,
    ),
    of(ZJ, "news", "newsletters", 4, 3, 5),
    (
        *(WZ, "founded", "founded_on", {}),
        ({"founded_on": "2022-01-01"}, {"founded_on": "2021-12-31"}, {"founded_on": "2022-01-02"}),
        ("no", "yes", "no"),
    ),
    of(WZ, "office", "area", "80", "79.99", "80.01"),
    of(WZ, "office", "lease", 3, "2.99", "3.01", rented=True),
    of(WZ, "assets", "net_assets", "50000", "49999.99", "50000.01"),
    of(WZ, "full-time-staff", "staff", 1, 0, 2),
    of(WZ, "inspection-and-rating", "star", "三星级", "二星级", "四星级", grade="无"),
    of(WZ, "inspection-and-rating", "grade", "3A", "2A", "4A", star="无"),
    of(WZ, "member-activities", "activities", 2, 1, 3),
    of(WZ, "honours", "honoured", 2, 1, 3),
    of(WZ, "project-applications", "applications", 3, 2, 4),
    of(WZ, "project-results", "results", 3, 2, 4),
    of(WZ, "consulting", "consultations", 30, 29, 31),
    of(WZ, "exhibitions", "exhibitions", 2, 1, 3),
    of(WZ, "papers", "papers", 10, 9, 11),
    of(WZ, "exchanges", "exchanges", 1, 0, 2),
    of(WZ, "meetings", "meetings", 2, 1, 3),
    of(WZ, "outreach", "outreach", 2, 1, 3),
    of(WZ, "training", "courses", 1, 0, 2),
    of(WZ, "training", "largest", 30, 29, 31),
    of(WZ, "advice", "papers", 2, 1, 3),
    of(WZ, "abroad", "lectures", 1, 0, 2),
    of(WZ, "abroad", "largest", 30, 29, 31),
    (
        *(YZ, "inspected", "inspection", {}),
        ({"inspection": "合格"}, {"inspection": "不合格"}, {"inspection": "基本合格"}),
        ("yes", "no", "open"),
    ),
    of(YZ, "special-grade", "grade", "2A", "1A", "3A"),
    (
        *(YZ, "special-growth", "net_growth", {"joined": 0, "members_before": 100_000}),
        ({"net": 3000}, {"net": 2999}, {"net": 3001}),
        USUAL,
    ),
    (  # by the gross figure alone a person decides
        *(YZ, "special-growth", "growth", {"net": 0, "members_before": 100_000}),
        ({"joined": 3000}, {"joined": 2999}, {"joined": 3001}),
        ("open", "no", "open"),
    ),
    (
        *(YZ, "outreach-visits", "visits", {"schools": 1, "enterprises": 1, "villages": 4, "parks": 1}),
        ({"offices": 1}, {"offices": 0}, {"offices": 2}),
        USUAL,
    ),
    of(YZ, "outreach-visits", "villages", 4, 3, 5),
    of(YZ, "experts", "leads", 1, 0, 2, group=0, group_senior=True),
    of(YZ, "experts", "group", 3, 2, 4, leads=0, group_senior=True),
]


# «At least one of these»: there is no number to miss.
LISTED = {
    (ZJ, "outreach-works", "works"),
    (ZJ, "outreach-channels", "channels"),
    (WZ, "participation", "kinds"),
    (WZ, "innovation", "works"),
    (WZ, "science-days", "days"),
    (WZ, "books-and-journals", "works"),
    (YZ, "outreach-days", "days"),
}


def named(case: Case) -> str:
    return f"{case[0]}:{case[1]}.{case[2]}"


def requirement(document: str, id: str) -> Requirement:
    return RUBRICS[document].requirement(id)


@pytest.mark.parametrize("case", CASES, ids=named)
def test_at_below_and_above(case: Case) -> None:
    document, id, fact, known, values, expected = case
    asked = requirement(document, id)
    for value, met in zip(values, expected, strict=True):
        facts = {**known, **value}
        assert all(asked.known[name].accepts(one) for name, one in facts.items())
        (found,) = [one for one in criteria(asked, facts) if fact in one.name.split("|")]
        assert found.met == met, value


def bounds() -> set[tuple[str, str, str]]:
    """Every comparison in the whole catalog but plain yes and no."""
    return {
        (document, asked.id, leaf.fact)
        for document, rubric in RUBRICS.items()
        for asked in rubric.asked()
        for leaf in asked.leaves
        if not isinstance(asked.known[leaf.fact], YesNo)
    }


def test_no_bound_of_the_catalog_is_left_out() -> None:
    assert bounds() == LISTED | {case[:3] for case in CASES}


@pytest.mark.parametrize("document", ["hangzhou-2020", "zhejiang-work-plan-2020"])
def test_lists_and_plans_have_no_bound(document: str) -> None:
    """Two lists print no condition, and a plan's numbers are names (Q-HZ06, Q-WP04)."""
    assert [asked.id for asked in RUBRICS[document].asked() if asked.leaves] == []


@pytest.mark.parametrize(
    ("document", "id", "fact"),
    sorted(LISTED),
)
def test_of_a_list_one_is_enough_and_none_is_no_answer(document: str, id: str, fact: str) -> None:
    asked = requirement(document, id)
    choice = asked.known[fact]
    assert isinstance(choice, Choice)
    options = list(choice.options)
    for value, met in ((options[:1], "yes"), ([], "open"), (options[:2], "yes")):
        (found,) = [each for each in criteria(asked, {fact: value}) if each.name == fact]
        assert found.met == met
