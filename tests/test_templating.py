"""A Word template of the office's own in the chat: checked with places, tried, kept for the round, put away again."""

import io
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from docx import Document

from handlers.checking import check
from handlers.looking.templates import of_round
from handlers.reports.templatecheck import checked
from handlers.reports.templatefaults import BadTemplate
from scheduler.drawing import draw_due
from storage import handouts
from storage.relations import ACT, DRAWING, OUTBOX
from tests.season import Season

OWN = "单位 {{学会}}，合计 {{合计}}，{{校验}}"


def document(*paragraphs: str, row: tuple[str, str] = ("{{行.序号}}", "{{行.自评依据}}"), footer: str = "") -> bytes:
    paper = Document()
    for one in paragraphs:
        paper.add_paragraph(one)
    table = paper.add_table(3, 2)
    for place, texts in enumerate((("{%tr for 行 in 表 %}", ""), row, ("{%tr endfor %}", ""))):
        for cell, text in zip(table.rows[place].cells, texts, strict=True):
            cell.text = text
    paper.sections[0].footer.paragraphs[0].text = footer
    held = io.BytesIO()
    paper.save(held)
    return held.getvalue()


@pytest.fixture
def office(season: Season, monkeypatch: pytest.MonkeyPatch) -> Season:
    """One society has handed in, the other is at it; the office can send these documents by their names."""
    for person, words in (("王老师", "8分，示例的年会1场"), ("赵老师", "5分，茶叶的秘密")):
        season.join(person)
        season.say(person, "开始")
        season.say(person, words)
    season.say("王老师", "确认提交")
    season.join("staff")
    sent = {
        "版式.docx": document(OWN),
        "坏的.docx": document("{{学会名称}}", row=("{{行.序}}", "{{学会")),
        "空.docx": document(),
    }
    sent["坏的2.docx"] = document("{{学会}}", footer="{{ 合计 * 2 }}")
    monkeypatch.setattr("tests.season.bytes_of", lambda name: sent[name])
    return season


def followed(season: Season, person: str, words: str = "", *files: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The answer and what follows it, with the files."""
    taken = season.say(person, words, files=files)
    draw_due(season.db, season.store, season.now)
    with season.db.read() as db:
        rows = db.execute(sa.select(OUTBOX).where(OUTBOX.c.id > taken.replies[-1].id).order_by(OUTBOX.c.id)).all()
        held = [(file["name"], handouts.file(db, file["held"])) for row in rows for file in row.files]
    found = [(name, season.store.path(row.sha256).read_bytes()) for name, row in held if row]
    return "\n".join([*(one.text for one in taken.replies), *(row.text for row in rows)]), found


def lines(data: bytes) -> list[str]:
    return [one.text for one in Document(io.BytesIO(data)).paragraphs if one.text]


def acts(season: Season) -> list[Any]:
    with season.db.read() as db:
        mine = sa.select(ACT).where(ACT.c.act.in_(("template", "template_away"))).order_by(ACT.c.id)
        return list(db.execute(mine))


def test_a_template_is_tried_kept_and_used_by_every_export_until_it_is_put_away(office: Season) -> None:
    told, [(name, paper)] = followed(office, "staff", "模板", "版式.docx")
    assert "检查通过，已启用。回执" in told
    assert "样张" in told
    assert "浙江省示例学会" in name
    assert lines(paper)[0].startswith("单位 浙江省示例学会，合计 8，校验码")
    [kept] = acts(office)
    assert (kept.details["name"], kept.round_id) == ("版式.docx", office.round)
    assert kept.details["receipt"] in told
    told, [(_, hers)] = followed(office, "赵老师", "导出")
    assert "用的是本轮自己的模板《版式.docx》" in told
    assert lines(hers)[0].startswith("单位 浙江省茶叶学会，合计 5，草稿")
    told, [(name, _)] = followed(office, "staff", "导出 docx")
    assert name.endswith(".zip")
    assert "一家一份 Word" in told
    assert "换回正式版式。回执" in followed(office, "staff", "不用模板")[0]
    _, [(_, official)] = followed(office, "staff", "导出 示例学会 盖章表")
    assert lines(official)[1] == "填报单位：浙江省示例学会（盖章）"
    assert "本来就用正式版式" in followed(office, "staff", "不用模板")[0]
    assert [one.act for one in acts(office)] == ["template", "template_away"]
    with office.db.read() as db:
        assert check(db, office.store) == []


def test_it_may_come_behind_the_word_and_a_sample_is_sent(office: Season) -> None:
    told, [(name, sample)] = followed(office, "staff", "换模板")
    assert "现在用正式版式" in told
    assert name.startswith("盖章表模板范例")
    checked(sample)
    assert "已启用" in followed(office, "staff", "", "版式.docx")[0]
    assert "《版式.docx》（周科长" in followed(office, "staff", "模板")[0]
    assert "没有改动" in followed(office, "staff", "取消")[0]
    followed(office, "staff", "", "版式.docx")
    assert len(acts(office)) == 1, "after that a document is what an announcement carries"


def test_every_fault_is_told_with_its_place_and_nothing_is_kept(office: Season) -> None:
    told, files = followed(office, "staff", "模板", "坏的.docx")
    assert files == []
    assert "第1段：「{{学会名称}}」里没有「学会名称」这一项，是不是「学会」？" in told
    assert "第1个表第2行第1格：「{{行.序}}」里没有「序」这一项，是不是「序号」？" in told
    assert "第1个表第2行第2格：「{{学会」括号不成对" in told
    assert "页脚：「{{ 合计 * 2 }}」里有计算" in followed(office, "staff", "", "坏的2.docx")[0]
    assert "没有改动" in followed(office, "staff", "", "坏的.docx")[0]
    assert acts(office) == []
    assert "已启用" in followed(office, "staff", "", "版式.docx")[0], "it may be sent again at once"


def test_the_same_delivery_keeps_it_once(office: Season) -> None:
    first = office.say("staff", "模板", files=("版式.docx",), key="once")
    again = office.say("staff", "模板", files=("版式.docx",), key="once")
    assert (again.again, again.replies[0].text) == (True, first.replies[0].text)
    assert len(acts(office)) == 1
    with office.db.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(DRAWING)) == 1


def test_a_reviewer_may_not_and_a_secretary_is_not_understood(office: Season) -> None:
    office.join("陈评审")
    assert "只有科协的管理人员" in office.say("陈评审", "模板", files=("版式.docx",)).replies[0].text
    office.say("王老师", "模板", files=("版式.docx",))
    assert acts(office) == []
    with office.db.read() as db:
        assert of_round(db, office.round) is None


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (b"%PDF-1.7", "not_word"),
        (b"PK\x03\x04 cut", "unread"),
        (document("{{ ''.__class__ }}"), "computed"),
        (document("{{ '长' * 999999999 }}"), "computed"),
        (document("{{ 学会|replace('a', 'b') }}"), "computed"),
        (document("{% for 行 in 学会 %}{{行}}{% endfor %}"), "statement"),
        (document("{{学会}}", "{% if 合计 %}有"), "unbalanced"),
        (document("没有占位", row=("一", "二")), "blank"),
        (document("{{学会 合计}}"), "unreadable"),
    ],
)
def test_what_can_not_be_filled_or_could_run_away_is_named(broken: bytes, code: str) -> None:
    with pytest.raises(BadTemplate) as bad:
        checked(broken)
    assert bad.value.faults[0].code == f"template_{code}"


def test_what_stands_outside_of_the_pages_is_looked_at_too(tmp_path: Path) -> None:
    paper = Document(io.BytesIO(document("{{学会}}")))
    paper.core_properties.title = "{{ 1 + 1 }}"
    held = io.BytesIO()
    paper.save(held)
    with pytest.raises(BadTemplate) as bad:
        checked(held.getvalue())
    assert [(one.code, one.place) for one in bad.value.faults] == [("template_computed", "")]


def test_a_condition_may_choose(office: Season) -> None:
    checked(document("{% if 校验码 and 合计 != '0' %}{{学会}}{% else %}草稿{% endif %}"))
