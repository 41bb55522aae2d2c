"""The shipped rubrics say what the printed documents say, letter by letter."""

import re
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from rubrics.model import Rubric
from rubrics.reading import catalog, read
from rubrics.schema import schema

SEED = (Path(__file__).parent / "seeds" / "001.txt").read_text("utf-8")
TORN = {"促进": "促进转化", "转化": "促进转化", "本职 职能": "本职职能"}  # Q-ZJ02, Q-ZJ04
SUGGESTED = {"8": 2, "41": 3, "45": 1, "46": 5, "47": 1, "52": 2}  # Q-ZJ11
Row = tuple[int, str, str, str, str, Decimal]


@pytest.fixture(scope="module")
def zhejiang() -> Rubric:
    return read(catalog()["zhejiang-2020"], "zhejiang-2020.yaml")


def printed() -> list[Row]:
    """Line, 序号, 类别, 项目, 评价内容, 分值 of every row, filled down; after 47 the 类别 column is lost (Q-ZJ03)."""
    rows: list[Row] = []
    category = heading = ""
    for number, line in enumerate(SEED.split("\n"), 1):
        cells = line.split("\t")
        if not cells[0].isdigit():
            continue
        if int(cells[0]) >= 48:
            cells.insert(1, "")
        category, heading = cells[1] or category, cells[2] or heading
        rows.append((number, cells[0], category, TORN.get(heading, heading), cells[3], Decimal(cells[4].rstrip("分"))))
    return rows


def test_every_row_is_verbatim(zhejiang: Rubric) -> None:
    ours = [
        (item.source_line, item.no, item.section.label, item.section.title, item.heading, item.text, item.points)
        for item in zhejiang.items
    ]
    theirs = []
    for line, no, category, heading, text, points in printed():
        label, title = re.split("[ （(]", category)[0].split("、")
        theirs.append((line, no, label, title, heading, text, points))
    assert ours == theirs


def test_categories_are_control_sums(zhejiang: Rubric) -> None:
    control = dict.fromkeys(category for _, _, category, _, _, _ in printed())
    assert [int(re.findall(r"\d+", category)[0]) for category in control] == [35, 15, 12, 10, 28]
    assert [section.points for section in zhejiang.sections] == [35, 15, 12, 10, 28]
    assert (len(zhejiang.items), len({item.heading for item in zhejiang.items})) == (25, 16)
    assert zhejiang.maximum == zhejiang.points == 100


def test_items_are_found_by_every_name(zhejiang: Rubric) -> None:
    assert [item.position for item in zhejiang.items] == list(range(1, 26))
    for item in zhejiang.items:
        assert item is zhejiang.at(item.position) is zhejiang.item(item.id) is zhejiang.numbered(item.no or "")
        assert item in item.section.items
        assert item.step == Decimal("0.5")
        assert item.example
        assert item.evidence.helpful
        assert item.name in item.subjects
    assert zhejiang.at(0) is zhejiang.at(26) is zhejiang.numbered("2") is None
    with pytest.raises(KeyError):
        zhejiang.item("2")


def test_names_tell_items_apart(zhejiang: Rubric) -> None:
    assert len({item.name for item in zhejiang.items}) == 25


def test_suggestions_exist_only_where_the_rule_gives_all_or_nothing(zhejiang: Rubric) -> None:
    assert {item.no: item.points for item in zhejiang.items if item.suggest} == SUGGESTED


def test_examples_start_with_a_score_that_can_be_given(zhejiang: Rubric) -> None:
    for item in zhejiang.items:
        score = Decimal((item.example or "").split("分")[0])
        assert item.points is not None
        assert 0 <= score <= item.points
        assert score % Decimal("0.5") == 0


def test_printed_fragments_stand_beside_what_was_repaired(zhejiang: Rubric) -> None:
    kept = {item.no: [(one.field, one.text, one.confidence) for one in item.printed] for item in zhejiang.items}
    assert kept["18"] == [("heading", "促进", Decimal("0.97"))]
    assert kept["20"] == [("heading", "转化", Decimal("0.97"))]
    assert kept["48"] == [("heading", "本职 职能", Decimal("0.8")), ("section", "", Decimal("1.0"))]
    assert kept["49"] == kept["52"] == [("section", "", Decimal("1.0"))]


def test_the_deadline_is_a_minute_and_already_late(zhejiang: Rubric) -> None:
    (stage,) = zhejiang.stages
    assert stage.closes_at is not None
    assert stage.closes_at.isoformat() == "2021-01-15T17:30:00+08:00"
    assert stage.text == SEED.split("\n")[(stage.source_line or 0) - 1]


def test_enterprises_owe_two_papers_and_bring_them_to_another_room(zhejiang: Rubric) -> None:
    owed = {paper.id: paper.applicants for paper in zhejiang.deliverables}
    assert owed == {"summary": (), "plan": (), "table": ("society",)}
    assert {paper.forms for paper in zhejiang.deliverables} == {("electronic", "stamped_paper")}
    assert [(one.id, (one.room or "")[:4]) for one in zhejiang.applicants] == [
        ("society", "2105"),
        ("enterprise", "2113"),
    ]


@pytest.mark.parametrize("id", catalog())
def test_every_shipped_rubric_is_good_and_names_no_person(id: str) -> None:
    text = catalog()[id]
    assert read(text, f"{id}.yaml").id == id
    assert text.startswith("# yaml-language-server: $schema=../schema.json\n")
    assert not re.search(r"@|\d{3,4}-\d{7,8}|\b1\d{10}\b", text)


def test_the_committed_schema_is_current() -> None:
    assert files("rubrics").joinpath("schema.json").read_text("utf-8") == schema()
