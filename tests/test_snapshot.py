"""What an export reads is one moment: whatever is answered meanwhile belongs to the next one."""

import io
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from openpyxl import load_workbook
from sqlalchemy import event

from handlers.reports.formats import Job, write
from handlers.reports.gathered import BATCH
from handlers.reports.snapshot import Snapshot
from storage import queries
from storage.relations import ENTRY, SOCIETY
from tests.conftest import NEW_YEAR
from tests.season import Season


def test_the_head_says_the_totals_of_what_follows(season: Season) -> None:
    season.join("王老师")
    season.say("王老师", "开始")
    season.say("王老师", "8.5分，承办年会1场")
    season.say("王老师", "序号11 3分")
    with season.db.read() as db:
        snapshot = Snapshot(db, queries.round_of(db, season.round), NEW_YEAR)
        entries = list(snapshot.entries())
    head = snapshot.head
    assert (head.societies, head.submitted, head.claimed, head.supported) == (2, 0, Decimal("11.5"), Decimal("8.5"))
    assert [(one["society"], one["claimed"]) for one in entries] == [
        ("浙江省示例学会", "11.5"),
        ("浙江省茶叶学会", "0"),
    ]
    assert (head.rubric, head.version) == ("zhejiang-2020", snapshot.round.rubric_sha256[:12])


def test_what_is_answered_while_it_is_read_is_not_in_it(season: Season) -> None:
    season.join("赵老师")
    season.say("赵老师", "开始")
    with season.db.read() as db:
        snapshot = Snapshot(db, queries.round_of(db, season.round), NEW_YEAR)
        entries = snapshot.entries()
        assert next(entries)["society"] == "浙江省示例学会"
        assert season.say("赵老师", "8分，承办年会1场").receipt
        assert next(entries)["claimed"] == "0"
    with season.db.read() as db:
        again = Snapshot(db, queries.round_of(db, season.round), NEW_YEAR)
        assert [one["claimed"] for one in again.entries()] == ["0", "8"]


def test_a_workbook_agrees_with_itself_while_answers_come_in(season: Season) -> None:
    season.join("赵老师")
    season.say("赵老师", "开始")
    season.say("赵老师", "4分，承办论坛1场")

    def meanwhile(done: int, total: int) -> None:
        assert season.say("赵老师", f"会话第{done + 1}项 2分，在导出时又报了一场").receipt

    out = io.BytesIO()
    with season.db.read() as db:
        round = queries.round_of(db, season.round)
        write(Job("xlsx", Snapshot(db, round, NEW_YEAR, progress=meanwhile), season.store, out))
    book = load_workbook(out)
    assert [row[2] for row in book["汇总"].iter_rows(min_row=5, values_only=True)] == [0, 4]
    assert [row[5] for row in book["浙江省茶叶学会"].iter_rows(min_row=5, values_only=True)][:3] == [4, None, None]
    assert "自评分合计4" in book["汇总"]["A2"].value
    with season.db.read() as db:
        again = Snapshot(db, queries.round_of(db, season.round), NEW_YEAR)
        assert [one["claimed"] for one in again.entries()] == ["0", "8"]


def test_only_the_chosen_society_is_in_it_and_progress_is_told(season: Season) -> None:
    told: list[tuple[int, int]] = []
    with season.db.read() as db:
        row = queries.round_of(db, season.round)
        tea = next(one.id for one in Snapshot(db, row, NEW_YEAR).societies if one.name == "浙江省茶叶学会")
        one = Snapshot(db, row, NEW_YEAR, only=[tea], progress=lambda done, total: told.append((done, total)))
        assert [entry["society"] for entry in one.entries()] == ["浙江省茶叶学会"]
    assert (one.head.societies, told) == (1, [(1, 1)])


def test_a_hundred_societies_are_read_with_as_many_statements_as_two(season: Season) -> None:
    def counted() -> int:
        read: list[str] = []

        def note(_db: Any, _cursor: Any, text: str, *_: Any) -> None:
            read.append(text)

        with season.db.read() as db:
            snapshot = Snapshot(db, queries.round_of(db, season.round), NEW_YEAR)
            event.listen(season.db.engine, "before_cursor_execute", note)
            entries = list(snapshot.entries())
            event.remove(season.db.engine, "before_cursor_execute", note)
        assert all(one["answers"] for one in entries)
        return len(read)

    for person in ("王老师", "赵老师"):
        season.join(person)
        season.say(person, "开始")
        season.say(person, "8分，承办年会1场")
    few = counted()
    names = [{"name": f"第{n}学会", "created_at": NEW_YEAR} for n in range(BATCH - 2)]
    season.db.write(lambda db: db.execute(sa.insert(SOCIETY), names))
    ids = sa.select(SOCIETY.c.id, sa.literal(season.round)).where(SOCIETY.c.name.like("第%"))
    season.db.write(lambda db: db.execute(sa.insert(ENTRY).from_select(["society_id", "round_id"], ids)))
    assert counted() == few
