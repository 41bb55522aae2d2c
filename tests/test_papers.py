"""What each kind of unit owes, in which form it is in, and the promises about it: kept, told once, exported, checked."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from handlers.checking import check
from handlers.papers import papers, receiving
from handlers.papers.declaring import behind, named
from handlers.papers.papers import ELECTRONIC, STAMPED, matrix
from handlers.papers.receiving import Arrival, NotTicked
from handlers.reports.exporting import export
from handlers.societies import kinds, roster
from rubrics.model import Rubric
from rubrics.reading import catalog, read
from rubrics.units import answers_table, fitted, owed, unit
from scheduler.reminders import queue_due
from storage import queries
from storage.relations import ENTRY, OUTBOX, PAPER, SOCIETY, Row
from tests.season import Season

AT = datetime(2026, 12, 20, 1, 0, tzinfo=UTC)
EXAMPLE, TEA = "浙江省示例学会", "浙江省茶叶学会"


@pytest.fixture(scope="module")
def zhejiang() -> Rubric:
    return read(catalog()["zhejiang-2020"], "zhejiang-2020.yaml")


@pytest.mark.parametrize(
    ("kind", "those", "asked", "room"),
    [
        (None, ["summary", "plan", "table"], True, "2105室"),
        ("society", ["summary", "plan", "table"], True, "2105室"),
        ("enterprise", ["summary", "plan"], False, "2113"),
        ("university", ["summary", "plan", "table"], True, "2105室"),  # a kind of another city's document
    ],
)
def test_what_a_kind_of_unit_owes(zhejiang: Rubric, kind: str | None, those: list[str], asked: bool, room: str) -> None:
    assert [paper.id for paper in owed(zhejiang, kind)] == those
    assert answers_table(zhejiang, kind) is asked
    assert len(fitted(zhejiang, kind).items) == (25 if asked else 0)
    one = unit(zhejiang, kind)
    assert one
    assert one.room == room


def test_a_document_that_names_no_papers_asks_its_items_of_everybody(zhejiang: Rubric) -> None:
    bare = zhejiang.model_copy(update={"deliverables": (), "applicants": ()})
    assert owed(bare, "enterprise") == ()
    assert answers_table(bare, "enterprise")
    assert unit(bare, None) is None


def rows(*columns: str, values: Sequence[Sequence[Any]]) -> list[Row]:
    """Rows as the database gives them, without one."""
    with sa.create_engine("sqlite://").connect() as db:
        typed = [
            sa.select(*(sa.literal(value).label(name) for name, value in zip(columns, one, strict=True)))
            for one in values
        ]
        return [db.execute(one).one() for one in typed]


def came(*those: tuple[str, str, str, bool, bool, int | None]) -> list[Row]:
    columns = ("deliverable", "form", "sha256", "late", "withdrawn", "submission_id", "at", "person_id", "name")
    return rows(*columns, values=[(*one, AT, 1, one[2]) for one in those])


def handed_in(*those: tuple[int, bool]) -> list[Row]:
    return rows("id", "late", "at", "person_id", values=[(id, late, AT, 1) for id, late in those])


FILE, TICK, BACK = ("f" * 64, False, False), (None, False, False), (None, False, True)
LATE_FILE, LATE_TICK = ("e" * 64, True, False), (None, True, False)


@pytest.mark.parametrize(
    ("those", "submissions", "states"),
    [
        ([], [], {}),
        ([("summary", ELECTRONIC, *FILE)], [], {("summary", ELECTRONIC): "in"}),
        ([("summary", ELECTRONIC, *LATE_FILE)], [], {("summary", ELECTRONIC): "late"}),
        ([("summary", ELECTRONIC, *FILE), ("summary", ELECTRONIC, *LATE_FILE)], [], {("summary", ELECTRONIC): "in"}),
        ([("plan", STAMPED, *TICK)], [], {("plan", STAMPED): "in"}),
        ([("plan", STAMPED, *LATE_TICK)], [], {("plan", STAMPED): "late"}),
        ([("plan", STAMPED, *TICK), ("plan", STAMPED, *BACK)], [], {}),
        ([("plan", ELECTRONIC, *FILE), ("plan", ELECTRONIC, *BACK)], [], {("plan", ELECTRONIC): "in"}),
        ([], [(1, False)], {("table", ELECTRONIC): "in"}),
        ([], [(1, True)], {("table", ELECTRONIC): "late"}),
        ([("table", STAMPED, *TICK, 1)], [(1, False)], {("table", ELECTRONIC): "in", ("table", STAMPED): "in"}),
        ([("table", STAMPED, *TICK, 1)], [(2, False)], {("table", ELECTRONIC): "in"}),
        ([("table", STAMPED, *TICK, 1)], [], {}),
        ([("table", STAMPED, *TICK, None)], [], {("table", STAMPED): "in"}),
    ],
)
@pytest.mark.parametrize("kind", [None, "enterprise"])
def test_the_state_of_each_paper_in_each_form(
    zhejiang: Rubric,
    kind: str | None,
    those: list[Any],
    submissions: list[tuple[int, bool]],
    states: dict[tuple[str, str], str],
) -> None:
    found = matrix(zhejiang, kind, came(*((*one, None)[:6] for one in those)), handed_in(*submissions))
    due = {(paper.id, form) for paper in owed(zhejiang, kind) for form in (ELECTRONIC, STAMPED)}
    wanted = {at: states.get(at, "missing") for at in due}
    assert {(one.paper.id, one.form): one.state for one in found.dues} == wanted
    assert not found.all_in


@pytest.mark.parametrize(
    ("kind", "left_out"), [(None, None), ("enterprise", None), (None, 0), (None, 3), ("enterprise", 1)]
)
def test_all_in_only_when_everything_is(zhejiang: Rubric, kind: str | None, left_out: int | None) -> None:
    those = [
        (paper.id, form, *(FILE if form == ELECTRONIC else TICK), None)
        for paper in owed(zhejiang, kind)
        for form in (ELECTRONIC, STAMPED)
        if (paper.id, form) != ("table", ELECTRONIC)
    ]
    kept = [one for number, one in enumerate(those) if number != left_out]
    assert matrix(zhejiang, kind, came(*kept), handed_in((1, False))).all_in is (left_out is None)
    if kind is None:
        assert not matrix(zhejiang, kind, came(*kept), []).all_in


@pytest.mark.parametrize(
    ("said", "those", "handing"),
    [
        ("总结", ("summary",), False),
        ("工作计划", ("plan",), False),
        ("交总结", ("summary",), True),
        ("提交2027年工作计划", ("plan",), True),
        ("这是我们学会2026年度工作总结", ("summary",), False),
        ("本年度工作总结及下一年度工作计划", ("summary", "plan"), False),
        ("工作总结.docx", ("summary",), False),
        ("总结和计划电子版", ("summary", "plan"), False),
    ],
)
def test_a_caption_that_names_papers(zhejiang: Rubric, said: str, those: tuple[str, ...], handing: bool) -> None:
    found = named(said, owed(zhejiang, "enterprise"))
    assert found
    assert (found.papers, found.handing) == (those, handing)


@pytest.mark.parametrize(
    "said", ["8分，总结", "总结经验3次", "提交", "第5项总结", "自评表", "工作", "计划生育" * 20, ""]
)
def test_a_caption_that_names_none(zhejiang: Rubric, said: str) -> None:
    assert named(said, owed(zhejiang, "enterprise")) is None


@pytest.mark.parametrize(
    ("said", "before", "those", "everything"),
    [
        ("医学会 总结 自评表", "医学会", ("summary", "table"), False),
        ("医学会的总结、计划", "医学会", ("summary", "plan"), False),
        ("医学会 全部", "医学会", (), True),
        ("医学会", "医学会", (), False),
        ("K7Q2MA 总结", "K7Q2MA", ("summary",), False),
    ],
)
def test_what_stands_behind_a_society(
    zhejiang: Rubric, said: str, before: str, those: tuple[str, ...], everything: bool
) -> None:
    found = behind(said, zhejiang.deliverables)
    assert (found.before, found.papers, found.everything) == (before, those, everything)


def society(season: Season, name: str = EXAMPLE) -> Row:
    with season.db.read() as db:
        return db.execute(sa.select(SOCIETY).where(SOCIETY.c.name == name)).one()


def exported(season: Season, name: str) -> dict[str, Any]:
    with season.db.read() as db:
        found = export(db, queries.round_of(db, season.round))
    return next(dict(one) for one in found["entries"] if one["society"] == name)


def ticked(season: Season, *those: str, late: bool | None = None) -> receiving.Ticked:
    whom = society(season)

    def work(db: sa.Connection) -> receiving.Ticked:
        arrival = Arrival(queries.round_of(db, season.round), whom, those, late=late)
        return receiving.tick(db, arrival, season.now, by=None)

    return season.db.write(work)


def as_enterprise(season: Season, name: str = TEA) -> None:
    whom = society(season, name)
    season.db.write(lambda db: kinds.set_kind(db, whom, "enterprise", season.now, by=None))


def whole(season: Season) -> list[str]:
    with season.db.read() as db:
        return check(db, season.store)


def test_everything_handed_in_and_ticked_is_all_in(season: Season) -> None:
    season.join("王老师", "telegram")
    season.say("王老师", "工作总结和计划", files=("两份.pdf",), channel="telegram")
    season.say("王老师", "提交", channel="telegram")
    season.say("王老师", "确认提交", channel="telegram")
    entry = exported(season, EXAMPLE)
    assert {one["form"]: one["state"] for one in entry["deliverables"]} == {ELECTRONIC: "in", STAMPED: "missing"}
    assert entry["all_in"] is False
    assert entry["status"] == "submitted"
    ticked(season, "summary", "plan")
    ticked(season, "table")
    entry = exported(season, EXAMPLE)
    assert entry["all_in"] is True
    assert {one["by"] for one in entry["deliverables"] if one["form"] == ELECTRONIC} == {"王老师"}
    with season.db.read() as db:
        told = list(db.execute(sa.select(OUTBOX).where(OUTBOX.c.kind == "notice").order_by(OUTBOX.c.id)))
    assert len(told) == 2
    assert "材料全部交齐了" in told[1].text
    assert len({one.cause for one in told}) == 2
    assert whole(season) == []


def test_a_paper_is_ticked_once_and_only_what_is_owed(season: Season) -> None:
    season.join("王老师")
    first = ticked(season, "summary")
    assert first.receipt.startswith("P-")
    with pytest.raises(NotTicked) as again:
        ticked(season, "summary")
    assert again.value.why == "papers_ticked_before"
    as_enterprise(season, EXAMPLE)
    with pytest.raises(NotTicked) as strange:
        ticked(season, "table")
    assert strange.value.why == "papers_not_owed"
    with season.db.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(PAPER)) == 1


def test_after_the_deadline_somebody_has_to_say_when_it_came(season: Season) -> None:
    season.join("王老师")
    season.clock("2027-01-15 17:30")
    with pytest.raises(NotTicked) as when:
        ticked(season, "summary")
    assert when.value.why == "papers_when"
    assert ticked(season, "summary", late=False).late is False
    assert ticked(season, "plan", late=True).late is True
    states = {one["id"]: one["state"] for one in exported(season, EXAMPLE)["deliverables"] if one["form"] == STAMPED}
    assert states == {"summary": "in", "plan": "late", "table": "missing"}


def test_the_same_message_again_hands_nothing_in_twice(season: Season) -> None:
    season.join("王老师")
    first = season.say("王老师", "总结", files=("总结.pdf",), key="same")
    assert first.receipt
    again = season.say("王老师", "总结", files=("总结.pdf",), key="same")
    assert [one.text for one in again.replies] == [one.text for one in first.replies]
    with season.db.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(PAPER)) == 1
        assert db.scalar(sa.select(PAPER.c.receipt)) == first.receipt


def test_what_was_said_holds_for_a_day_and_until_something_else_is_said(season: Season) -> None:
    season.join("王老师")
    season.say("王老师", "开始")
    season.say("王老师", "交总结")
    season.say("王老师", "第1项 8分")
    assert "第1项" in season.say("王老师", files=("甲.pdf",)).replies[0].text
    season.say("王老师", "交总结")
    season.clock("2026-12-21 09:01")
    assert "第1项" in season.say("王老师", files=("乙.pdf",)).replies[0].text
    season.say("王老师", "交总结")
    season.clock("2026-12-22 09:00")
    assert "本年度工作总结" in season.say("王老师", files=("丙.pdf",)).replies[0].text
    season.clock("2026-12-22 09:11")
    assert "第1项" in season.say("王老师", files=("丁.pdf",)).replies[0].text
    assert whole(season) == []


def test_papers_fill_the_same_room_as_evidence(season: Season) -> None:
    season.join("王老师")
    season.say("王老师", "总结", files=("总结.pdf",))
    size = 200 << 20

    def grow(db: sa.Connection) -> None:
        entry = db.scalar(sa.select(ENTRY.c.id))
        row = {"entry_id": entry, "deliverable": "plan", "form": ELECTRONIC, "withdrawn": False, "late": False}
        file = {"name": "大.pdf", "sha256": "a" * 64, "size": size, "inbound_id": 1, "ordinal": 9}
        db.execute(sa.insert(PAPER).values(**row, **file, at=season.now, channel="", receipt="X"))

    season.db.write(grow)
    assert "200 MB" in season.say("王老师", "计划", files=("计划.pdf",)).replies[0].text
    assert "200 MB" in season.say("王老师", "第1项", files=("照片.jpg",)).replies[0].text


def test_what_came_in_can_not_be_rewritten(season: Season) -> None:
    season.join("王老师")
    season.say("王老师", "总结", files=("总结.pdf",))
    for statement in ("UPDATE paper SET receipt = 'X'", "DELETE FROM paper"):
        with pytest.raises(DBAPIError, match="append-only"), season.db.engine.begin() as db:
            db.exec_driver_sql(statement)


def test_a_lost_file_of_a_paper_is_found_out(season: Season) -> None:
    season.join("王老师")
    season.say("王老师", "总结", files=("总结.pdf",))
    with season.db.read() as db:
        sha256 = db.scalar(sa.select(PAPER.c.sha256))
    assert whole(season) == []
    season.store.path(str(sha256)).unlink()
    assert whole(season) == [f"files: {sha256} is missing or damaged"]


def test_a_paper_that_should_not_count_is_found_out(season: Season) -> None:
    season.join("王老师")
    season.join("赵老师")
    taken = season.say("王老师", "总结", files=("总结.pdf",))
    file = season.store.put(io.BytesIO(b"%PDF-1.7\nx"))

    def forge(db: sa.Connection) -> None:
        of = db.execute(sa.select(PAPER)).one()
        row = {"entry_id": of.entry_id, "deliverable": "poem", "form": ELECTRONIC, "withdrawn": False, "late": False}
        piece = {"name": "x", "sha256": file.sha256, "size": file.size, "inbound_id": of.inbound_id, "ordinal": 7}
        late = datetime(2027, 1, 15, 9, 30, tzinfo=UTC)
        db.execute(
            sa.insert(PAPER).values(**row, **piece, at=late, person_id=of.person_id + 1, receipt="X", channel="")
        )

    assert taken.receipt
    season.db.write(forge)
    assert [line.split(" is ")[0].split(" has ")[0].split(" counts ")[0] for line in whole(season)] == [
        "papers: paper 2"
    ] * 4


def test_a_unit_without_a_table_has_no_totals_and_is_done_by_its_papers(season: Season) -> None:
    as_enterprise(season)
    season.join("赵老师")
    season.say("赵老师", "8分，承办年会1场")
    assert exported(season, TEA)["status"] == "not_started"
    season.say("赵老师", "总结", files=("总结.pdf",))
    entry = exported(season, TEA)
    assert (entry["status"], entry["claimed"], entry["supported"], entry["maximum"]) == (
        "in_progress",
        None,
        None,
        None,
    )
    assert (entry["answers"], entry["missing"], entry["kind"]) == ([], [], "enterprise")
    season.say("赵老师", "计划", files=("计划.pdf",))
    entry = exported(season, TEA)
    assert entry["status"] == "submitted"
    assert entry["submitted_at"] is not None
    assert entry["all_in"] is False
    assert whole(season) == []


def test_a_society_that_turns_out_to_be_an_enterprise_keeps_its_answers(season: Season) -> None:
    season.join("赵老师")
    season.say("赵老师", "开始")
    season.say("赵老师", "8分，承办年会1场")
    as_enterprise(season)
    assert exported(season, TEA)["claimed"] is None
    assert "不填自评表" in season.say("赵老师", "9分").replies[0].text
    assert whole(season) == []
    back = society(season, TEA)
    season.db.write(lambda db: kinds.set_kind(db, back, None, season.now, by=None))
    assert exported(season, TEA)["claimed"] == "8"
    assert exported(season, TEA)["status"] == "in_progress"
    assert whole(season) == []


def test_who_has_handed_a_table_in_stays_what_it_is(season: Season) -> None:
    season.join("赵老师")
    season.say("赵老师", "提交")
    season.say("赵老师", "确认提交")
    with pytest.raises(kinds.NoSuchKind) as refused:
        as_enterprise(season)
    assert refused.value.why == "unit_kind_submitted"
    assert society(season, TEA).kind is None


def reminded(season: Season) -> list[str]:
    with season.db.read() as db:
        chosen = sa.select(OUTBOX.c.text).where(OUTBOX.c.kind == "reminder").order_by(OUTBOX.c.id)
        return list(db.scalars(chosen))


def test_reminders_speak_of_the_papers_and_of_nothing_else_to_who_owes_no_table(season: Season) -> None:
    as_enterprise(season)
    season.join("赵老师", "telegram")
    season.join("王老师", "telegram")
    season.clock("2027-01-08 18:00")
    assert queue_due(season.db, season.now) == 2
    other, tea = sorted(reminded(season), key=lambda text: "25" not in text.split("\n")[1])
    assert "还要交：电子版（本年度工作总结、下一年度工作计划、省级学会工作自评表）" in other
    assert "0/25" in other
    assert "还要交：电子版（本年度工作总结、下一年度工作计划）；盖章纸质版" in tea
    assert "提前一天" in tea
    assert "项" not in tea
    season.say("赵老师", "总结和计划", files=("两份.pdf",), channel="telegram")
    season.clock("2027-01-12 18:00")
    assert queue_due(season.db, season.now) == 1  # paper is the office's to tick: nobody is pressed for it


def test_names_are_found_exactly_or_not_at_all(season: Season) -> None:
    with season.db.read() as db:
        assert [row.name for row in roster.find(db, TEA)] == [TEA]
        assert kinds.kind_of(db, "省属企业科协") == kinds.kind_of(db, "Enterprise") == "enterprise"
        assert kinds.kind_of(db, "省级学会") is None
        with pytest.raises(kinds.NoSuchKind):
            kinds.kind_of(db, "企业")


def test_every_society_of_the_roster_is_in_the_list(season: Season) -> None:
    with season.db.read() as db:
        found = papers.of_round(db, queries.round_of(db, season.round))
    assert [(row.name, len(one.dues)) for row, one in found] == [(EXAMPLE, 6), (TEA, 6)]
