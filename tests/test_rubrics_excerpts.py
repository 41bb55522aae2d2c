"""One schema holds all five documents: an excerpt of each of the other four loads and says what is special in it."""

from pathlib import Path

import pytest

from rubrics.answers import Answer
from rubrics.model import Rubric
from rubrics.reading import read
from rubrics.scoring import standing
from rubrics.suggesting import criteria

FOLDER = Path(__file__).parent / "excerpts"


def excerpt(id: str) -> Rubric:
    return read((FOLDER / f"{id}.yaml").read_text("utf-8"), f"{id}.yaml")


def test_wenzhou_has_points_on_categories_and_therefore_no_total() -> None:
    wenzhou = excerpt("wenzhou-2022")
    assert [section.points for section in wenzhou.sections] == [25, 15, 10, 35, 15]
    assert wenzhou.maximum is None
    found = standing(wenzhou, {"office": Answer("answered", evidence=1), "board": Answer("answered")})
    assert (found.claimed, found.supported, found.suggested, found.reviewed) == (None, None, None, None)
    assert [(gap.item.id, gap.kind, gap.points) for gap in found.gaps] == [
        ("board", "evidence", None),
        ("rating", "fact", None),
        ("training", "fact", None),
    ]
    assert (found.complete, found.total, found.percent) == (1, 4, 25)


@pytest.mark.parametrize(
    ("facts", "met"),
    [
        ({"area": 80, "rented": False}, ["yes", "yes"]),
        ({"area": "79.99", "rented": True, "lease": 2}, ["no", "no"]),
        ({"area": "80.00", "rented": True, "lease": 3}, ["yes", "yes"]),
        ({"rented": True}, ["open", "open"]),
        ({"lease": 5}, ["open", "yes"]),
        ({}, ["open", "open"]),
    ],
)
def test_a_lease_is_asked_only_of_tenants(facts: dict[str, object], met: list[str]) -> None:
    assert [one.met for one in criteria(excerpt("wenzhou-2022").item("office"), facts)] == met


@pytest.mark.parametrize(
    ("day", "met"), [("2021-12-31", "yes"), ("2022-01-01", "no"), ("2022-1-1", "open"), ("2022-02-30", "open")]
)
def test_founded_before_2022_is_strict(day: str, met: str) -> None:
    (gate,) = excerpt("wenzhou-2022").requirements
    assert gate.role == "gate"
    assert [one.met for one in criteria(gate, {"founded_on": day})] == [met]


@pytest.mark.parametrize(
    ("facts", "met"),
    [({"star": "三星级"}, "yes"), ({"star": "二星级"}, "open"), ({"star": "二星级", "grade": "2A"}, "no")],
)
def test_stars_and_grades_are_two_scales(facts: dict[str, object], met: str) -> None:
    (found,) = criteria(excerpt("wenzhou-2022").item("rating"), facts)
    assert (found.name, found.label, found.met) == ("star|grade", "三星级或3A以上", met)


def test_an_open_demand_and_an_open_quota_are_left_to_people() -> None:
    wenzhou = excerpt("wenzhou-2022")
    (share,) = criteria(wenzhou.item("board"), {"anything": 1})
    assert (share.label, share.met) == ("一定比例的青年人才", "open")
    assert [(award.quota, award.open) for award in wenzhou.awards] == [(6, False), (None, True)]
    assert {stage.closes_at for stage in wenzhou.stages} == {None}


def test_yangzhou_is_a_tree_of_quotas() -> None:
    yangzhou = excerpt("yangzhou-2020")
    assert [section.quota for section in yangzhou.sections] == [6, 13, 19, 10]
    assert yangzhou.quota == 48
    assert len(list(yangzhou.walk())) == 18
    assert [one.role for one in yangzhou.requirements] == ["gate", "disqualifier"]
    assert [rule.recognised for rule in yangzhou.stacking] == ["one", "all"]
    impossible, report = yangzhou.stages
    assert impossible.closes_at is None
    assert report.closes_at is not None
    assert report.closes_at.isoformat() == "2020-12-16T00:00:00+08:00"


@pytest.mark.parametrize(
    ("villages", "elsewhere", "met"), [(4, 4, ["yes", "yes"]), (3, 9, ["yes", "no"]), (7, 0, ["no", "yes"])]
)
def test_village_visits_count_inside_all_visits(villages: int, elsewhere: int, met: list[str]) -> None:
    special = excerpt("yangzhou-2020").sections[1]
    (visits,) = special.sections[3].requirements
    assert [one.met for one in criteria(visits, {"villages": villages, "elsewhere": elsewhere})] == met


def test_hangzhou_keeps_blank_cells_blank_and_unknown_heads_unknown() -> None:
    hangzhou = excerpt("hangzhou-2020")
    assert (hangzhou.title, hangzhou.issuer, hangzhou.points) == (None, None, None)
    assert hangzhou.tables[0].rows[0][5] == ""
    found = standing(hangzhou, {})
    assert (found.maximum, found.total, found.percent) == (None, 0, 0)


def test_the_work_plan_links_without_points() -> None:
    plan = excerpt("work-plan-2020")
    assert plan.maximum is None
    assert [(link.item, link.to) for link in plan.links] == [("guidance", "organisation"), ("reform", "organisation")]
