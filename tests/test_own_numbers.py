"""Several items named by numbers that are not their places: understood where only one reading is left, else asked."""

from collections.abc import Sequence

import pytest

from handlers.understanding.intents import Asking, Claim, Either, Intent
from handlers.understanding.understand import understand
from rubrics.importing.correcting import WHOLE, Correction
from rubrics.importing.tables import imported
from rubrics.model import Rubric
from rubrics.reading import read
from storage import queries
from tests.brought import BROUGHT, CHECKED
from tests.official import word
from tests.season import Season


def checklist(numbers: Sequence[str]) -> bytes:
    """The city's checklist, numbered otherwise."""
    rows = [(no, *row[1:]) for no, row in zip(numbers, CHECKED, strict=True)]
    return word([("序号", "类别", "检查内容"), *rows], above=("2026年度临江市学会年检表",))


def rubric(*numbers: str) -> Rubric:
    unscored = [Correction(WHOLE, "kind", "standard")]
    return read(imported(checklist(numbers), file="年检表.docx", id="own-1", corrections=unscored).text, "own.yaml")


ODD = rubric("1", "3", "4", "7", "8", "10", "12")  # with gaps
FAR = rubric("11", "12", "13", "14", "15", "16", "17")


def heard(said: str, of: Rubric) -> list[Intent]:
    return understand(said, Asking(item=of.items[0].id, field="score", year=2026), of)


def claimed(said: str, of: Rubric) -> list[int]:
    return [of.item(one.at.items[0]).position for one in heard(said, of) if getattr(one, "met", None) and one.at]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("said", "of", "positions"),
    [
        ("第11-13项都达到", FAR, [1, 2, 3]),
        ("第1-2项都达到", FAR, [1, 2]),
        ("第8、10项都达到", ODD, [5, 6]),
        ("第1-2项都达到", ODD, [1, 2]),  # no item bears a 2
        ("会话第2-3项都达到", ODD, [2, 3]),
        ("序号3、4都达到", ODD, [2, 3]),
        ("表上的第3-8项都达到", ODD, [2, 3, 4, 5]),
        ("编号3到4项都达到", ODD, [2, 3]),
    ],
)
def test_where_one_reading_is_left_it_is_taken(said: str, of: Rubric, positions: list[int]) -> None:
    assert claimed(said, of) == positions


@pytest.mark.parametrize("said", ["第3-4项都达到", "3、4项都达到", "第3项和第4项都达到", "第1、3项 有照片为证"])
def test_what_may_be_either_is_asked_and_is_evidence_of_nothing(said: str) -> None:
    assert [type(one) for one in heard(said, ODD)] == [Either]


@pytest.mark.parametrize("said", ["第1-99项都达到", "第20、21项没达到", "序号3-9都达到"])
def test_an_item_that_there_is_not_is_evidence_of_nothing(said: str) -> None:
    [found] = heard(said, ODD)
    assert isinstance(found, Claim)
    assert found.at is not None
    assert found.at.items == ()


@pytest.fixture
def hers(season: Season, monkeypatch: pytest.MonkeyPatch) -> Season:
    """A round on a table with gaps in its numbers, and a secretary in it."""
    monkeypatch.setitem(BROUGHT, "年检.docx", lambda: checklist(["1", "3", "4", "7", "8", "10", "12"]))
    season.join("staff")
    season.say("staff", "评分表", files=("年检.docx",))
    for words in ("1", "开新一轮", "1", "2027年1月15日17:30", "都要填", "2"):
        season.say("staff", words)
    season.join("王老师")
    return season


def said(season: Season, words: str, *files: str) -> str:
    return "\n".join(reply.text for reply in season.say("王老师", words, files=files).replies)


def kept(season: Season) -> dict[int, tuple[bool | None, bool]]:
    """By position what is on record: her word, and whether there is evidence."""
    with season.db.read() as db:
        entry = db.exec_driver_sql("SELECT max(id) FROM entry").scalar_one()
        rows = {row.item: row for row in queries.answers(db, entry)}
    return {item.position: (rows[item.id].met, bool(rows[item.id].evidence)) for item in ODD.items if item.id in rows}


@pytest.mark.parametrize(("picked", "positions"), [("1", [3, 4]), ("2", [2, 3]), ("表上的", [2, 3])])
def test_she_is_shown_both_and_picks_one(hers: Season, picked: str, positions: list[int]) -> None:
    told = said(hers, "轮次2，第3-4项都达到")
    assert "1. 会话第3–4项" in told
    assert "2. 表上序号3、4（会话第2–3项）" in told
    assert not any(met or evidence for met, evidence in kept(hers).values())
    assert "达到" in said(hers, picked)
    assert [position for position, (met, _) in kept(hers).items() if met] == positions


def test_a_file_for_what_may_be_either_waits(hers: Season) -> None:
    said(hers, "轮次2，继续")
    said(hers, "第3、4项", "照片.jpg")
    assert not any(evidence for _, evidence in kept(hers).values())
    said(hers, "会话第3、4项", "照片二.jpg")
    assert [position for position, (_, evidence) in kept(hers).items() if evidence] == [3, 4]


def test_an_item_that_there_is_not_is_named(hers: Season) -> None:
    assert "第1-99项" in said(hers, "轮次2，第1-99项都达到")
    assert not any(met or evidence for met, evidence in kept(hers).values())
