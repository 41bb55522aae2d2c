"""Which Word template a round's exports are filled into: the record of those that were kept and put away."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers.messages import Incoming
from handlers.office import Office
from storage import handouts
from storage.queries import note_act
from storage.relations import ACT, PERSON

KEPT, PUT_AWAY = "template", "template_away"
# The very words of the partial index, else SQLite does not use it.
MEANT = sa.text("act IN ('template','template_away')")


@dataclass(frozen=True)
class Template:
    """A document of the office's own."""

    name: str
    sha256: str
    at: datetime
    by: str


def of_round(db: sa.Connection, round: int) -> Template | None:
    """The round's own; None where its exports have the official layout."""
    joined = sa.select(ACT, PERSON.c.name.label("by")).outerjoin(PERSON, PERSON.c.id == ACT.c.person_id)
    chosen = joined.where(ACT.c.round_id == round, MEANT)
    newest = db.execute(chosen.order_by(ACT.c.id.desc()).limit(1)).one_or_none()
    if newest is None or newest.act == PUT_AWAY:
        return None
    return Template(newest.details["name"], newest.details["sha256"], newest.at, newest.by or "")


def keep(office: Office, file: Incoming) -> None:
    """From now on, with who and when; the handout holds the bytes for backups and checks."""
    by, now = office.actor.person_id, office.now
    held = handouts.hand_out(office.db, file.name, file.sha256, file.size, file.kind, now, person=by)
    _note(office, KEPT, name=file.name, sha256=file.sha256, held=held)


def put_away(office: Office, own: Template) -> None:
    """The official layout again."""
    _note(office, PUT_AWAY, name=own.name)


def _note(office: Office, act: str, **about: Any) -> None:
    where: dict[str, Any] = {"person": office.actor.person_id, "channel": office.channel, "round": office.round.id}
    note_act(office.db, office.now, act, **where, receipt=office.receipt, **about)
