"""The second stage of projects: who owes the report for the acceptance hears of it in time, once, and nobody else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.messages import Reply
from handlers.notices.planning import said as went
from handlers.notices.reminding import words
from scheduler.reminders import queue_due
from storage import queries
from storage.database import Database
from storage.relations import OUTBOX, REMINDER
from tests.season import Season
from tests.test_taking_back import begun


@pytest.fixture
def recognised(db: Database, tmp_path: Path) -> Iterator[Season]:
    """王老师's society is recognised for its journal; 赵老师's has applied and no more."""
    for season in begun(db, tmp_path, "yangzhou"):
        for person in ("王老师", "赵老师"):
            season.say(person, "申报 期刊")
        for words_ in ("推荐 扬州市示例学会 期刊", "公示", "1", "认定", "1"):
            season.say("staff", words_)
        yield season


def due(season: Season, at: str) -> list[str]:
    """What is said unasked when the clock comes there, as it would be sent at that moment."""
    season.clock(at)
    queue_due(season.db, season.now)
    with season.db.read() as db:
        rows = db.execute(sa.select(OUTBOX).where(OUTBOX.c.kind == "reminder").order_by(OUTBOX.c.id)).all()
        given = [words(db, row.cause, season.now) for row in rows]
    return [one.text for one in given if isinstance(one, Reply)]


def stages(season: Season) -> list[tuple[str, str]]:
    with season.db.read() as db:
        return [(one.person, one.stage) for one in went(db, queries.round_of(db, season.round))]


def test_only_who_owes_a_report_is_reminded_and_once_a_stage(recognised: Season) -> None:
    before = stages(recognised)
    [told] = due(recognised, "2026-12-09 10:00")[-1:]
    assert "「学会期刊」还没有收到验收报告" in told
    assert "附言「验收报告」" in told
    due(recognised, "2026-12-09 11:00")
    assert stages(recognised)[len(before) :] == [("王老师", "report:7d")]
    due(recognised, "2026-12-14 10:00")
    due(recognised, "2026-12-15 10:00")
    assert stages(recognised)[-2:] == [("王老师", "report:3d"), ("王老师", "report:1d")]
    assert {person for person, stage in stages(recognised) if ":" in stage} == {"王老师"}


def test_who_has_reported_hears_no_more_even_of_what_waited(recognised: Season) -> None:
    assert due(recognised, "2026-12-09 10:00")
    recognised.say("王老师", "验收报告", files=("总结.pdf",))
    assert due(recognised, "2026-12-09 10:05") == []
    count = len(stages(recognised))
    assert due(recognised, "2026-12-14 10:00") == []
    assert len(stages(recognised)) == count


def test_nobody_is_reminded_at_the_end_of_the_stage_or_after_it(recognised: Season) -> None:
    assert due(recognised, "2026-12-15 23:59") == []  # at night
    assert due(recognised, "2026-12-16 10:00") == []
    assert not [stage for _, stage in stages(recognised) if stage.startswith("report:4h")]


def test_a_day_that_was_moved_is_reminded_of_anew(recognised: Season) -> None:
    assert due(recognised, "2026-12-09 10:00")
    assert "已记" in recognised.say("staff", "定日期 提交验收报告 2026年12月30日").replies[0].text
    with recognised.db.read() as db:
        id = db.scalar(sa.select(sa.func.max(REMINDER.c.id)))
        assert words(db, f"reminder:{id}", recognised.now) == "the plan has changed"
    assert any("12月30日" in one or "12月31日" in one for one in due(recognised, "2026-12-24 10:00"))


def test_the_office_sees_it_in_the_plan(recognised: Season) -> None:
    recognised.clock("2026-12-01 10:00")
    told = recognised.say("staff", "提醒计划").replies[0].text
    assert "验收报告截止前7天" in told
    assert "1家" in told
