"""The office reads what a society wrote, once it has handed in or consents; else it may ask, once a day."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from handlers.answers.folding import accepted_pieces
from handlers.looking import applied, consent
from handlers.messages import Outgoing, Reply
from handlers.notices.calling import Call, call, secretaries
from handlers.office import Office
from handlers.phrasebook import pages, phrasebook
from handlers.review import judging
from handlers.rights import OFFICE
from handlers.rounds import pinned, version
from handlers.societies import whose
from handlers.understanding import places
from rubrics.model import Item, Rubric
from storage import handouts, queries
from storage.relations import CONSENT_REQUEST, ENTRY, INSERT, Row


def barred(office: Office, society: Row) -> list[Reply]:
    """Why this person may not read the society's text now; nothing where she may."""
    if office.actor.person_id in judging.recused(office.db, office.round.id, society.id):
        return [phrasebook().reply("review_recused", {"society": society.name})]
    if consent.readable(office.db, office.round.id, society.id):
        return []
    about = {"society": society.name, "asks": office.actor.role in OFFICE}
    return [phrasebook().reply("contents_veiled", about)]


def read(office: Office, said: str) -> list[Reply]:
    """«看内容 医学会», «看内容 医学会 第5项» with its files. Raises Unsure."""
    society, rest = whose.one(office, said)
    if refused := barred(office, society):
        return refused
    here = (ENTRY.c.round_id == office.round.id, ENTRY.c.society_id == society.id)
    entry = office.db.execute(sa.select(ENTRY).where(*here)).one_or_none()
    rubric = pinned(office.db, version(office.round, entry), society.kind)
    if entry is None or not (rubric.items or rubric.kind == "projects"):
        return [phrasebook().reply("contents_none", {"society": society.name})]
    early = not consent.handed_in(office.db, office.round.id, society.id)
    if early:  # under her consent: she can see who looked
        judging.on_record(office, "contents_read", society.id)
    if rubric.kind == "projects":
        return applied.read(office, society, entry, rubric, rest.strip(), early=early)
    named = places.address(rest, rubric) if rest else None
    if named is not None and named.sure and named.place.items:
        return _item(office, society, entry, rubric.item(named.place.items[0]))
    return _whole(office, society, entry, rubric, early=early)


def _whole(office: Office, society: Row, entry: Row, rubric: Rubric, *, early: bool) -> list[Reply]:
    held = {row.item: row for row in queries.answers(office.db, entry.id)}
    found = _pieces(office, entry, [item.id for item in rubric.items])
    told = [item for item in rubric.items if item.id in held or found.get(item.id)]
    lines = [_line(item, held.get(item.id), found.get(item.id, [])) for item in told]
    about = {"society": society.name, "title": office.round.title, "early": early, "count": len(told)}
    about |= {"first": told[0] if told else None}
    texts = pages([*lines, phrasebook().text("contents_end", about)], phrasebook().text("contents", about))
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], phrasebook().choices("contents_end", about))]


def _item(office: Office, society: Row, entry: Row, item: Item) -> list[Reply]:
    held = next((row for row in queries.answers(office.db, entry.id) if row.item == item.id), None)
    found = _pieces(office, entry, [item.id]).get(item.id, [])
    lines = [phrasebook().text("contents_piece", {"number": n, "piece": one}) for n, one in enumerate(found, 1)]
    texts = pages(lines, phrasebook().text("contents_item", {"society": society.name, "item": item, "held": held}))
    files = tuple(Outgoing(one.name, handouts.evidence(one.id)) for one in found if one.name)
    choices = phrasebook().choices("contents_item", {"society": society.name})
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], choices, files)]


def _line(item: Item, held: Row | None, found: Sequence[Row]) -> str:
    return phrasebook().text("contents_line", {"item": item, "held": held, "pieces": found})


def _pieces(office: Office, entry: Row, items: Sequence[str]) -> dict[str, list[Row]]:
    """The evidence that counts, by item."""
    rows = queries.pieces(office.db, entry.id, list(items))
    accepted = accepted_pieces(office.db, entry.id) if any(row.late for row in rows) else set()
    found: dict[str, list[Row]] = {}
    for row in rows:
        if not row.late or row.id in accepted:
            found.setdefault(row.item, []).append(row)
    return found


def ask(office: Office, said: str) -> list[Reply]:
    """«请她同意 医学会»: her people are asked, once a day. Raises Unsure."""
    society, _ = whose.one(office, said)
    about: dict[str, Any] = {"society": society.name}
    if consent.readable(office.db, office.round.id, society.id):
        return [phrasebook().reply("consent_needless", about)]
    people = secretaries(office.db, society.id)
    if not people:
        return [phrasebook().reply("consent_nobody", about)]
    made = _requested(office, society)
    if made is None:
        return [phrasebook().reply("consent_asked_before", about)]
    judging.on_record(office, "consent_asked", society.id, receipt=office.receipt)
    reply = phrasebook().reply("consent_wanted", {"round": office.round, "by": office.actor.name})
    causes = [(one.id, f"consent_wanted:{made.id}:{one.id}") for one in people]
    states = [call(office.db, id, Call(cause, "notice"), reply, office.now) for id, cause in causes]
    told = sum(state != "unreachable" for state in states)
    return [phrasebook().reply("consent_asked", {**about, "told": told, "receipt": office.receipt})]


def _requested(office: Office, society: Row) -> Row | None:
    """The request of today, if this is the first."""
    day = office.now.astimezone(ZoneInfo(office.round.timezone)).date()
    values = {"round_id": office.round.id, "society_id": society.id, "day": day, "receipt": office.receipt}
    insert = INSERT[office.db.dialect.name](CONSENT_REQUEST)
    whole = insert.values(**values, person_id=office.actor.person_id, at=office.now)
    return office.db.execute(whole.on_conflict_do_nothing().returning(CONSENT_REQUEST)).one_or_none()
