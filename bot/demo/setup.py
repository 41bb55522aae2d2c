"""The first-run demo: the Zhejiang table as an open round and the twenty societies of the Hangzhou lists as roster."""

from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

import sqlalchemy as sa

from handlers.phrasebook import phrasebook
from handlers.rounds import open_round
from handlers.societies import joining
from handlers.societies.roster import add_society
from handlers.societies.roster_file import read_roster
from rubrics.reading import catalog
from storage import queries
from storage.database import Database
from storage.migrating import demolish, migrate
from storage.relations import ACT, INVITATION, ROUND, SOCIETY

RUBRIC = "zhejiang-2020"


@dataclass(frozen=True)
class Codes:
    society: str
    secretary: str
    staff: str


def empty(db: sa.Connection) -> bool:
    """Nobody has set anything up yet."""
    rounds = db.scalar(sa.select(sa.func.count()).select_from(ROUND)) or 0
    societies = db.scalar(sa.select(sa.func.count()).select_from(SOCIETY)) or 0
    return not rounds and not societies


def is_demo(db: sa.Connection) -> bool:
    return bool(db.scalar(sa.select(sa.func.count()).where(ACT.c.act == "demo")))


def prepare(db: Database, now: datetime, zone: str) -> Codes | None:
    """Set the demo up on an empty database; on a demo database give two fresh codes; on any other do nothing."""

    def work(connection: sa.Connection) -> Codes | None:
        if empty(connection):
            _set_up(connection, now, zone)
        return _codes(connection, now) if is_demo(connection) else None

    return db.write(work)


def _set_up(db: sa.Connection, now: datetime, zone: str) -> None:
    source = catalog()[RUBRIC]
    open_round(db, source, f"{RUBRIC}.yaml", title=None, closes_at=None, zone=zone, now=now)
    roster = files("bot") / "demo" / "societies.csv"
    for name in read_roster(roster.read_bytes(), "societies.csv").names:
        add_society(db, name, now)
    queries.note_act(db, now, "demo")


def _codes(db: sa.Connection, now: datetime) -> Codes:
    """Two new codes; those of earlier starts that nobody used end here."""
    earlier = [
        one
        for details in db.scalars(sa.select(ACT.c.details).where(ACT.c.act == "demo_codes"))
        for one in details["codes"]
    ]
    unused = INVITATION.c.code_hash.in_(earlier) & INVITATION.c.used_at.is_(None)
    db.execute(sa.update(INVITATION).where(unused).values(expires_at=now))
    first = db.execute(sa.select(SOCIETY).order_by(SOCIETY.c.id).limit(1)).one()
    staff = phrasebook().text("demo_officer", {})
    secretary = joining.invite(db, society_id=first.id, role="secretary", name=None, now=now)
    officer = joining.invite(db, society_id=None, role="officer", name=staff, now=now)
    queries.note_act(
        db, now, "demo_codes", codes=[joining.code_hash(one.replace("-", "")) for one in (secretary, officer)]
    )
    return Codes(first.name, secretary, officer)


def reset(db: Database, now: datetime, zone: str) -> bool:
    """Back to the first-run state; False (and nothing done) on anything but the demo database."""
    with db.read() as connection:
        if not is_demo(connection):
            return False
    demolish(db)
    migrate(db)
    db.write(lambda connection: _set_up(connection, now, zone))
    return True
