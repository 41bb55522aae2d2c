"""A list of societies sent in the chat: nothing is added before its number is typed, and nothing twice."""

import io
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import Workbook

from handlers.inbox import take
from handlers.messages import Incoming, Message
from handlers.notices.audience import audience
from handlers.societies import joining, roster
from handlers.societies.enrolling import numbers
from handlers.turn import Taken
from storage import queries
from storage.relations import SOCIETY
from tests.season import Season


def said(taken: Taken) -> str:
    return "\n".join(reply.text for reply in taken.replies)


@pytest.fixture
def office(season: Season) -> Season:
    season.join("staff")
    return season


def names(season: Season) -> list[str]:
    with season.db.read() as db:
        return [row.name for row in roster.societies(db)]


def workbook(**sheets: list[tuple[Any, ...]]) -> bytes:
    made = Workbook()
    made.remove(made.worksheets[0])
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def send(season: Season, data: bytes, *, who: str = "staff", text: str = "") -> str:
    """A workbook as the channel hands it over."""
    blob = season.store.put(io.BytesIO(data))
    file = Incoming("名单.xlsx", blob.sha256, blob.size, "xlsx")
    message = Message("dialogue", who, f"{who}:{next(season.keys)}", text, files=(file,))
    taken = take(season.db, message, season.now, premises=season.premises)
    season.seen[who, "dialogue"] = taken.replies[-1].id
    return said(taken)


def test_of_several_sheets_one_is_chosen_by_its_number(office: Season) -> None:
    data = workbook(去年=[("学会名称",), ("甲研究会",)], 今年=[("学会名称",), ("乙研究会",), ("丙研究会",)])
    assert "2 今年" in send(office, data)
    assert "乙研究会" in said(office.say("staff", "2"))
    office.say("staff", "2")
    assert names(office)[2:] == ["乙研究会", "丙研究会"]


def test_the_roster_grew_between_the_showing_and_the_number(office: Season) -> None:
    assert "请回复数字 2" in send(office, workbook(一=[("学会名称",), ("甲研究会",), ("乙研究会",)]))
    office.db.write(lambda db: roster.add_society(db, "甲研究会", office.now))
    before = names(office)
    assert "现在是1家" in said(office.say("staff", "2"))
    assert names(office) == before


@pytest.mark.parametrize("words", ["1", "3", "取消", "谁还没交", "两家"])
def test_any_other_word_adds_nothing(office: Season, words: str) -> None:
    send(office, workbook(一=[("学会名称",), ("甲研究会",), ("乙研究会",), ("丙研究会",), ("丁研究会",)]))
    office.say("staff", words)
    office.say("staff", "4")  # nothing waits any more
    assert len(names(office)) == 2


def test_the_question_stays_open_while_she_only_looks(office: Season) -> None:
    send(office, workbook(一=[("学会名称",), ("甲研究会",), ("乙研究会",), ("丙研究会",), ("丁研究会",)]))
    office.say("staff", "进度")
    office.say("staff", "4")
    assert len(names(office)) == 6


def test_the_number_may_be_typed_as_people_do(office: Season) -> None:
    send(office, workbook(一=[("学会名称",), ("甲研究会",), ("乙研究会",)]))
    office.say("staff", "２家。")
    assert len(names(office)) == 4


def test_doubtful_names_are_taken_one_by_one(office: Season) -> None:
    slips = [("学会名称",), ("示例学会浙江省",), ("浙江示例学会",), ("浙江省茶叶协会",), ("浙江省茶叶研究会",)]
    assert "1 浙江示例学会 ≈ 浙江省示例学会" in send(office, workbook(一=slips))
    assert "请回复数字 2" in said(office.say("staff", "也加 3"))
    assert "请回复数字 3" in said(office.say("staff", "也加1和3"))
    office.say("staff", "3")
    assert names(office)[2:] == ["示例学会浙江省", "浙江示例学会", "浙江省茶叶研究会"]


def test_a_reviewer_and_a_secretary_add_nothing(office: Season) -> None:
    office.codes["评审"] = office.db.write(
        lambda db: joining.invite(db, society_id=None, role="reviewer", name="评审", now=office.now)
    )
    data = workbook(一=[("学会名称",), ("甲研究会",)])
    for who in ("评审", "王老师"):
        office.join(who)
        send(office, data, who=who, text="导入名单")
        office.say(who, "1")
    assert len(names(office)) == 2


def test_a_file_with_words_of_its_own_is_no_list(office: Season) -> None:
    assert "请回复数字" not in send(office, workbook(一=[("学会名称",), ("甲研究会",)]), text="进度")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("3", {3}), ("1、3", {1, 3}), ("1-3", {1, 2, 3}), ("第二个和四", {2, 4}), ("１，２", {1, 2}), ("没有", set())],
)
def test_numbers_as_they_are_typed(typed: str, meant: set[int]) -> None:
    assert numbers(typed.translate({0xFF11: "1", 0xFF12: "2", 0xFF0C: ","})) == meant


def test_all_of_them() -> None:
    assert {1, 5000} <= numbers("全部")
    assert len(numbers("1-999999999")) <= 5001


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("浙江省科学和艺术协会", ["浙江省科学和艺术协会"]),
        ("浙江省科学和艺术协会、茶叶学会", ["浙江省科学和艺术协会", "浙江省茶叶学会"]),
        ("没开始的学会", ["浙江省示例学会", "浙江省茶叶学会", "浙江省科学和艺术协会", "浙江省全体育协会"]),
        ("浙江省全体育协会", ["浙江省全体育协会"]),
        ("茶叶和示例", ["浙江省茶叶学会", "浙江省示例学会"]),
    ],
)
def test_names_that_hold_words_of_a_list_are_names(season: Season, words: str, meant: list[str]) -> None:
    added = ("浙江省科学和艺术协会", "浙江省全体育协会")
    season.db.write(lambda db: [roster.add_society(db, name, season.now) for name in added])
    with season.db.read() as db:
        row = queries.round_of(db, season.round)
        found = audience(db, row, words)
    assert ([one.name for one in found.societies], found.doubtful) == (meant, ())


def test_a_list_that_is_sent_twice_adds_nothing_the_second_time(office: Season) -> None:
    office.say("staff", files=("学会名单.csv",))
    office.say("staff", "3")
    with office.db.read() as db:
        names = [row.name for row in roster.societies(db)]
    assert "新的0家" in said(office.say("staff", files=("学会名单.csv",)))
    office.say("staff", "0")
    with office.db.read() as db:
        assert [row.name for row in roster.societies(db)] == names
        assert db.scalar(sa.select(SOCIETY.c.contact).where(SOCIETY.c.name == "浙江省茶叶学会")) == "赵老师"
