"""Review: how scores agree, who may see what, what a second delivery does, what locks by itself, and the export."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from handlers.checking import check
from handlers.inbox import take
from handlers.looking.ranking import ranking
from handlers.messages import Message
from handlers.notices.audience import audience
from handlers.notices.workdays import after
from handlers.reports.exporting import export
from handlers.reports.snapshot import Snapshot
from handlers.review.agreeing import agreed, apart, concord
from handlers.rounds import open_round
from rubrics.reading import catalog
from scheduler.closing import close_due
from scheduler.locking import lock_due
from scheduler.reminders import queue_due
from storage import queries
from storage.relations import ACT, ENTRY, OBJECTION, OUTBOX, REVIEW, REVIEW_EVENT, SENT_BACK
from tests.season import CLOSES, Season

EXAMPLE = "浙江省示例学会"


def decimals(said: str) -> list[Decimal]:
    return [Decimal(one) for one in said.split()]


@pytest.mark.parametrize(
    ("scores", "rule", "given"),
    [
        ("8", "mean", "8"),
        ("8 4.5", "single", "4.5"),
        ("4.5 8", "single", "8"),
        ("8 4.5", "mean", "6.25"),
        ("1 1 2", "mean", "1.33"),
        ("1 2 2", "mean", "1.67"),
        ("0.5 0.5 0.5 1", "mean", "0.63"),  # 0.625, half up
        ("9 1", "trimmed", "5"),
        ("9 1 4", "trimmed", "4"),
        ("9 1 4 6", "trimmed", "5"),
        ("10 10 10", "trimmed", "10"),
    ],
)
def test_several_scores_are_one(scores: str, rule: str, given: str) -> None:
    assert agreed(decimals(scores), rule) == Decimal(given)
    assert f"{agreed(decimals(scores), rule):f}" == given


@pytest.mark.parametrize(
    ("findings", "rule", "found"),
    [
        ("met", "mean", "met"),
        ("met unmet", "single", "unmet"),
        ("met unmet", "mean", None),
        ("met unmet met", "mean", "met"),
        ("met unmet excused", "trimmed", None),
        ("", "single", None),
        ("", "mean", None),
    ],
)
def test_several_findings_are_one_or_left_to_people(findings: str, rule: str, found: str | None) -> None:
    assert concord(findings.split(), rule) == found


@pytest.mark.parametrize(
    ("scores", "percent", "wide"),
    [("8 5", 30, None), ("8 4.5", 30, "3.5"), ("8", 30, None), ("", 30, None), ("8 7", 5, "1")],
)
def test_scores_that_lie_apart_are_pointed_out(scores: str, percent: int, wide: str | None) -> None:
    assert apart(decimals(scores), Decimal(10), percent) == (None if wide is None else Decimal(wide))


def test_working_days_leave_the_new_year_out() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    friday = datetime(2027, 1, 15, 18, 0, tzinfo=zone)
    assert after(friday, 3, "Asia/Shanghai") == datetime(2027, 1, 20, 17, 30, tzinfo=zone)


def said(season: Season, who: str, *words: str) -> str:
    """The last answer to the last of these."""
    for one in words:
        answer = "\n".join(reply.text for reply in season.say(who, one).replies)
    return answer


@pytest.fixture
def handed_in(season: Season) -> Iterator[Season]:
    """王老师 has handed in 8 and 4 points; the deadline is over and two reviewers and two officers are in."""
    season.clock("2027-01-15 09:00")
    for who in ("王老师", "陈评审", "孙评审", "staff", "吴处长"):
        season.join(who)
    said(season, "王老师", "会话第1项 8分，承办全国年会1场", "会话第2项 4分，研讨会3次", "确认提交")
    season.clock("2027-01-18 09:00")
    yield season
    with season.db.read() as connection:
        assert check(connection, season.store) == []


def all_of(season: Season, table: sa.Table, *where: Any) -> list[Any]:
    with season.db.read() as connection:
        return list(connection.execute(sa.select(table).where(*where)))


def entry(season: Season) -> dict[str, Any]:
    with season.db.read() as connection:
        whole = export(connection, queries.round_of(connection, season.round))
    return next(one for one in whole["entries"] if one["society"] == EXAMPLE)


def finalized(season: Season) -> None:
    said(season, "陈评审", "评审 示例学会", "6分 通知没有附", "其余同意", "24")
    said(season, "staff", "核定 示例学会", "10")


def test_a_second_delivery_scores_once(handed_in: Season) -> None:
    said(handed_in, "陈评审", "评审 示例学会")
    message = Message("dialogue", "陈评审", "once", text="7分 通知没有附")
    first, second = (take(handed_in.db, message, handed_in.now) for _ in range(2))
    assert (first.replies, first.again, second.again) == (second.replies, False, True)
    assert [row.score for row in all_of(handed_in, REVIEW_EVENT)] == [Decimal(7)]
    assert len(all_of(handed_in, ACT, ACT.c.act == "reviewed")) == 1


def test_two_reviewers_keep_their_own_scores(handed_in: Season) -> None:
    said(handed_in, "陈评审", "评审 示例学会", "7")
    said(handed_in, "孙评审", "评审 示例学会", "5")
    said(handed_in, "陈评审", "评审 示例学会 会话第1项 6分 再看")
    assert sorted(row.score for row in all_of(handed_in, REVIEW)) == [Decimal(5), Decimal(6)]
    assert [row.score for row in all_of(handed_in, REVIEW_EVENT)] == [Decimal(7), Decimal(5), Decimal(6)]
    answer = entry(handed_in)["answers"][0]
    assert [(one["by"], one["score"], one["reason"]) for one in answer["reviews"]] == [
        ("孙评审", "5", ""),
        ("陈评审", "6", "再看"),
    ]
    assert (answer["reviewed"], answer["comment"]) == (None, None)


def test_history_of_reviews_can_not_be_rewritten(handed_in: Season) -> None:
    said(handed_in, "陈评审", "评审 示例学会", "7")
    for statement in ("UPDATE review_event SET score = 1", "DELETE FROM review_event"):
        with pytest.raises(DBAPIError, match="append-only"), handed_in.db.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    assert len(all_of(handed_in, REVIEW_EVENT)) == 1


def test_a_bare_number_scores_only_while_an_item_is_spoken_of(handed_in: Season) -> None:
    said(handed_in, "staff", "评审 示例学会", "通知 9", "8")
    said(handed_in, "staff", "评审", "给全部发通知：请抓紧", "2", "2")
    assert all_of(handed_in, REVIEW_EVENT) == []


def test_before_handing_in_nobody_sees_the_words(season: Season) -> None:
    season.join("王老师")
    season.join("陈评审")
    said(season, "王老师", "会话第1项 8分，承办全国年会1场")
    heard = "\n".join(said(season, "陈评审", words) for words in ("评审 示例学会", "评审", "第1项", "看依据", "8"))
    assert "年会" not in heard
    assert all_of(season, REVIEW_EVENT) == []


def test_what_is_sent_back_locks_by_itself_and_nothing_is_lost(handed_in: Season) -> None:
    season = handed_in
    said(season, "陈评审", "评审 示例学会", "退回 请补年会通知 到1月19日12:00")
    said(season, "王老师", "会话第1项 7分", "会话第2项 5分")
    assert entry(season)["status"] == "returned"
    season.clock("2027-01-19 11:59")
    assert lock_due(season.db, season.now) == []
    season.clock("2027-01-19 12:00")
    assert len(lock_due(season.db, season.now)) == 1
    assert lock_due(season.db, season.now) == []
    after_it = entry(season)
    assert (after_it["status"], after_it["claimed"], after_it["late"]) == ("submitted", "11", False)
    assert [one["current"] for one in after_it["submissions"]] == [False, True]
    assert after_it["submissions"][1]["automatic"]
    told = all_of(season, OUTBOX, OUTBOX.c.cause.like("handed_in:%"))
    assert len(told) == 1


def test_what_nobody_changed_stands_as_it_was_handed_in(handed_in: Season) -> None:
    said(handed_in, "陈评审", "评审 示例学会", "退回 请补年会通知 到1月19日12:00")
    handed_in.clock("2027-01-19 12:00")
    said(handed_in, "王老师", "你好")
    now = entry(handed_in)
    assert (now["status"], len(now["submissions"])) == ("submitted", 1)
    assert [row.closed_at is not None for row in all_of(handed_in, SENT_BACK)] == [True]


def test_an_item_is_sent_back_while_the_round_is_open_and_nobody_is_reminded(season: Season) -> None:
    season.clock("2026-12-21 09:00")
    season.join("王老师")
    season.join("陈评审")
    said(season, "王老师", "会话第1项 8分，承办全国年会1场", "确认提交")
    said(season, "陈评审", "评审 示例学会", "退回 请补年会通知 到1月14日")
    season.clock("2027-01-08 17:31")
    queue_due(season.db, season.now)
    assert all_of(season, OUTBOX, OUTBOX.c.kind == "reminder") == []
    with season.db.read() as connection:
        round = queries.round_of(connection, season.round)
        named = {
            said: [row.name for row in audience(connection, round, said).societies] for said in ("没提交", "已退回")
        }
    assert named == {"没提交": ["浙江省茶叶学会"], "已退回": [EXAMPLE]}


def test_whoever_answers_is_told_once_and_the_reviewer_hears_of_the_answer(handed_in: Season) -> None:
    said(handed_in, "陈评审", "评审 示例学会", "退回 请补年会通知")
    said(handed_in, "王老师", "会话第1项 依据：年会通知", "确认提交")
    notices = all_of(handed_in, OUTBOX, OUTBOX.c.kind == "notice")
    assert [(row.cause.split(":")[0], "年会通知" in row.text) for row in notices] == [
        ("sent_back", True),
        ("sent_back_answered", False),
    ]


def test_a_recused_reviewer_sees_nothing_and_counts_no_more(handed_in: Season) -> None:
    said(handed_in, "陈评审", "评审 示例学会", "2", "其余同意", "24")
    said(handed_in, "陈评审", "回避 示例学会 我是会员")
    heard = "\n".join(said(handed_in, "陈评审", words) for words in ("评审", "评审 示例学会", "3", "看依据"))
    assert "年会" not in heard
    assert "没有评分" in said(handed_in, "staff", "核定 示例学会")
    assert len(all_of(handed_in, REVIEW_EVENT)) == 25
    assert entry(handed_in)["recused"] == ["陈评审"]


def test_who_is_done_with_a_society_is_shown_the_others(handed_in: Season) -> None:
    handed_in.clock("2027-01-15 10:00")
    handed_in.join("赵老师")
    said(handed_in, "赵老师", "会话第1项 6分，承办省内年会1场", "确认提交")
    said(handed_in, "陈评审", "评审 示例学会", "其余同意", "25")
    assert "1. 浙江省茶叶学会" in said(handed_in, "陈评审", "评审")
    assert "浙江省茶叶学会" in said(handed_in, "陈评审", "1")
    said(handed_in, "陈评审", "回避 茶叶学会 亲属")
    assert "茶叶" not in said(handed_in, "陈评审", "评审")


def test_a_final_score_is_seen_only_when_released(handed_in: Season) -> None:
    finalized(handed_in)
    before = entry(handed_in)
    assert (before["reviewed"], before["answers"][0]["reviewed"], before["answers"][0]["comment"]) == (
        "10",
        "6",
        "通知没有附",
    )
    assert "还没有公布" in said(handed_in, "王老师", "核定分")
    assert "通知没有附" not in said(handed_in, "王老师", "记录")
    said(handed_in, "staff", "公布核定 全部", "1")
    assert "通知没有附" in said(handed_in, "王老师", "核定分")
    assert len(all_of(handed_in, OUTBOX, OUTBOX.c.cause.like("released:%"))) == 1


@pytest.mark.parametrize("words", ["撤回提交", "先交后补"])
def test_what_is_final_is_not_taken_back_while_the_round_is_open(handed_in: Season, words: str) -> None:
    handed_in.clock("2027-01-15 10:00")
    finalized(handed_in)
    assert "已经核定" in said(handed_in, "王老师", words)
    assert (entry(handed_in)["status"], entry(handed_in)["reviewed"]) == ("submitted", "10")


def test_her_own_export_holds_no_score_before_it_is_released(handed_in: Season) -> None:
    def hers() -> tuple[Any, ...]:
        with handed_in.db.read() as connection:
            round = queries.round_of(connection, handed_in.round)
            found = next(iter(Snapshot(connection, round, handed_in.now, only=[1], own=True).entries()))
        first = found["answers"][0]
        return found["society"], found["reviewed"], first["reviewed"], first["comment"], first["reviews"]

    finalized(handed_in)
    assert hers() == (EXAMPLE, None, None, None, [])
    said(handed_in, "staff", "公布核定 全部", "1")
    assert hers() == (EXAMPLE, "10", "6", "通知没有附", [])


def test_the_ranking_reads_what_was_decided(handed_in: Season) -> None:
    finalized(handed_in)
    with handed_in.db.read() as connection:
        found = ranking(connection, queries.round_of(connection, handed_in.round))
    assert [(row.society, row.rank, row.reviewed) for row in found.ranked] == [(EXAMPLE, 1, Decimal(10))]


def test_one_officer_alone_reopens_nothing(handed_in: Season) -> None:
    finalized(handed_in)
    said(handed_in, "staff", "复核 示例学会 算错", "复核 示例学会", "10")
    assert entry(handed_in)["reviewed"] == "10"
    assert said(handed_in, "吴处长", "复核 示例学会", "9").startswith("数字9")
    assert entry(handed_in)["reviewed"] == "10"
    said(handed_in, "吴处长", "复核 示例学会", "10")
    assert (entry(handed_in)["reviewed"], entry(handed_in)["answers"][0]["reviewed"]) == (None, None)
    acts = all_of(handed_in, ACT, ACT.c.act == "review_reopened")
    assert [(row.details["old"], row.details["reason"]) for row in acts] == [("10", "算错")]


def test_the_rule_stands_once_something_is_final(handed_in: Season) -> None:
    finalized(handed_in)
    assert "不能再换" in said(handed_in, "staff", "评审规则 平均")
    assert "20%" in said(handed_in, "staff", "评审规则 分差20%")
    with handed_in.db.read() as connection:
        round = queries.round_of(connection, handed_in.round)
    assert (round.review_rule, round.review_spread) == ("single", 20)


def test_an_objection_changes_the_sum_and_keeps_old_and_new(handed_in: Season) -> None:
    finalized(handed_in)
    said(handed_in, "staff", "公布核定 示例学会", "1")
    said(handed_in, "王老师", "申诉 会话第1项 通知在附件3")
    said(handed_in, "staff", "申诉 1 改 8分 通知有效")
    found = entry(handed_in)
    assert (found["reviewed"], found["answers"][0]["reviewed"]) == ("12", "8")
    objection = found["answers"][0]["objections"][0]
    assert (objection["old"], objection["new"], objection["outcome"]) == ("6", "8", "changed")
    assert [row.kind for row in all_of(handed_in, REVIEW_EVENT, REVIEW_EVENT.c.kind == "changed")] == ["changed"]


def test_filling_in_on_behalf_is_under_the_officers_name(season: Season) -> None:
    season.join("王老师")
    season.join("staff")
    said(season, "staff", "代填 示例学会 会话第5项 4分 举荐青托2人")
    answer = entry(season)["answers"][4]
    assert (answer["self_score"], answer["events"][0]["by"]) == ("4", "周科长")
    assert "由科协周科长代填" in said(season, "王老师", "记录")
    [notice] = all_of(season, OUTBOX, OUTBOX.c.cause.like("filled_in:%"))
    assert "由科协周科长代填" in notice.text
    assert all_of(season, ENTRY)[0].status == "in_progress"
    with season.db.read() as connection:
        assert check(connection, season.store) == []


def test_a_result_is_seen_and_objected_to_while_another_round_is_open(handed_in: Season) -> None:
    """The round that it belongs to is over; what she says of anything else goes to the one that is open."""
    finalized(handed_in)
    said(handed_in, "staff", "公布核定 全部", "1")
    close_due(handed_in.db, handed_in.now)
    source = catalog()["zhejiang-2020"]
    about: dict[str, Any] = {
        "title": "专项自评",
        "closes_at": CLOSES + timedelta(days=30),
        "zone": "Asia/Shanghai",
        "now": handed_in.now,
    }
    other = handed_in.db.write(lambda db: open_round(db, source, "zhejiang-2020.yaml", **about))
    assert "专项自评" in said(handed_in, "王老师", "进度")
    assert "通知没有附" in said(handed_in, "王老师", "核定分")
    assert "专项自评" in said(handed_in, "王老师", "进度")
    assert "通知没有附" in said(handed_in, "王老师", f"轮次{handed_in.round}，核定分")
    assert "专项自评" in said(handed_in, "王老师", "进度")
    assert "申诉" in said(handed_in, "王老师", "申诉 会话第1项 通知已补")
    with handed_in.db.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(OBJECTION)) == 1
        entries = export(db, queries.round_of(db, other))["entries"]
    assert {one["claimed"] for one in entries} == {"0"}
