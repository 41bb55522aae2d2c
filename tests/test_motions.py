"""Motions of two officers: one effect however many confirm, ends that everybody hears of, and no life after a week."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import sqlalchemy as sa

from handlers.inbox import take
from handlers.messages import Message
from handlers.societies import joining
from scheduler.expiring import expire_due
from storage.relations import ACT, ENTRY, MOTION, OUTBOX, PERSON
from tests.season import Season


def said(season: Season, who: str, *words: str) -> str:
    for one in words:
        answer = "\n".join(reply.text for reply in season.say(who, one).replies)
    return answer


def closed(season: Season) -> Season:
    season.clock("2027-01-18 09:00")
    for who in ("赵老师", "staff", "吴处长"):
        season.join(who)
    return season


def moved(season: Season) -> Season:
    said(closed(season), "staff", "重新开放 茶叶学会 到1月30日 平台故障")
    return season


def outcomes(season: Season) -> list[tuple[str | None, bool]]:
    with season.db.read() as db:
        return [(row.outcome, row.seconded_by is not None) for row in db.execute(sa.select(MOTION))]


def heard(season: Season, name: str) -> list[str]:
    with season.db.read() as db:
        return list(db.scalars(sa.select(OUTBOX.c.text).where(OUTBOX.c.cause.like(f"{name}:%"))))


def extended(season: Season) -> int:
    with season.db.read() as db:
        return db.scalar(sa.select(sa.func.count()).where(ACT.c.act == "table_reopened")) or 0


def test_two_confirmations_open_once(season: Season) -> None:
    moved(season)
    said(season, "吴处长", "重新开放 茶叶学会")
    first = season.say("吴处长", "0", key="second")
    again = season.say("吴处长", "0", key="second")
    assert first.replies == again.replies
    said(season, "吴处长", "0")
    assert extended(season) == 1
    assert outcomes(season) == [(None, True)]


def test_two_officers_who_confirm_at_once_open_once(season: Season) -> None:
    season.codes["郑处长"] = season.db.write(
        lambda db: joining.invite(db, society_id=None, role="officer", name="郑处长", now=season.now)
    )
    moved(season)
    season.join("郑处长")
    both = ("吴处长", "郑处长")
    for who in both:
        assert "同意请回复数字 0" in said(season, who, "重新开放 茶叶学会")
    messages = [Message("dialogue", who, f"at once {who}", text="0") for who in both]
    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(lambda one: take(season.db, one, season.now), messages))
    texts = sorted(one.replies[-1].text for one in taken)
    assert ["两位管理人员已确认" in text for text in texts].count(True) == 1
    assert ["没有执行" in text for text in texts].count(True) == 1
    assert (extended(season), outcomes(season)) == (1, [(None, True)])


def test_what_was_taken_back_while_the_number_was_typed_does_nothing(season: Season) -> None:
    moved(season)
    said(season, "吴处长", "重新开放 茶叶学会")
    said(season, "staff", "撤回申请")
    assert "没有执行" in said(season, "吴处长", "0")
    assert (extended(season), outcomes(season)) == (0, [("withdrawn", False)])
    assert len(heard(season, "motion_ended")) == 1


def test_it_ends_after_a_week_to_the_minute_and_both_are_told(season: Season) -> None:
    moved(season)
    began = season.now
    season.now = began + timedelta(days=7) - timedelta(seconds=1)
    assert expire_due(season.db, season.now) == []
    season.now = began + timedelta(days=7)
    assert len(expire_due(season.db, season.now)) == 1
    assert expire_due(season.db, season.now) == []
    assert outcomes(season) == [("expired", False)]
    assert len(heard(season, "motion_ended")) == 2


def test_it_ends_once_what_it_is_about_has_changed(season: Season) -> None:
    moved(season)
    said(season, "吴处长", "重新开放 茶叶学会")
    with season.db.engine.begin() as connection:
        connection.execute(sa.update(ENTRY).values(claimed=5))
    assert "情况已变" in said(season, "吴处长", "0")
    assert (extended(season), outcomes(season)) == (0, [("overtaken", False)])


def test_nobody_declines_her_own_and_a_reason_is_wanted(season: Season) -> None:
    moved(season)
    said(season, "staff", "不同意 1 反悔")
    said(season, "吴处长", "不同意 1")
    assert outcomes(season) == [(None, False)]
    said(season, "吴处长", "不同意 1 没有故障记录")
    assert outcomes(season) == [("declined", False)]
    assert ["没有故障记录" in text for text in heard(season, "motion_ended")] == [True]


def becomes(season: Season, name: str, **what: object) -> None:
    """Somebody of the office is put out, or is of another role."""
    with season.db.engine.begin() as connection:
        connection.execute(sa.update(PERSON).where(PERSON.c.name == name).values(**what))


def test_what_was_moved_by_who_is_put_out_is_not_seconded_and_everybody_is_told(season: Season) -> None:
    moved(season)
    choices = season.say("吴处长", "停用 周科长").replies[-1].choices
    assert "已停用" in "".join(one.text for one in season.say("吴处长", choice=choices[0][0]).replies)
    assert "提出人已不是管理人员" in said(season, "吴处长", "重新开放 茶叶学会")
    assert (extended(season), outcomes(season)) == (0, [("overtaken", False)])
    assert "已提出（编号2）" in said(season, "吴处长", "重新开放 茶叶学会 到1月30日 平台故障")


def test_the_number_that_she_was_shown_before_does_nothing_either(season: Season) -> None:
    moved(season)
    said(season, "吴处长", "重新开放 茶叶学会")
    becomes(season, "周科长", role="reviewer")
    assert "提出人已不是管理人员" in said(season, "吴处长", "0")
    assert (extended(season), outcomes(season)) == (0, [("overtaken", False)])


def test_it_ends_by_itself_once_its_mover_is_gone(season: Season) -> None:
    moved(season)
    becomes(season, "周科长", revoked_at=season.now)
    assert len(expire_due(season.db, season.now)) == 1
    assert ["提出人已不是管理人员" in text for text in heard(season, "motion_ended")] == [True]


def test_who_is_an_officer_no_more_seconds_nothing_and_is_told_why(season: Season) -> None:
    moved(season)
    said(season, "吴处长", "重新开放 茶叶学会")
    becomes(season, "吴处长", role="reviewer")
    assert "现在不是了" in said(season, "吴处长", "0")
    assert "管理人员" in said(season, "吴处长", "重新开放 茶叶学会")
    assert (extended(season), outcomes(season)) == (0, [(None, False)])


def again(season: Season) -> list[object]:
    with season.db.read() as db:
        return list(db.scalars(sa.select(ACT.c.id).where(ACT.c.act == "round_reopened")))


def test_a_round_is_not_begun_again_by_what_one_moved_who_is_gone(season: Season) -> None:
    for who in ("staff", "吴处长"):
        season.join(who)
    said(season, "staff", "结束本轮", "2", "重开本轮 到1月25日17:30 平台故障")
    assert "同意请回复数字 2" in said(season, "吴处长", "重开本轮")
    becomes(season, "周科长", revoked_at=season.now)
    assert "提出人已不是管理人员" in said(season, "吴处长", "2")
    assert "请自己提出" in said(season, "吴处长", "重开本轮")
    assert again(season) == []
    assert "已提出" in said(season, "吴处长", "重开本轮 到1月25日17:30 平台故障")
