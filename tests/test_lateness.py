"""What came late and the office's word on it: the fold, the figures, what stands handed in, who may, who is told."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from handlers.answers.folding import fold, ruling
from handlers.checking import check
from handlers.late import deciding, extending
from handlers.reports.exporting import export
from handlers.societies import joining
from scheduler.closing import close_due
from storage import queries
from storage.relations import ACT, OUTBOX, SOCIETY
from tests.season import CLOSES, Season
from tests.test_turn import fresh

EXAMPLE = "浙江省示例学会"


@pytest.fixture
def late(season: Season) -> Iterator[Season]:
    """王老师 has 8 points in time, handed in, and says 9 when it is over; 周科长 is in the office."""
    season.clock("2027-01-15 17:00")
    season.join("王老师", "telegram")
    season.join("staff")
    wang(season, "会话第1项 8分，承办全国年会1场")
    wang(season, "确认提交")
    season.clock("2027-01-15 17:31")
    wang(season, "会话第1项 9分")
    yield season
    with season.db.read() as connection:
        assert check(connection, season.store) == []


def wang(season: Season, words: str) -> str:
    return season.say("王老师", words, channel="telegram").replies[-1].text


def staff(season: Season, words: str) -> str:
    return "\n".join(reply.text for reply in season.say("staff", words).replies)


def entry(season: Season) -> dict[str, Any]:
    with season.db.read() as connection:
        whole = export(connection, queries.round_of(connection, season.round))
    return next(one for one in whole["entries"] if one["society"] == EXAMPLE)


def decide(season: Season, *, counts: bool) -> None:
    def work(connection: sa.Connection) -> None:
        society = connection.execute(sa.select(SOCIETY).where(SOCIETY.c.name == EXAMPLE)).one()
        round = queries.round_of(connection, season.round)
        deciding.decide(connection, round, society, counts=counts, reason="r", now=season.now, by=None)

    season.db.write(work)


def decision(up_to: int, *, counts: bool) -> SimpleNamespace:
    return SimpleNamespace(counts=counts, up_to=up_to)


@pytest.mark.parametrize(
    ("decisions", "event", "ruled"),
    [
        ([], 5, None),
        ([decision(5, counts=True)], 5, True),
        ([decision(5, counts=True)], 6, None),
        ([decision(5, counts=True), decision(5, counts=False)], 5, False),
        ([decision(5, counts=False), decision(7, counts=True)], 5, True),
        ([decision(5, counts=True), decision(7, counts=False)], 8, None),
    ],
)
def test_the_newest_decision_rules_what_had_come_by_then(decisions: list[Any], event: int, ruled: bool | None) -> None:
    assert ruling(decisions, event) is ruled


def event(id: int, kind: str, new: Any, *, late: bool, old: Any = None) -> SimpleNamespace:
    return SimpleNamespace(id=id, item="a", kind=kind, new=new, old=old, late=late, inbound_id=id, ordinal=0)


def scored(id: int, score: str, *, late: bool = False) -> SimpleNamespace:
    return event(id, "score", {"state": "answered", "score": score, "reason": None}, late=late)


EVENTS = (
    scored(1, "8"),
    event(2, "evidence", {}, late=False),  # piece 20
    scored(3, "9", late=True),
    event(4, "evidence", {}, late=True),  # piece 40
    event(5, "withdrawal", {"back": False, "of_late": False}, old={"evidence": 20}, late=True),
    event(6, "withdrawal", {"back": False, "of_late": False}, old={"evidence": 20}, late=True),  # said twice
)
PIECES = {(2, 0): 20, (4, 0): 40}


@pytest.mark.parametrize(
    ("up_to", "counts", "score", "live"),
    [
        (0, False, "8", {20}),
        (6, False, "8", {20}),
        (3, True, "9", {20}),
        (4, True, "9", {20, 40}),
        (6, True, "9", {40}),
    ],
)
def test_the_fold_of_what_counts(up_to: int, counts: bool, score: str, live: set[int]) -> None:
    one = fold(EVENTS, PIECES, [decision(up_to, counts=counts)])["a"]
    assert (one.score, one.live, one.version) == (Decimal(score), live, 6)


def test_what_counts_replaces_what_is_handed_in_and_is_on_record(late: Season) -> None:
    assert entry(late)["late_decision"] is None
    assert "8→9" in staff(late, f"算数 {EXAMPLE} 平台故障")
    one = entry(late)
    assert (one["claimed"], one["supported"], one["status"], one["late"]) == ("9", "9", "submitted", True)
    assert one["late_decision"] == {
        "counts": True,
        "by": "周科长",
        "at": "2027-01-15T17:31:00+08:00",
        "reason": "平台故障",
    }
    assert [(event["new"], event["late"], event["counts"]) for event in one["answers"][0]["events"]] == [
        ("8", False, True),
        ("9", True, True),
    ]
    first, second = one["submissions"]
    assert (first["claimed"], first["late"], first["withdrawn_at"], first["current"]) == ("8", False, None, False)
    assert (second["claimed"], second["late"], second["accepted"]["by"], second["current"]) == (
        "9",
        True,
        "周科长",
        True,
    )
    with late.db.read() as connection:
        act = connection.execute(sa.select(ACT).where(ACT.c.act == "late_counted")).one()
    assert (act.details["old"], act.details["new"], act.details["reason"]) == (["8", "8"], ["9", "9"], "平台故障")


def test_the_other_word_puts_back_what_was_handed_in_in_time(late: Season) -> None:
    staff(late, f"算数 {EXAMPLE} 平台故障")
    assert "9→8" in staff(late, f"不算 {EXAMPLE} 故障在截止之后")
    one = entry(late)
    assert (one["claimed"], one["status"], one["late_decision"]["counts"]) == ("8", "submitted", False)
    assert [(made["current"], made["withdrawn_at"] is None) for made in one["submissions"]] == [
        (True, True),
        (False, False),
    ]
    assert one["submitted_at"] == "2027-01-15T17:00:00+08:00"
    assert "没有改动" in staff(late, f"不算 {EXAMPLE} 再说一遍")
    staff(late, f"算数 {EXAMPLE} 复核")
    assert [made["current"] for made in entry(late)["submissions"]] == [False, False, True]


def test_the_society_is_told_with_the_reason(late: Season) -> None:
    staff(late, f"不算 {EXAMPLE} 超过截止时间")
    staff(late, f"算数 {EXAMPLE} 平台故障")
    with late.db.read() as connection:
        told = list(connection.scalars(sa.select(OUTBOX.c.text).where(OUTBOX.c.kind == "notice").order_by(OUTBOX.c.id)))
    assert ["不计入" in text for text in told] == [True, False]
    assert "超过截止时间" in told[0]
    assert "由8分变为9分" in told[1]
    assert "LATE-1-2" in told[1]


def test_what_comes_after_a_decision_waits_for_the_next(late: Season) -> None:
    decide(late, counts=True)
    wang(late, "会话第1项 10分")
    assert entry(late)["claimed"] == "9"
    assert "之后新来1条未决定" in staff(late, "逾期")
    decide(late, counts=True)
    assert entry(late)["claimed"] == "10"


def test_a_table_begun_too_late_is_taken_in_and_out_whole(season: Season) -> None:
    season.join("staff")
    season.clock("2027-01-15 17:30")
    season.join("王老师", "telegram")
    wang(season, "会话第1项 8分")
    wang(season, "提交")
    decide(season, counts=True)
    assert (entry(season)["status"], entry(season)["claimed"]) == ("submitted", "8")
    decide(season, counts=False)
    one = entry(season)
    assert (one["status"], one["claimed"], one["submitted_at"]) == ("closed", "0", None)
    with season.db.read() as connection:
        assert check(connection, season.store) == []


def test_only_the_wish_to_hand_in_came_late(season: Season) -> None:
    season.join("王老师", "telegram")
    wang(season, "会话第1项 8分")
    season.clock("2027-01-15 17:30:00")
    assert "逾期" in wang(season, "提交")
    decide(season, counts=True)
    assert (entry(season)["status"], entry(season)["claimed"]) == ("submitted", "8")
    decide(season, counts=False)
    close_due(season.db, season.now)
    assert entry(season)["status"] == "closed"


def test_more_time_comes_before_a_decision(late: Season) -> None:
    def extend(connection: sa.Connection) -> None:
        society = connection.execute(sa.select(SOCIETY).where(SOCIETY.c.name == EXAMPLE)).one()
        round = queries.round_of(connection, late.round)
        extending.extend(connection, round, society, CLOSES.replace(day=16), "", late.now, by=None)

    late.db.write(extend)
    assert "到时再决定" in staff(late, f"算数 {EXAMPLE} 平台故障")
    assert entry(late)["late_decision"] is None


@pytest.mark.parametrize(
    "words", [f"算数 {EXAMPLE}", "算数 示例 平台故障", "算数 没有的学会 平台故障", "算数 1 平台故障"]
)
def test_nothing_is_decided_without_a_reason_and_a_certain_society(late: Season, words: str) -> None:
    staff(late, words)
    assert entry(late)["late_decision"] is None


def test_a_name_that_only_resembles_is_chosen_by_its_number(late: Season) -> None:
    staff(late, "算数 示例 平台故障")
    assert "8→9" in staff(late, "1")
    assert entry(late)["late_decision"]["reason"] == "平台故障"


def test_a_number_means_the_list_that_was_shown(late: Season) -> None:
    assert EXAMPLE in staff(late, "逾期")
    assert "8→9" in staff(late, "算数 1 平台故障")


def test_a_reviewer_looks_and_does_not_decide(late: Season) -> None:
    code = late.db.write(lambda db: joining.invite(db, society_id=None, role="reviewer", name="审核员", now=late.now))
    late.say("审核员", code)
    assert EXAMPLE in late.say("审核员", "逾期").replies[0].text
    assert "管理人员" in late.say("审核员", f"算数 {EXAMPLE} 平台故障").replies[0].text
    assert entry(late)["late_decision"] is None


def test_one_message_decides_once_however_often_it_comes(late: Season) -> None:
    first = late.say("staff", f"算数 {EXAMPLE} 平台故障", key="k1")
    again = late.say("staff", f"算数 {EXAMPLE} 平台故障", key="k1")
    assert [one.text for one in first.replies] == [one.text for one in again.replies]
    assert len(entry(late)["submissions"]) == 2


@pytest.mark.parametrize("statement", ["UPDATE late_decision SET counts = false", "DELETE FROM late_decision"])
def test_a_decision_can_not_be_rewritten(late: Season, statement: str) -> None:
    decide(late, counts=True)
    with pytest.raises(DBAPIError, match="append-only"), late.db.engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert entry(late)["late_decision"]["counts"] is True


@dataclass
class Model:
    """What one item must come to, reckoned from the beginning each time."""

    said: list[tuple[str, Any, bool]] = field(default_factory=list)  # kind, value, late
    counted_to: int = 0
    counts: bool = False

    def decide(self, *, counts: bool) -> None:
        self.counted_to, self.counts = len(self.said), counts

    def outcome(self) -> tuple[str | None, int]:
        score, live = None, set[int]()
        for number, (kind, value, late) in enumerate(self.said):
            if late and not (self.counts and number < self.counted_to):
                continue
            if kind == "score":
                score = str(value)
            elif kind == "evidence":
                live.add(value)
            else:
                live.discard(value)
        return score, len(live)

    def withdrawable(self) -> int | None:
        """The first piece on her list: what counts and is not withdrawn, and what waits and she did not take back."""
        counting, kept = set[int](), list[int]()
        gone, said_gone = set[int](), set[int]()
        for number, (kind, value, late) in enumerate(self.said):
            counts = not late or (self.counts and number < self.counted_to)
            if kind == "evidence":
                kept.append(value)
                counting |= {value} if counts else set()
            elif kind == "withdrawal":
                said_gone.add(value)
                gone |= {value} if counts else set()
        left = [one for one in kept if one not in (gone if one in counting else said_gone)]
        return left[0] if left else None


DOING = st.one_of(
    st.tuples(st.just("score"), st.integers(0, 10)),
    st.sampled_from([("evidence", 0), ("withdraw", 0), ("accept", 0), ("refuse", 0)]),
)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(early=st.lists(DOING, max_size=4), later=st.lists(DOING, max_size=10), handed_in=st.booleans())
def test_any_order_of_late_words_and_decisions(
    early: list[tuple[str, int]],
    later: list[tuple[str, int]],
    handed_in: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """The model reckons from the beginning; the stored answer, its evidence and what stands handed in agree."""
    season, model = fresh(tmp_path_factory.mktemp("late")), Model()
    for kind, value in early:
        do(season, model, kind, value, late=False)
    if handed_in:
        season.say("王老师", "先交后补")
    season.now = CLOSES
    for kind, value in later:
        do(season, model, kind, value, late=True)
    one = entry(season)
    score, live = model.outcome()
    answer = one["answers"][0]
    with season.db.read() as connection:
        assert check(connection, season.store) == []
        kept = connection.execute(sa.text("SELECT evidence FROM answer")).scalar() or 0
    assert (answer["self_score"], kept) == (score, live)
    assert (one["status"] == "submitted") == (handed_in or model.counts)
    season.db.close()


def do(season: Season, model: Model, kind: str, value: int, *, late: bool) -> None:
    if kind == "score":
        season.say("王老师", f"会话第1项 {value}分")
        if late or model.outcome()[0] != str(value):
            model.said.append((kind, value, late))
    elif kind == "evidence":
        season.say("王老师", f"会话第1项 依据：承办第{len(model.said)}次会议")
        model.said.append((kind, len(model.said), late))
    elif kind == "withdraw":
        piece = model.withdrawable()
        season.say("王老师", "会话第1项 撤回第1条依据")
        model.said += [("withdrawal", piece, late)] if piece is not None else []
    else:
        try:
            decide(season, counts=kind == "accept")
        except deciding.NoDecision:
            return
        model.decide(counts=kind == "accept")
