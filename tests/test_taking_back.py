"""«撤销» outside the questionnaire: by new events, only the last step, and never behind somebody's back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.checking import check
from handlers.reports.lists import tables
from handlers.societies import joining
from storage import queries
from storage.database import Database
from storage.relations import APPLICATION, APPLICATION_EVENT, CELL_EDIT, KEY_NOTE
from tests.season import Season
from tests.test_programmes import begin
from tests.test_projects import told


@pytest.fixture
def yangzhou(db: Database, tmp_path: Path) -> Iterator[Season]:
    yield from begun(db, tmp_path, "yangzhou")


@pytest.fixture
def hangzhou(db: Database, tmp_path: Path) -> Iterator[Season]:
    yield from begun(db, tmp_path, "hangzhou")


def begun(db: Database, folder: Path, document: str) -> Iterator[Season]:
    season = begin(db, folder / "files", document)
    for person in ("王老师", "赵老师", "staff"):
        season.join(person)
    for person in ("王老师", "赵老师"):
        season.say(person, "1")
    yield season
    with season.db.read() as connection:
        assert check(connection, season.store) == []
    season.db.close()


def standing(season: Season, project: str) -> list[tuple[str, str]]:
    with season.db.read() as db:
        rows = db.execute(
            sa.select(APPLICATION).where(APPLICATION.c.project == project).order_by(APPLICATION.c.entry_id)
        )
        return [(row.state, row.standing) for row in rows]


def test_what_the_office_has_gone_on_from_is_not_taken_back(yangzhou: Season) -> None:
    yangzhou.say("王老师", "申报 期刊")
    yangzhou.say("staff", "推荐 扬州市示例学会 期刊")
    assert "科协已经处理过" in told(yangzhou, "王老师", "撤销")
    assert standing(yangzhou, "journal") == [("applied", "proposed")]


def test_a_place_that_another_has_now_does_not_come_back(yangzhou: Season) -> None:
    for person in ("王老师", "赵老师"):
        yangzhou.say(person, "申报 期刊")
    yangzhou.say("staff", "推荐 扬州市示例学会 期刊")
    yangzhou.say("staff", "撤销推荐 扬州市示例学会 期刊")
    other = begun_officer(yangzhou)
    yangzhou.say(other, "推荐 扬州市茶叶学会 期刊")
    assert "名额就超了" in told(yangzhou, "staff", "撤销")
    assert standing(yangzhou, "journal") == [("applied", "none"), ("applied", "proposed")]


def begun_officer(season: Season) -> str:
    """A second officer, who has joined."""

    def code(db: sa.Connection) -> str:
        return joining.invite(db, society_id=None, role="officer", name="吴处长", now=season.now)

    season.codes["吴处长"] = season.db.write(code)
    season.join("吴处长")
    return "吴处长"


def test_a_choice_of_one_of_two_is_taken_back_whole(yangzhou: Season) -> None:
    yangzhou.say("王老师", "申报 2.1、2.4")
    yangzhou.say("staff", "推荐 扬州市示例学会 2.1")
    yangzhou.say("staff", "推荐 扬州市示例学会 2.4")
    yangzhou.say("staff", "1")
    assert standing(yangzhou, "outreach") == [("applied", "proposed")]
    assert "已撤销上一步（2项）" in told(yangzhou, "staff", "撤销")
    assert standing(yangzhou, "functions") == [("applied", "proposed")]
    assert standing(yangzhou, "outreach") == [("applied", "none")]


def test_an_announcement_that_is_newer_goes_first(yangzhou: Season) -> None:
    yangzhou.say("王老师", "申报 期刊")
    yangzhou.say("staff", "推荐 扬州市示例学会 期刊")
    yangzhou.clock("2026-04-13 09:00:00")
    yangzhou.say("staff", "给全部发通知：请抓紧")
    yangzhou.say("staff", "2")
    assert "已撤回" in told(yangzhou, "staff", "撤销")
    assert standing(yangzhou, "journal") == [("applied", "proposed")]


def test_nothing_is_erased_and_a_repeated_delivery_takes_back_once(yangzhou: Season) -> None:
    yangzhou.say("王老师", "申报 期刊")
    for _ in range(2):
        yangzhou.say("王老师", "撤销", key="undo")
    with yangzhou.db.read() as db:
        kinds = db.scalars(sa.select(APPLICATION_EVENT.c.kind).order_by(APPLICATION_EVENT.c.id)).all()
    assert kinds == ["applied", "withdrawn"]


def test_a_cell_that_somebody_changed_since_stays(hangzhou: Season) -> None:
    hangzhou.say("staff", "改 杭州市医学会 5A 4A")
    other = begun_officer(hangzhou)
    hangzhou.say(other, "改 杭州市医学会 5A 3A")
    assert "后来又有人改过" in told(hangzhou, "staff", "撤销")
    with hangzhou.db.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(CELL_EDIT)) == 2


def test_a_row_that_was_taken_back_goes_out_in_no_export(hangzhou: Season) -> None:
    hangzhou.say("staff", "加 特色 杭州市示例学会")
    hangzhou.say("staff", "撤销")
    with hangzhou.db.read() as db:
        (_, first), (_, second) = tables(db, queries.round_of(db, hangzhou.round))
    assert (len(first), len(second)) == (11, 11)
    assert "第12条" in told(hangzhou, "staff", "加 特色 杭州市另一学会")


def test_a_note_is_taken_back_by_another_and_noted_anew(db: Database, tmp_path: Path) -> None:
    season = begin(db, tmp_path / "files", "plan")
    season.join("王老师")
    season.say("王老师", "1")
    season.say("王老师", "要点3：云会议")
    for _ in range(2):
        season.say("王老师", "撤销")
    with season.db.read() as connection:
        rows = connection.execute(sa.select(KEY_NOTE).order_by(KEY_NOTE.c.id)).all()
    assert [(row.text, row.undoes) for row in rows] == [("云会议", None), ("", rows[0].id), ("云会议", None)]
    season.db.close()
