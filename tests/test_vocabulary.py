"""Caps, bonuses, deductions and maxima by kind of unit: what they count for, what is missing, and every fault in place."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rubrics import counting
from rubrics.answers import Answer
from rubrics.faults import Faulty
from rubrics.filled.values import Value, value
from rubrics.model import Rubric
from rubrics.reading import read
from rubrics.scoring import Standing, scored, standing
from rubrics.suggesting import suggested
from rubrics.units import fitted

TEXT = (Path(__file__).parent / "vocabulary" / "county.yaml").read_text("utf-8")
COUNTY = read(TEXT, "county.yaml")
SOCIETY, ENTERPRISE = fitted(COUNTY, None), fitted(COUNTY, "enterprise")
ZERO = Decimal(0)


def claimed(scores: Mapping[str, str], *, evidence: int = 1) -> dict[str, Answer]:
    return {item: Answer("answered", Decimal(score), evidence) for item, score in scores.items()}


def gaps(found: Standing) -> dict[str, tuple[str, str]]:
    return {gap.item.id: (gap.kind, f"{gap.points}") for gap in found.gaps}


FULL = {"members": "20", "council": "20", "meeting": "20", "salons": "10", "filing": "10", "accounts": "20"}


def test_each_kind_of_unit_has_its_own_items_and_maxima() -> None:
    assert (SOCIETY.maximum, ENTERPRISE.maximum) == (Decimal(100), Decimal(80))
    assert (SOCIETY.item("members").points, ENTERPRISE.item("members").points) == (Decimal(20), Decimal(10))
    assert [item.id for item in ENTERPRISE.items] == [item.id for item in COUNTY.items if item.id != "council"]
    assert [item.position for item in ENTERPRISE.items] == list(range(1, 10))
    assert [section.points for section in ENTERPRISE.sections] == [Decimal(20), Decimal(30), Decimal(30), None]
    assert [item.position for item in COUNTY.items] == list(range(1, 11))  # the document itself is as it was


@pytest.mark.parametrize(
    ("item", "facts", "value"),
    [
        ("salons", {"salons": 0}, "0"),
        ("salons", {"salons": 4}, "8"),
        ("salons", {"salons": 9}, "10"),
        ("salons", {}, None),
        ("lectures", {"lectures": 1}, "0"),
        ("lectures", {"lectures": 5}, "2"),
        ("filing", {"days": 0}, "10"),
        ("filing", {"days": 3}, "4"),
        ("filing", {"days": 30}, "2"),
        ("prizes", {"prizes": 3}, "1.5"),
        ("prizes", {"prizes": 30}, "3"),
        ("reprimands", {"reprimands": 0}, "0"),
        ("reprimands", {"reprimands": 2}, "-4"),
        ("reprimands", {"reprimands": 9}, "-10"),
    ],
)
def test_what_a_rule_gives(item: str, facts: dict[str, object], value: str | None) -> None:
    assert suggested(COUNTY.item(item), facts) == (None if value is None else Decimal(value))


def test_a_smaller_maximum_ends_the_ladder_earlier() -> None:
    facts = {"members": 500}
    assert suggested(SOCIETY.item("members"), facts) == 20
    assert suggested(ENTERPRISE.item("members"), facts) == 10


def test_a_category_counts_no_more_than_its_cap() -> None:
    found = standing(SOCIETY, claimed({"meeting": "20", "salons": "8", "lectures": "6"}))
    assert (found.claimed, found.supported) == (Decimal(30), Decimal(30))
    assert all(gap.item.section.id != "activities" for gap in found.gaps)


def test_below_the_cap_the_lines_name_no_more_than_can_be_gained() -> None:
    found = standing(SOCIETY, claimed({"meeting": "18", "salons": "8"}))
    assert gaps(found)["lectures"] == ("score", "4")  # not the 10 of the item
    assert "salons" not in gaps(found)
    assert found.lacking == sum(gap.points or ZERO for gap in found.gaps) == Decimal(74)


def test_a_bonus_lies_above_the_total_where_the_document_says_so() -> None:
    found = standing(SOCIETY, claimed({**FULL, "prizes": "2.5"}))
    assert (found.supported, found.maximum) == (Decimal("102.5"), Decimal(100))
    assert (found.above, found.lacking) == (Decimal("2.5"), ZERO)
    within = read(TEXT.replace("        above: true\n", ""), "within.yaml")
    found = standing(fitted(within, None), claimed({**FULL, "accounts": "19", "prizes": "2.5"}))
    assert (found.supported, found.lacking) == (Decimal(100), ZERO)


def test_a_bonus_without_proof_counts_for_nothing_yet_and_is_no_missing_point() -> None:
    found = standing(SOCIETY, {**claimed(FULL), **claimed({"prizes": "2"}, evidence=0)})
    assert (found.claimed, found.supported) == (Decimal(102), Decimal(100))
    assert gaps(found)["prizes"] == ("evidence", "0")
    assert found.lacking == 0


def test_a_deduction_is_believed_without_proof_and_counts_as_missing() -> None:
    found = standing(SOCIETY, {**claimed(FULL), **claimed({"reprimands": "-4"}, evidence=0)})
    assert (found.claimed, found.supported) == (Decimal(96), Decimal(96))
    assert gaps(found)["reprimands"] == ("deducted", "4")
    assert found.complete == 7


def test_where_the_facts_take_more_off_than_she_says_the_rule_stands() -> None:
    answer = Answer("answered", Decimal(-2), 0, {"reprimands": 3})
    found = standing(SOCIETY, {**claimed(FULL), "reprimands": answer})
    assert (found.claimed, found.supported) == (Decimal(98), Decimal(94))
    assert {gap.kind: gap.points for gap in found.gaps if gap.item.id == "reprimands"} == {"conflict": 4, "deducted": 2}


def test_deductions_never_take_more_than_there_is() -> None:
    found = standing(SOCIETY, claimed({"salons": "4", "reprimands": "-10"}))
    assert (found.claimed, found.supported, found.lacking) == (ZERO, ZERO, Decimal(100))
    assert sum(gap.points or ZERO for gap in found.gaps) == 100


def test_a_deduction_inside_a_category_takes_from_that_category_alone() -> None:
    moved = TEXT.replace(
        "      - id: accounts\n",
        "      - {id: late, name: 迟到, text: 迟到一次扣5分, points: 20, counts: deduction}\n      - id: accounts\n",
    )
    rubric = fitted(read(moved, "moved.yaml"), None)
    found = standing(rubric, claimed({"meeting": "20", "filing": "4", "late": "-20"}))
    assert found.supported == 20
    assert found.lacking == sum(gap.points or ZERO for gap in found.gaps) == 80


def test_a_group_inside_a_category_may_have_a_cap_of_its_own() -> None:
    text = """\
id: nested
kind: self_evaluation
points: 10
sections:
  - id: all
    title: 一类
    points: 10
    sections:
      - id: rest
        title: 其他
        items:
          - {id: one, name: 甲, text: 甲, points: 6}
        points: 6
      - id: group
        title: 两项合计最多4分
        most: 4
        items:
          - {id: two, name: 乙, text: 乙, points: 3}
          - {id: three, name: 丙, text: 丙, points: 3}
"""
    rubric = read(text, "nested.yaml")
    found = standing(rubric, claimed({"one": "6", "two": "3", "three": "3"}))
    assert (rubric.maximum, found.claimed, found.supported) == (Decimal(10), Decimal(10), Decimal(10))
    assert found.gaps == ()
    assert gaps(standing(rubric, claimed({"one": "6", "two": "3"}))) == {"three": ("score", "1")}


FAULTS = [
    ("    points: 40\n", "    points: 39\n", ("7:9 points sum_for", "20:13 sections.0.points sum_for")),
    ("    most: 30\n", "    most: 25\n", ("51:13 sections.1.points sum_capped",)),
    ("    most: 30\n", "    most: 0\n", ("52:11 sections.1.most out_of_range",)),
    (
        "    points: 40\n    points_for:\n      - {applicant: enterprise, points: 20}",
        "    points: 40\n    points_for:\n      - {applicant: enterprise, points: 30}",
        ("9:37 points_for.0.points sum_for", "22:41 sections.0.points_for.0.points sum_for"),
    ),
    (
        "  - {applicant: enterprise, points: 80}",
        "  - {applicant: village, points: 80}",
        ("7:9 points sum_for", "9:17 points_for.0.applicant unknown_reference"),
    ),
    (
        "  - {applicant: enterprise, points: 80}",
        "  - {applicant: enterprise, points: 80}\n  - {applicant: enterprise, points: 80}",
        ("10:17 points_for.1.applicant duplicate_id",),
    ),
    (
        "        points: 20\n        points_for:",
        "        points_for:",
        (
            "17:5 sections.0 points_partly",
            "28:11 sections.0.items.0.points_for points_for_blind",
            "32:11 sections.0.items.0.ladder ladder_blind",
            "36:33 sections.0.items.0.ladder.steps.2.points ladder_above",
            "95:17 sections.3.items.0.counts counts_alone",
            "104:17 sections.3.items.1.counts counts_alone",
        ),
    ),
    (
        "          - {applicant: enterprise, points: 10}\n",
        "          - {applicant: enterprise, points: 9.8}\n",
        ("22:41 sections.0.points_for.0.points sum_for", "29:45 sections.0.items.0.points_for.0.points off_step"),
    ),
    (
        "        points: 3\n        counts: bonus",
        "        counts: bonus",
        ("95:17 sections.3.items.0.counts counts_blind", "99:15 sections.3.items.0.each rule_blind"),
    ),
    ("        counts: bonus", "        counts: malus", ("96:17 sections.3.items.0.counts not_one_of",)),
    ("        counts: bonus\n", "", ("2:1 . points_partly", "96:16 sections.3.items.0.above above_alone")),
    (
        "each: {fact: salons, points: 2}",
        "each: {fact: salon, points: 2}",
        ("64:22 sections.1.items.1.each.fact unknown_fact",),
    ),
    (
        "each: {fact: salons, points: 2}",
        "each: {fact: salons, points: 0.3}",
        ("64:38 sections.1.items.1.each.points off_step",),
    ),
    (
        "each: {fact: salons, points: 2}",
        "each: {fact: salons, points: 2, most: 4}",
        ("64:41 sections.1.items.1.each.most unknown_key",),
    ),
    ("per: 2}", "per: 0}", ("71:48 sections.1.items.2.each.per out_of_range",)),
    (
        "        each: {fact: salons, points: 2}",
        "        each: {fact: salons, points: 2}\n        deduct: {fact: salons, points: 2}",
        ("65:17 sections.1.items.1.deduct two_rules",),
    ),
    ("points: 2, most: 8}", "points: 2, most: 12}", ("83:47 sections.2.items.0.deduct.most deduct_above",)),
    (
        "        each: {fact: reprimands, points: 2}",
        "        deduct: {fact: reprimands, points: 2}",
        ("108:17 sections.3.items.1.deduct rule_of_deduction",),
    ),
    (
        "        each: {fact: prizes, points: 0.5}",
        "        deduct: {fact: prizes, points: 0.5}",
        ("100:17 sections.3.items.0.deduct deduct_of_bonus",),
    ),
    (
        "{name: days, kind: count, label: 迟报天数, ask: 材料迟报了几天？, unit: 天}",
        "{name: days, kind: yes_no, label: 迟报, ask: 迟报了吗？}",
        ("83:24 sections.2.items.0.deduct.fact not_a_number",),
    ),
    (
        "      - id: lectures\n",
        "      - {id: praise, name: 表扬, text: 受表扬。, points: 5, counts: bonus, above: true}\n      - id: lectures\n",
        ("52:11 sections.1.most cap_mixed",),
    ),
]


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(Faulty) as caught:
        read(text, "r.yaml")
    return tuple(f"{one.line}:{one.column} {one.path} {one.code}" for one in caught.value.faults)


@pytest.mark.parametrize(("old", "new", "named"), FAULTS)
def test_every_fault_names_its_place(old: str, new: str, named: tuple[str, ...]) -> None:
    assert TEXT.count(old) == 1
    assert faults(TEXT.replace(old, new)) == named


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("-4", Value("score", Decimal(-4))),
        ("4", Value("score", Decimal(-4))),
        ("扣4分", Value("score", Decimal(-4))),
        ("0", Value("score", ZERO)),
        ("-12", Value("score", Decimal(-12), "above")),
        ("四次", Value("odd", None, "unread")),
    ],
)
def test_her_own_table_may_write_a_deduction_either_way(cell: str, found: Value) -> None:
    assert value(cell, SOCIETY.item("reprimands")) == found


def test_no_plain_item_takes_a_score_below_zero() -> None:
    assert value("-4", SOCIETY.item("members")).kind == "odd"


def test_a_kind_of_unit_that_is_asked_nothing_is_named() -> None:
    text = TEXT.replace(
        "  - {id: enterprise, title: 企业科协}\n",
        "  - {id: enterprise, title: 企业科协}\n  - {id: village, title: 村}\n",
    )
    shut = text.replace("    items:\n", "    applicants: [society, enterprise]\n    items:\n")
    assert faults(shut) == ("15:10 applicants.2.id kind_unasked",)
    owed = "deliverables:\n  - {id: table, title: 自评表, forms: [electronic], applicants: [society, enterprise]}\n"
    assert fitted(read(shut.replace("sections:\n", f"{owed}sections:\n", 1), "r.yaml"), "village").items == ()


def test_points_beside_the_total_need_a_total() -> None:
    text = """\
id: bare
kind: standard
sections:
  - id: one
    title: 一类
    items:
      - {id: first, name: 甲, text: 甲}
      - {id: second, name: 乙, text: 乙, points: 2, counts: bonus}
  - id: two
    title: 二类
    most: 5
    items:
      - {id: third, name: 丙, text: 丙, each: {fact: times, points: 1}, facts: [{name: times, kind: count, label: 次数, ask: 几次？, unit: 次}]}
"""
    assert faults(text) == (
        "8:59 sections.0.items.1.counts counts_alone",
        "11:11 sections.1.most cap_blind",
        "13:45 sections.1.items.0.each rule_blind",
    )


POINTS = st.integers(1, 8).map(Decimal)


COUNTS = {
    "within": ["score", "score", "score", "bonus", "deduction"],
    "above": ["bonus", "deduction"],
    "mixed": ["score", "score", "bonus", "deduction"],  # no cap stands over these
}
KINDS = st.sampled_from(sorted(COUNTS))


@st.composite
def items(draw: st.DrawFn, name: str, kind: str) -> str:
    counts = draw(st.sampled_from(COUNTS[kind]))
    above = counts == "bonus" and (kind == "above" or (kind == "mixed" and draw(st.booleans())))
    return f"{{id: {name}, name: 甲, text: 甲, points: {draw(POINTS)}, counts: {counts}, above: {str(above).lower()}}}"


@st.composite
def rubrics(draw: st.DrawFn) -> Rubric:
    """A total over categories, some of them capped, some with capped groups inside."""
    lines = ["id: drawn", "kind: self_evaluation", "sections:", "  - id: first", "    title: 甲", "    items:"]
    lines += ["      - {id: sure, name: 甲, text: 甲, points: 3}"]
    for number in range(draw(st.integers(1, 3))):
        kind = draw(KINDS)
        lines += [f"  - id: s{number}", "    title: 乙"]
        lines += [f"    most: {draw(POINTS)}"] if kind != "mixed" and draw(st.booleans()) else []
        inner = [f"s{number}-{place}" for place in range(draw(st.integers(1, 2)))]
        lines += ["    sections:"]
        for one in inner:
            sort = draw(KINDS) if kind == "mixed" else kind
            lines += [f"      - id: {one}", "        title: 丙"]
            lines += [f"        most: {draw(POINTS)}"] if sort != "mixed" and draw(st.booleans()) else []
            held = [draw(items(f"{one}-{place}", sort)) for place in range(draw(st.integers(1, 3)))]
            lines += ["        items:", *(f"          - {line}" for line in held)]
    return read("\n".join(lines) + "\n", "drawn.yaml")


@st.composite
def filled(draw: st.DrawFn, rubric: Rubric) -> dict[str, Answer]:
    states = {}
    for item in rubric.items:
        score = Decimal(draw(st.integers(int(item.lowest), int(item.highest))))
        answered = Answer("answered", score, draw(st.integers(0, 1)))
        states[item.id] = draw(st.sampled_from([answered, answered, Answer(), Answer("not_applicable")]))
    return states


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_no_total_lies_outside_its_bounds_and_the_lines_add_up(data: st.DataObject) -> None:
    rubric = data.draw(rubrics())
    answers = data.draw(filled(rubric))
    found = standing(rubric, answers)
    assert found.maximum is not None
    assert found.claimed is not None
    assert found.supported is not None
    most = sum((item.highest for item in rubric.items if item.above), ZERO)
    assert 0 <= found.supported <= found.claimed <= found.maximum + most
    assert found.supported - found.above <= found.maximum
    points = [gap.points for gap in found.gaps if gap.points is not None]
    assert all(one >= 0 for one in points)
    assert sum(points, ZERO) == found.lacking == found.maximum + found.above - found.supported
    scores = scored(rubric, answers).supported
    for section in rubric.walk():
        counted = counting.of_section(section, scores)
        if section.most is not None:
            assert abs(counted.within) <= section.most
            assert counted.total <= section.most
        if section.full:
            assert 0 <= counted.within <= section.full


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_better_score_never_makes_a_total_worse(data: st.DataObject) -> None:
    rubric = data.draw(rubrics())
    scores = {item.id: Decimal(data.draw(st.integers(int(item.lowest), int(item.highest)))) for item in rubric.items}
    better = data.draw(st.sampled_from(rubric.items))
    raised = {**scores, better.id: Decimal(data.draw(st.integers(int(scores[better.id]), int(better.highest))))}
    gained = counting.total(rubric, raised) - counting.total(rubric, scores)
    assert 0 <= gained <= raised[better.id] - scores[better.id]


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_without_caps_and_extras_a_total_is_a_plain_sum(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from([None, "enterprise"]))
    rubric = fitted(
        read(
            TEXT.replace("points: 30\n    most: 30", "points: 40")
            .replace("points: 100", "points: 110")
            .replace("points: 80}", "points: 90}"),
            "free.yaml",
        ),
        kind,
    )
    plain = [item for item in rubric.items if item.counts == "score"]
    scores = {item.id: Decimal(data.draw(st.integers(0, int(item.highest)))) for item in plain}
    assert counting.total(rubric, scores) == sum(scores.values(), ZERO)
