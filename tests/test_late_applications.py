"""What came late of applications and facts: kept, shown to the office, counted by its word alone, on record."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.late import deciding
from handlers.projects.applications import facts_of
from storage import queries
from storage.database import Database
from storage.relations import APPLICATION, APPLICATION_EVENT, ENTRY, SOCIETY
from tests.season import Season
from tests.test_projects import told
from tests.test_taking_back import begun

MINE = "扬州市示例学会"


@pytest.fixture
def over(db: Database, tmp_path: Path) -> Iterator[Season]:
    """The time for applications is over; 王老师 applied for the journal in time and answered one question."""
    for season in begun(db, tmp_path, "yangzhou"):
        season.say("王老师", "申报 期刊")
        season.say("王老师", "是")
        season.say("staff", "定日期 提交立项申报书 2026年4月30日")
        season.clock("2026-05-04 09:00:00")
        yield season


def known(season: Season, requirement: str) -> dict[str, object]:
    with season.db.read() as db:
        entry = db.scalar(sa.select(ENTRY.c.id).join(SOCIETY).where(SOCIETY.c.name == MINE))
        return dict(facts_of(db, int(entry or 0)).get(requirement, {}))


def state(season: Season, project: str) -> tuple[str, bool, bool | None]:
    with season.db.read() as db:
        row = db.execute(sa.select(APPLICATION).where(APPLICATION.c.project == project)).one()
        return row.state, row.late, row.counts


def test_a_late_fact_counts_when_the_office_says_so_and_no_more_when_it_turns(over: Season) -> None:
    assert "逾期留存" in told(over, "王老师", "继续") + told(over, "王老师", "是")
    assert known(over, "evaluated") == {}
    over.say("staff", f"算数 {MINE} 系统故障")
    assert known(over, "evaluated") == {"evaluated": True}
    over.say("staff", f"不算 {MINE} 查无故障")
    assert known(over, "evaluated") == {}
    assert known(over, "subordinate") != {}


def test_a_late_withdrawal_is_carried_out_by_the_office_and_comes_back_when_it_turns(over: Season) -> None:
    over.say("王老师", "撤回申报 期刊")
    assert state(over, "journal") == ("applied", False, None)
    over.say("staff", f"算数 {MINE} 同意")
    assert state(over, "journal") == ("withdrawn", False, None)
    over.say("staff", f"不算 {MINE} 学会又要")
    assert state(over, "journal") == ("applied", False, None)


def test_a_refused_application_has_no_place_and_an_accepted_one_may(over: Season) -> None:
    over.say("王老师", "申报 智库")
    over.say("staff", f"不算 {MINE} 过了截止")
    assert state(over, "think-tank") == ("applied", True, False)
    assert "已决定不算" in told(over, "staff", f"推荐 {MINE} 智库")
    over.say("staff", f"算数 {MINE} 领导同意")
    assert state(over, "think-tank") == ("applied", True, True)
    assert "逾期申报" not in told(over, "staff", f"推荐 {MINE} 智库")


def test_a_place_that_is_published_is_not_taken_by_the_way(over: Season) -> None:
    over.say("王老师", "撤回申报 期刊")
    over.say("staff", f"推荐 {MINE} 期刊")
    over.say("staff", "公示")
    over.say("staff", "1")
    assert "已经公示或认定" in told(over, "staff", f"算数 {MINE} 同意")
    assert state(over, "journal") == ("applied", False, None)


def test_a_command_decides_without_a_person_on_record(over: Season) -> None:
    over.say("王老师", "申报 智库")

    def decide(db: sa.Connection) -> None:
        round = queries.round_of(db, over.round)
        society = db.execute(sa.select(SOCIETY).where(SOCIETY.c.name == MINE)).one()
        deciding.decide(db, round, society, counts=True, reason="故障", now=over.now, by=None)

    over.db.write(decide)
    with over.db.read() as db:
        ruled = db.execute(sa.select(APPLICATION_EVENT).where(APPLICATION_EVENT.c.kind == "ruled")).one()
    assert (ruled.person_id, ruled.receipt) == (None, "LATE-1-1")
