"""Her own Word table: every cell read right or shown as doubtful, and nothing counts before she says so."""

import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from docx import Document

from handlers.checking import check
from handlers.inbox import take
from handlers.messages import Incoming, Message
from handlers.reports.exporting import export
from handlers.reports.form import write_form
from rubrics.filled.reading import LARGEST_MAIN, Proposed, proposed, rows_of
from rubrics.filled.values import value
from rubrics.importing.findings import Refused
from storage import queries
from storage.relations import ANSWER_EVENT, EVIDENCE, PROPOSAL
from tests import filling
from tests.filling import LAYOUTS, WRITTEN, item
from tests.official import RUBRIC, saved
from tests.proving import lived as lived_in
from tests.proving import written
from tests.season import Season


def read(data: bytes, folder: Path) -> list[Proposed]:
    path = folder / "table"
    path.write_bytes(data)
    return proposed(rows_of(path), RUBRIC)


def expected() -> dict[tuple[str, str], str]:
    """What a careful person would read out of each layout, by item and kind."""
    found: dict[tuple[str, str], str] = {}
    for no, (score, basis) in WRITTEN.items():
        read_as = value(score, RUBRIC.numbered(no))
        if read_as.kind == "excuse":
            found[item(no), "excuse"] = basis
            continue
        if read_as.score is not None:
            found[item(no), "score"] = f"{read_as.score:f}"
        if basis:
            found[item(no), "evidence"] = basis
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_cell_of_every_layout_is_read_or_shown(layout: str, tmp_path: Path) -> None:
    found = read(LAYOUTS[layout](), tmp_path)
    sure = {(one.item, one.kind): one.value for one in found if one.doubt is None}
    wanted = expected()
    assert {key: said for key, said in sure.items() if wanted.get((str(key[0]), key[1])) != said} == {}
    doubted = {(one.item, one.kind) for one in found if one.doubt}
    assert doubted == {(item("8"), "score")}  # 2.5 of 2 points
    assert len(sure) == len(wanted) - len(doubted)


def test_what_a_person_must_look_at_is_never_sure(tmp_path: Path) -> None:
    doubts = {(one.item, one.kind, one.said[:3]): one.doubt for one in read(filling.doubtful(), tmp_path) if one.doubt}
    assert doubts[item("1"), "score", "8-9"] == "unread"
    assert doubts[item("4"), "score", "6"] == "above"
    assert {doubt for (id, *_), doubt in doubts.items() if id == item("14")} == {"twice"}
    assert {doubt for (id, *_), doubt in doubts.items() if id is None} == {"none"}


@pytest.mark.parametrize("make", [filling.blank, filling.letter], ids=["blank", "another table"])
def test_no_table_of_hers_gives_nothing(make: Callable[[], bytes], tmp_path: Path) -> None:
    assert read(make(), tmp_path) == []


@pytest.mark.parametrize(
    ("cell", "kind", "score", "fault"),
    [
        ("8", "score", "8", None),
        ("８．５分", "score", "8.5", None),
        ("八分", "score", "8", None),
        ("8/10", "score", "8", None),
        ("8/100", "odd", None, "unread"),
        ("11", "score", "11", "above"),
        ("8.3", "score", "8.3", "step"),
        ("8-9分", "odd", None, "unread"),
        ("约8分", "odd", None, "unread"),
        ("-1", "odd", None, "unread"),
        ("", "blank", None, None),
        ("／", "blank", None, None),
        ("0", "score", "0", None),
        ("不适用", "excuse", None, None),
    ],
)
def test_a_score_cell(cell: str, kind: str, score: str | None, fault: str | None) -> None:
    found = value(cell, RUBRIC.items[0])
    assert (found.kind, found.score, found.fault) == (kind, None if score is None else Decimal(score), fault)


def packed(parts: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


HARMFUL = {
    "bomb": packed({"word/document.xml": b"<w>" + b" " * (LARGEST_MAIN + 1) + b"</w>"}),
    "macros": packed({"word/document.xml": b"<w/>", "word/vbaProject.bin": b"x"}),
    "entities": packed({"word/document.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><w>&b;</w>'}),
    "cut off": LAYOUTS["plain"]()[:-200],
    "no xml": packed({"word/document.xml": b"\xff\xfe not xml"}),
}


@pytest.mark.parametrize("harm", HARMFUL)
def test_what_is_no_honest_document_is_refused(harm: str, tmp_path: Path) -> None:
    path = tmp_path / "harm"
    path.write_bytes(HARMFUL[harm])
    with pytest.raises(Refused):
        rows_of(path)


@pytest.fixture
def hers(season: Season) -> Season:
    season.join("王老师")
    return season


def answers(season: Season, society: str = "浙江省示例学会") -> dict[str, dict[str, Any]]:
    with season.db.read() as db:
        whole = export(db, queries.round_of(db, season.round))
    [entry] = [one for one in whole["entries"] if one["society"] == society]
    return {one["item"]: one for one in entry["answers"]}


def counted(season: Season, table: sa.Table) -> int:
    with season.db.read() as db:
        return int(db.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def states(season: Season) -> set[str]:
    with season.db.read() as db:
        return set(db.scalars(sa.select(PROPOSAL.c.state)))


def sound(season: Season) -> bool:
    with season.db.read() as db:
        assert check(db, season.store) == []
    return True


def test_nothing_counts_before_she_confirms_and_then_it_does_once(hers: Season) -> None:
    assert "要读进来，还是作为依据" in hers.say("王老师", files=("plain.docx",)).replies[-1].text
    hers.reopen()
    read_out = hers.say("王老师", "读进来")
    assert "读出11项，都还没有记入：10项对得上，1项没把握" in read_out.replies[0].text
    assert read_out.receipt is None
    assert counted(hers, ANSWER_EVENT) == 0
    hers.reopen()
    taken = hers.say("王老师", "全部确认", key="once")
    again = take(hers.db, Message("dialogue", "王老师", "once", "全部确认", seen=None), hers.now)
    assert again.again
    assert again.receipt == taken.receipt
    told = answers(hers)
    for (id, kind), said in expected().items():
        if id == item("8"):
            continue
        if kind == "score":
            assert told[id]["self_score"] == said
        elif kind == "excuse":
            assert (told[id]["state"], told[id]["reason"]) == ("not_applicable", said)
        else:
            assert [one["text"] for one in told[id]["evidence"]] == [said]
    assert told[item("8")]["state"] == "unanswered"
    assert counted(hers, EVIDENCE) == 8
    assert "没有等您确认" not in hers.say("王老师", "看读入").replies[0].text
    assert sound(hers)


def test_what_she_said_before_is_never_overwritten_by_all(hers: Season) -> None:
    hers.say("王老师", "第1项 6分，承办全国学术年会1场")
    read_out = hers.say("王老师", "这是我填好的表", files=("plain.docx",)).replies[0].text
    assert "≠ 第1项 学术引领·学术交流 8分（已记6分）：组织研学工作会1次" in read_out
    hers.say("王老师", "全部确认")
    assert answers(hers)[item("1")]["self_score"] == "6"
    hers.say("王老师", "确认第1项")
    now = answers(hers)[item("1")]
    assert (now["self_score"], [one["text"] for one in now["evidence"]]) == (
        "8",
        ["承办全国学术年会1场", "组织研学工作会1次"],
    )
    assert sound(hers)


def test_a_colleague_who_answers_meanwhile_is_not_overwritten(hers: Season) -> None:
    hers.say("王老师", "这是我填好的表", files=("plain.docx",))
    hers.join("李老师")
    hers.say("李老师", "第7项 1分，入会12人")
    asked = hers.say("王老师", "确认第7项").replies[-1].text
    assert answers(hers)[item("14")]["self_score"] == "1"
    assert "刚才有别的改动" in asked
    assert "已记1分" in asked
    hers.say("王老师", "确认第7项")
    assert answers(hers)[item("14")]["self_score"] == "2.5"
    assert sound(hers)


def test_two_people_confirm_and_it_counts_once(hers: Season) -> None:
    hers.say("王老师", "这是我填好的表", files=("plain.docx",))
    hers.join("李老师")
    hers.say("李老师", "看读入")
    hers.say("李老师", "全部确认")
    before = counted(hers, ANSWER_EVENT)
    assert "还有1项" in hers.say("王老师", "看读入").replies[0].text
    hers.say("王老师", "全部确认")
    assert counted(hers, ANSWER_EVENT) == before
    assert sound(hers)


def test_all_is_what_was_on_her_screen(hers: Season) -> None:
    """A colleague has a second table read in between: none of that is confirmed before it was seen (R4)."""
    hers.say("王老师", "这是我填好的表", files=("plain.docx",))
    shown_first = hers.seen["王老师", "dialogue"]
    hers.join("李老师")
    hers.say("李老师", "这是我填好的表", files=("doubtful.docx",))
    told = hers.say("王老师", "全部确认").replies
    assert "您还没看到" in told[0].text
    assert "建家交友·会员服务" in told[0].text
    assert counted(hers, ANSWER_EVENT) == 0
    hers.seen["王老师", "dialogue"] = shown_first  # said while only the first list was on her screen
    assert "您还没看到" in hers.say("王老师", "全部确认").replies[0].text
    assert "您还没看到" in hers.say("王老师", "确认第6项", hasty=True).replies[0].text
    assert counted(hers, ANSWER_EVENT) == 0
    hers.say("王老师", "全部确认")
    assert answers(hers)[item("13")]["self_score"] == "4"
    assert sound(hers)


def test_a_colleague_confirms_nothing_that_only_the_other_saw(hers: Season) -> None:
    hers.say("王老师", "这是我填好的表", files=("plain.docx",))
    hers.join("李老师")
    assert "您还没看到" in hers.say("李老师", "全部确认").replies[0].text
    assert counted(hers, ANSWER_EVENT) == 0
    hers.say("李老师", "全部确认")
    assert answers(hers)[item("13")]["self_score"] == "4"


def test_only_gaps_are_asked_afterwards(hers: Season) -> None:
    hers.say("王老师", "这是我填好的表", files=("plain.docx",))
    hers.say("王老师", "不要第4项")
    asked = hers.say("王老师", "全部确认").replies[-1].text
    assert asked.startswith("【4/25】")
    hers.say("王老师", "1分，培训1期")
    assert hers.say("王老师", "下一项").replies[-1].text.startswith("【5/25】")  # evidence, and no score yet
    hers.say("王老师", "5分")
    assert hers.say("王老师", "下一项").replies[-1].text.startswith("【9/25】")


def test_as_evidence_it_is_a_file_like_any_other(hers: Season) -> None:
    hers.say("王老师", "第3项")
    hers.say("王老师", files=("plain.docx",))
    assert "已收：plain.docx" in hers.say("王老师", "作为依据").replies[0].text
    assert answers(hers)[item("5")]["evidence"][0]["kind"] == "file"
    assert states(hers) == {"dropped"}
    assert sound(hers)


def test_where_evidence_is_asked_it_is_evidence_and_can_be_read_besides(hers: Season) -> None:
    hers.say("王老师", "第3项 2分")
    told = hers.say("王老师", files=("plain.docx",)).replies
    assert "已收：plain.docx" in told[0].text
    assert "发「读进来」" in told[-1].text
    assert "读出11项" in hers.say("王老师", "读进来").replies[0].text
    assert len(answers(hers)[item("5")]["evidence"]) == 1


def test_late_confirmation_is_late(hers: Season) -> None:
    hers.say("王老师", "这是我填好的表", files=("plain.docx",))
    hers.clock("2027-01-15 17:30")
    assert "逾期留存" in hers.say("王老师", "全部确认").replies[0].text
    assert answers(hers)[item("1")]["state"] == "unanswered"
    assert all(piece["late"] for one in answers(hers).values() for piece in one["evidence"])
    assert sound(hers)


def test_what_is_handed_in_is_not_touched(hers: Season) -> None:
    hers.say("王老师", "这是我填好的表", files=("plain.docx",))
    hers.say("王老师", "提交")
    hers.say("王老师", "确认提交")
    assert "撤回提交" in hers.say("王老师", "全部确认").replies[0].text
    assert counted(hers, ANSWER_EVENT) == 0
    assert states(hers) == {"proposed"}


def test_another_society_sees_none_of_it(hers: Season) -> None:
    hers.say("王老师", "这是我填好的表", files=("plain.docx",))
    hers.join("赵老师")
    assert "没有等您确认" in hers.say("赵老师", "全部确认").replies[0].text
    assert answers(hers, "浙江省茶叶学会")[item("1")]["state"] == "unanswered"


@pytest.mark.parametrize(
    ("data", "kind", "said"),
    [
        (HARMFUL["macros"], "docx", "宏"),
        (HARMFUL["bomb"], "docx", "MB"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "doc", "旧格式"),
        (b"%PDF-1.7", "pdf", "PDF"),
    ],
    ids=["macros", "bomb", "doc", "pdf"],
)
def test_a_table_that_can_not_be_read_is_refused_kindly(hers: Season, data: bytes, kind: str, said: str) -> None:
    blob = hers.store.put(io.BytesIO(data))
    sent = Incoming(f"自评表.{kind}", blob.sha256, blob.size, kind)
    message = Message("dialogue", "王老师", "k", "这是我填好的自评表", files=(sent,))
    told = take(hers.db, message, hers.now, premises=hers.premises).replies[0].text
    assert "没有读进来" in told
    assert said in told
    assert counted(hers, EVIDENCE) == 0


def test_our_own_form_filled_further_brings_only_what_is_new(tmp_path: Path) -> None:
    season = lived_in(tmp_path)
    paper = Document(written(season, write_form, 1))
    [table] = paper.tables
    row = next(one for one in table.rows if one.cells[0].text == "24")
    row.cells[5].text, row.cells[6].text = "4", "科普日活动6场"
    blob = season.store.put(io.BytesIO(saved(paper)))
    sent = Incoming("自评表.docx", blob.sha256, blob.size, "docx")
    message = Message("dialogue", "王老师", "own", "这是我填好的自评表", files=(sent,))
    listed = take(season.db, message, season.now, premises=season.premises).replies
    season.seen["王老师", "dialogue"] = listed[-1].id
    told = listed[0].text
    assert "· 第12项" in told
    assert "≠" not in told
    season.say("王老师", "全部确认")
    now = answers(season)
    assert (now[item("24")]["self_score"], now[item("24")]["evidence"][0]["text"]) == ("4", "科普日活动6场")
    assert now[item("1")]["self_score"] == "8"
    season.db.close()
