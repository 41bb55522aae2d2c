"""Pictures: drawn once, after the turn, sent to where they were asked for; every character drawn or marked."""

import struct
from datetime import datetime, timedelta
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa

from handlers.looking.ranking import Ranked, Ranking, ordered
from handlers.reports import pictures, sheets
from handlers.reports.glyphs import LACKING, drawable, fitted
from handlers.societies import people
from scheduler.drawing import draw_due
from storage import handouts, relations
from storage.database import Database
from storage.relations import DRAWING, HANDOUT, OUTBOX
from tests.season import ZONE, Season

AT = datetime(2026, 12, 20, 9, 0, tzinfo=ZONE)
NAMES = ("浙江省心理卫生协会", "浙江省<b>&茶叶学会", "浙江省龘学会")


def found(count: int) -> Ranking:
    rows = [
        Ranked(NAMES[n % 3] + str(n), Decimal(90), Decimal(n), None, "submitted" if n % 5 else "in_progress")
        for n in range(count)
    ]
    return Ranking(ordered(rows), Decimal(100), None, prescribed=False)


def of(count: int) -> list[dict[str, object]]:
    return sheets.of_ranking(found(count), "2026年度自评", AT, "Asia/Shanghai")


@pytest.mark.parametrize(("societies", "expected"), [(1, 1), (20, 1), (21, 2), (60, 3), (200, 3)])
def test_twenty_societies_a_picture_and_three_pictures_at_most(societies: int, expected: int) -> None:
    assert len(of(societies)) == expected


def test_a_picture_is_a_png_as_wide_as_a_phone() -> None:
    drawn = pictures.png(of(20)[0])
    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", drawn[16:24])
    assert width == 750
    assert height < 1700
    assert len(drawn) < 500_000


def test_what_a_society_is_called_is_only_ever_text() -> None:
    drawing = ET.fromstring(pictures.svg(of(20)[0]))
    said = [node.text or "" for node in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert any(one.startswith("浙江省<b>&茶叶") for one in said)
    assert not list(drawing.iter("{http://www.w3.org/2000/svg}b"))


def test_a_character_that_the_font_lacks_is_marked_and_explained() -> None:
    assert drawable("浙江省龘学会") == f"浙江省{LACKING}学会"
    assert drawable("喆堃镕昇玥珺祎赟翀·—…（）ABC 8.5") == "喆堃镕昇玥珺祎赟翀·—…（）ABC 8.5"
    assert pictures.svg(of(3)[0]).count(LACKING) == 2
    assert LACKING not in pictures.svg(of(2)[0])


def test_the_words_of_the_templates_can_be_drawn() -> None:
    for sheet in (of(1)[0], sheets.of_progress(COUNTS, "自评", "还有3天", [], AT, "Asia/Shanghai")):
        drawing = pictures.svg(sheet)
        assert drawable(drawing.replace("\n", "")) == drawing.replace("\n", "")


def test_a_long_name_is_cut_where_its_place_ends() -> None:
    assert fitted("浙江省医学会", 600, 26) == "浙江省医学会"
    assert fitted("浙江省医学会", 130, 26) == "浙江省医…"


COUNTS = {"submitted": 3, "started": 1, "waiting": 2, "total": 6}


def test_days_are_those_of_the_rounds_zone() -> None:
    midnight = datetime(2026, 12, 20, 0, 30, tzinfo=ZONE)
    handed_in = [midnight, midnight - timedelta(hours=1), AT]
    sheet = sheets.of_progress(COUNTS, "自评", "", handed_in, AT, "Asia/Shanghai")
    assert [day for day in sheet["days"] if day["count"]] == [
        {"label": "12/19", "count": 1},
        {"label": "12/20", "count": 2},
    ]
    assert len(sheet["days"]) == 14
    assert sheet["most"] == 2


def test_bars_never_leave_the_picture_where_there_is_nobody() -> None:
    nobody = dict.fromkeys(COUNTS, 0)
    drawing = ET.fromstring(pictures.svg(sheets.of_progress(nobody, "自评", "", [], AT, "Asia/Shanghai")))
    assert all(0 <= int(node.get("width", "0").rstrip("%")) <= 750 for node in drawing.iter() if node.get("width"))


def sent(db: Database, cause: str) -> list[relations.Row]:
    with db.read() as connection:
        chosen = sa.select(OUTBOX).where(OUTBOX.c.cause == cause).order_by(OUTBOX.c.part)
        return list(connection.execute(chosen))


@pytest.fixture
def asked(season: Season) -> str:
    """The office has asked how far everybody is; the cause of what it was answered."""
    season.join("staff")
    first = season.say("staff", "进度").replies[0]
    assert first.files == ()
    with season.db.read() as db:
        return str(db.scalar(sa.select(OUTBOX.c.cause).where(OUTBOX.c.id == first.id)))


def test_a_picture_follows_the_answer_once(season: Season, asked: str) -> None:
    assert draw_due(season.db, season.store, season.now) == 1
    assert draw_due(season.db, season.store, season.now) == 0
    first, second = sent(season.db, asked)
    assert (second.part, second.kind, second.state, second.channel) == (1, "reply", "sent", "dialogue")
    assert (second.person_id, second.address, second.choices) == (first.person_id, first.address, first.choices)
    with season.db.read() as db:
        file = handouts.file(db, second.files[0]["held"])
    assert file is not None
    assert file.media_type == "png"
    assert file.name == second.files[0]["name"] == "进度-2026-12-20-0900.png"
    assert season.store.path(file.sha256).read_bytes().startswith(b"\x89PNG")


def test_another_process_that_was_faster_leaves_one_picture(
    season: Season, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Database(season.db.engine.url.render_as_string(hide_password=False))

    def slow(sheet: dict[str, object]) -> bytes:
        monkeypatch.undo()
        assert draw_due(other, season.store, season.now) == 1
        return pictures.png(sheet)

    monkeypatch.setattr("scheduler.drawing.png", slow)
    assert draw_due(season.db, season.store, season.now) == 0
    assert len(sent(season.db, asked)) == 2
    with season.db.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(HANDOUT)) == 1
    other.close()


def test_who_has_been_put_out_gets_no_picture(season: Season, asked: str) -> None:
    person = sent(season.db, asked)[0].person_id
    season.db.write(lambda db: people.revoke(db, person, season.now, by=None))
    assert draw_due(season.db, season.store, season.now) == 0
    assert len(sent(season.db, asked)) == 1
    with season.db.read() as db:
        assert db.scalar(sa.select(DRAWING.c.drawn_at)) is not None


def test_a_picture_that_can_not_be_drawn_is_said_to_be_so_once(
    season: Season, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    assert draw_due(season.db, season.store, season.now) == 0
    assert draw_due(season.db, season.store, season.now) == 0
    _, told = sent(season.db, asked)
    assert told.text.startswith("进度图没有画成")
    assert told.files == []


def test_a_ranking_of_many_brings_all_its_pictures_in_one_message(season: Season) -> None:
    season.join("staff")
    names = [{"name": f"浙江省第{n}学会", "created_at": season.now} for n in range(30)]
    season.db.write(lambda db: db.execute(sa.insert(relations.SOCIETY), names))
    season.say("staff", "排名 全部")
    assert draw_due(season.db, season.store, season.now) == 1
    with season.db.read() as db:
        last = db.execute(sa.select(OUTBOX).order_by(OUTBOX.c.id.desc()).limit(1)).one()
    assert [file["name"] for file in last.files] == ["排名-2026-12-20-0900-1.png", "排名-2026-12-20-0900-2.png"]
    assert last.text == "排名图（2026-12-20 09:00，内部参考·暂计）共2张。"
