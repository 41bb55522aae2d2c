"""Whom the office must telephone: on the list while nobody has called, ticked with who and when, back when more is lost."""

import pytest
import sqlalchemy as sa

from handlers.notices.unreached import Silent, unreached
from scheduler.announcements import announce_due
from scheduler.reminders import queue_due
from storage import outbox, queries
from storage.relations import ACT, OUTBOX, SOCIETY
from tests.season import Season


@pytest.fixture
def office(season: Season) -> Season:
    season.join("王老师", "telegram")
    season.join("赵老师", "wechat")
    season.join("staff")
    season.clock("2026-12-21 09:00")
    return season


def says(season: Season, words: str) -> str:
    return "\n".join(reply.text for reply in season.say("staff", words).replies)


def silent(season: Season) -> dict[str, Silent]:
    with season.db.read() as connection:
        round = queries.round_of(connection, season.round)
        return {one.name: one for one in unreached(connection, round, season.now)}


def why(season: Season) -> dict[str, list[tuple[str | None, str, list[str]]]]:
    return {
        name: [(person.person, person.why, [one.kind for one in person.missed]) for person in one.people]
        for name, one in silent(season).items()
    }


def announced(season: Season, *states: str) -> None:
    """An announcement to everybody, ended for each of them like this."""
    says(season, "给全部发通知：测试")
    says(season, "2")
    season.now = season.now.replace(minute=season.now.minute + 2)
    announce_due(season.db, season.now)
    ended(season, *states)


def ended(season: Season, *states: str) -> None:
    def work(connection: sa.Connection) -> None:
        pending = sa.select(OUTBOX.c.id).where(OUTBOX.c.kind != "reply", OUTBOX.c.state == "pending")
        for id, state in zip(connection.scalars(pending.order_by(OUTBOX.c.id)).all(), states, strict=True):
            outbox.settle(connection, [id], state, season.now)

    season.db.write(work)


EXAMPLE, TEA = "浙江省示例学会", "浙江省茶叶学会"


def test_nobody_to_call(office: Season) -> None:
    assert why(office) == {}
    assert "没有要打电话的" in says(office, "联系不上")


@pytest.mark.parametrize("state", ["failed", "unreachable", "uncertain"])
def test_whom_an_announcement_could_not_reach(office: Season, state: str) -> None:
    announced(office, state, "sent")
    assert why(office) == {EXAMPLE: [("王老师", state, ["announcement"])]}
    told = says(office, "打电话")
    assert "通知1" in told
    assert "您好，这里是科协学会部" in told


def test_what_waits_for_her_to_write_is_a_call_after_a_day(office: Season) -> None:
    announced(office, "sent", "held")
    assert why(office) == {}
    office.clock("2026-12-22 09:30")
    assert why(office) == {TEA: [("赵老师", "held", ["announcement"])]}


def test_a_society_that_nobody_is_bound_for_is_there_without_any_message(season: Season) -> None:
    season.join("staff")
    assert why(season) == {name: [(None, "unbound", [])] for name in (EXAMPLE, TEA)}
    season.join("王老师")
    assert why(season) == {TEA: [(None, "unbound", [])]}


def test_who_has_left_is_a_society_without_anybody(office: Season) -> None:
    office.say("赵老师", "退出登录", channel="wechat")
    assert why(office) == {TEA: [(None, "unbound", [])]}
    office.clock("2027-01-04 08:00")
    queue_due(office.db, office.now)
    ended(office, "sent")
    assert why(office) == {TEA: [("赵老师", "unbound", ["reminder"])]}


def test_a_tick_is_kept_with_who_and_when_and_lasts_until_more_is_lost(office: Season) -> None:
    announced(office, "failed", "failed")
    assert set(silent(office)) == {EXAMPLE, TEA}
    assert "回执" in says(office, "已联系 茶叶学会 明天来填")
    assert set(silent(office)) == {EXAMPLE}
    with office.db.read() as connection:
        acts = sa.select(ACT.c.details, ACT.c.person_id, ACT.c.at, SOCIETY.c.name).join(SOCIETY)
        [row] = connection.execute(acts.where(ACT.c.act == "contacted")).all()
    assert (row.name, row.at, row.details["note"]) == (TEA, office.now, "明天来填")
    assert row.person_id is not None
    assert "不在" in says(office, "已联系 茶叶学会")
    assert "周科长打过电话" in says(office, "提醒 茶叶")
    office.clock("2026-12-22 09:00")
    announced(office, "failed", "failed")
    told = silent(office)[TEA]
    assert [one.name for one in told.people[0].missed] == ["2"]


def test_a_society_without_anybody_comes_back_with_the_next_stage(season: Season) -> None:
    season.join("王老师")
    season.join("staff")
    says(season, "已联系 茶叶")
    assert why(season) == {}
    season.clock("2027-01-04 07:59")
    assert why(season) == {}
    season.clock("2027-01-04 08:00")
    assert set(why(season)) == {TEA}


def test_who_has_handed_in_need_not_be_called_for_a_reminder(office: Season) -> None:
    office.clock("2027-01-04 08:00")
    queue_due(office.db, office.now)
    ended(office, "failed", "failed")
    assert set(silent(office)) == {EXAMPLE, TEA}
    office.say("赵老师", "提交", channel="wechat")
    office.say("赵老师", "确认提交", channel="wechat")
    assert set(silent(office)) == {EXAMPLE}


def test_who_was_put_out_or_has_said_that_she_read_it_is_not_called(office: Season) -> None:
    announced(office, "uncertain", "uncertain")
    office.say("王老师", "收到", channel="telegram")
    assert set(silent(office)) == {TEA}
    assert "已停用" in says(office, "确认停用 2")
    assert {name: [one.why for one in found.people] for name, found in silent(office).items()} == {TEA: ["unbound"]}


def test_the_list_has_pages(season: Season) -> None:
    more = [{"name": f"浙江省第{number:02}学会", "created_at": season.now} for number in range(8)]
    season.db.write(lambda db: db.execute(sa.insert(SOCIETY), more))
    season.join("staff")
    first = season.say("staff", "联系不上").replies[-1]
    assert "第1/4页" in first.text
    assert [label for _, label in first.choices] == ["1已联系", "2已联系", "3已联系", "下一页"]
    last = says(season, "联系不上 4")
    assert "第4/4页" in last
    assert "10. " in last
    assert says(season, "联系不上 99") == last


def test_a_reviewer_may_not_tick(office: Season) -> None:
    office.db.write(lambda db: db.execute(sa.text("UPDATE person SET role = 'reviewer' WHERE society_id IS NULL")))
    assert "只有" in says(office, "已联系 茶叶学会")
    assert "只有" in says(office, "联系不上")


def test_an_answer_that_may_not_have_arrived_is_a_call_until_she_writes_again(office: Season) -> None:
    def settled(state: str) -> None:
        pending = sa.update(OUTBOX).where(OUTBOX.c.state == "pending").values(state=state, settled_at=office.now)
        office.db.write(lambda db: db.execute(pending))

    settled("sent")
    office.say("王老师", "进度", channel="telegram")
    settled("uncertain")
    assert why(office) == {EXAMPLE: [("王老师", "uncertain", ["reply"])]}
    assert "一条回复" in says(office, "联系不上")
    office.clock("2026-12-21 09:05")
    office.say("王老师", "进度", channel="telegram")
    assert why(office) == {}
