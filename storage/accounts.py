"""Our accounts on the platforms: their names, and the one key to the API that all processes share."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from storage.relations import ACCOUNT, INSERT, Row

REFRESH_LASTS = timedelta(seconds=15)  # then somebody else may try


def call(db: sa.Connection, channel: str, account: str, *, handle: str) -> None:
    """Keep the name that links to this account use."""
    _known(db, channel, account)
    db.execute(sa.update(ACCOUNT).where(*_one(channel, account)).values(handle=handle))


def known(db: sa.Connection, channel: str, account: str) -> Row | None:
    """What is kept of an account, if it was ever heard of."""
    return db.execute(sa.select(ACCOUNT).where(*_one(channel, account))).one_or_none()


def begin_refresh(db: sa.Connection, channel: str, account: str, stale: str | None, now: datetime) -> bool:
    """Whether it is ours to fetch a new token: nobody else is at it, and the stored one still is the stale one."""
    _known(db, channel, account)
    free = sa.or_(ACCOUNT.c.refreshing_until.is_(None), ACCOUNT.c.refreshing_until <= now)
    same = ACCOUNT.c.token.is_(None) if stale is None else sa.or_(ACCOUNT.c.token.is_(None), ACCOUNT.c.token == stale)
    mine = sa.update(ACCOUNT).where(*_one(channel, account), free, same)
    return bool(db.execute(mine.values(refreshing_until=now + REFRESH_LASTS)).rowcount)


def end_refresh(db: sa.Connection, channel: str, account: str, fresh: tuple[str, datetime] | None) -> None:
    """Store the fresh token and when it ends, or (None) let somebody else try."""
    values = {"token": fresh[0], "token_until": fresh[1]} if fresh else {}
    mine = sa.update(ACCOUNT).where(*_one(channel, account))
    db.execute(mine.values(refreshing_until=None, **values))


def _known(db: sa.Connection, channel: str, account: str) -> None:
    insert = INSERT[db.dialect.name](ACCOUNT).values(channel=channel, account=account)
    db.execute(insert.on_conflict_do_nothing(index_elements=["channel", "account"]))


def _one(channel: str, account: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return ACCOUNT.c.channel == channel, ACCOUNT.c.account == account
