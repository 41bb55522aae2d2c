"""What broke a promise once, found by speaking at random: each stays mended."""

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
