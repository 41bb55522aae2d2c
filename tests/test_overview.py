"""What the office sees of those who are not done: how far and since when, never what they wrote."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from handlers.understanding.lexicon import lexicon
from storage.relations import OUTBOX, SOCIETY
from tests.season import Season

SECRET = "绝密的依据文字"
LOOKS = ("进度", "排名 全部", "谁还没交", "填了一半的", "三天没动的", "缺第3项的", "看 示例学会", "看 浙江省示例学会")


@pytest.fixture
def begun(season: Season) -> Season:
    for person in ("王老师", "staff"):
        season.join(person)
    season.say("王老师", "开始")
    season.say("王老师", f"8分，{SECRET}")
    season.say("王老师", f"第2项不适用，{SECRET}")
    season.now += timedelta(days=4)
    return season


@pytest.mark.parametrize("words", LOOKS)
def test_before_it_is_handed_in_nothing_that_was_written_is_shown(begun: Season, words: str) -> None:
    told = begun.say("staff", words)
    assert any("示例学会" in reply.text or "填报中 1" in reply.text for reply in told.replies)
    with begun.db.read() as db:
        hers = sa.select(OUTBOX.c.text).where(OUTBOX.c.address == "staff")
        assert all(SECRET not in text for text in db.scalars(hers))
        pictures = db.exec_driver_sql("SELECT about FROM drawing").all()
    assert all(SECRET not in str(row) for row in pictures)


@pytest.mark.parametrize("words", LOOKS)
def test_a_secretary_can_look_at_nobody_else(begun: Season, words: str) -> None:
    begun.join("赵老师")
    begun.say("赵老师", "开始")
    told = "".join(reply.text for reply in begun.say("赵老师", words).replies)
    assert [one for one in (SECRET, "王老师", "2/25", "共2家", "8/8") if one in told] == []


@pytest.mark.parametrize(
    ("words", "wish", "about"),
    [
        ("谁还没交", "progress_list", "没交"),
        ("还有哪些学会没提交？", "progress_list", "没提交"),
        ("谁没开始", "progress_list", "没开始"),
        ("没开始的有哪些", "progress_list", "没开始的"),
        ("填了一半的", "progress_list", "填了一半的"),
        ("已交的", "progress_list", "已交的"),
        ("三天没动的", "progress_list", "三天没动的"),
        ("10天没动的学会", "progress_list", "10天没动的"),
        ("一周都没更新的有谁", "progress_list", "一周都没更新的"),
        ("缺第14项的有哪些", "progress_list", "缺第14项的"),
        ("哪些学会缺第十四项", "progress_list", "缺第十四项"),
        ("排名", "ranking", None),
        ("看排名10", "ranking", "10"),
        ("/ranking 10 二", "ranking", "10 二"),
        ("看 医学会", "society_look", "医学会"),
        ("看浙江省医学会", "society_look", "浙江省医学会"),
        ("查医学会", "society_look", "医学会"),
        ("给没交的发通知：请抓紧", "announce", "没交的"),
        ("看通知 3", "report", "3"),
        ("联系人 医学会", "people", "医学会"),
    ],
)
def test_words_of_the_office(words: str, wish: str, about: str | None) -> None:
    found = lexicon().staff_command(words)
    assert found is not None
    assert (found[0], next(iter(found[1]), None)) == (wish, about)


def test_how_long_somebody_has_not_moved(begun: Season) -> None:
    assert "示例学会 2/25" in begun.say("staff", "四天没动的").replies[0].text
    assert "一家也没有" in begun.say("staff", "5天没动的").replies[0].text
    assert "一家也没有" in begun.say("staff", "999天没动的").replies[0].text


def test_a_long_list_goes_on_by_a_tap(season: Season) -> None:
    season.join("staff")
    names = [{"name": f"浙江省第{n}学会", "created_at": season.now} for n in range(1, 24)]
    season.db.write(lambda db: db.execute(sa.insert(SOCIETY), names))
    first = season.say("staff", "谁没开始").replies[-1]
    assert "25家（共25家），第1/3页" in first.text
    assert [label for _, label in first.choices] == ["下一页", "进度"]
    second = season.say("staff", choice=first.choices[0][0]).replies[-1]
    assert "第2/3页" in second.text
    assert second.text.count("\n· ") == 10
    assert "第3/3页" in season.say("staff", "谁没开始 第9页").replies[-1].text


def test_a_unit_that_is_asked_no_table_has_no_rank_and_no_items(season: Season) -> None:
    season.join("staff")
    enterprise = {"name": "浙江能源企业科协", "kind": "enterprise", "created_at": season.now}
    season.db.write(lambda db: db.execute(sa.insert(SOCIETY).values(**enterprise)))
    assert "企业科协" not in "".join(reply.text for reply in season.say("staff", "排名 全部").replies)
    assert "浙江能源企业科协 只交材料 没动过" in season.say("staff", "谁还没交").replies[0].text
    told = season.say("staff", "看 浙江能源企业科协").replies[0].text
    assert "不填表，只交材料" in told
    assert "自评" not in told.split("\n", 1)[1]
    assert "材料还没收到：电子版2份，盖章纸质版2份" in told
