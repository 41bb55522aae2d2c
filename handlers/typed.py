"""A button's label typed instead of tapped: on the oldest phone every step can be typed."""

import sqlalchemy as sa

from handlers.understanding.intents import Tell
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import fold
from storage.relations import INBOUND, OUTBOX

LONGEST = 40  # characters of a label


def words_of(db: sa.Connection, person: int, inbound: int, said: str) -> str:
    """The words behind the label on what she was answered last; what she said, where it is none or a wish of its own."""
    known = lexicon()
    if not said or len(said) > LONGEST or known.staff_command(said) or known.command(said) not in (None, Tell("more")):
        return said
    last = sa.select(INBOUND.c.id).where(INBOUND.c.person_id == person, INBOUND.c.id < inbound)
    before = db.scalar(last.order_by(INBOUND.c.id.desc()).limit(1))
    rows = db.scalars(sa.select(OUTBOX.c.choices).where(OUTBOX.c.cause == f"inbound:{before}"))
    ways = {fold(str(one["label"])): str(one["words"]) for choices in rows for one in choices if not one.get("upload")}
    return ways.get(fold(said), said)
