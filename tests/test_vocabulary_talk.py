"""A table with caps, bonuses, deductions and two kinds of units as a conversation, from the first item to the ranking."""

import io
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa
from docx import Document

from handlers.checking import check
from handlers.phrasebook import phrasebook
from handlers.reports.exporting import export
from handlers.reports.formats import Job, write
from handlers.reports.rubrics import described
from handlers.reports.snapshot import Snapshot
from handlers.rounds import open_round
from handlers.societies import joining, roster
from rubrics.reading import read
from scheduler.ticking import Ticker
from storage import queries
from storage.database import Database
from storage.files import FileStore
from storage.relations import SOCIETY
from tests.season import Season
from tests.test_dialogues import replay

FOLDER = Path(__file__).parent / "vocabulary"
COUNTY = (FOLDER / "county.yaml").read_text("utf-8")
WINTER = datetime(2027, 12, 20, 1, 0, tzinfo=UTC)
CLOSES = datetime(2028, 1, 15, 9, 30, tzinfo=UTC)
SOCIETIES = {"王老师": ("某县医学会", None), "赵老师": ("某县机床厂科协", "enterprise")}


def begin(db: Database, folder: Path, text: str = COUNTY) -> Season:
    codes: dict[str, str] = {}

    def set_up(connection: sa.Connection) -> int:
        zone = "Asia/Shanghai"
        id = open_round(connection, text, "county.yaml", title=None, closes_at=CLOSES, zone=zone, now=WINTER)
        for person, (society, kind) in SOCIETIES.items():
            roster.add_society(connection, society, WINTER, kind=kind)
            known = connection.execute(sa.select(SOCIETY.c.id).where(SOCIETY.c.name == society)).scalar_one()
            codes[person] = joining.invite(connection, society_id=known, role="secretary", name=person, now=WINTER)
        codes["staff"] = joining.invite(connection, society_id=None, role="officer", name="周科长", now=WINTER)
        return id

    return Season(db, FileStore(folder), WINTER, db.write(set_up), codes)


@pytest.fixture
def county(db: Database, tmp_path: Path) -> Iterator[Season]:
    begun = begin(db, tmp_path / "files")
    yield begun
    begun.db.close()


def test_the_season_as_a_conversation(county: Season, request: pytest.FixtureRequest) -> None:
    path = FOLDER / "season.txt"
    told = path.read_text(encoding="utf-8")
    heard = replay(told, county)
    if request.config.getoption("--record"):
        path.write_text(heard, encoding="utf-8")
    with county.db.read() as connection:
        assert check(connection, county.store) == []
    assert heard == told


def test_the_export_says_what_counts_and_the_command_shows_the_words(county: Season) -> None:
    county.join("王老师")
    for words in ("第3项 20分，年会", "第4项 10分，沙龙", "第5项 10分，讲座", "第8项 3分，获奖证书", "第9项 2次"):
        county.say("王老师", words)
    with county.db.read() as db:
        entry = export(db, queries.round_of(db, county.round))["entries"][0]
    assert (entry["claimed"], entry["supported"], entry["maximum"], entry["above"]) == ("29", "29", "100", "3")
    assert [answer["counts"] for answer in entry["answers"]][-2:] == ["bonus", "deduction"]
    assert entry["answers"][-1]["self_score"] == "-4"
    lacking = sum(Decimal(gap["points"]) for gap in entry["missing"])
    assert lacking == Decimal(entry["maximum"]) + Decimal(entry["above"]) - Decimal(entry["supported"])


def test_a_kind_that_is_changed_has_its_own_totals_until_it_has_handed_in(county: Season) -> None:
    county.join("王老师")
    county.join("staff")
    county.say("王老师", "第1项 20分，名册")
    county.say("王老师", "第2项 20分，理事会")
    assert "企业科协" in county.say("staff", "类型 某县医学会 企业科协").replies[0].text
    with county.db.read() as db:
        entry = export(db, queries.round_of(db, county.round))["entries"][0]
        assert check(db, county.store) == []
    assert (entry["maximum"], entry["claimed"]) == ("80", "0")  # 20 of 10 points is to be scored anew
    assert "需复核" in county.say("王老师", "还缺什么").replies[0].text
    county.say("王老师", "第1项 10分")
    county.say("王老师", "提交")
    county.say("王老师", "确认提交")
    refused = county.say("staff", "类型 某县医学会 县级学会").replies[0].text
    assert "类型没有改动" in refused


def test_the_round_hands_in_what_is_complete_for_its_kind(county: Season) -> None:
    county.join("赵老师")
    for number in range(1, 10):
        county.say("赵老师", f"第{number}项 0分")
    county.now = CLOSES
    Ticker(county.db, lambda: county.now, 3600).tick()
    with county.db.read() as db:
        states = {one["society"]: one["status"] for one in export(db, queries.round_of(db, county.round))["entries"]}
    assert states["某县机床厂科协"] == "submitted"


def test_whatever_is_answered_the_totals_equal_a_recount(county: Season) -> None:
    chance = random.Random(20270601)
    for who in SOCIETIES:
        county.join(who)
    for _ in range(60):
        who, number = chance.choice(list(SOCIETIES)), chance.randint(1, 9)
        score, times = chance.randint(0, 20), chance.randint(0, 9)
        words = chance.choice(
            [f"{score}分，有材料", f"{score}分", f"{times}次", "不适用，没有这项工作", f"扣{times}分"]
        )
        county.say(who, f"第{number}项 {words}")
    with county.db.read() as db:
        assert check(db, county.store) == []
        entries = export(db, queries.round_of(db, county.round))["entries"]
    for one in entries:
        supported, maximum = Decimal(one["supported"]), Decimal(one["maximum"])
        above = Decimal(one["above"] or 0)
        assert one["complete"] >= 3  # the words were understood
        assert 0 <= supported <= maximum + above
        assert sum(Decimal(gap["points"]) for gap in one["missing"]) == maximum + above - supported


def test_the_printed_table_and_the_summary_name_what_is_added_and_taken_off(county: Season) -> None:
    county.join("王老师")
    for words in ("第8项 2分，获奖证书", "第9项 2次", "第3项 20分，年会", "第4项 10分，沙龙", "第5项 10分，讲座"):
        county.say("王老师", words)
    form, book = io.BytesIO(), io.BytesIO()
    with county.db.read() as db:
        snapshot = Snapshot(db, queries.round_of(db, county.round), county.now)
        write(Job("docx", snapshot, county.store, form))
        write(Job("xlsx", snapshot, county.store, book))
    [table, other] = [one for one in Document(form).tables if "自评分" in one.rows[0].cells[-3].text]
    cells = [[cell.text for cell in row.cells] for row in table.rows]
    assert [(row[3], row[4]) for row in cells if "获奖" in row or "通报批评" in row] == [
        ("加3分", "2"),
        ("扣10分", "-4"),
    ]
    assert (cells[-1][3], cells[-1][4]) == ("100分", "28")  # 30 of the 40 that the items add up to, + 2 − 4
    assert [cell.text for cell in other.rows[-1].cells][3] == "80分"
    summary = [[cell.value for cell in row] for row in openpyxl.load_workbook(book).worksheets[0].iter_rows()]
    [hers] = [row for row in summary if row[0] == "某县医学会"]
    assert (hers[2], hers[3], hers[-1]) == (28, 28, -4)


def test_the_table_is_described_with_every_word_of_it() -> None:
    shown = described(read(COUNTY, "county.yaml"))
    assert (shown["points_for"], shown["sections"][1]["most"]) == ({"enterprise": "80"}, "30")
    items = {item["text"]: item for section in shown["sections"] for item in section["items"]}
    assert [(one["max"], one["counts"], one["above"]) for one in list(items.values())[-2:]] == [
        ("3", "bonus", True),
        ("10", "deduction", False),
    ]
    words = phrasebook().text("rubric_shown", {"rubric": read(COUNTY, "county.yaml")})
    for said in ("最多计30分", "企业科协80分", "加分项，最多加3分，可超过总分", "扣分项，最多扣10分", "只问县级学会"):
        assert said in words
