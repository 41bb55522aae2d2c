"""Conditions at, just below and above their bounds, and totals that always add up."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rubrics.answers import Answer
from rubrics.model import Item, Rubric
from rubrics.reading import catalog, read
from rubrics.scoring import Standing, standing
from rubrics.suggesting import criteria, suggestion

ZHEJIANG = read(catalog()["zhejiang-2020"], "zhejiang-2020.yaml")
BOTH = {"has_accountant": True, "trained": True}
Facts = dict[str, object]
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure


def item(no: str) -> Item:
    found = ZHEJIANG.numbered(no)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("no", "facts", "value"),
    [
        ("8", {"courses": 1}, 0),
        ("8", {"courses": 2}, 2),
        ("8", {"courses": 3}, 2),
        ("8", {"courses": 0}, 0),
        ("8", {}, None),
        ("8", {"courses": "2"}, None),
        ("8", {"courses": True}, None),
        ("8", {"courses": -1}, None),
        ("41", BOTH, 3),
        ("41", BOTH | {"trained": False}, 0),
        ("41", {"has_accountant": True}, None),
        ("41", {"trained": False}, 0),
        ("45", {"took_part": True}, 1),
        ("45", {"took_part": False}, 0),
        ("46", {"level": "3A"}, 0),
        ("46", {"level": "4A"}, 5),
        ("46", {"level": "5A"}, 5),
        ("46", {"level": "无"}, 0),
        ("46", {"level": "申报5A"}, None),
        ("47", {"listed": True}, 1),
        ("47", {"listed": 1}, None),
        ("52", {"on_time": True, "first_pass": True}, 2),
        ("52", {"on_time": True, "first_pass": False}, 0),
        ("13", {"activities": 2}, None),
        ("14", {"new_members": 30, "members_before": 1000}, None),
    ],
)
def test_full_or_nothing(no: str, facts: Facts, value: int | None) -> None:
    found = suggestion(item(no), facts)
    assert (found and found.value) == value


def test_a_suggestion_gives_its_reason() -> None:
    full, nothing = suggestion(item("41"), BOTH), suggestion(item("41"), BOTH | {"trained": False})
    assert full is not None
    assert nothing is not None
    assert [(one.label, one.met) for one in full.reasons] == [("配备专门财务人员", "yes"), ("定期接受财务培训", "yes")]
    assert [(one.name, one.met) for one in nothing.reasons] == [("trained", "no")]


@pytest.mark.parametrize(
    ("no", "facts", "met"),
    [
        ("4", {"discussed": True}, {"discussed": "yes", "compiled": "open"}),
        ("13", {"activities": 1}, {"activities": "no"}),
        ("13", {"activities": 2}, {"activities": "yes"}),
        ("14", {"new_members": 298, "members_before": 10000}, {"growth": "no"}),
        ("14", {"new_members": 2999999, "members_before": 10**8}, {"growth": "no"}),
        ("14", {"new_members": 3, "members_before": 100}, {"growth": "yes"}),
        ("14", {"new_members": 60, "members_before": 1000}, {"growth": "yes"}),
        ("14", {"new_members": 5, "members_before": 0}, {"growth": "open"}),
        ("14", {"new_members": 5}, {"growth": "open"}),
        ("29", {"works": ["视频"]}, {"works": "yes"}),
        ("29", {"works": ["科普剧"]}, {"works": "yes"}),
        ("29", {"works": []}, {"works": "open"}),
        ("35", {"endorsed": False, "adopted": True}, {"endorsed|adopted": "yes"}),
        ("35", {"endorsed": False}, {"endorsed|adopted": "open"}),
        ("35", {"endorsed": False, "adopted": False}, {"endorsed|adopted": "no"}),
        ("36", {"party_group": True}, {"party_group": "yes", "full_time": "open"}),
        (
            "49",
            {"magazine": 0, "website": 1, "wechat": 3, "newsletters": 5},
            {"correspondents": "open", "published": "no", "newsletters": "yes"},
        ),
        ("49", {"magazine": 1, "website": 1, "wechat": 3, "newsletters": 3}, {"published": "yes", "newsletters": "no"}),
        ("49", {"wechat": 6}, {"published": "yes", "newsletters": "open"}),
        ("49", {"magazine": 4, "wechat": 0, "newsletters": 4}, {"published": "open", "newsletters": "yes"}),
    ],
)
def test_criteria_name_exactly_what_is_missing(no: str, facts: Facts, met: dict[str, str]) -> None:
    found = {one.name: one.met for one in criteria(item(no), facts)}
    assert met.items() <= found.items()


def test_a_percent_is_shown_unrounded() -> None:
    (growth,) = criteria(item("14"), {"new_members": 298, "members_before": 10000})
    assert growth.measured == Decimal("2.98")


def test_items_without_a_rule_have_no_criteria() -> None:
    assert criteria(item("16"), {}) == ()


def gaps(found: Standing, id: str) -> dict[str, Decimal | None]:
    return {gap.kind: gap.points for gap in found.gaps if gap.item.id == id}


CLAIM = Decimal("2.5")
UNPAID = BOTH | {"trained": False}


@pytest.mark.parametrize(
    ("answer", "supported", "missing", "complete"),
    [
        (Answer(), 0, {"score": 3}, False),
        (Answer("answered", None, 2), 0, {"score": 3}, False),
        (Answer("not_applicable"), 0, {"not_applicable": 3}, True),
        (Answer("not_applicable", Decimal(3), 1, BOTH), 0, {"not_applicable": 3}, True),
        (Answer("answered", Decimal(0)), 0, {"below_max": 3}, True),
        (Answer("answered", CLAIM), 0, {"evidence": CLAIM, "below_max": Decimal("0.5")}, False),
        (Answer("answered", CLAIM, 1), CLAIM, {"below_max": Decimal("0.5")}, True),
        (Answer("answered", Decimal(3), 1), 3, {}, True),
        (Answer("answered", CLAIM, 1, UNPAID), 0, {"conflict": CLAIM, "below_max": Decimal("0.5")}, True),
        (Answer("answered", CLAIM, 0, UNPAID), 0, {"conflict": CLAIM, "below_max": Decimal("0.5")}, False),
        (Answer("answered", CLAIM, 1, BOTH), CLAIM, {"below_max": Decimal("0.5")}, True),
        (Answer("answered", Decimal(9), 1), 0, {"score": 3}, False),  # more than the item has by now
    ],
)
def test_every_point_is_missing_for_one_reason(
    answer: Answer, supported: Decimal, missing: dict[str, Decimal], complete: bool
) -> None:
    found = standing(ZHEJIANG, {"accountant": answer})
    assert gaps(found, "accountant") == missing
    assert (found.supported, found.complete) == (supported, int(complete))


def test_gaps_come_by_points_at_stake_then_in_order() -> None:
    found = standing(ZHEJIANG, {"accountant": Answer("answered", Decimal(1))})
    prices = [(-(gap.points or 0), gap.item.position) for gap in found.gaps]
    assert prices == sorted(prices)
    assert [gap.item.no for gap in found.gaps][:4] == ["1", "36", "4", "11"]


def test_totals_that_nobody_gave_are_not_zero() -> None:
    empty = standing(ZHEJIANG, {})
    assert [empty.claimed, empty.supported, empty.suggested, empty.reviewed] == [0, 0, None, None]
    zeros = standing(ZHEJIANG, {"accountant": Answer("answered", Decimal(3), 1, UNPAID, reviewed=Decimal(0))})
    assert [zeros.suggested, zeros.reviewed] == [0, 0]


def test_100_percent_means_complete() -> None:
    done = {one.id: Answer("answered", one.points, 1) for one in ZHEJIANG.items}
    assert standing(ZHEJIANG, done).percent == 100
    assert standing(ZHEJIANG, done | {"news": Answer("answered", Decimal(5), 0)}).percent == 96


@st.composite
def answers(draw: st.DrawFn, rubric: Rubric = ZHEJIANG) -> dict[str, Answer]:
    """Any state a society can be in, stale facts and odd values included."""
    value = st.none() | st.booleans() | st.integers(-1, 12) | st.sampled_from(["3A", "4A", "申报4A", "2020-05-01", ""])
    found = {}
    for one in draw(st.lists(st.sampled_from(rubric.items), unique=True)):
        halves = draw(st.none() | st.integers(0, int((one.points or 0) * 2)))
        facts = {fact.name: draw(value) for fact in one.facts}
        found[one.id] = Answer(
            draw(st.sampled_from(("unanswered", "answered", "not_applicable"))),
            None if halves is None else Decimal(halves) / 2,
            draw(st.integers(0, 2)),
            facts,
        )
    return found


def supported(one: Item, answer: Answer) -> Decimal:
    """The contract's definition, written down a second time."""
    if answer.state != "answered" or answer.self_score is None or not answer.evidence:
        return Decimal(0)
    hint = suggestion(one, answer.facts)
    return answer.self_score if hint is None else min(answer.self_score, hint.value)


@unhurried
@given(answers())
def test_gaps_are_total_and_priced(given_answers: dict[str, Answer]) -> None:
    found = standing(ZHEJIANG, given_answers)
    pairs = [(one, given_answers.get(one.id, Answer())) for one in ZHEJIANG.items]
    assert found.maximum is not None
    assert found.supported is not None
    assert sum(gap.points or 0 for gap in found.gaps) == found.maximum - found.supported
    assert found.supported == sum(supported(one, answer) for one, answer in pairs)
    assert found.claimed == sum(answer.self_score or 0 for _, answer in pairs if answer.state == "answered")
    assert all(gap.points is not None and gap.points > 0 for gap in found.gaps)
    assert (found.percent == 100) == (found.complete == found.total)


@unhurried
@given(answers(), st.sampled_from(ZHEJIANG.items))
def test_a_piece_of_evidence_never_costs_points(given_answers: dict[str, Answer], one: Item) -> None:
    answer = given_answers.get(one.id, Answer())
    more = Answer(answer.state, answer.self_score, answer.evidence + 1, answer.facts)
    before, after = standing(ZHEJIANG, given_answers), standing(ZHEJIANG, given_answers | {one.id: more})
    assert before.supported is not None
    assert after.supported is not None
    assert after.supported >= before.supported


@unhurried
@given(answers(), st.data())
def test_what_is_still_unsaid_can_only_leave_a_criterion_open(
    given_answers: dict[str, Answer], data: st.DataObject
) -> None:
    for id, answer in given_answers.items():
        one = ZHEJIANG.item(id)
        less = {name: value for name, value in answer.facts.items() if data.draw(st.booleans())}
        for known, all_known in zip(criteria(one, less), criteria(one, answer.facts), strict=True):
            assert known.met in ("open", all_known.met)
