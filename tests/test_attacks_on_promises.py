"""What broke a promise once, found by speaking at random: each stays mended."""

from pathlib import Path

import pytest

from handlers.understanding.lexicon import lexicon
from rubrics.reading import catalog
from storage.database import Database
from tests.conftest import NEW_YEAR
from tests.season import Season
from tests.test_turn import broken, exported


def test_what_the_office_fills_in_joins_what_is_handed_in(season: Season) -> None:
    for who in ("赵老师", "staff"):
        season.join(who)
    season.say("赵老师", "会话第1项 5分")
    season.say("赵老师", "先交后补")
    told = season.say("staff", "代填 茶叶学会 会话第5项 4分 举荐青托2人").replies[0].text
    assert "提交" in told, told
    assert broken(season) == []
    entry = exported(season, "浙江省茶叶学会")
    assert (entry["status"], entry["claimed"]) == ("submitted", "9")
    assert [one["claimed"] for one in entry["submissions"]] == ["5", "9"]


@pytest.mark.parametrize(
    "said", ["说错了，是8分", "刚才那个填错了，应该是3分", "刚才那项", "刚才那个是达到", "看刚才那项的依据"]
)
def test_after_a_condition_for_taking_part_nothing_was_said_of_an_item(db: Database, tmp_path: Path, said: str) -> None:
    season = Season.begin(db, catalog()["wenzhou-2022"], NEW_YEAR, tmp_path / "files")
    season.join("李老师")
    for words in ("开始", "1", "2016年3月15日", said):
        season.say("李老师", words)
    assert broken(season) == []
    assert {one["state"] for one in exported(season)["answers"]} == {"unanswered"}


@pytest.mark.parametrize("opening", ["给", "给全部", "通知", "明天上午9点给", "今天8:00给全部", "给全部（1月20日）"])
@pytest.mark.parametrize("blank", [" ", "　", "\t", "\n"])
def test_a_line_full_of_blanks_keeps_nobody_waiting(opening: str, blank: str) -> None:
    """A pattern that shares them out in every way would not end within the hour of the gate: a hundred took 100 s."""
    assert lexicon().staff_command(f"给{blank * 19_000}x") is None
    named = lexicon().staff_command(f"{opening}{blank * 18_000}发通知：一{blank * 900}二")
    assert named is None or named[1][-1].endswith(f"一{blank * 900}二")
