"""No read of a turn or of the sender walks through history: every one goes by an index (design §5)."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from handlers.notices import redirecting
from storage import arrivals, drawings, exchanges, outbox, overviews, seats
from tests import schema

NOW = datetime(2026, 12, 20, 1, 0, tzinfo=UTC)
AT = ("telegram", "1", "2")
WATCHED = ("outbox", "arrival", "inbound", "contact", "act", "entry", "answer", "drawing")
ASKED: dict[str, Callable[[sa.Connection], object]] = {
    "bring_along": lambda db: outbox.bring_along(db, 1, AT, 5, NOW, read=False, by_hand=None),
    "bring_along by hand": lambda db: outbox.bring_along(db, 1, AT, 5, NOW, read=False, by_hand=NOW),
    "claim": lambda db: outbox.claim(db, "telegram", "1", lease="x", now=NOW, limit=3),
    "shown": lambda db: outbox.shown(db, *AT),
    "troubled": lambda db: outbox.troubled(db, NOW),
    "astray": redirecting.astray,
    "lag": lambda db: outbox.lag(db, NOW),
    "arrivals waiting": lambda db: arrivals.waiting(db, *AT),
    "arrivals heads": lambda db: arrivals.heads(db, "telegram", "1"),
    "replies": lambda db: exchanges.replies_to(db, 5),
    "who": lambda db: seats.who(db, *AT),
    "ranking": lambda db: overviews.submitted(db, 1),
    "everybody": lambda db: overviews.everybody(db, 1, voluntary=False),
    "a category": lambda db: overviews.scores(db, 1, ["a", "b"]),
    "pictures": lambda db: drawings.waiting(db, 5),
    "tapped before": lambda db: exchanges.tapped_before(db, 1, 5, "3-1"),
}


@pytest.mark.parametrize("name", ASKED)
def test_by_an_index(name: str, tmp_path: Path) -> None:
    db = schema.fresh(tmp_path / "bot.sqlite3")
    heard: list[tuple[str, Any]] = []
    event.listen(db.engine, "before_cursor_execute", lambda *about: heard.append((about[2], about[3])))
    db.write(ASKED[name])
    asked = [(said, given) for said, given in heard if said.startswith(("SELECT", "UPDATE"))]
    assert asked
    with db.read() as connection:
        steps = [
            row[3]
            for said, given in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given).all()
        ]
    # A partial index of what is rare may be walked; a table may not.
    walked = [one for one in steps if one.startswith("SCAN") and "INDEX" not in one and "(" not in one]
    assert [one for one in walked if one.split()[1] in WATCHED] == []
    db.close()
