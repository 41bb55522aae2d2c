"""先交后补: handed in at once with its gaps; every further answer in time hands in anew, so nothing is left to be done."""

import sqlalchemy as sa

from handlers.answers.submitting import hand_in, hand_in_late, note, reopen
from handlers.answers.telling import common
from handlers.desk import Desk
from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from storage import queries
from storage.relations import ENTRY


def supplement(desk: Desk) -> tuple[list[Reply], str | None]:
    """Hand in as it is and keep it open; where it was handed in already, open it without taking it back."""
    if desk.season.late:
        already = desk.submitted
        return [phrasebook().reply("submitted_already", common(desk))] if already else hand_in_late(desk), None
    if desk.submitted and desk.supplementing:
        return [phrasebook().reply("supplementing_already", common(desk))], "short"
    if desk.scene.allowed is not None:
        return [phrasebook().reply("recall_returned", common(desk))], "short"
    if desk.entry.finalized_at is not None:
        return [phrasebook().reply("locked_final", common(desk))], None
    new = not desk.submitted
    if new:
        hand_in(desk, late=False)
        desk.status = "submitted"
    desk.supplementing = True
    desk.db.execute(sa.update(ENTRY).where(ENTRY.c.id == desk.entry.id).values(supplementing=True))
    if not new:
        note(desk, "supplementing")
    reopen(desk)
    about = {**common(desk), "receipt": desk.receipt, "new": new}
    return [phrasebook().reply("supplementing", about)], "short"


def keep_handed_in(desk: Desk) -> int | None:
    """What she just answered joins what is handed in: a new submission in place of the old one, in this very turn. How
    often it was handed in by now; None where there is nothing to replace."""
    handed_in = desk.before.held if desk.handed_in is None else desk.handed_in
    if not (desk.submitted and desk.supplementing) or desk.season.late or desk.scene.held is handed_in:
        return None
    hand_in(desk, late=False)
    return queries.submissions(desk.db, desk.entry.id)
