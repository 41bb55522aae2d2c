"""python -m tests.instants FOLDER: one season's instants and words, line by line; the same wherever the machine stands."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import sqlalchemy as sa

from bot.commands.rounds import moment as closing
from bot.demo import setup
from handlers.inbox import take
from handlers.messages import Message
from handlers.notices.quiet import allowed, next_allowed
from handlers.notices.reminding import calendar
from handlers.reports.exporting import export
from handlers.reports.transcript import transcript
from handlers.rounds import USUAL_REMINDERS
from handlers.understanding.moments import moment
from scheduler.announcements import announce_due
from scheduler.closing import close_due
from scheduler.reminders import queue_due
from storage.relations import ENTRY, OUTBOX, ROUND
from tests import schema

ZONE = "Asia/Shanghai"
BEGIN = datetime(2026, 12, 20, 1, 0, tzinfo=UTC)
# Before and after midnight and New Year in the round's zone, in UTC, in Los Angeles and on Kiritimati.
MOMENTS = [datetime(2026, 12, 31, 9, 0, tzinfo=UTC) + timedelta(minutes=59 + 60 * hour) for hour in range(28)]
SAID = (
    "明天",
    "今天下午三点",
    "后天",
    "下周五",
    "周五",
    "1月20日17:30",
    "12月31日",
    "17:30",
    "晚上十点半",
    "2027-01-18",
)
TYPED = ("2027-01-15", "2027-01-15 17:30", "2027-01-15T17:30", "2027-01-15T09:30:00+00:00", "tomorrow")
DEADLINES = ("2027-01-15T09:30", "2027-01-04T00:30", "2026-12-28T01:00", "2027-03-01T15:59")
TOLD = (  # before the deadline, by somebody of the first society and somebody of the office
    ("her", "开始"),
    ("her", "8分，承办年会1场"),
    ("her", "截止"),
    ("her", "今天别再提醒"),
    ("her", "记录"),
    ("staff", "进度"),
    ("staff", "给没开始的延到1月20日12:00"),
    ("staff", "19"),
    ("staff", "日历"),
    ("staff", "给没提交的发通知：请抓紧"),
    ("staff", "20"),
    ("staff", "通知 1"),
)


class Talk:
    """A demo whose people speak at moments that are given."""

    def __init__(self, folder: Path) -> None:
        self.db = schema.fresh(folder / "bot.sqlite3")
        codes = setup.prepare(self.db, BEGIN, ZONE)
        assert codes
        self.keys = 0
        self.say("her", codes.secretary, BEGIN)
        self.say("staff", codes.staff, BEGIN)

    def say(self, who: str, text: str, now: datetime) -> list[str]:
        self.keys += 1
        seen = self.newest()
        taken = take(self.db, Message("telegram", who, str(self.keys), text, seen=seen), now)
        return [f"{now:%d %H:%M:%S} {who}> {text}", *(reply.text for reply in taken.replies)]

    def newest(self) -> int:
        with self.db.read() as db:
            return int(db.scalar(sa.select(sa.func.max(OUTBOX.c.id))) or 0)

    def owed(self) -> list[str]:
        """Everything that was ever said unasked, as it reads now."""
        with self.db.read() as db:
            rows = db.execute(sa.select(OUTBOX).where(OUTBOX.c.kind != "reply").order_by(OUTBOX.c.id)).all()
        return [f"{row.kind} {row.created_at} {row.valid_until} {row.state}\n{row.text}" for row in rows]

    def states(self) -> list[str]:
        with self.db.read() as db:
            rows = db.execute(sa.select(ROUND.c.opens_at, ROUND.c.closes_at, ROUND.c.closed_at, ROUND.c.title)).all()
            entries = db.execute(sa.select(ENTRY.c.status, ENTRY.c.extended_to, ENTRY.c.closed_at)).all()
        return [*map(str, rows), *map(str, entries)]


def understood() -> Iterator[str]:
    """Moments as people say and type them, nights and holidays, and when the stages are due."""
    for now in MOMENTS:
        for said in SAID:
            yield f"{now} {said} → {instant(moment(said, now, ZONE, usual=time(17, 30)))}"
        yield f"{now} {allowed(now, ZONE)} {instant(next_allowed(now, ZONE))}"
    for typed in TYPED:
        try:
            yield f"{typed} → {instant(closing(typed, ZONE))}"
        except Exception as refused:  # its words are what is compared
            yield f"{typed} → {refused}"
    for deadline in DEADLINES:
        for due in calendar(USUAL_REMINDERS, datetime.fromisoformat(deadline).replace(tzinfo=UTC), ZONE):
            yield f"{deadline} {due.stage.name} {instant(due.at)}"


def instant(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else "-"


def lived(talk: Talk) -> Iterator[str]:
    """The season from the demo's opening to the second after its deadline."""
    with talk.db.read() as db:
        closes = db.scalar(sa.select(ROUND.c.closes_at))
    assert closes
    yield f"closes {instant(closes)}"
    yield from talk.states()
    for minutes, (who, text) in enumerate(TOLD):
        yield from talk.say(who, text, BEGIN + timedelta(minutes=minutes))
    yield f"announced {announce_due(talk.db, BEGIN + timedelta(hours=1))}"
    for due in calendar(USUAL_REMINDERS, closes, ZONE):
        for now in (due.at - timedelta(seconds=1), due.at):
            yield f"{due.stage.name} {instant(now)} {queue_due(talk.db, now)}"
    for now in (closes - timedelta(seconds=1), closes):
        yield f"closed {instant(now)} {close_due(talk.db, now)}"
        yield from talk.say("her", "第2项 5分", now)
        yield from talk.states()
    yield from talk.owed()
    yield from talk.say("her", "截止", closes + timedelta(seconds=1))
    with talk.db.read() as db:
        round = db.execute(sa.select(ROUND)).one()
        yield json.dumps(export(db, round), ensure_ascii=False, default=str, indent=1)
        yield transcript(db, 1, ZONE)


def main() -> None:
    # First what shows that the machine really stands elsewhere.
    print(BEGIN.astimezone().utcoffset())
    print(*understood(), sep="\n")
    talk = Talk(Path(sys.argv[1]))
    print(*lived(talk), sep="\n")
    talk.db.close()


if __name__ == "__main__":
    main()
