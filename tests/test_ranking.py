"""Ranks: by exact points, equal ones shared, nothing cut out of a tie; read in one query however many there are."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from handlers.looking.ranking import NoTotal, Ranked, Ranking, ordered, ranking
from handlers.looking.standings import Asked, NoSection, asked
from handlers.rounds import open_round, pinned
from rubrics.answers import Answer
from rubrics.reading import catalog, read
from rubrics.scoring import scored
from storage import queries
from storage.database import Database
from storage.queries import round_of
from storage.relations import ANSWER, ENTRY, SOCIETY
from tests import schema

NOW = datetime(2026, 12, 20, 1, 0, tzinfo=UTC)
ZHEJIANG = read(catalog()["zhejiang-2020"], "zhejiang-2020.yaml")


def handed_in(society: str, supported: str, claimed: str = "90", reviewed: str | None = None) -> Ranked:
    decided = None if reviewed is None else Decimal(reviewed)
    return Ranked(society, Decimal(claimed), Decimal(supported), decided, "submitted")


def places(rows: tuple[Ranked, ...]) -> list[tuple[int | None, str]]:
    return [(row.rank, row.society) for row in rows]


def test_equal_points_share_a_rank_and_the_next_one_is_skipped() -> None:
    rows = [handed_in("甲", "79.5"), handed_in("乙", "80"), handed_in("丙", "79.50"), handed_in("丁", "79")]
    assert places(ordered(rows)) == [(1, "乙"), (2, "丙"), (2, "甲"), (4, "丁")]


def test_claims_decide_nothing() -> None:
    rows = ordered([handed_in("乙", "70", claimed="100"), handed_in("甲", "70", claimed="71")])
    assert [row.rank for row in rows] == [1, 1]


def test_a_thousandth_makes_a_difference_and_a_float_would_not_know() -> None:
    third, more = "33.333", "33.334"
    assert places(ordered([handed_in("甲", third), handed_in("乙", more)])) == [(1, "乙"), (2, "甲")]


def test_what_people_decided_counts_once_it_is_known_of_everybody() -> None:
    some = ordered([handed_in("甲", "80", reviewed="60"), handed_in("乙", "70")])
    every = ordered([handed_in("甲", "80", reviewed="60"), handed_in("乙", "70", reviewed="65")])
    assert places(some) == [(1, "甲"), (2, "乙")]
    assert places(every) == [(1, "乙"), (2, "甲")]


def test_who_has_not_handed_in_has_no_rank_and_stands_behind() -> None:
    waiting = Ranked("丙", Decimal(95), Decimal(95), None, "in_progress")
    nothing = Ranked("丁", None, None, None, "not_started")
    assert places(ordered([nothing, waiting, handed_in("甲", "10")])) == [(1, "甲"), (None, "丙"), (None, "丁")]


@pytest.mark.parametrize(("most", "shown"), [(1, 1), (2, 3), (3, 3), (4, 4), (9, 4)])
def test_a_tie_at_the_cut_is_shown_whole(most: int, shown: int) -> None:
    rows = ordered([handed_in("甲", "9"), handed_in("乙", "8"), handed_in("丙", "8"), handed_in("丁", "7")])
    assert len(Ranking(rows, Decimal(100), None, prescribed=False).first(most).rows) == shown


@pytest.mark.parametrize(
    ("said", "most", "label", "everybody"),
    [
        ("", None, None, False),
        ("10", 10, None, False),
        ("１０", 10, None, False),
        ("前十", 10, None, False),
        ("前3名", 3, None, False),
        ("二", None, "二", False),
        ("第二类", None, "二", False),
        ("10 二", 10, "二", False),
        ("自身建设，前5名", 5, "五", False),
        ("全部", None, None, True),
        ("一全部", None, "一", True),
    ],
)
def test_words_for_a_ranking(said: str, most: int | None, label: str | None, everybody: bool) -> None:
    section = next((one for one in ZHEJIANG.sections if one.label == label), None)
    assert asked(said, ZHEJIANG) == Asked(most, section, everybody)


@pytest.mark.parametrize("said", ["九", "服务", "没有这一类", "0", "二 三不是"])
def test_a_category_that_is_none_or_several_is_not_guessed(said: str) -> None:
    with pytest.raises(NoSection):
        asked(said, ZHEJIANG)


@pytest.fixture
def full(tmp_path: Any) -> Iterator[Database]:
    """Three hundred societies with every item answered."""
    db = schema.fresh(tmp_path / "bot.sqlite3")
    db.write(lambda connection: fill(connection, 300))
    yield db
    db.close()


def fill(db: sa.Connection, societies: int) -> None:
    source = catalog()["zhejiang-2020"]
    open_round(db, source, "z.yaml", title=None, closes_at=datetime(2027, 1, 15, tzinfo=UTC), zone="UTC", now=NOW)
    numbers = range(1, societies + 1)
    db.execute(sa.insert(SOCIETY), [{"id": n, "name": f"学会{n:04}", "created_at": NOW} for n in numbers])
    zero = {"round_id": 1, "status": "submitted", "late": False, "plan_version": 1, "complete": 25}
    totals = [{**zero, "id": n, "society_id": n, "claimed": Decimal(25), "supported": Decimal(n % 26)} for n in numbers]
    db.execute(sa.insert(ENTRY), totals)
    given = {"state": "answered", "self_score": Decimal(1), "facts": {}, "version": 1, "late": False}
    rows = [
        {**given, "entry_id": n, "item": item.id, "evidence": int(item.position <= n % 26)}
        for n in numbers
        for item in ZHEJIANG.items
    ]
    db.execute(sa.insert(ANSWER), rows)


def test_one_query_for_the_whole_and_one_more_for_a_category(full: Database) -> None:
    with full.read() as db:
        row = round_of(db, 1)
        pinned(db, row.rubric_sha256)
        heard: list[str] = []
        event.listen(full.engine, "before_cursor_execute", lambda *about: heard.append(about[2]))
        whole = ranking(db, row)
        assert len(heard) == 1
        heard.clear()
        first = ranking(db, row, ZHEJIANG.sections[0])
        assert len(heard) == 2
    assert len(whole.rows) == 300
    assert whole.rows[0].supported == Decimal(25)
    assert [whole.rows[place].rank for place in (0, 10, 11)] == [1, 1, 12]
    items = len(ZHEJIANG.sections[0].items)
    assert {row.claimed for row in first.rows} == {Decimal(items)}
    assert first.rows[0].supported == items
    assert first.rows[-1].supported == 0


def test_the_categories_add_up_to_the_whole(full: Database) -> None:
    with full.read() as db:
        row = round_of(db, 1)
        whole = {one.society: one.supported for one in ranking(db, row).rows}
        parts = [ranking(db, row, section) for section in ZHEJIANG.sections]
    for society, total in whole.items():
        points = [one.supported for part in parts for one in part.rows if one.society == society]
        assert sum(filter(None, points), Decimal(0)) == total


def test_a_category_counts_each_society_as_her_own_standing_does(db: Database) -> None:
    """Whatever she said of each item: with facts that a printed rule contradicts, without proof, out of bounds."""
    section = ZHEJIANG.sections[0]
    facts: list[dict[str, Any]] = [{}, {"courses": "1"}, {"courses": "3"}]
    states = ["answered", "answered", "not_applicable", "unanswered"]

    def fill_in(connection: sa.Connection) -> None:
        fill(connection, 40)
        connection.execute(sa.delete(ANSWER).where(ANSWER.c.entry_id == 40))
        for n in range(1, 40):
            for item in section.items:
                state = states[(n + item.position) % 4]
                given = Decimal(n % 13) / 2 if state == "answered" else None
                said = {"state": state, "self_score": given, "facts": facts[n % 3], "evidence": n % 2}
                here = (ANSWER.c.entry_id == n, ANSWER.c.item == item.id)
                connection.execute(sa.update(ANSWER).where(*here).values(**said))

    db.write(fill_in)
    with db.read() as connection:
        shown = {row.society: row for row in ranking(connection, round_of(connection, 1), section).rows}
        for n in range(1, 41):
            held = {
                row.item: Answer(row.state, row.self_score, row.evidence, row.facts, None, row.met)
                for row in queries.answers(connection, n)
            }
            counted = scored(ZHEJIANG, held)
            of_items = [
                [points[item.id] for item in section.items if item.id in points]
                for points in (counted.claimed, counted.supported)
            ]
            row = shown[f"学会{n:04}"]
            assert [row.claimed, row.supported] == [sum(one, Decimal(0)) for one in of_items], n
    assert len({row.supported for row in shown.values()}) > 5


def test_a_document_without_points_has_nothing_to_rank_by(db: Database) -> None:
    source = catalog()["wenzhou-2022"]

    def opened(connection: sa.Connection) -> int:
        return open_round(connection, source, "w.yaml", title=None, closes_at=None, zone="Asia/Shanghai", now=NOW)

    id = db.write(opened)
    with db.read() as connection, pytest.raises(NoTotal):
        ranking(connection, round_of(connection, id))
