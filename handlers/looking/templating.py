"""A Word template of the office's own, sent in the chat: checked, tried on one society, used until it is put away."""

import io
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from handlers.looking.templates import KEPT, PUT_AWAY, keep, of_round, put_away
from handlers.messages import Incoming, Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.reports.snapshot import Snapshot
from handlers.reports.templatefaults import PLACEHOLDERS, BadTemplate
from handlers.rights import authorize
from handlers.rounds import pinned
from handlers.societies.registrar import Registrar
from handlers.understanding.intents import Plain
from storage.files import FileStore
from storage.overviews import HANDED_IN
from storage.relations import ENTRY

WISH = "template"  # the next document is one


def heard(
    office: Office, registrar: Registrar, wish: str, words: str, waiting: dict[str, Any] | None
) -> list[Reply] | None:
    """«模板» with a document or before one, «不用模板»; None where it is something else."""
    awaited = bool(waiting and waiting["wish"] == WISH) and bool(office.files) and not words.strip()
    if wish not in (KEPT, PUT_AWAY) and not awaited:
        return None
    if not authorize(office.actor, Plain(wish or KEPT)):
        return [phrasebook().reply("not_allowed_staff", {})]
    if wish == KEPT and not office.files and waiting and waiting["wish"] == "attach":
        office = replace(office, files=_just_sent(waiting))
    office.done()
    rubric = pinned(office.db, office.round.rubric_sha256)
    if not rubric.items:
        return [phrasebook().reply("export_no_table", {"title": office.round.title, "kind": rubric.kind})]
    if wish == PUT_AWAY:
        return [_put_away(office)]
    return [_brought(office, registrar.store) if office.files else _asked(office)]


def _just_sent(waiting: dict[str, Any]) -> tuple[Incoming, ...]:
    """The one document that came just before the word for what it is."""
    documents = [file for file in waiting["files"] if file["kind"] == "docx"]
    return tuple(Incoming(**file) for file in documents) if len(documents) == 1 else ()


def _asked(office: Office) -> Reply:
    """What is used now and how a template is made, with one to begin with."""
    office.wait_for(WISH)
    own = of_round(office.db, office.round.id)
    reply = phrasebook().reply("template_how", {"own": own, "zone": office.round.timezone})
    return _followed(office, reply, "sample", None)


def _brought(office: Office, store: FileStore) -> Reply:
    if len(office.files) != 1:
        office.wait_for(WISH)
        return phrasebook().reply("template_several", {"count": len(office.files)})
    (file,) = office.files
    example = _example(office)
    try:
        _try(office, example, store.path(file.sha256).read_bytes())
    except BadTemplate as bad:
        office.wait_for(WISH)
        return phrasebook().reply("template_bad", {"name": file.name, "faults": bad.faults, "known": PLACEHOLDERS})
    keep(office, file)
    about = {"name": file.name, "receipt": office.receipt, "title": office.round.title, "example": example is not None}
    reply = phrasebook().reply("template_kept", about)
    return _followed(office, reply, "docx", example) if example is not None else reply


def _followed(office: Office, reply: Reply, form: str, society: int | None) -> Reply:
    """The reply, and behind it a document."""
    wanted = {"round": office.round.id, "societies": [society] if society else None, "own": False, "form": form}
    return Reply(reply.text, reply.choices, drawing={"export": wanted})


def _example(office: Office) -> int | None:
    """A society to show it with: rather one that has handed in."""
    handed_in = sa.case((ENTRY.c.status.in_(HANDED_IN), 0), else_=1)
    mine = sa.select(ENTRY.c.society_id).where(ENTRY.c.round_id == office.round.id)
    return office.db.scalar(mine.order_by(handed_in, ENTRY.c.society_id).limit(1))


def _try(office: Office, society: int | None, data: bytes) -> None:
    """Check it, fill it for one society, and look at nothing. Raises BadTemplate."""
    from handlers.reports.owntemplate import write_own
    from handlers.reports.templatecheck import checked

    checked(data)
    snapshot = Snapshot(office.db, office.round, office.now, only=[society] if society else [], veiled=True)
    for entry in snapshot.entries():
        write_own(snapshot, entry, io.BytesIO(), template=data)


def _put_away(office: Office) -> Reply:
    own = of_round(office.db, office.round.id)
    if own is None:
        return phrasebook().reply("template_none", {"title": office.round.title})
    put_away(office, own)
    return phrasebook().reply(
        "template_away", {"name": own.name, "title": office.round.title, "receipt": office.receipt}
    )
