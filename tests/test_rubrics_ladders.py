"""Points by steps: what the printed steps give, what is left open, and every fault of a ladder at its line and column."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from rubrics.answers import Answer
from rubrics.faults import Faulty
from rubrics.model import Item
from rubrics.reading import read
from rubrics.scoring import standing
from rubrics.suggesting import suggested, suggestion
from storage.database import Database
from tests.season import Season

GOOD = """\
id: demo
kind: self_evaluation
step: 0.5
scales:
  - {id: grade, title: 等级, levels: [无, 1A]}
sections:
  - id: first
    title: 一类
    items:
      - id: meetings
        name: 会议
        text: 1场2分，2场4分，3场及以上6分。
        points: 6
        facts:
          - {name: online, kind: count, label: 线上, ask: 线上几场？, unit: 场}
          - {name: onsite, kind: count, label: 线下, ask: 线下几场？, unit: 场}
          - {name: both, kind: sum, label: 会议场数, parts: [online, onsite], unit: 场}
          - {name: level, kind: level, label: 等级, ask: 几A？, scale: grade}
        ladder:
          fact: both
          steps:
            - {at: 1, points: 2}
            - {at: 2, points: 4}
            - {at: 3, points: 6}
      - id: building
        name: 建设
        text: 党组织、监事会、秘书长三项，达到两项得2分，三项得5分。
        points: 5
        facts:
          - {name: party, kind: yes_no, label: 党组织, ask: 有吗？}
          - {name: board, kind: yes_no, label: 监事会, ask: 有吗？}
          - {name: secretary, kind: yes_no, label: 秘书长, ask: 有吗？}
        condition:
          all:
            - {fact: party, op: ==, value: true}
            - {fact: board, op: ==, value: true}
            - {fact: secretary, op: ==, value: true}
        ladder:
          steps:
            - {at: 2, points: 2}
            - {at: 3, points: 5}
      - id: punctual
        name: 按时
        text: 按时报送得3分，每迟一天扣1.5分，扣完为止。
        points: 3
        facts:
          - {name: days, kind: count, label: 迟报天数, ask: 迟了几天？, unit: 天}
        ladder:
          fact: days
          steps:
            - {at: 0, points: 3, label: 按时3分}
            - {at: 1, points: 1.5}
            - {at: 2, points: 0}
"""
RUBRIC = read(GOOD, "r.yaml")
MEETINGS, BUILDING, PUNCTUAL = RUBRIC.items


@pytest.mark.parametrize(
    ("item", "facts", "worth"),
    [
        (MEETINGS, {"online": 0, "onsite": 0}, "0"),
        (MEETINGS, {"online": 1, "onsite": 0}, "2"),
        (MEETINGS, {"online": 1, "onsite": 1}, "4"),
        (MEETINGS, {"online": 2, "onsite": 1}, "6"),
        (MEETINGS, {"online": 40, "onsite": 1}, "6"),
        (MEETINGS, {"online": 2}, None),
        (MEETINGS, {"online": 3}, "6"),
        (MEETINGS, {}, None),
        (BUILDING, {"party": True, "board": True, "secretary": True}, "5"),
        (BUILDING, {"party": True, "board": True, "secretary": False}, "2"),
        (BUILDING, {"party": True, "board": False, "secretary": False}, "0"),
        (BUILDING, {"party": True, "board": True}, None),
        (BUILDING, {"party": False, "board": False}, "0"),
        (BUILDING, {"party": True}, None),
        (PUNCTUAL, {"days": 0}, "3"),
        (PUNCTUAL, {"days": 1}, "1.5"),
        (PUNCTUAL, {"days": 2}, "0"),
        (PUNCTUAL, {"days": 9}, "0"),
    ],
)
def test_the_printed_steps_give_points_once_the_facts_decide(
    item: Item, facts: dict[str, object], worth: str | None
) -> None:
    assert suggested(item, facts) == (None if worth is None else Decimal(worth))


def test_a_claim_above_its_step_is_a_conflict_and_the_reasons_are_named() -> None:
    found = standing(RUBRIC, {"meetings": Answer("answered", Decimal(6), 1, {"online": 1, "onsite": 1})})
    assert [str(one) for one in (found.claimed, found.supported, found.suggested)] == ["6", "4", "4"]
    assert [(gap.kind, str(gap.points)) for gap in found.gaps if gap.item is MEETINGS] == [("conflict", "2")]
    given = suggestion(BUILDING, {"party": True, "board": True, "secretary": False})
    assert given is not None
    assert [(one.name, one.met) for one in given.reasons] == [("party", "yes"), ("board", "yes"), ("secretary", "no")]


FAULTS = [
    ("fact: both", "fact: bhot", "20:17 sections.0.items.0.ladder.fact unknown_fact"),
    ("fact: both", "fact: level", "20:17 sections.0.items.0.ladder.fact not_a_number"),
    ("{at: 2, points: 4}", "{at: 1, points: 4}", "23:20 sections.0.items.0.ladder.steps.1.at ladder_order"),
    ("{at: 3, points: 6}", "{at: 3, points: 7}", "24:31 sections.0.items.0.ladder.steps.2.points ladder_above"),
    ("{at: 1, points: 2}", "{at: 1, points: 2.2}", "22:31 sections.0.items.0.ladder.steps.0.points off_step"),
    ("{at: 1, points: 2}", "{at: 1, points: -2}", "22:31 sections.0.items.0.ladder.steps.0.points out_of_range"),
    ("{at: 1, points: 2}", "{at: 1, pionts: 2}", "22:23 sections.0.items.0.ladder.steps.0.pionts unknown_key_near"),
    ("          fact: both\n", "", "20:11 sections.0.items.0.ladder ladder_blind"),
    ("          fact: days\n", "          fact: days * 2\n", "49:17 sections.0.items.2.ladder.fact not_slug"),
    (
        "        points: 5\n",
        "        points: 5\n        suggest: full_or_nothing\n",
        "40:11 sections.0.items.1.ladder ladder_and_suggest",
    ),
]


@pytest.mark.parametrize(("old", "new", "fault"), FAULTS)
def test_a_fault_of_a_ladder_is_named_at_its_place(old: str, new: str, fault: str) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(Faulty) as caught:
        read(GOOD.replace(old, new), "r.yaml")
    assert fault in [f"{one.line}:{one.column} {one.path} {one.code}" for one in caught.value.faults]


def test_the_chat_tells_the_steps_and_what_they_support(db: Database, tmp_path: Path) -> None:
    season = Season.begin(db, GOOD, datetime(2026, 12, 20, 1, 0, tzinfo=UTC), tmp_path / "files")
    season.join("王老师")
    season.say("王老师", "开始")
    assert "表上分档（会议场数）：1场起2分，2场起4分，3场起6分。" in season.say("王老师", "说明").replies[0].text
    season.say("王老师", "6分，会议记录")
    season.say("王老师", "1场")
    assert "您自评6分，按表上条件只支持4分" in season.say("王老师", "1场").replies[0].text
