"""Exports asked for in the chat: whose, in which form, and that nobody gets what is not hers to see."""

import io
import json
import zipfile
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from docx import Document

from scheduler.drawing import draw_due
from scheduler.ticking import Ticker
from storage import handouts
from storage.relations import DRAWING, OUTBOX
from tests.season import Season


@pytest.fixture
def office(season: Season) -> Season:
    """Two societies: one has handed in, the other is at it."""
    for person, words in (("王老师", "8分，秘密的年会1场"), ("赵老师", "5分，茶叶的秘密")):
        season.join(person)
        season.say(person, "开始")
        season.say(person, words)
    season.say("王老师", "确认提交")
    season.join("staff")
    return season


def followed(season: Season, person: str, words: str) -> tuple[str, list[Any]]:
    """The answer, and the files that follow it, as (name, bytes on disk)."""
    taken = season.say(person, words)
    draw_due(season.db, season.store, season.now)
    with season.db.read() as db:
        rows = db.execute(sa.select(OUTBOX).where(OUTBOX.c.id > taken.replies[-1].id).order_by(OUTBOX.c.id)).all()
        files = [(file["name"], handouts.file(db, file["held"])) for row in rows for file in row.files]
    found = [(name, season.store.path(row.sha256)) for name, row in files if row]
    return "\n".join([*(one.text for one in taken.replies), *(row.text for row in rows)]), found


def cells(path: Any) -> str:
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell)


def test_the_office_gets_a_workbook_and_no_words_of_who_has_not_handed_in(office: Season) -> None:
    told, [(name, path)] = followed(office, "staff", "导出 Excel")
    assert "2家" in told
    assert name.endswith(".xlsx")
    held = cells(path)
    assert "秘密的年会1场" in held
    assert "浙江省茶叶学会" in held
    assert "茶叶的秘密" not in held


@pytest.mark.parametrize("form", ["docx", "zip", "csv", "json"])
def test_no_form_shows_what_is_not_handed_in(office: Season, form: str) -> None:
    _, [(name, path)] = followed(office, "staff", f"导出 {form}")
    assert name.endswith(f".{form}")
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            text = "".join(archive.read(one).decode(errors="ignore") for one in archive.namelist())
    else:
        text = path.read_text(encoding="utf-8")
    assert "秘密的年会" in text
    assert "茶叶的秘密" not in text


def test_one_society_is_named_and_a_filter_too(office: Season) -> None:
    told, [(name, _)] = followed(office, "staff", "导出 示例学会 盖章表")
    assert "1家" in told
    assert "浙江省示例学会" in name
    told, [(_, path)] = followed(office, "staff", "导出 没提交的 Excel")
    assert "1家" in told
    assert "浙江省示例学会" not in cells(path)
    told, files = followed(office, "staff", "导出 火星学会 Excel")
    assert files == []
    assert "没有" in told


def test_without_a_form_it_is_asked_which(office: Season) -> None:
    taken = office.say("staff", "导出")
    assert "导出成什么" in taken.replies[0].text
    office.say("staff", choice=taken.replies[0].choices[0][0])
    assert draw_due(office.db, office.store, office.now) == 1


def test_a_secretary_gets_her_own_whatever_its_state(office: Season) -> None:
    told, [(name, path)] = followed(office, "赵老师", "导出")
    assert "浙江省茶叶学会" in name
    table = "\n".join(cell.text for row in Document(str(path)).tables[0].rows for cell in row.cells)
    assert "茶叶的秘密" in table
    assert "秘密的年会" not in table
    _, [(_, book)] = followed(office, "赵老师", "导出excel")
    assert "秘密的年会" not in cells(book)
    assert "导出好了" in told


def test_it_is_made_once_whoever_looks_and_however_often(office: Season) -> None:
    taken = office.say("staff", "导出 xlsx", key="once")
    assert office.say("staff", "导出 xlsx", key="once").again
    assert [draw_due(office.db, office.store, office.now) for _ in range(3)] == [1, 0, 0]
    with office.db.read() as db:
        made = db.execute(sa.select(OUTBOX).where(OUTBOX.c.id > taken.replies[-1].id)).all()
        assert db.scalar(sa.select(sa.func.count()).select_from(DRAWING)) == 1
    assert len(made) == 1


def test_what_can_not_be_made_is_said(office: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(office.store), "put", full)
    taken = office.say("staff", "导出 xlsx")
    draw_due(office.db, office.store, office.now)
    with office.db.read() as db:
        [row] = db.execute(sa.select(OUTBOX).where(OUTBOX.c.id > taken.replies[-1].id)).all()
    assert "没有做成" in row.text


def test_a_reviewer_may_not(office: Season) -> None:
    with office.db.engine.begin() as db:
        db.exec_driver_sql("UPDATE person SET role = 'reviewer' WHERE name = '周科长'")
    assert "导出好了" not in followed(office, "staff", "导出 xlsx")[0]
    with office.db.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(DRAWING)) == 0


def test_the_data_is_the_contracts(office: Season) -> None:
    _, [(_, path)] = followed(office, "staff", "导出 json")
    whole = json.loads(path.read_text(encoding="utf-8"))
    assert [(one["society"], one["status"], one["claimed"]) for one in whole["entries"]] == [
        ("浙江省示例学会", "submitted", "8"),
        ("浙江省茶叶学会", "in_progress", "5"),
    ]


@pytest.mark.parametrize("form", ["xlsx", "docx", "zip", "csv", "json"])
def test_a_unit_without_a_table_prints_none(office: Season, form: str) -> None:
    with office.db.engine.begin() as db:
        db.exec_driver_sql("UPDATE society SET kind = 'enterprise' WHERE name = '浙江省茶叶学会'")
    told, [(_, path)] = followed(office, "staff", f"导出 {form}")
    assert "导出好了" in told
    if form == "docx":
        assert len(Document(str(path)).tables) == 1
    assert "要交的材料" in office.say("赵老师", "导出").replies[0].text


@pytest.mark.parametrize("words", ["导出 Excel", "导出 word", "导出  zip"])
def test_a_blank_in_the_command_makes_no_evidence_of_it(office: Season, words: str) -> None:
    assert "正在准备" in followed(office, "赵老师", words)[0]


def test_a_picture_waits_for_no_export_and_an_export_for_no_pdf(office: Season) -> None:
    ticker = Ticker(office.db, lambda: office.now, 3600, store=office.store)
    for words in ("导出 pdf", "导出 csv", "进度"):
        office.say("staff", words)
    said = []
    for queue in ("pictures", "exports"):
        with ticker.drawing["pdf"]:  # LibreOffice is at work
            ticker.draw("pdf")
            ticker.draw(queue)
        with office.db.read() as db:
            chosen = sa.select(DRAWING).where(DRAWING.c.drawn_at.is_(None)).order_by(DRAWING.c.inbound_id)
            said.append([row.about.get("export", {}).get("form", "picture") for row in db.execute(chosen)])
    assert said == [["pdf", "csv"], ["pdf"]]
