"""A rubric changed in mid-season: answers stay, totals follow, only who is touched is told, what is handed in stands."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.cli import main
from handlers.checking import check
from handlers.criteria.amending import Amendment, NotAmended, amend
from handlers.reports.exporting import export
from rubrics.reading import catalog
from storage import queries
from storage.relations import ACT, ANSWER_EVENT, OUTBOX, RUBRIC_TEXT, SUBMISSION
from tests.season import Season

SOURCE = catalog()["zhejiang-2020"]
OTHER = "浙江省茶叶学会"


def edited(*pairs: tuple[str, str]) -> str:
    text = SOURCE
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def item_of(id: str) -> str:
    """The lines of one item in the file."""
    start = SOURCE.index(f"      - id: {id}\n")
    following = [
        at for at in (SOURCE.find("\n      - id: ", start + 1), SOURCE.find("\n  - id: ", start + 1)) if at > 0
    ]
    return SOURCE[start : min(following) + 1]


def worth(id: str, before: str, after: str) -> tuple[str, str]:
    whole = item_of(id)
    return whole, whole.replace(f"points: {before}\n", f"points: {after}\n", 1)


def lowered() -> str:
    """学术交流 from 10 to 6 points, 热点研讨 from 5 to 9: the sums stay."""
    return edited(worth("academic-exchange", "10", "6"), worth("hot-topics", "5", "9"))


def without_journal() -> str:
    """科技期刊 is asked no more; its three points go to 热点研讨."""
    return edited((item_of("journal"), ""), worth("hot-topics", "5", "8"))


NEW = """      - id: mentoring
        no: "6"
        heading: 学术引领
        name: 青年导师
        text: 为青年科技工作者配备导师。
        points: 2
"""


def with_one_more() -> str:
    return edited((item_of("journal"), item_of("journal") + NEW), worth("hot-topics", "5", "3"))


def made(season: Season, text: str, yes: int | None) -> Amendment:
    return season.db.write(lambda db: amend(db, season.round, text, "zhejiang-2020.yaml", season.now, yes=yes))


def entry(season: Season, society: str = "浙江省示例学会") -> dict[str, Any]:
    with season.db.read() as db:
        whole = export(db, queries.round_of(db, season.round))
    return next(one for one in whole["entries"] if one["society"] == society)


def sound(season: Season) -> bool:
    with season.db.read() as db:
        assert check(db, season.store) == []
    return True


def notices(season: Season, receipt: str) -> dict[str, str]:
    """What was said to whom because of this change."""
    with season.db.read() as db:
        rows = db.execute(sa.select(OUTBOX.c.address, OUTBOX.c.text).where(OUTBOX.c.cause.startswith(f"{receipt}:")))
        return {row.address: row.text for row in rows}


@pytest.fixture
def lived(season: Season) -> Season:
    for who in ("王老师", "赵老师"):
        season.join(who)
    season.say("王老师", "第1项 8分，承办年会1场")
    season.say("王老师", "第3项 2分，办刊4期")
    season.say("赵老师", "第1项 5分，论坛1场")
    return season


def test_nothing_happens_before_the_number_is_said(lived: Season) -> None:
    looked = made(lived, lowered(), None)
    assert [(one.kind, one.item and one.item.id) for one in looked.changes] == [
        ("points", "academic-exchange"),
        ("points", "hot-topics"),
    ]
    assert [one.society.name for one in looked.touched] == ["浙江省示例学会"]
    with pytest.raises(NotAmended, match="rubric_change_number"):
        made(lived, lowered(), 2)
    with lived.db.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(RUBRIC_TEXT)) == 1
    assert entry(lived)["answers"][0]["max"] == "10"
    assert sound(lived)


def test_a_score_above_the_new_maximum_is_asked_again(lived: Season) -> None:
    done = made(lived, lowered(), 1)
    told = notices(lived, done.receipt)
    assert set(told) == {"王老师"}
    assert "第1项" in told["王老师"]
    assert "由10分改为6分，自评8分需复核" in told["王老师"]
    now = entry(lived)
    assert (now["answers"][0]["self_score"], now["claimed"], now["supported"], now["complete"]) == ("8", "2", "2", 1)
    assert {"position": 1, "no": "1", "kind": "score", "points": "6"} in now["missing"]
    assert entry(lived, OTHER)["claimed"] == "5"
    assert sound(lived)
    assert "需复核" in lived.say("王老师", "检查").replies[0].text
    assert lived.say("王老师", "继续").replies[0].text.startswith("【1/25】")
    assert "由8分改为6分" in lived.say("王老师", "6分").replies[0].text
    assert entry(lived)["claimed"] == "8"
    assert sound(lived)


def test_what_is_asked_no_more_stays_on_record_and_counts_nowhere(lived: Season) -> None:
    done = made(lived, without_journal(), 1)
    assert "不再问：" in notices(lived, done.receipt)["王老师"]
    now = entry(lived)
    assert (now["total"], now["claimed"]) == (24, "8")
    [kept] = now["removed"]
    assert (kept["item"], kept["self_score"], kept["evidence"][0]["text"]) == ("journal", "2", "办刊4期")
    with lived.db.read() as db:
        assert db.scalar(sa.select(sa.func.count()).where(ANSWER_EVENT.c.item == "journal")) == 2
    assert sound(lived)
    assert "科技期刊" in lived.say("王老师", "记录").replies[0].text
    assert "没有可以撤销" in lived.say("王老师", "撤销").replies[0].text
    assert lived.say("王老师", "第3项").replies[0].text.startswith("【3/24】教育培训")


def test_a_new_item_is_open_for_all_who_have_begun(lived: Season) -> None:
    done = made(lived, with_one_more(), 2)
    assert set(notices(lived, done.receipt)) == {"王老师", "赵老师"}
    now = entry(lived)
    assert (now["total"], now["answers"][3]["item"], now["answers"][3]["state"]) == (26, "mentoring", "unanswered")
    assert now["claimed"] == "10"
    assert sound(lived)


def test_a_condition_that_turns_is_told_to_those_it_turns_for(season: Season) -> None:
    for who in ("王老师", "赵老师"):
        season.join(who)
    for who, said in (("王老师", ("第4项", "2分，继续教育", "3期")), ("赵老师", ("第4项", "1分，继续教育", "1期"))):
        for words in said:
            season.say(who, words)
    assert entry(season)["answers"][3]["facts"] == {"courses": 3}
    whole = item_of("training")
    done = made(season, edited((whole, whole.replace("value: 2", "value: 5"))), 1)
    [touched] = done.touched
    assert [(one.kind, one.item.id) for one in touched.touches] == [("condition", "training")]
    assert "条件有变" in notices(season, done.receipt)["王老师"]
    assert entry(season)["answers"][3]["self_score"] == "2"
    assert sound(season)


def test_words_alone_touch_nobody(lived: Season) -> None:
    done = made(lived, edited(("组织研学工作会。", "组织研学活动。")), 0)
    assert [one.kind for one in done.changes] == ["text"]
    assert notices(lived, done.receipt) == {}
    assert "组织研学活动。" in lived.say("王老师", "第1项").replies[0].text
    with lived.db.read() as db:
        note = db.execute(sa.select(ACT).where(ACT.c.act == "rubric_changed")).one()
    assert note.details["receipt"] == done.receipt
    assert sound(lived)


def test_what_is_handed_in_stays_as_it_was_until_it_is_taken_back(lived: Season) -> None:
    lived.say("王老师", "提交")
    lived.say("王老师", "确认提交")
    before = entry(lived)
    done = made(
        lived,
        edited((item_of("journal"), ""), worth("academic-exchange", "10", "6"), worth("hot-topics", "5", "12")),
        1,
    )
    assert "按提交时的表有效" in notices(lived, done.receipt)["王老师"]
    assert entry(lived) == before
    assert entry(lived, OTHER)["total"] == 24
    with lived.db.read() as db:
        assert db.scalar(sa.select(SUBMISSION.c.rubric_sha256)) == before["rubric_sha256"] != done.sha256
    assert sound(lived)
    assert "有改动" in lived.say("王老师", "撤回提交").replies[0].text
    now = entry(lived)
    assert (now["rubric_sha256"], now["total"], now["claimed"]) == (done.sha256, 24, "0")
    assert "需复核" in lived.say("王老师", "还缺什么").replies[0].text
    assert sound(lived)


def test_a_second_change_goes_on_from_the_first(lived: Season) -> None:
    lived.say("赵老师", "提交")
    lived.say("赵老师", "确认提交")
    before = entry(lived, OTHER)
    made(lived, lowered(), 1)
    made(lived, SOURCE.replace("title: 2020年度省级学会工作自评表", "title: 2020年度省级学会自评表", 1), 0)
    assert entry(lived, OTHER)["rubric_sha256"] == before["rubric_sha256"]
    assert entry(lived)["claimed"] == "10"
    assert sound(lived)


@pytest.mark.parametrize(
    ("text", "why"),
    [(SOURCE, "same"), (SOURCE.replace("id: zhejiang-2020", "id: zhejiang-2021", 1), "other")],
    ids=["the same", "another document"],
)
def test_some_changes_are_none(lived: Season, text: str, why: str) -> None:
    with pytest.raises(NotAmended, match=f"rubric_change_{why}"):
        made(lived, text, None)


def test_the_command_shows_first_and_needs_the_number(
    lived: Season, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", lived.db.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    path = tmp_path / "changed.yaml"
    path.write_text(lowered(), encoding="utf-8")

    def run(*more: str) -> int:
        monkeypatch.setattr("sys.argv", ["xuehui", "round", "rubric", str(lived.round), str(path), *more])
        with pytest.raises(SystemExit) as stopped:
            main()
        return int(stopped.value.code or 0)

    assert run() == 1
    shown = capsys.readouterr()
    assert "分值10→6分" in shown.out
    assert "浙江省示例学会" in shown.out
    assert "--yes 1" in shown.err
    assert run("--yes", "1", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert result["touched"] == [
        {"society": "浙江省示例学会", "submitted": False, "items": [{"kind": "above", "item": "academic-exchange"}]}
    ]
    assert entry(lived)["claimed"] == "2"
