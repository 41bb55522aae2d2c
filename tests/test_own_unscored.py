"""A table without points per item: asked how it is answered, opened as a round, and what the dialogue does not show of it."""

import io
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from docx import Document

from handlers.checking import check
from handlers.reports.form import write_form
from handlers.reports.snapshot import Snapshot
from rubrics.faults import Faulty
from rubrics.importing.correcting import WHOLE, Correction
from rubrics.importing.tables import Imported, imported
from rubrics.model import Rubric
from rubrics.reading import catalog, read
from storage import queries
from storage.relations import CATEGORY_SCORE, ROUND
from tests.brought import BROUGHT, CHECKED, NAMES, ROWS, TITLE, checklist, without_points
from tests.official import excel, word
from tests.season import FILES, Season
from tests.test_importing import Run, run  # noqa: F401  # a fixture
from tests.test_own_layout import sent

UNSCORED, SCORED = Correction(WHOLE, "kind", "standard"), Correction(WHOLE, "kind", "self_evaluation")


def brought(data: bytes, *decided: Correction) -> Imported:
    return imported(data, file="年检表.docx", id="own-1", corrections=decided)


def decides(found: Imported) -> list[str]:
    return [one.code for one in found.findings if one.decide]


def rubric(found: Imported) -> Rubric:
    return read(found.text, "年检表.yaml")


def named(found: Imported) -> list[str]:
    with pytest.raises(Faulty) as faulty:
        rubric(found)
    return [f"{one.path} {one.code}" for one in faulty.value.faults]


def said(season: Season, text: str = "", *files: str, who: str = "staff") -> str:
    return "\n".join(reply.text for reply in season.say(who, text, files=files).replies)


def test_nothing_is_read_into_a_table_without_points() -> None:
    found = rubric(brought(checklist(), UNSCORED))
    assert (found.kind, found.points, found.maximum, found.step, len(found.items)) == ("standard", None, None, None, 7)
    assert [item for item in found.items if item.points or item.condition or item.facts or item.suggest] == []
    assert found.items[3].text == "举办学术会议每年不少于2次。"
    assert [section.points for section in found.sections] == [None, None]


def test_both_ways_are_asked_and_each_can_be_chosen() -> None:
    open_one = brought(checklist())
    assert decides(open_one) == ["points_nowhere"]
    assert named(open_one) == ["kind kind_undecided"]
    (comment,) = [line for line in open_one.text.split("\n") if line.startswith("# ？")]
    assert "kind 写成 standard" in comment
    assert "kind 写成 self_evaluation" in comment
    assert decides(brought(checklist(), SCORED)) == ["points_missing"] * 7
    points = [Correction(f"item:{number}", "points", "5") for number in range(1, 8)]
    whole = rubric(brought(checklist(), SCORED, *points))
    assert (whole.kind, str(whole.maximum)) == ("self_evaluation", "35")


def test_points_of_one_item_make_all_the_others_a_question() -> None:
    """A mixed table is a doubt per item, whatever was decided before."""
    mixed = word([NAMES, *(row[:5] if row[0] != "3" else (*row[:4], "") for row in ROWS)], above=(TITLE,))
    for decided in ((), (UNSCORED,)):
        found = brought(mixed, *decided)
        assert decides(found)[:2] == ["points_missing", "points_unread"]
        assert "kind: self_evaluation" in found.text
    assert "points_somewhere" in [one.code for one in brought(mixed, UNSCORED).findings]
    typed = brought(checklist(), UNSCORED, Correction("item:2", "points", "5"))
    assert decides(typed) == ["points_missing"] * 6


@pytest.mark.parametrize(("total", "codes"), [("100", []), ("90", ["sum_of_all"])])
def test_printed_points_of_categories_are_kept_and_add_up_to_the_total(total: str, codes: list[str]) -> None:
    rows = [NAMES[:4], *(row[:4] for row in ROWS), ("总计", total, "", "")]
    found = brought(excel([(TITLE,), *rows]), UNSCORED)
    assert decides(found) == codes
    if codes:
        assert named(found) == ["points sum_sections"]
    else:
        assert [str(one.points) for one in rubric(found).sections] == ["20", "30", "50"]


def test_a_rule_about_points_in_the_words_stays_words() -> None:
    rows = [("序号", "类别", "检查内容"), ("1", "一、甲", "每举办一次年会加2分。"), ("2", "一、甲", "有总结。")]
    assert [one.code for one in brought(word(rows), UNSCORED).findings] == []
    assert rubric(brought(word(rows), UNSCORED)).items[0].text == "每举办一次年会加2分。"


@pytest.fixture
def office(season: Season) -> Season:
    season.join("staff")
    return season


def begun(season: Season, name: str, *more: str) -> str:
    """A round on that table, each item met or not; the last screen before the number."""
    said(season, "评分表", name)
    for words in ("1", "开新一轮", "1"):
        said(season, words)
    told = said(season, "2027年1月15日17:30")
    for words in more:
        told = said(season, words)
    return told


def newest(season: Season) -> Any:
    with season.db.read() as db:
        return db.execute(sa.select(ROUND).order_by(ROUND.c.id.desc()).limit(1)).one()


@pytest.mark.parametrize(
    ("words", "voluntary"),
    [((), True), (("都要填",), False), (("所有学会都要填",), False), (("都要填", "自愿参加"), True)],
)
def test_who_is_expected_is_stated_and_chosen(office: Season, words: tuple[str, ...], voluntary: bool) -> None:
    assert ("自愿参加：学会选了" in begun(office, "年检表.docx", *words)) == voluntary
    assert ("自愿参加" if voluntary else "所有学会都要填") in said(office, "2")
    assert newest(office).voluntary == voluntary
    assert ("共2家" in said(office, "进度")) != voluntary


def test_whose_kind_says_who_is_expected_is_not_asked(office: Season) -> None:
    listed = said(office, "开新一轮")
    said(office, next(line.split()[0] for line in listed.split("\n") if "自评表（25项）" in line))
    assert "自愿" not in said(office, "2027年1月15日17:30")
    assert "将开始新一轮" not in said(office, "自愿")


def test_where_no_day_is_certain_it_is_said_that_nothing_is_late(office: Season) -> None:
    listed = said(office, "开新一轮")
    said(office, next(line.split()[0] for line in listed.split("\n") if "温州市" in line))
    assert "还没有定到日或分，定之前不催" in said(office, "按文件")


def test_the_experts_points_of_categories_need_no_award(office: Season) -> None:
    begun(office, "没有分值.docx", "都要填")
    said(office, "2")
    office.join("王老师")
    said(office, "轮次2，第1-8项都达到", who="王老师")
    assert "最多20分" in said(office, "评分 浙江省示例学会 21 25 40")
    told = said(office, "评分 浙江省示例学会 18 25 40")
    assert "合计83分（专家评分）" in told
    assert "评定" not in told
    assert "「评分 学会名 各大类分数」" in said(office, "帮助")
    with office.db.read() as db:
        assert [str(one) for one in db.scalars(sa.select(CATEGORY_SCORE.c.points))] == ["18", "25", "40"]
        assert check(db, office.store) == []


def test_the_form_holds_her_word_and_no_points(office: Season) -> None:
    begun(office, "年检表.docx", "都要填")
    said(office, "2")
    office.join("王老师")
    said(office, "轮次2，第1、2项都达到，有纪要", who="王老师")
    said(office, "第3项 没达到", who="王老师")
    out = io.BytesIO()
    with office.db.read() as db:
        write_form(Snapshot(db, queries.round_of(db, 2), office.now, only=[1]), out)
    tables = Document(io.BytesIO(out.getvalue())).tables
    cells = [cell.text for table in tables for row in table.rows for cell in row.cells]
    assert (cells.count("达到"), cells.count("未达到")) == (2, 1)
    assert not [one for one in cells if "None" in one or "分值" in one or "满分" in one]


def test_a_running_round_is_not_changed_from_points_to_none_or_back(office: Season) -> None:
    said(office, "评分表", "年检表.docx")
    said(office, "1")
    assert "不能换" in said(office, "轮次1，换用评分表")
    said(office, "开新一轮")
    said(office, "1")
    said(office, "2027年1月15日17:30")
    said(office, "2")
    said(office, "评分表", "临江考核.docx")
    for words in ("15", "改第8项 分值 15"):
        said(office, words)
    before = newest(office).rubric_sha256
    assert "不能换" in said(office, "轮次2，换用评分表")
    assert newest(office).rubric_sha256 == before


def test_a_checklist_is_corrected_in_mid_season(office: Season) -> None:
    begun(office, "年检表.docx", "都要填")
    said(office, "2")
    office.join("王老师")
    said(office, "轮次2，第1-7项都达到", who="王老师")
    rows = [
        ("序号", "类别", "检查内容"),
        ("1", "一、组织建设", "章程规定的会员代表大会按期召开。"),
        ("2", "一、组织建设", "有网站。"),
    ]
    FILES["短表.docx"] = office.store.path(office.store.put(io.BytesIO(word(rows))).sha256)
    said(office, "评分表", "短表.docx")
    said(office, "1")
    assert "去掉原第7项" in said(office, "轮次2，换用评分表")
    assert "已换用新表" in said(office, "1")
    with office.db.read() as db:
        assert check(db, office.store) == []


def test_by_command_it_is_asked_decided_and_opened(run: Run) -> None:  # noqa: F811
    Path("年检表.docx").write_bytes(checklist())
    code, _, doubts = run("rubric", "import", "年检表.docx", "-o", "ours.yaml")
    assert (code, doubts.count("？ 年检表.docx 这张表每一项没有分值。怎么填？1 ")) == (1, 1)
    code, told, _ = run("rubric", "check", "ours.yaml")
    assert (code, "kind：还没定怎么填" in told) == (1, True)
    text = Path("ours.yaml").read_text("utf-8")
    Path("ours.yaml").write_text(text.replace('kind: "？"', "kind: standard"), "utf-8")
    assert run("rubric", "check", "ours.yaml")[0] == 0
    code, told, _ = run("rubric", "import", "年检表.docx", "-o", "ours.yaml", "--unscored", "--force")
    assert (code, "每项回答达到、没达到" in told, "--everybody" in told) == (0, True, True)
    code, told, _ = run("round", "open", "ours.yaml", "--closes", "2099-01-15T17:30", "--everybody", "--json")
    assert (code, '"voluntary": false' in told) == (0, True)
    code, told, _ = run("round", "open", "ours.yaml", "--closes", "2099-01-15T17:30", "--json")
    assert (code, '"voluntary": true' in told) == (0, True)


def test_by_command_nobody_is_expected_of_another_kind(run: Run) -> None:  # noqa: F811
    Path("projects.yaml").write_text(catalog()["yangzhou-2020"], "utf-8")
    code, _, complaint = run("round", "open", "projects.yaml", "--closes", "2099-01-15T17:30", "--everybody")
    assert (code, "没有开轮次" in complaint) == (1, True)


def test_by_command_points_that_are_printed_are_not_left_out(run: Run) -> None:  # noqa: F811
    Path("a.docx").write_bytes(word([NAMES, *(row[:5] for row in ROWS[:4])], above=(TITLE,)))
    _, _, doubts = run("rubric", "import", "a.docx", "-o", "a.yaml", "--unscored")
    assert "但表里有分值，仍按分值读" in doubts
    assert "kind: self_evaluation" in Path("a.yaml").read_text("utf-8")


def test_points_on_the_categories_alone_are_kept_and_asked_about() -> None:
    assert decides(brought(without_points())) == ["points_nowhere"]
    assert [str(one.points) for one in rubric(brought(without_points(), UNSCORED)).sections] == ["20", "30", "50"]


def test_the_offices_own_paper_comes_back_with_her_word_in_it(office: Season) -> None:
    heads = ("序号", "类别", "检查内容", "自评", "自评依据")
    rows = [heads, *((*row, "", "") for row in CHECKED[:2])]
    FILES["带列.docx"] = office.store.path(office.store.put(io.BytesIO(word(rows))).sha256)
    begun(office, "带列.docx", "都要填")
    said(office, "2")
    office.join("王老师")
    said(office, "轮次2，第1项达到，章程2024年核准", who="王老师")
    said(office, "第2项没达到", who="王老师")
    said(office, "导出原表", who="王老师")
    name, data = sent(office)
    assert name.endswith(".docx")
    (table,) = Document(io.BytesIO(data)).tables
    told = [[cell.text for cell in row.cells][3:] for row in table.rows]
    assert told == [["自评", "自评依据"], ["达到", "章程2024年核准"], ["未达到", ""]]


AGENDA = (
    ("序号", "内容", "时间", "地点"),
    *((str(n), f"第{n}场学术报告会及讨论", "9:00", "报告厅") for n in range(1, 6)),
)
SHORT = (("序号", "项目", "内容"), *((str(n), "会务", "茶歇") for n in range(1, 6)))


@pytest.mark.parametrize("name", ["年检表.docx", "没有分值.docx", "临江考核.xlsx", "临江考核无栏.xlsx"])
def test_a_table_that_comes_alone_is_offered_as_one_of_criteria(office: Season, name: str) -> None:
    assert "像一份评分表" in said(office, "", name)
    assert "读作" in said(office, "评分表")


@pytest.mark.parametrize("rows", [AGENDA, SHORT])
def test_a_timetable_or_a_list_of_things_is_not_taken_for_criteria(
    office: Season, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(BROUGHT, "别的.docx", lambda: word(rows, above=("会议安排",)))
    assert "像一份评分表" not in said(office, "", "别的.docx")
