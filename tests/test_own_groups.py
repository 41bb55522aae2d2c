"""A corrected flat table for a round whose categories hold groups: items keep their groups, what is doubtful is asked."""

import pytest
import sqlalchemy as sa

from handlers.rounds import pinned
from rubrics.carrying import carried
from rubrics.faults import Faulty
from rubrics.grafting import Unplaced
from rubrics.importing.tables import imported
from rubrics.model import Rubric
from rubrics.reading import read
from storage.relations import ROUND
from tests.brought import BROUGHT
from tests.official import word
from tests.season import Season

NESTED = """id: own-groups
kind: self_evaluation
title: 2026年度临江市学会考核评分表
points: 100
step: 0.5
sections:
  - id: building
    label: 一
    title: 组织建设
    points: 40
    sections:
      - id: council
        title: 理事会
        most: 20
        points: 20
        items:
          - {id: term, no: "1", name: 换届, text: 按章程规定按期换届并报备。, points: 12, each: {fact: n, points: 2}, facts: [{name: n, kind: count, label: 次数, ask: 几次？, unit: 次}]}
          - {id: meeting, no: "2", name: 会议, text: 理事会会议每年不少于两次。, points: 8}
      - id: finance
        title: 财务
        points: 20
        items:
          - {id: audit, no: "3", name: 审计, text: 财务每年审计一次并公开结果。, points: 12}
          - {id: dues, no: "4", name: 会费, text: 按时足额收取会员单位会费。, points: 8}
  - id: activities
    label: 二
    title: 业务活动
    points: 60
    items:
      - {id: salon, no: "5", name: 沙龙, text: 举办学术沙龙和专题报告会。, points: 60}
"""
OLD = read(NESTED, "own.yaml")
HEADS = ("编号", "考核类别", "考核项目", "考核内容", "标准分")
ROWS = (
    ("1", "一、组织建设（40分）", "", "按章程规定按期换届并报备。", "12"),
    ("2", "一、组织建设（40分）", "", "理事会会议每年不少于两次。", "8"),
    ("3", "一、组织建设（40分）", "", "财务每年审计一次并公开结果。", "12"),
    ("4", "一、组织建设（40分）", "", "按时足额收取会员单位会费。", "8"),
    ("5", "二、业务活动（60分）", "", "举办学术沙龙和专题报告会。", "60"),
)


def table(*rows: tuple[str, ...]) -> bytes:
    return word([HEADS, *rows], above=("2026年度临江市学会考核评分表",))


def grafted(*rows: tuple[str, ...]) -> Rubric:
    new = read(imported(table(*rows), file="表.docx", id="own-1").text, "new.yaml")
    return read(carried(NESTED, OLD, new), "carried.yaml")


def groups(rubric: Rubric) -> dict[str, list[str]]:
    return {one.title: [item.id for item in one.items] for one in rubric.walk() if one.items}


def changed(number: int, **cells: str) -> tuple[tuple[str, ...], ...]:
    """The table with one row otherwise."""
    names = ("no", "category", "heading", "text", "points")
    row = tuple(cells.get(name, said) for name, said in zip(names, ROWS[number - 1], strict=True))
    return (*ROWS[: number - 1], row, *ROWS[number:])


def test_the_same_table_changes_nothing() -> None:
    assert grafted(*ROWS) == OLD


def test_words_and_points_change_where_they_stand_and_all_else_is_kept() -> None:
    rows = list(changed(1, points="10"))
    rows[1] = (*rows[1][:4], "10")
    rows[2] = (*rows[2][:3], "财务每年审计一次并向会员公开结果。", "12")
    found = grafted(*rows)
    assert groups(found) == groups(OLD)
    assert [str(item.points) for item in found.items] == ["10", "10", "12", "8", "60"]
    assert found.item("term").each is not None
    assert next(one.most for one in found.walk() if one.id == "council") == 20
    assert found.item("audit").text.endswith("向会员公开结果。")


def test_a_new_item_goes_where_its_neighbours_are_or_where_it_says() -> None:
    new = ("9", "一、组织建设（40分）", "", "监事会按章程履行监督职责。", "2")
    between = (*changed(1, points="10")[:1], new, *ROWS[1:])
    assert groups(grafted(*between))["理事会"] == ["term", "item-9", "meeting"]
    said = ("9", "一、组织建设（40分）", "财务", "监事会按章程履行监督职责。", "2")
    named = (*ROWS[:2], said, *changed(3, points="10")[2:])
    found = grafted(*named)
    assert groups(found)["财务"] == ["item-9", "audit", "dues"]
    assert found.item("item-9").heading is None


def test_a_group_that_is_emptied_is_gone_and_sums_that_disagree_are_faults() -> None:
    rows = [(one[0], one[1].replace("40", "20"), *one[2:]) for one in (*ROWS[:2], *ROWS[4:])]
    found = grafted(*rows, ("合计", "", "", "", "80"))
    assert groups(found) == {"理事会": ["term", "meeting"], "业务活动": ["salon"]}
    assert str(found.maximum) == "80"
    with pytest.raises(Faulty) as faulty:
        grafted((*ROWS[0][:4], "10"), ROWS[1], (*ROWS[2][:4], "14"), *ROWS[3:])  # of the groups, not of the category
    assert [one.code for one in faulty.value.faults] == ["sum_capped", "sum_items"]


def test_an_item_may_go_to_another_group() -> None:
    rows = changed(2, heading="财务", no="7")
    assert groups(homeless(rows)) == {"理事会": ["term"], "财务": ["meeting", "audit", "dues"], "业务活动": ["salon"]}


def homeless(rows: tuple[tuple[str, ...], ...]) -> Rubric:
    """Without the groups' own points, which a table does not print."""
    old = NESTED.replace("        points: 20\n", "").replace("        most: 20\n", "")
    new = read(imported(table(*rows), file="表.docx", id="own-1").text, "new.yaml")
    return read(carried(old, read(old, "old.yaml"), new), "carried.yaml")


def test_an_item_between_two_groups_is_asked_about() -> None:
    new = ("9", "一、组织建设（40分）", "", "监事会按章程履行监督职责。", "2")
    with pytest.raises(Unplaced) as lost:
        grafted(*ROWS[:2], new, *changed(3, points="10")[2:])
    assert [item.no for item in lost.value.items] == ["9"]
    assert lost.value.groups == ("理事会", "财务", "业务活动")


def test_in_the_chat_it_is_asked_said_and_made_so(season: Season, monkeypatch: pytest.MonkeyPatch) -> None:
    new = ("9", "一、组织建设（40分）", "", "监事会按章程履行监督职责。", "2")
    monkeypatch.setitem(BROUGHT, "分组.yaml", NESTED.encode)
    monkeypatch.setitem(BROUGHT, "更正.docx", lambda: table(*ROWS[:2], new, *changed(3, points="10")[2:]))

    def said(words: str, *files: str) -> str:
        return "\n".join(reply.text for reply in season.say("staff", words, files=files).replies)

    season.join("staff")
    said("评分表", "分组.yaml")
    for words in ("开新一轮", "1", "2027年1月15日17:30", "2"):
        said(words)
    told = said("轮次2，换用评分表", "更正.docx")
    assert "第3项 监事会按章程履行监督职责。" in told
    assert "改第3项 项目 理事会" in told
    said("改第3项 项目 财务")
    assert "监事会" in said("轮次2，换用评分表")
    assert "已换用新表" in said("0")
    with season.db.read() as db:
        sha256 = db.scalar(sa.select(ROUND.c.rubric_sha256).where(ROUND.c.id == 2))
        assert groups(pinned(db, str(sha256)))["财务"] == ["item-9", "audit", "dues"]
