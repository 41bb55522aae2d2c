"""A reviewer sends a single item back with a question: the society may change that one, and is told."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers.notices.calling import Call, call, secretaries
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.review import judging, returned
from handlers.review.sheet import Sheet
from rubrics.model import Item
from storage import queries
from storage.relations import CONVERSATION, ENTRY, OUTBOX, SENT_BACK

USUAL_DAYS = 3  # working days


def send_back(office: Office, found: Sheet, item: Item, question: str, until: datetime) -> str:
    """From now on the society may change this item, and nothing else; its people are told. The receipt."""
    db, entry = office.db, found.entry
    receipt = office.receipt or f"B-{entry.id}-{office.now:%y%m%d%H%M%S}"
    row = {"entry_id": entry.id, "item": item.id, "question": question, "until": until, "at": office.now}
    trace = {"person_id": office.actor.person_id, "inbound_id": office.inbound, "ordinal": 0, "receipt": receipt}
    id = db.execute(sa.insert(SENT_BACK).values(**row, **trace).returning(SENT_BACK.c.id)).scalar_one()
    marks = {"status": "returned", "supplementing": False}
    db.execute(sa.update(ENTRY).where(ENTRY.c.id == entry.id).values(**marks))
    about = {"item": item.id, "position": item.position, "reason": question, "until": until.isoformat()}
    judging.on_record(office, "sent_back", found.society.id, **about, receipt=receipt)
    said = {"item": item, "question": question, "until": until, "round": found.round, "receipt": receipt}
    reply = phrasebook().reply("sent_back_notice", said)
    for person in secretaries(db, found.society.id):
        cause = f"sent_back:{id}:{person.id}"
        call(db, person.id, Call(cause, "notice", valid_until=until), reply, office.now)
        _put_before(db, person.id, found, item, cause)
    return receipt


def _put_before(db: sa.Connection, person: int, found: Sheet, item: Item, cause: str) -> None:
    """What she says next is of the item that the notice names; with several sent back she says of which."""
    alone = len(returned.open_ones(db, found.entry.id)) == 1
    notice = sa.select(OUTBOX.c.id).where(OUTBOX.c.cause == cause).limit(1).scalar_subquery()
    answer = next((one for one in queries.answers(db, found.entry.id) if one.item == item.id), None)
    place: dict[str, Any] = {"item": None, "field": None, "version": 0}
    if alone:
        field = "evidence" if answer and answer.state == "answered" else "score"
        place = {"item": item.id, "field": field, "version": answer.version if answer else 0}
        place["question_id"] = sa.func.coalesce(notice, CONVERSATION.c.question_id)
    hers = (CONVERSATION.c.person_id == person, CONVERSATION.c.entry_id == found.entry.id)
    db.execute(sa.update(CONVERSATION).where(*hers).values(**place, fact=None, pending=None))
