"""Invitations: on cards that print eight to a page, by codes that work once; and a society that passes to another."""

import io
import re

import pytest
import sqlalchemy as sa
from docx import Document

from handlers.reports.cards import Card, sheet_of_cards
from handlers.societies import inviting, roster
from handlers.turn import Taken
from storage import handouts
from storage.relations import ACT, INVITATION, OUTBOX, PERSON, SOCIETY
from tests.season import Season

CODE = re.compile(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}")
AWKWARD = '浙江省<b>&amp; "引号"\' {{ 7*7 }} ]]> 学会' + "名" * 60


def said(taken: Taken) -> str:
    return "\n".join(reply.text for reply in taken.replies)


def held(season: Season, taken: Taken, suffix: str) -> bytes:
    """The bytes of the file with this ending that a turn handed out."""
    (where,) = [held for reply in taken.replies for name, held in reply.files if name.endswith(suffix)]
    with season.db.read() as db:
        row = handouts.file(db, where)
    assert row is not None
    return season.store.path(row.sha256).read_bytes()


@pytest.fixture
def office(season: Season) -> Season:
    season.join("staff")
    return season


def test_a_picture_and_a_code_bring_in_whom_they_were_made_for(office: Season) -> None:
    made = office.say("staff", "邀请 茶叶学会 钱老师")
    assert held(office, made, ".png").startswith(b"\x89PNG")
    (code,) = set(CODE.findall(said(made)))
    office.say("钱老师", code)
    with office.db.read() as db:
        person = db.execute(sa.select(PERSON).where(PERSON.c.name == "钱老师")).one()
        society = db.execute(sa.select(SOCIETY).where(SOCIETY.c.name == "浙江省茶叶学会")).one()
        assert person.society_id == society.id
        assert roster.bound(db) == {society.id: 1}
    assert "欢迎" not in said(office.say("别人", code))  # once


def test_cards_for_all_who_have_not_been_asked(office: Season) -> None:
    names = [f"浙江省第{number}研究会" for number in range(19)] + [AWKWARD]
    office.db.write(lambda db: [roster.add_society(db, name, office.now, contact="某老师") for name in names])
    assert "20" in said(office.say("staff", "邀请 没邀请的"))
    made = office.say("staff", "20")
    document = Document(io.BytesIO(held(office, made, ".docx")))
    (table,) = document.tables
    cells = [row.cells[column].text for row in table.rows for column in (1, 3)]
    assert [cell.split("\n")[0] for cell in cells] == names
    codes = [CODE.search(cell) for cell in cells]
    assert len({code[0] for code in codes if code}) == len(document.inline_shapes) == 20
    lines = held(office, made, ".txt").decode("utf-8-sig").split("\r\n\r\n")
    assert [line.split(" ")[0] for line in lines[:19]] == names[:19]
    assert all(code and code[0] in line for code, line in zip(codes, lines, strict=True))
    assert CODE.search(said(made)) is None  # so many are in the files only
    assert "一家也没有" in said(office.say("staff", "邀请 没邀请的"))
    assert "22 家" in said(office.say("staff", "邀请 没绑定的"))


def test_what_was_not_confirmed_by_its_number_makes_no_code(office: Season) -> None:
    with office.db.read() as db:
        before = db.scalar(sa.select(sa.func.count()).select_from(INVITATION))
    for number in ("1", "3", "取消"):
        office.say("staff", "邀请 全部")
        office.say("staff", number)
    with office.db.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(INVITATION)) == before


def test_more_than_a_turn_can_make_are_made_in_turns(office: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inviting, "MOST_CARDS", 3)
    names = [f"浙江省第{number}研究会" for number in range(4)]
    office.db.write(lambda db: [roster.add_society(db, name, office.now) for name in names])
    office.say("staff", "邀请 没邀请的")
    assert "还有1家" in said(office.say("staff", "3"))
    office.say("staff", "邀请 没邀请的")
    assert "浙江省第3研究会" in said(office.say("staff", "1"))


def test_a_repeated_delivery_makes_no_second_code(office: Season) -> None:
    first = office.say("staff", "邀请 茶叶学会", key="k1")
    assert said(office.say("staff", "邀请 茶叶学会", key="k1")) == said(first)


@pytest.mark.parametrize("words", ["邀请 茶叶学会", "邀请 全部", "交接 茶叶学会 张三", "加学会 某学会", "导入名单"])
def test_a_secretary_makes_no_invitations(season: Season, words: str) -> None:
    season.join("王老师")
    season.say("王老师", "开始")
    with season.db.read() as db:
        before = db.scalar(sa.select(sa.func.count()).select_from(INVITATION))
    season.say("王老师", words)
    with season.db.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(INVITATION)) == before
        assert db.scalar(sa.select(sa.func.count()).select_from(SOCIETY)) == 2


def test_cards_of_any_number_fill_whole_rows() -> None:
    picture = inviting.picture("https://xuehui.example/#ABCD-EFGH")
    for count in (1, 2, 8, 9):
        (table,) = Document(
            io.BytesIO(sheet_of_cards([Card(str(number), "ABCD-EFGH", ("一",), picture) for number in range(count)]))
        ).tables
        assert len(table.rows) == (count + 1) // 2


def handed_over(office: Season, *, decided: str) -> str:
    """Two people answer for the society; it is handed to a third. The code for her."""
    office.join("王老师")
    office.join("李老师")
    office.say("staff", "交接 示例学会 张三")
    return str(CODE.findall(said(office.say("staff", decided)))[-1])


def test_the_old_ones_are_out_once_the_new_one_is_in_and_everybody_is_told(office: Season) -> None:
    code = handed_over(office, decided="1")
    assert "停用" not in said(office.say("王老师", "进度"))
    office.join("新老师")  # came in between, by an invitation of her own: not among those who were asked about
    office.say("张三", code)
    assert "停用" in said(office.say("王老师", "进度"))
    assert "停用" in said(office.say("李老师", "进度"))
    assert "停用" not in said(office.say("新老师", "进度"))
    with office.db.read() as db:
        told = sa.select(PERSON.c.name).join(OUTBOX, PERSON.c.id == OUTBOX.c.person_id)
        by_cause = db.scalars(told.where(OUTBOX.c.cause.startswith("handover:")).order_by(OUTBOX.c.id)).all()
        act = db.execute(sa.select(ACT).where(ACT.c.act == "handed_over")).one()
    assert by_cause == ["王老师", "李老师", "周科长"]
    assert len(act.details["put_out"]) == 2


def test_the_old_ones_may_stay(office: Season) -> None:
    office.say("张三", handed_over(office, decided="2"))
    assert "停用" not in said(office.say("王老师", "进度"))
    assert "停用" not in said(office.say("李老师", "进度"))
