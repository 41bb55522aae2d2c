"""Signs that nobody sees: pasted words mean what they show, and no mark of direction turns a list round."""

import pytest

from handlers.cleaning import clean_name, seen
from tests.season import Season
from tests.test_turn import exported


@pytest.mark.parametrize("said", ["下一项\u200b", "\ufeff下一项", "\u202d下一项\u202c", "下\u2060一项"])
def test_a_command_that_was_pasted_is_no_evidence(season: Season, said: str) -> None:
    season.join("王老师")
    for words in ("开始", "4分", said):
        told = season.say("王老师", words).replies[-1].text
    assert told.startswith("【2/25】")
    assert exported(season)["answers"][0]["evidence"] == []


@pytest.mark.parametrize("said", ["\u200b4分", "4\u200b分", "\u202d4\u202c分", "会话第\u200b1项4分", "４\ufeff分"])
def test_a_score_that_was_pasted_is_a_score(season: Season, said: str) -> None:
    season.join("王老师")
    season.say("王老师", "开始")
    season.say("王老师", said)
    assert exported(season)["answers"][0]["self_score"] == "4"


def test_nothing_turns_a_name_round() -> None:
    assert clean_name("\u202egpj.证书.txt") == "gpj.证书.txt"


def test_what_people_see_stays() -> None:
    for text in ("👨‍👩‍👧 3人", "4️⃣", "नमस्ते", "می‌خواهم", "a\u00a0b"):
        assert seen(text) == text
