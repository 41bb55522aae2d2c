"""需复核: what was judged before its ground changed keeps its verdict and a mark, until people judge it anew."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from handlers.checking import check
from handlers.criteria.amending import amend
from storage.relations import ENTRY, OUTBOX, RECHECK, VERDICT
from tests.season import Season
from tests.test_amending import lowered


def said(season: Season, who: str, *words: str) -> str:
    for one in words:
        answer = "\n".join(reply.text for reply in season.say(who, one).replies)
    return answer


@pytest.fixture
def reviewed(season: Season) -> Iterator[Season]:
    """王老师 has handed in 8 and 4 points and says more when it is over; a reviewer has agreed to all of it."""
    season.clock("2027-01-15 09:00")
    for who in ("王老师", "陈评审", "staff", "吴处长"):
        season.join(who)
    said(season, "王老师", "会话第1项 8分，承办全国年会1场", "会话第2项 4分，研讨会3次", "确认提交")
    season.clock("2027-01-18 09:00")
    said(season, "王老师", "会话第1项 9分")
    said(season, "陈评审", "评审 示例学会", "其余同意", "25")
    yield season
    with season.db.read() as connection:
        assert check(connection, season.store) == []


@pytest.fixture
def early(season: Season) -> Iterator[Season]:
    """The same before the deadline, with nothing late."""
    season.clock("2027-01-15 09:00")
    for who in ("王老师", "陈评审", "staff", "吴处长"):
        season.join(who)
    said(season, "王老师", "会话第1项 8分，承办全国年会1场", "会话第2项 4分，研讨会3次", "确认提交")
    said(season, "陈评审", "评审 示例学会", "其余同意", "25")
    yield season
    with season.db.read() as connection:
        assert check(connection, season.store) == []


def marks(season: Season) -> list[tuple[str, str, bool]]:
    with season.db.read() as db:
        rows = db.execute(sa.select(RECHECK).order_by(RECHECK.c.id))
        return [(row.item, row.cause, row.cleared_at is not None) for row in rows]


def verdict(season: Season) -> tuple[object, ...]:
    with season.db.read() as db:
        first = sa.select(VERDICT.c.score).where(VERDICT.c.item == "academic-exchange")
        return str(db.scalar(first)), str(db.scalar(sa.select(ENTRY.c.reviewed)))


def heard(season: Season) -> list[str]:
    with season.db.read() as db:
        return list(db.scalars(sa.select(OUTBOX.c.text).where(OUTBOX.c.cause.like("recheck:%"))))


def finalized(season: Season) -> None:
    said(season, "staff", "核定 示例学会", "12")


def changed(season: Season) -> None:
    """学术交流 is worth 6 points instead of 10."""

    def work(db: sa.Connection) -> None:
        touched = amend(db, season.round, lowered(), "zhejiang-2020.yaml", season.now, yes=None).touched
        amend(db, season.round, lowered(), "zhejiang-2020.yaml", season.now, yes=len(touched))

    season.db.write(work)


def test_a_late_decision_after_the_verdict_leaves_it_and_marks_what_it_touches(reviewed: Season) -> None:
    finalized(reviewed)
    answer = said(reviewed, "staff", "算数 浙江省示例学会 平台故障")
    assert "第1项核定不变，已标「需复核」" in answer
    assert marks(reviewed) == [("academic-exchange", "late", False)]
    assert verdict(reviewed) == ("8", "12")
    assert ["第1项" in text for text in heard(reviewed)] == [True]  # the other officer
    assert "第1项" in said(reviewed, "陈评审", "需复核")
    assert "需复核1项" in said(reviewed, "陈评审", "评审")


def test_the_mark_goes_with_a_new_verdict_of_two_officers_and_a_reviewer(reviewed: Season) -> None:
    finalized(reviewed)
    said(reviewed, "staff", "算数 浙江省示例学会 平台故障", "复核 示例学会 逾期内容已算数")
    said(reviewed, "吴处长", "复核 示例学会", "12")
    assert marks(reviewed) == [("academic-exchange", "late", False)]
    assert "第1项" in said(reviewed, "staff", "核定 示例学会")
    assert verdict(reviewed) == ("None", "None")
    said(reviewed, "陈评审", "评审 示例学会", "9分 逾期的算数")
    assert marks(reviewed) == [("academic-exchange", "late", True)]
    said(reviewed, "staff", "核定 示例学会", "13")
    assert verdict(reviewed) == ("9", "13")
    assert "没有需复核" in said(reviewed, "staff", "需复核")


def test_a_decision_that_changes_nothing_final_marks_nothing(reviewed: Season) -> None:
    said(reviewed, "staff", "算数 浙江省示例学会 平台故障")
    assert marks(reviewed) == []  # the reviewer's score is of another answer now, and is asked for again
    assert "没有评分" in said(reviewed, "staff", "核定 示例学会")
    finalized(reviewed)
    said(reviewed, "staff", "不算 浙江省示例学会 查无故障")
    assert marks(reviewed) == []


def test_a_changed_table_marks_what_was_reviewed_and_it_is_asked_again(early: Season) -> None:
    changed(early)
    assert sorted(marks(early)) == [("academic-exchange", "rubric", False), ("hot-topics", "rubric", False)]
    assert len(heard(early)) == 2
    assert "第1–2项标了「需复核」" in said(early, "staff", "核定 示例学会")
    assert "需复核：评价标准的改动" in said(early, "陈评审", "评审 示例学会")
    said(early, "陈评审", "6分 按新表")
    assert sorted(marks(early)) == [("academic-exchange", "rubric", True), ("hot-topics", "rubric", False)]
    said(early, "陈评审", "4")
    assert "合计 10 分" in said(early, "staff", "核定 示例学会")


def test_a_final_score_stands_under_a_changed_table_and_is_marked(early: Season) -> None:
    finalized(early)
    changed(early)
    assert verdict(early) == ("8", "12")
    assert sorted(marks(early)) == [("academic-exchange", "rubric", False), ("hot-topics", "rubric", False)]


def test_what_another_reviewer_gave_by_the_old_table_counts_no_more(early: Season) -> None:
    early.join("孙评审")
    said(early, "staff", "评审规则 平均")
    said(early, "孙评审", "评审 示例学会", "10分 满分", "其余同意", "24")
    changed(early)
    said(early, "陈评审", "评审 示例学会", "6分 按新表", "4")
    assert "评价标准改过，请再评一次" in said(early, "孙评审", "评审 示例学会")
    assert "合计 10 分" in said(early, "staff", "核定 示例学会")
    said(early, "孙评审", "评审 示例学会 会话第1项", "5分 按新表")
    assert "合计 9.5 分" in said(early, "staff", "核定 示例学会")
