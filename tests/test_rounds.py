"""Several rounds at once, and rounds whose deadline is not certain: which is meant, and what drives nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from handlers import rounds, stages
from handlers.reports.exporting import export
from handlers.rounds import open_round
from rubrics.reading import catalog, read
from scheduler.closing import close_due
from scheduler.reminders import queue_due
from storage import queries, relations
from storage.relations import ACT, CONVERSATION, ENTRY, EVIDENCE, OUTBOX, REMINDER, ROUND
from tests.season import CLOSES, ZONE, Season

NAME = "Asia/Shanghai"
YANGZHOU = (Path(__file__).parent / "excerpts" / "yangzhou-2020.yaml").read_text(encoding="utf-8")


def opened(season: Season, **more: Any) -> int:
    """A second round, on the same table."""
    source = catalog()["zhejiang-2020"]
    about = {"title": "专项自评", "closes_at": CLOSES + timedelta(days=30), "zone": NAME, "now": season.now}
    return season.db.write(lambda db: open_round(db, source, "zhejiang-2020.yaml", **{**about, **more}))


def voluntary(season: Season, source: str | None = None, **more: Any) -> int:
    """A round that societies join; its document says a month and no more."""
    table = catalog()["zhejiang-2020"].replace("kind: self_evaluation", "kind: projects")
    text = source or table.replace(
        "precision: minute\n    closes: 2021-01-15T17:30", "precision: month\n    closes: 2021-01"
    )
    about: dict[str, Any] = {"title": "品牌学会", "closes_at": None, "zone": NAME, "now": season.now}
    return season.db.write(lambda db: open_round(db, text, "brand.yaml", **{**about, **more}))


def said(season: Season, person: str, text: str = "", **more: Any) -> str:
    return "\n".join(reply.text for reply in season.say(person, text, **more).replies)


def at(season: Season, person: str = "王老师") -> int | None:
    """The round that her conversation is about."""
    joined = CONVERSATION.outerjoin(ENTRY, ENTRY.c.id == CONVERSATION.c.entry_id)
    hers = CONVERSATION.c.person_id == relations.PERSON.c.id
    chosen = sa.select(ENTRY.c.round_id).select_from(joined.join(relations.PERSON, hers))
    with season.db.read() as db:
        return db.scalar(chosen.where(relations.PERSON.c.name == person))


def row(season: Season, id: int) -> Any:
    with season.db.read() as db:
        return queries.round_of(db, id)


def claimed(season: Season, round: int) -> list[str | None]:
    with season.db.read() as db:
        entries = export(db, queries.round_of(db, round))["entries"]
    return [one["claimed"] for one in entries if one["claimed"] != "0"]


def test_who_is_in_two_is_asked_which_before_anything_is_stored(season: Season) -> None:
    other = opened(season)
    welcome = season.join("王老师").replies[-1]
    assert "请问填哪一个" in welcome.text
    assert [label for _, label in welcome.choices] == ["专项自评", "2026年度省级学会工作自评表"]
    assert "请问填哪一个" in said(season, "王老师", "8分，承办全国年会1场")
    assert claimed(season, season.round) == claimed(season, other) == []
    assert "【1/25】" in said(season, "王老师", "2")
    assert at(season) == season.round
    assert "已记" in said(season, "王老师", "8分，承办全国年会1场")
    assert (claimed(season, season.round), claimed(season, other)) == (["8"], [])


def test_a_tap_chooses_too(season: Season) -> None:
    other = opened(season)
    welcome = season.join("王老师").replies[-1]
    assert "【1/25】" in "".join(one.text for one in season.say("王老师", choice=welcome.choices[0][0]).replies)
    assert at(season) == other


def test_files_that_come_before_she_has_chosen_wait(season: Season) -> None:
    opened(season)
    season.join("王老师")
    assert "1个文件先替您收着" in said(season, "王老师", files=("年会.pdf",))
    said(season, "王老师", "1")
    assert "年会.pdf" in said(season, "王老师", "第1项")
    with season.db.read() as db:
        assert db.scalars(sa.select(EVIDENCE.c.name)).all() == ["年会.pdf"]


def test_both_are_filled_in_turn_and_neither_knows_of_the_other(season: Season) -> None:
    season.join("王老师")
    said(season, "王老师", "开始")
    said(season, "王老师", "8分，承办全国年会1场")
    other = opened(season)
    assert "5分" in said(season, "王老师", "第2项 5分")
    assert "另有1个轮次" in said(season, "王老师", "你好")
    assert "请问填哪一个" in said(season, "王老师", "换轮次")
    assert "【1/25】" in said(season, "王老师", "1")
    said(season, "王老师", "3分，年会")
    assert (claimed(season, season.round), claimed(season, other)) == (["13"], ["3"])
    assert "自评合计13分" in said(season, "王老师", f"轮次{season.round}") + said(season, "王老师", "多少分")
    assert "没有开放" not in said(season, "王老师", "轮次99")


def test_a_number_is_a_score_again_once_she_has_chosen(season: Season) -> None:
    opened(season)
    season.join("王老师")
    said(season, "王老师", "2")
    assert "已记：第1项 1分" in said(season, "王老师", "1")


def test_the_first_that_closes_leaves_her_at_the_other(season: Season) -> None:
    season.join("王老师")
    said(season, "王老师", "开始")
    other = opened(season)
    season.now = CLOSES
    assert "已过截止" not in said(season, "王老师", "开始")
    assert at(season) == other


def test_the_button_of_a_reminder_leads_to_its_round(season: Season) -> None:
    season.join("王老师", "telegram")
    said(season, "王老师", "开始", channel="telegram")
    other = opened(season)
    season.now = datetime(2027, 1, 15, 9, 0, tzinfo=ZONE).astimezone(UTC)
    said(season, "王老师", f"轮次{other}", channel="telegram")
    queue_due(season.db, season.now)
    with season.db.read() as db:
        told = {row.id: row.choices for row in db.execute(sa.select(OUTBOX).where(OUTBOX.c.kind == "reminder"))}
    button = next(f"{id}-0" for id, choices in told.items() if choices[0]["words"] == f"轮次{season.round}")
    season.say("王老师", choice=button, channel="telegram")
    assert at(season) == season.round


def test_nobody_is_in_a_voluntary_round_by_chance(season: Season) -> None:
    season.join("王老师")
    brand = voluntary(season, closes_at=CLOSES)
    said(season, "王老师", "开始")
    assert at(season) == season.round
    season.now = CLOSES - timedelta(days=3)
    queue_due(season.db, season.now)
    with season.db.read() as db:
        assert db.scalars(sa.select(REMINDER.c.round_id).distinct()).all() == [season.round]
    assert "自愿" in said(season, "王老师", "换轮次")
    said(season, "王老师", f"轮次{brand}")
    assert at(season) == brand
    with season.db.read() as db:
        assert db.scalars(sa.select(ACT.c.round_id).where(ACT.c.act == "round_joined")).all() == [brand]


def test_staff_speak_of_the_round_they_chose(season: Season) -> None:
    season.join("staff")
    assert "【" not in said(season, "staff", "日历")
    other = opened(season)
    listed = said(season, "staff", "轮次")
    assert f"轮次{other}：专项自评" in listed
    assert f"轮次{season.round}：" in listed
    said(season, "staff", f"轮次{season.round}")
    assert "2026年度省级学会工作自评表" in said(season, "staff", "进度")
    told = said(season, "staff", "给示例学会延期三天 系统故障")
    assert told.startswith("【2026年度省级学会工作自评表】")
    with season.db.read() as db:
        extended = sa.select(ENTRY.c.round_id).where(ENTRY.c.extended_to.is_not(None))
        assert db.scalars(extended).all() == [season.round]


# Stages


@pytest.mark.parametrize(
    ("today", "application", "report"),
    [
        ("2020-03-01", "2020-04-20", "2020-12-15"),
        ("2026-04-20", "2026-04-20", "2026-12-15"),
        ("2026-04-21", "2027-04-20", "2027-12-15"),
        ("2026-11-22", "2027-04-20", "2027-12-15"),
    ],
)
def test_the_stages_move_together_to_their_next_coming(today: str, application: str, report: str) -> None:
    rubric = read(YANGZHOU, "yangzhou-2020.yaml")
    now = datetime.fromisoformat(today).replace(hour=12, tzinfo=ZONE)
    found = stages.coming(rubric, now, NAME)
    assert [stage.closes for stage in found] == [application, report]
    assert stages.deadline(found, rubric) is None, "it is contradictory: a person confirms it"


def test_the_table_of_zhejiang_has_its_minute(season: Season) -> None:
    rubric = read(catalog()["zhejiang-2020"], "zhejiang-2020.yaml")
    for moment, year in ((CLOSES - timedelta(seconds=1), 2027), (CLOSES, 2028)):
        closes = stages.deadline(stages.coming(rubric, moment, NAME), rubric)
        assert closes == CLOSES.replace(year=year)


def test_a_contradictory_date_drives_nothing_until_it_is_confirmed(season: Season) -> None:
    round = voluntary(season, YANGZHOU, title="提升计划")
    assert row(season, round).closes_at is None
    season.join("staff")
    said(season, "staff", f"轮次{round}")
    told = said(season, "staff", "日历")
    assert "截止时间待定" in told
    assert "未确认" in told
    season.now = datetime(2027, 5, 1, 9, 0, tzinfo=ZONE).astimezone(UTC)
    assert round not in close_due(season.db, season.now)
    application = row(season, round).stages[0]["title"]
    assert "看不懂日期" in said(season, "staff", f"定日期 {application} 早点")
    assert "没有「验票」这个阶段" in said(season, "staff", "定日期 验票 2027年6月1日")
    assert "6月1日" in said(season, "staff", f"定日期 {application} 2027年6月1日 17:30")
    assert row(season, round).closes_at == datetime(2027, 6, 1, 17, 30, tzinfo=ZONE)
    assert "已经定了" in said(season, "staff", f"定日期 {application} 2027年7月1日 17:30")


def test_months_have_no_countdown(season: Season) -> None:
    season.join("王老师")
    brand = voluntary(season)
    said(season, "王老师", f"轮次{brand}")
    assert at(season) == brand
    assert "截止时间待科协另行通知" in said(season, "王老师", "截止")
    season.now += timedelta(days=400)
    assert queue_due(season.db, season.now) == 0
    assert "逾期" not in said(season, "王老师", "截止")
    with season.db.read() as db:
        exported = export(db, queries.round_of(db, brand))
    assert exported["round"]["closes_at"] is None
    assert [one["effective_deadline"] for one in exported["entries"]] == [None]


@pytest.mark.parametrize(
    ("date", "closes", "status"),
    [
        ("2027-03-01T12:00", datetime(2027, 3, 1, 12, 0, tzinfo=ZONE), "stated"),
        ("2027-03-01", datetime(2027, 3, 1, 0, 0, tzinfo=ZONE), "stated"),
        ("2027-03", None, "stated"),
        ("tba", None, "to_be_announced"),
        ("2026-03-01", None, "contradictory"),
    ],
)
def test_dates_are_as_exact_as_they_are_given(season: Season, date: str, closes: datetime | None, status: str) -> None:
    round = voluntary(season, YANGZHOU, given={"proposal": date})
    assert (row(season, round).closes_at, row(season, round).stages[0]["status"]) == (closes, status)


@pytest.mark.parametrize("date", ["2027-13-01", "2027-02-30", "1月", "", "2027", "2027-01-01T25:00"])
def test_what_is_no_date_is_refused(season: Season, date: str) -> None:
    with pytest.raises(stages.BadStage):
        voluntary(season, YANGZHOU, given={"proposal": date})
    with season.db.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(ROUND)) == 1


def test_an_office_may_close_a_round_without_a_deadline(season: Season) -> None:
    brand = voluntary(season)
    season.db.write(lambda db: rounds.latch(db, brand, season.now))
    season.join("王老师")
    said(season, "王老师", f"轮次{brand}")
    assert at(season) == season.round


@pytest.mark.parametrize("words", ["8分，承办年会1场", "第2项 3分"])
def test_what_she_answers_just_after_the_end_stays_late_in_its_round(season: Season, words: str) -> None:
    """R6: it never counts in another round that happens to be open."""
    other = opened(season)
    season.join("王老师")
    said(season, "王老师", "2")
    said(season, "王老师", "第1项 5分")
    first = at(season)
    assert first not in (None, other)
    season.now = CLOSES + timedelta(seconds=5)
    told = said(season, "王老师", words)
    assert f"轮次{other}" in told
    assert at(season) == first
    assert claimed(season, other) in ([], [None])
    said(season, "王老师", "开始")
    assert at(season) == other
    season.now += timedelta(days=4)
    said(season, "王老师", words)
    assert at(season) == other
