"""Messages that were heard and what they were answered, asked for again by whoever heard them."""

import sqlalchemy as sa
from sqlalchemy import bindparam

from storage.relations import INBOUND, OUTBOX, Row

_FIRST_DELIVERY = sa.select(
    INBOUND.c.id, INBOUND.c.digest, INBOUND.c.receipt, INBOUND.c.person_id, INBOUND.c.text
).where(
    INBOUND.c.channel == bindparam("channel"),
    INBOUND.c.account == bindparam("account"),
    INBOUND.c.key == bindparam("key"),
)
# What was put in front of the answer was said with it, and first.
_REPLIES_TO = (
    sa.select(OUTBOX)
    .where(
        sa.or_(
            OUTBOX.c.cause == bindparam("cause"),
            # The words of its partial index, else SQLite does not use it.
            sa.and_(OUTBOX.c.fronted == bindparam("inbound"), sa.text("fronted > 0")),
        )
    )
    .order_by(sa.case((OUTBOX.c.cause == bindparam("cause"), 1), else_=0), OUTBOX.c.id)
)


def first_delivery(db: sa.Connection, channel: str, account: str, key: str) -> Row | None:
    return db.execute(_FIRST_DELIVERY, {"channel": channel, "account": account, "key": key}).one_or_none()


def replies_to(db: sa.Connection, inbound: int) -> list[Row]:
    """What was said in answer to a message, in its order."""
    return list(db.execute(_REPLIES_TO, {"cause": f"inbound:{inbound}", "inbound": inbound}))


def choice_of(db: sa.Connection, channel: str, account: str, address: str, choice: str) -> tuple[str, str] | None:
    """Label and words behind a choice id, looked for only among what was said to this very address."""
    reply, _, index = choice.partition("-")
    if not (reply.isascii() and reply.isdigit() and index.isascii() and index.isdigit() and len(choice) < 20):
        return None
    same = (OUTBOX.c.channel == channel, OUTBOX.c.account == account, OUTBOX.c.address == address)
    choices = db.scalar(sa.select(OUTBOX.c.choices).where(OUTBOX.c.id == int(reply), *same)) or []
    if int(index) >= len(choices):
        return None
    return str(choices[int(index)]["label"]), str(choices[int(index)]["words"])


def tapped_before(db: sa.Connection, person: int, inbound: int, choice: str) -> bool:
    """Whether this person has tapped this very choice (its id names the reply it hung on) before: after that reply."""
    cause = db.scalar(sa.select(OUTBOX.c.cause).where(OUTBOX.c.id == int(choice.partition("-")[0]))) or ""
    kind, _, number = cause.partition(":")
    since = int(number) if kind == "inbound" else 0
    hers = (INBOUND.c.person_id == person, INBOUND.c.id > since, INBOUND.c.id < inbound)
    return db.scalar(sa.select(INBOUND.c.id).where(*hers, INBOUND.c.choice == choice).limit(1)) is not None


def replies_after(db: sa.Connection, channel: str, address: str, after: int) -> list[Row]:
    """What was said to a contact since a reply, for a page that resumes; nothing that was cancelled before."""
    here = (OUTBOX.c.channel == channel, OUTBOX.c.address == address, OUTBOX.c.state == "sent")
    chosen = sa.select(OUTBOX).where(*here, OUTBOX.c.id > after)
    return list(db.execute(chosen.order_by(OUTBOX.c.id).limit(200)))
