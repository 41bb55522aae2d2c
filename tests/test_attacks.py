"""What an attacker and a careless afternoon have found once: each stays mended."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers import rounds
from handlers.inbox import Stranger, take
from handlers.messages import Message
from storage import relations
from storage.database import NotDurable
from tests.season import CLOSES, Season
from tests.test_turn import broken, exported, fresh


@pytest.fixture
def seated(season: Season) -> Season:
    season.join("王老师")
    season.say("王老师", "开始")
    return season


@pytest.mark.parametrize("twice", ["第1项，撤回第1条依据\n第1项，撤回第1条依据", "删除第1条依据。第1项：删除第1条依据"])
def test_two_withdrawals_in_one_message_are_two_pieces_or_one(seated: Season, twice: str) -> None:
    for words in ("第1项 3分", "依据：年会", "依据：论坛", twice):
        seated.say("王老师", words)
    assert broken(seated) == []


def test_a_late_piece_withdrawn_after_a_reopening_takes_nothing_from_what_counts(seated: Season) -> None:
    seated.say("王老师", "1分，年会")
    seated.now = CLOSES + timedelta(minutes=1)
    seated.say("王老师", "依据：迟到的论坛")
    seated.db.write(lambda db: rounds.reopen(db, seated.round, CLOSES + timedelta(days=3), seated.now))
    seated.say("王老师", "撤回第2条依据")
    entry = exported(seated)
    assert (entry["supported"], [one["text"] for one in entry["answers"][0]["evidence"]]) == ("1", ["年会"])
    assert broken(seated) == []
    seated.say("王老师", "撤销")
    assert broken(seated) == []


def test_files_in_the_tray_wait_until_they_have_a_place(season: Season) -> None:
    season.join("王老师")
    for number in range(12):
        season.say("王老师", files=(f"{number}.jpg",))
    season.say("王老师", "会话第2项")
    season.say("王老师", "会话第3项")
    pieces = [len(one["evidence"]) for one in exported(season)["answers"][:3]]
    assert pieces == [0, 10, 2]


def test_files_in_the_tray_outlive_a_submission(season: Season) -> None:
    season.join("王老师")
    season.say("王老师", files=("证书.pdf",))
    for words in ("确认提交", "会话第2项", "撤回提交", "会话第2项"):
        season.say("王老师", words)
    assert [one["name"] for one in exported(season)["answers"][1]["evidence"]] == ["证书.pdf"]


@pytest.mark.parametrize(
    "words", ["下一项\n满分", "下一项\n我们承办了年会", "跳过\n3分", "上一项；2；=1+1", "下一项；3场"]
)
def test_stepping_on_and_speaking_in_one_message_is_answered(seated: Season, words: str) -> None:
    seated.say("王老师", words)
    seated.say("王老师", "暂停")
    seated.say("王老师", words)
    seated.say("王老师", "会话第1项 3分")
    seated.say("王老师", words)
    assert broken(seated) == []


def test_a_code_of_her_own_does_not_bring_back_somebody_revoked(seated: Season) -> None:
    told = seated.say("王老师", "换手机").replies[0].text
    code = next(word for word in told.replace("：", "\n").split("\n") if len(word) == 9 and word[4] == "-")
    with seated.db.engine.begin() as db:
        db.execute(sa.update(relations.PERSON).values(revoked_at=seated.now))
    assert seated.say("陌生人", code).refused == "wrong_code"


def test_her_own_code_brings_in_the_same_person(seated: Season) -> None:
    told = seated.say("王老师", "换手机").replies[0].text
    code = next(word for word in told.replace("：", "\n").split("\n") if len(word) == 9 and word[4] == "-")
    assert seated.say("新手机", code).refused is None
    seated.say("新手机", "继续")
    seated.say("新手机", "8分")
    assert exported(seated)["answers"][0]["events"][0]["by"] == "王老师"


def test_a_database_that_was_deleted_takes_no_more_answers(tmp_path: Path) -> None:
    season = fresh(tmp_path)
    (tmp_path / "bot.sqlite3").unlink()
    with pytest.raises(NotDurable):
        season.say("王老师", "8分")
    season.db.close()


@pytest.mark.parametrize(
    "words",
    ["财务管理 2分，第5项 4分", "第1项 6分，第2项 5分", "第1项 6分，年会；第5项 3分", "第5项 3分；财务管理 2分"],
)
def test_a_doubt_and_more_in_one_message_is_answered(season: Season, words: str) -> None:
    for person in ("王老师", "李老师"):
        season.join(person)
        season.say(person, "开始")
    season.say("王老师", "8分")
    for answer in (words, "1", "1", "改"):
        season.say("李老师", answer)
    assert broken(season) == []


def test_choosing_an_item_does_not_decide_over_somebody_elses_score(season: Season) -> None:
    for person in ("王老师", "李老师"):
        season.join(person)
        season.say(person, "开始")
    season.say("王老师", "序号11 4分")
    for words in ("第5项 3分", "1"):
        taken = season.say("李老师", words)
    assert "王老师" in taken.replies[0].text
    assert exported(season)["claimed"] == "4"
    season.say("李老师", "改")
    assert exported(season)["claimed"] == "3"


def test_a_part_of_a_decimal_is_no_answer_to_a_question(season: Season) -> None:
    """«改成9.5分» was offered; «5分» is another score: having been told of the 8 she may say so."""
    for person in ("王老师", "李老师"):
        season.join(person)
        season.say(person, "开始")
    season.say("王老师", "8分")
    assert season.say("李老师", "9.5分").receipt is None
    assert season.say("李老师", "5分").receipt
    assert exported(season)["claimed"] == "5"


def test_after_logging_out_even_a_repetition_is_nobody(seated: Season) -> None:
    said = Message("dialogue", "王老师", "k1", "8分")
    take(seated.db, said, seated.now)
    seated.say("王老师", "退出登录")
    with pytest.raises(Stranger):
        take(seated.db, said, seated.now, strangers=False)
