"""Which of the things to be confirmed stood on a person's screen when she confirmed them (R4)."""

from collections.abc import Iterable

import sqlalchemy as sa

from handlers.desk import Desk
from storage.relations import INSERT, PROPOSAL, PROPOSAL_SHOWN


def show(desk: Desk, ids: Iterable[int]) -> None:
    """They stand in the list that this turn sends; what she was shown before stays as seen as it was."""
    desk.listed = True
    insert = INSERT[desk.db.dialect.name](PROPOSAL_SHOWN)
    for id in ids:
        row = insert.values(proposal_id=id, person_id=desk.actor.person_id, reply_id=0)
        desk.db.execute(row.on_conflict_do_nothing())


def sent(desk: Desk, reply: int) -> None:
    """The last reply of the turn that showed them."""
    new = (PROPOSAL_SHOWN.c.person_id == desk.actor.person_id, PROPOSAL_SHOWN.c.reply_id == 0)
    desk.db.execute(sa.update(PROPOSAL_SHOWN).where(*new).values(reply_id=reply))


def seen(desk: Desk) -> set[int]:
    """Those that were on her screen when she wrote this; all that was sent, where the channel doesn't say."""
    joined = PROPOSAL_SHOWN.join(PROPOSAL, PROPOSAL.c.id == PROPOSAL_SHOWN.c.proposal_id)
    mine = (PROPOSAL_SHOWN.c.person_id == desk.actor.person_id, PROPOSAL.c.entry_id == desk.entry.id)
    chosen = sa.select(PROPOSAL_SHOWN.c.proposal_id).select_from(joined).where(*mine, PROPOSAL_SHOWN.c.reply_id > 0)
    if desk.message.seen is not None:
        chosen = chosen.where(PROPOSAL_SHOWN.c.reply_id <= desk.message.seen)
    return set(desk.db.scalars(chosen))
