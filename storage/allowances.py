"""How many more messages a platform lets us send to somebody: WeChat counts from what she did last (platform.md A3)."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from storage.relations import ALLOWANCE, INSERT


def grant(db: sa.Connection, at: tuple[str, str, str], count: int, lasts: timedelta, now: datetime) -> None:
    """She did something that lets us speak. A smaller grant never takes away what a larger one still leaves: how
    several add up is written nowhere, and a refusal tells us."""
    until = now + lasts
    insert = INSERT[db.dialect.name](ALLOWANCE).values(
        channel=at[0], account=at[1], address=at[2], left=count, until=until
    )
    running = ALLOWANCE.c.until > now
    larger = {
        "left": sa.case((sa.and_(running, ALLOWANCE.c.left > count), ALLOWANCE.c.left), else_=count),
        "until": sa.case((sa.and_(running, ALLOWANCE.c.until > until), ALLOWANCE.c.until), else_=until),
    }
    db.execute(insert.on_conflict_do_update(index_elements=["channel", "account", "address"], set_=larger))


def left(db: sa.Connection, at: tuple[str, str, str], now: datetime) -> int:
    """How many may still be sent now."""
    chosen = sa.select(ALLOWANCE.c.left).where(*_one(at), ALLOWANCE.c.until > now)
    return int(db.scalar(chosen) or 0)


def spend(db: sa.Connection, at: tuple[str, str, str]) -> None:
    db.execute(sa.update(ALLOWANCE).where(*_one(at), ALLOWANCE.c.left > 0).values(left=ALLOWANCE.c.left - 1))


def exhaust(db: sa.Connection, at: tuple[str, str, str]) -> None:
    """The platform says that there is none left."""
    db.execute(sa.update(ALLOWANCE).where(*_one(at)).values(left=0))


def _one(at: tuple[str, str, str]) -> tuple[sa.ColumnElement[bool], ...]:
    return ALLOWANCE.c.channel == at[0], ALLOWANCE.c.account == at[1], ALLOWANCE.c.address == at[2]
