"""The turn's promises: once, alone, in one transaction; nothing a restart or a repetition can change."""

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.checking import check
from handlers.inbox import Reused, take
from handlers.messages import Message
from handlers.reports.exporting import export
from handlers.turn import Taken
from rubrics.reading import catalog, read
from storage import queries, relations
from storage.relations import EVIDENCE
from tests import schema
from tests.conftest import NEW_YEAR
from tests.season import CLOSES, Season


def exported(season: Season, society: str = "浙江省示例学会") -> dict[str, Any]:
    with season.db.read() as connection:
        whole = export(connection, queries.round_of(connection, season.round))
    return next(entry for entry in whole["entries"] if entry["society"] == society)


def broken(season: Season) -> list[str]:
    with season.db.read() as connection:
        return check(connection, season.store)


def message(season: Season, person: str, text: str, key: str) -> Message:
    return Message("dialogue", person, key, text)


def test_a_repeated_delivery_gets_the_same_words_and_has_no_second_effect(season: Season) -> None:
    season.join("王老师")
    season.say("王老师", "开始")
    first = take(season.db, message(season, "王老师", "8分，承办年会1场", "k1"), season.now)
    later = take(season.db, message(season, "王老师", "8分，承办年会1场", "k1"), season.now + timedelta(days=40))
    assert later == replace(first, again=True)
    entry = exported(season)
    assert (entry["claimed"], len(entry["answers"][0]["events"]), len(entry["answers"][0]["evidence"])) == ("8", 1, 1)


def test_a_key_used_for_something_else_is_refused_and_stores_nothing(season: Season) -> None:
    season.join("王老师")
    season.say("王老师", "开始")
    take(season.db, message(season, "王老师", "8分", "k1"), season.now)
    with pytest.raises(Reused):
        take(season.db, message(season, "王老师", "3分", "k1"), season.now)
    assert exported(season)["claimed"] == "8"


def test_fifty_parallel_deliveries_are_one_effect(season: Season) -> None:
    season.join("王老师")
    season.say("王老师", "开始")
    answers: list[Taken] = []
    together = threading.Barrier(10)

    def deliver() -> None:
        together.wait()
        answers.extend(take(season.db, message(season, "王老师", "8分，年会", "k1"), season.now) for _ in range(5))

    threads = [threading.Thread(target=deliver) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 50
    assert len({(one.replies, one.receipt) for one in answers}) == 1
    assert sum(not one.again for one in answers) == 1
    assert len(exported(season)["answers"][0]["events"]) == 1
    assert broken(season) == []


def test_two_people_at_once_lose_nothing(season: Season) -> None:
    """Each writes evidence to the same item from her own thread; every confirmed piece is there once."""
    for person in ("王老师", "李老师"):
        season.join(person)
        season.say(person, "开始")
    receipts: list[str] = []

    def write(person: str) -> None:
        for number in range(15):
            taken = take(
                season.db, message(season, person, f"依据：{person}的第{number}件事", f"{person}{number}"), season.now
            )
            assert taken.receipt
            receipts.append(taken.receipt)

    threads = [threading.Thread(target=write, args=(person,)) for person in ("王老师", "李老师")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = [piece["receipt"] for piece in exported(season)["answers"][0]["evidence"]]
    assert sorted(kept) == sorted(receipts)
    assert len(kept) == 30
    assert broken(season) == []


def test_another_society_sees_nothing(season: Season) -> None:
    for person in ("王老师", "赵老师"):
        season.join(person)
        season.say(person, "开始")
    before = [
        season.say("赵老师", words).replies[0].text for words in ("进度", "检查", "还缺什么", "看依据", "我的账号")
    ]
    season.say("王老师", "8分，秘密的年会")
    season.say("王老师", "[机密.pdf]", files=("机密.pdf",))
    after = [
        season.say("赵老师", words).replies[0].text for words in ("进度", "检查", "还缺什么", "看依据", "我的账号")
    ]
    assert before == after


def test_a_choice_of_somebody_else_opens_nothing(season: Season) -> None:
    season.join("王老师")
    season.join("赵老师")
    theirs = season.say("王老师", "开始").replies[-1].choices[0][0]
    season.say("赵老师", choice=theirs)
    assert exported(season)["status"] == "not_started"
    with season.db.read() as connection:
        asked = export(connection, queries.round_of(connection, season.round))["people"]
    assert [one["asking"] and one["asking"]["position"] for one in asked if one["name"] == "王老师"] == [1]


def test_a_revoked_person_is_out_at_the_next_message(season: Season) -> None:
    season.join("王老师")
    season.say("王老师", "开始")
    with season.db.engine.begin() as connection:
        connection.execute(sa.update(relations.PERSON).values(revoked_at=season.now))
    taken = season.say("王老师", "8分")
    assert taken.refused
    assert exported(season)["claimed"] == "0"


def test_a_code_opens_once(season: Season) -> None:
    assert season.join("王老师").refused is None
    assert season.say("陌生人", season.codes["王老师"]).refused == "wrong_code"


def test_guessing_codes_is_stopped_and_the_right_one_waits(season: Season) -> None:
    for _ in range(5):
        assert season.say("陌生人", "AAAA-AAAA").refused == "wrong_code"
    assert season.say("陌生人", season.codes["王老师"]).refused == "too_many_codes"
    season.now += timedelta(minutes=10, seconds=1)
    assert season.say("陌生人", season.codes["王老师"]).refused is None


def test_one_code_redeemed_by_many_at_once_lets_one_in(season: Season) -> None:
    results: list[str | None] = []
    together = threading.Barrier(8)

    def redeem(number: int) -> None:
        together.wait()
        come = Message("dialogue", f"人{number}", f"c{number}", season.codes["王老师"])
        results.append(take(season.db, come, season.now).refused)

    threads = [threading.Thread(target=redeem, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results, key=str) == [None] + ["wrong_code"] * 7


@pytest.mark.parametrize(
    ("before", "counted"),
    [(timedelta(seconds=1), "8"), (timedelta(microseconds=1), "8"), (timedelta(0), "0"), (timedelta(seconds=-1), "0")],
)
def test_the_deadline_is_exclusive(season: Season, before: timedelta, counted: str) -> None:
    season.join("王老师")
    season.say("王老师", "开始")
    season.now = CLOSES - before
    taken = season.say("王老师", "8分")
    entry = exported(season)
    assert entry["claimed"] == counted
    assert entry["answers"][0]["events"][0]["late"] is (counted == "0")
    assert taken.receipt
    assert broken(season) == []


def test_every_reply_fits_a_phone_screen_whatever_was_said(season: Season) -> None:
    """Season.say asserts it; here every item is seen with the longest things a person may have said about it."""
    season.join("王老师")
    long = "很长的依据" * 3000
    for item in range(1, 26):
        season.say("王老师", f"会话第{item}项")
        season.say("王老师", f"说明{item}")
    for item in (1, 14, 17):
        for words in (
            f"会话第{item}项",
            f"说明{item}",
            "满分，" + long,
            "https://example.org/" + "a" * 15000,
            "看依据",
        ):
            season.say("王老师", words)
        season.say("王老师", files=(f"{'长名' * 50}.pdf", f"{'照片' * 50}.jpg"))
        season.say("王老师", f"会话第{item}项")
        season.say("王老师", "撤回第1条依据")
        season.say("王老师", f"会话第{item}项 不适用，" + long)
    for words in ("检查", "还缺什么", "全部", "进度", "提交", "确认提交", "纸质版", "帮助", "我的账号", "继续"):
        season.say("王老师", words)
    season.say("王老师", "长" * 20_001)
    assert broken(season) == []


SAID = st.sampled_from(
    [
        "8分",
        "3",
        "4.5分，办了年会",
        "依据：区域论坛2场",
        "下一项",
        "上一项",
        "跳过",
        "不适用，没有开展",
        "撤销",
        "序号11 2分",
        "第21项",
        "4A",
        "撤回第1条依据",
        "提交",
        "确认提交",
        "撤回提交",
        "还缺什么",
        "改成满分",
        "暂停",
        "继续",
        "是",
        "2",
        "3期",
    ]
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    talk=st.lists(st.tuples(st.sampled_from(["王老师", "李老师"]), SAID, st.integers(1, 3)), max_size=25),
    in_time=st.integers(0, 40),
)
def test_any_repetition_and_restart_gives_the_same_state(
    talk: list[tuple[str, str, int]], in_time: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Once straight through, once with every message delivered up to three times and the database reopened between;
    only so many messages come in time."""
    plain, troubled = (fresh(tmp_path_factory.mktemp("turn")) for _ in range(2))
    for number, (person, words, times) in enumerate(talk):
        if number == in_time:
            plain.now = troubled.now = CLOSES + timedelta(hours=1)
        take(plain.db, message(plain, person, words, f"k{number}"), plain.now)
        for _ in range(times):
            troubled.reopen()
            take(troubled.db, message(troubled, person, words, f"k{number}"), troubled.now)
    assert exported(plain) == exported(troubled)
    assert broken(plain) == broken(troubled) == []
    for season in (plain, troubled):
        entry = exported(season)
        claimed = [Decimal(one["self_score"]) for one in entry["answers"] if one["self_score"] is not None]
        assert Decimal(entry["claimed"]) == sum(claimed, Decimal(0))
        gaps = sum((Decimal(one["points"]) for one in entry["missing"]), Decimal(0))
        assert gaps == Decimal(entry["maximum"]) - Decimal(entry["supported"])
        season.db.close()


def fresh(folder: Path) -> Season:
    db = schema.fresh(folder / "bot.sqlite3")
    season = Season.begin(db, catalog()["zhejiang-2020"], NEW_YEAR, folder / "files")
    for person in ("王老师", "李老师"):
        season.join(person)
        season.say(person, "开始")
    return season


def test_a_choice_that_answers_is_taken_once_however_often_it_is_tapped(season: Season) -> None:
    season.join("王老师")
    season.say("王老师", "开始")
    doubt = season.say("王老师", "第8项 3分，办了培训班2期")
    choice = doubt.replies[-1].choices[0][0]
    assert season.say("王老师", choice=choice).receipt
    again = season.say("王老师", choice=choice)
    assert again.receipt is None
    missing = season.say("王老师", "还缺什么").replies[-1].choices[0][0]
    assert season.say("王老师", choice=missing).replies[0].text == season.say("王老师", choice=missing).replies[0].text


def kept(season: Season) -> list[tuple[str, str | None]]:
    chosen = sa.select(EVIDENCE.c.item, EVIDENCE.c.name).order_by(EVIDENCE.c.id)
    with season.db.read() as connection:
        return [tuple(row) for row in connection.execute(chosen.where(EVIDENCE.c.name.is_not(None)))]


@pytest.mark.parametrize("caption", ["序号13 5分，会员日3次", "第6项", "会话第6项：会员日"])
def test_files_go_to_the_item_that_their_caption_names(season: Season, caption: str) -> None:
    season.join("王老师")
    season.say("王老师", "第2项")
    season.say("王老师", caption, files=("签到.jpg", "方案.pdf"))
    sixth = catalog_item(season, 6)
    assert kept(season) == [(sixth, "签到.jpg"), (sixth, "方案.pdf")]


def test_files_wait_where_their_caption_may_mean_two_items(season: Season) -> None:
    season.join("王老师")
    season.say("王老师", "第2项")
    told = season.say("王老师", "第5项 3分", files=("签到.jpg",))
    assert kept(season) == []
    assert "签到.jpg" in "".join(reply.text for reply in told.replies)
    season.say("王老师", "1")
    season.say("王老师", "会话第5项")
    assert kept(season) == [(catalog_item(season, 5), "签到.jpg")]


def catalog_item(season: Season, position: int) -> str:
    item = read(catalog()["zhejiang-2020"], "zhejiang-2020.yaml").at(position)
    assert item is not None
    return item.id
