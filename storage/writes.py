"""What every turn writes, prepared once."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from storage.prepared import Prepared
from storage.relations import ANSWER, ANSWER_EVENT, CONVERSATION, ENTRY, INBOUND, INSERT, OUTBOX

PLACE = ("item", "field", "fact", "version", "question_id", "last_item", "pending", "tray")
TOTALS = ("status", "claimed", "supported", "suggested", "complete", "late", "touched_at")
ANSWER_KEY = ("entry_id", "item")
# What a message gets only once somebody tries to deliver it.
UNSETTLED = ("id", "valid_until", "lease", "error", "settled_at", "fronted")


def named(table: sa.Table, *, but: tuple[str, ...] = ()) -> dict[str, sa.BindParameter[Any]]:
    """A named value for every column but these."""
    return {column.name: bindparam(column.name, type_=column.type) for column in table.c if column.name not in but}


def changed(table: sa.Table, columns: tuple[str, ...]) -> dict[str, sa.BindParameter[Any]]:
    """Values for an update, named so that they never meet the names of its WHERE."""
    return {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in columns}


def _once(dialect: str) -> sa.Insert:
    values = named(INBOUND, but=("id", "contact_id", "person_id", "receipt"))
    insert = INSERT[dialect](INBOUND).values(values)
    made: sa.Insert = insert.on_conflict_do_nothing(index_elements=["channel", "account", "key"])
    return made.returning(INBOUND.c.id)


def _answer(dialect: str) -> sa.Insert:
    insert = INSERT[dialect](ANSWER).values(named(ANSWER))
    kept = {column.name: insert.excluded[column.name] for column in ANSWER.c if column.name not in ANSWER_KEY}
    made: sa.Insert = insert.on_conflict_do_update(index_elements=list(ANSWER_KEY), set_=kept)
    return made


_ONCE = Prepared(_once)
_ANSWER = Prepared(_answer)
_EVENT = Prepared(lambda _: sa.insert(ANSWER_EVENT).values(named(ANSWER_EVENT, but=("id",))).inline())
_OWE = Prepared(lambda _: sa.insert(OUTBOX).values(named(OUTBOX, but=UNSETTLED)).returning(OUTBOX.c.id))
_PLACE = Prepared(
    lambda _: (
        sa.update(CONVERSATION)
        .where(CONVERSATION.c.person_id == bindparam("person"))
        .values(changed(CONVERSATION, PLACE))
    )
)
_TOTALS = Prepared(lambda _: sa.update(ENTRY).where(ENTRY.c.id == bindparam("entry")).values(changed(ENTRY, TOTALS)))
_SETTLE = Prepared(
    lambda _: (
        sa.update(INBOUND)
        .where(INBOUND.c.id == bindparam("inbound"))
        .values(changed(INBOUND, ("person_id", "contact_id", "receipt", "text")))
    )
)


def insert_once(db: sa.Connection, row: Mapping[str, Any]) -> int | None:
    """The id of a new inbound row, or None where this delivery has been taken before."""
    found = _ONCE.run(db, row)
    return int(found[0][0]) if found else None


def settle_inbound(
    db: sa.Connection, inbound: int, *, said: str, person: int | None, contact: int | None, receipt: str | None
) -> None:
    """The outcome of a turn; `said` is what a person reads in the transcript (the label of a tap, never a code)."""
    outcome = {"new_text": said, "new_person_id": person, "new_contact_id": contact, "new_receipt": receipt}
    _SETTLE.run(db, {"inbound": inbound, **outcome})


def owe(db: sa.Connection, row: Mapping[str, Any]) -> int:
    """A reply into the outbox; its id grows within a conversation."""
    return int(_OWE.run(db, row)[0][0])


def save_place(db: sa.Connection, person: int, values: Mapping[str, Any]) -> None:
    """Where the conversation stands now."""
    _PLACE.run(db, {"person": person, **{f"new_{name}": value for name, value in values.items()}})


def save_totals(db: sa.Connection, entry: int, values: Mapping[str, Any]) -> None:
    _TOTALS.run(db, {"entry": entry, **{f"new_{name}": value for name, value in values.items()}})


def save_answer(db: sa.Connection, row: Mapping[str, Any]) -> None:
    """What counts now for one item."""
    _ANSWER.run(db, row)


def append_event(db: sa.Connection, row: Mapping[str, Any]) -> None:
    _EVENT.run(db, row)
