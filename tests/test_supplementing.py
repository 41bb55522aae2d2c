"""先交后补 and the last hours: what stands handed in is always the newest confirmed state, to the instant."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from handlers.checking import check
from handlers.reports.exporting import export
from scheduler.closing import close_due
from storage import queries
from storage.relations import ENTRY, ROUND, SUBMISSION
from tests.season import CLOSES, Season

THREE = ["缺什么", "一键提交", "先交后补"]


def submissions(season: Season) -> list[Any]:
    with season.db.read() as connection:
        assert check(connection, season.store) == []
        return list(connection.execute(sa.select(SUBMISSION).order_by(SUBMISSION.c.id)))


def status(season: Season) -> str:
    with season.db.read() as connection:
        return str(connection.scalar(sa.select(ENTRY.c.status)))


def labels(season: Season, words: str) -> list[str]:
    return [label for _, label in season.say("王老师", words).replies[-1].choices]


@pytest.fixture
def handed_in(season: Season) -> Season:
    season.clock("2027-01-15 17:00")
    season.join("王老师")
    season.say("王老师", "会话第1项 8分，承办全国年会1场")
    season.say("王老师", "先交后补")
    return season


def test_every_answer_replaces_what_is_handed_in(handed_in: Season) -> None:
    handed_in.say("王老师", "会话第1项 9分")
    handed_in.say("王老师", "会话第1项 9分")  # nothing new
    handed_in.say("王老师", files=("现场.jpg",))
    made = submissions(handed_in)
    assert [(one.claimed, one.replaced_by, one.withdrawn_at is None) for one in made] == [
        (8, made[1].id, False),
        (9, made[2].id, False),
        (9, None, True),
    ]
    assert [one.snapshot["academic-exchange"]["evidence"] for one in made] == [1, 1, 2]
    assert status(handed_in) == "submitted"


def test_a_second_delivery_replaces_nothing(handed_in: Season) -> None:
    first = handed_in.say("王老师", "会话第1项 9分", key="k")
    again = handed_in.say("王老师", "会话第1项 9分", key="k")
    assert first.receipt == again.receipt
    assert len(submissions(handed_in)) == 2


def test_answer_and_hand_in_in_one_message_are_one_submission(season: Season) -> None:
    season.join("王老师")
    season.say("王老师", "会话第1项 8分\n先交后补")
    assert [one.claimed for one in submissions(season)] == [8]
    season.say("王老师", "撤回提交")
    assert [one.withdrawn_at is None for one in submissions(season)] == [False]
    season.say("王老师", "会话第1项 9分")
    assert (len(submissions(season)), status(season)) == (1, "in_progress")


@pytest.mark.parametrize(("before", "replaces"), [(timedelta(microseconds=1), True), (timedelta(0), False)])
def test_the_instant_of_the_deadline_is_late(handed_in: Season, before: timedelta, replaces: bool) -> None:
    handed_in.now = CLOSES - before
    handed_in.say("王老师", "会话第1项 9分")
    made = submissions(handed_in)
    assert (len(made), made[-1].claimed) == ((2, 9) if replaces else (1, 8))
    close_due(handed_in.db, CLOSES)
    assert status(handed_in) == "submitted"


def test_grace_replaces_and_shows_no_time_that_is_not_there(handed_in: Season) -> None:
    handed_in.db.write(lambda db: db.execute(sa.update(ROUND).values(grace_minutes=10)))
    handed_in.clock("2027-01-15 17:35")
    assert "还剩0秒" in handed_in.say("王老师", "会话第1项 9分").replies[0].text
    assert len(submissions(handed_in)) == 2


def test_the_export_shows_the_question_that_is_open(handed_in: Season) -> None:
    handed_in.say("王老师", "会话第2项")
    with handed_in.db.read() as connection:
        told = export(connection, queries.round_of(connection, handed_in.round))
    assert told["people"][0]["asking"] == {"position": 2, "field": "score"}


SAID = (
    "开始 8分 帮助 进度 还缺什么 检查 下一项 跳过 不适用 纸质版 谢谢 说明 看依据 撤销 暂停 我的账号 换手机 缺什么 一键提交 "
    "先交后补 撤回提交 你好 随便 99分 退出"
).split()


@pytest.mark.parametrize("words", [*SAID, "长" * 20_001])
def test_in_the_last_hours_there_are_three_ways(season: Season, words: str) -> None:
    season.join("王老师")
    season.say("王老师", "开始")
    season.clock("2027-01-15 13:30:00")
    assert labels(season, words)[-3:] == THREE
    assert set(labels(season, "开始")) == set(THREE)


def test_before_the_last_hours_everything_is_as_ever(season: Season) -> None:
    season.join("王老师")
    season.clock("2027-01-15 13:29:59")
    assert labels(season, "开始") == ["跳过", "不适用", "什么算依据"]


def test_the_way_tapped_twice_hands_in_and_once_does_not(season: Season) -> None:
    season.join("王老师")
    season.clock("2027-01-15 17:28:41")
    asked = season.say("王老师", "一键提交").replies[-1]
    assert status(season) == "not_started"
    tap = next(id for id, label in asked.choices if label == "一键提交")
    done = season.say("王老师", choice=tap)
    assert "服务器时间 17:28:41，还剩1分19秒" in done.replies[0].text
    assert status(season) == "submitted"


def test_handed_in_with_gaps_in_time_is_nobody_the_rule_must_help(handed_in: Season) -> None:
    for position in range(2, 26):
        handed_in.say("王老师", f"会话第{position}项 0分")
    close_due(handed_in.db, CLOSES)
    made = submissions(handed_in)
    assert (len(made), any(one.automatic for one in made)) == (25, False)
