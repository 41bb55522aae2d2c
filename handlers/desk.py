"""A secretary's desk: her entry loaded at the start of a turn, to which her changes are added until it ends."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from handlers.answers import choosing
from handlers.answers.filled import Brought
from handlers.answers.folding import accepted_pieces
from handlers.answers.scene import Change, Held, Piece, Scene, mode
from handlers.messages import Choice, Incoming, Message
from handlers.projects import applications
from handlers.review import returned
from handlers.rights import Actor
from handlers.rounds import Season, season
from handlers.understanding.intents import Asking
from handlers.understanding.lexicon import lexicon
from rubrics.answers import Answer
from rubrics.scoring import Standing, standing
from storage import queries, seats
from storage.relations import Row

SOCIETY_BYTES = 200 << 20
STILL_HERS = timedelta(days=3)  # so long after its end an answer may still be meant for a round


@dataclass
class Desk:
    """What one turn of a secretary works on; `scene` and `changes` grow as her intents are taken."""

    db: sa.Connection
    now: datetime
    message: Message
    inbound_id: int
    receipt: str
    actor: Actor
    season: Season
    entry: Any
    conversation: Any
    before: Scene
    scene: Scene
    changes: list[Change] = field(default_factory=list)
    status: str = ""
    late: bool = False
    undone: bool = False
    reckoned: tuple[object, Standing] | None = None
    looked_at: list[Piece] = field(default_factory=list)
    supplementing: bool = False  # handed in, and every further answer hands in anew
    handed_in: object | None = None  # the answers as they were handed in last; None while that is as they were before
    handing: dict[str, Any] | None = None  # the papers that the next files are, and until when
    handed: bool = False  # a paper has come in by this very turn
    brought: Brought | None = None  # a document that may be her own table
    listed: bool = False  # this very turn sends a list of what may be confirmed
    noted: bool = False  # something besides answers and papers was stored by this very turn
    elsewhere: choosing.Offered | None = None  # a round with time left, while hers here is over

    def standing(self) -> Standing:
        """Reckoned once for the answers as they are."""
        if self.reckoned is None or self.reckoned[0] is not self.scene.held:
            answers = {item: held.answer for item, held in self.scene.held.items()}
            self.reckoned = (self.scene.held, standing(self.season.rubric, answers))
        return self.reckoned[1]

    @property
    def submitted(self) -> bool:
        return self.status == "submitted"


def take_seat(
    db: sa.Connection,
    actor: Actor,
    message: Message,
    inbound_id: int,
    receipt: str,
    now: datetime,
    said: choosing.Settled | None = None,
) -> Desk | None:
    """The desk of this secretary's current round, or None while no round has been opened. Raises Which. Locks in the
    order conversation, entry, round (design R1). From a round that is over she goes on to the next one, unless these
    words may still be an answer to it: that is kept as late (R6)."""
    place = seats.place(db, actor.person_id) or _move_in(db, actor, now)
    if place is None:
        return None
    if place.entry.status == "returned" and returned.lapse(db, place.entry, now):
        place = seats.place(db, actor.person_id)
        assert place is not None, "it stood there before"
    current = season_of(db, place, now, kind=actor.kind)
    waited_for = current.late and applications.awaited(db, place.round, place.entry.id, now)
    still_hers = current.late and _may_answer(place, current, message, said.words if said else "", now)
    stays = not current.late or waited_for or (said is not None and said.stays)
    following = None if stays else choosing.following(db, actor, current.id, now)
    if following and not still_hers:
        choosing.enter(db, actor, following, now)
        place = seats.place(db, actor.person_id)
        assert place is not None, "entered just now"
        current = season_of(db, place, now, kind=actor.kind)
    desk = _seated(db, actor, place, current, now, message, inbound_id, receipt)
    desk.elsewhere = following if still_hers else None
    return desk


def _may_answer(place: seats.Place, current: Season, message: Message, words: str, now: datetime) -> bool:
    """Whether she was in the midst of a round that has just ended, and says something that is no mere command."""
    ended = max((at for at in (place.round.closed_at, current.closes_at) if at and at <= now), default=now)
    said = bool(message.files) or (bool(words) and lexicon().command(words) is None)
    begun = place.entry.status not in ("submitted", "returned", "not_started")
    return begun and said and now - ended < STILL_HERS


def sit(
    db: sa.Connection,
    actor: Actor,
    place: seats.Place,
    now: datetime,
    kind: str | None,
    message: Message,
    inbound_id: int,
    receipt: str,
) -> Desk:
    """Somebody else at a society's desk: no question of hers is open there, and what she says goes."""
    place = place._replace(conversation=place.conversation._replace(item=None, pending=None, tray=[]))
    current = season_of(db, place, now, kind=kind)
    hers = _seated(db, actor, place, current, now, message, inbound_id, receipt)
    hers.scene = replace(hers.scene, sure=True)
    return hers


def _seated(
    db: sa.Connection,
    actor: Actor,
    place: seats.Place,
    current: Season,
    now: datetime,
    message: Message,
    inbound_id: int,
    receipt: str,
) -> Desk:
    entry = place.entry
    allowed: frozenset[str] | None = None
    if entry.status == "returned":
        allowed = frozenset(one.item for one in returned.in_time(db, entry.id, now))
    scene = scene_of(db, actor, place, current, allowed)
    return Desk(
        db,
        now,
        message,
        inbound_id,
        receipt,
        actor,
        current,
        entry,
        place.conversation,
        scene,
        scene,
        [],
        entry.status,
        entry.late,
        supplementing=entry.supplementing and entry.status == "submitted",
    )


def season_of(db: sa.Connection, place: seats.Place, now: datetime, *, kind: str | None) -> Season:
    """Her round as it is for her: with items sent back, their time is her time."""
    current = season(db, place.round, now, place.entry, kind=kind)
    if place.entry.status != "returned":
        return current
    until = max(one.until for one in returned.in_time(db, place.entry.id, now))
    return replace(current, late=False, closes_at=until)


def _move_in(db: sa.Connection, actor: Actor, now: datetime) -> seats.Place | None:
    """Her first seat: the one round she has, or the last there was."""
    if actor.society_id is None:
        return None
    if only := choosing.following(db, actor, None, now):
        choosing.enter(db, actor, only, now)
    elif last := queries.newest_round(db):
        seats.start_conversation(db, actor.person_id, seats.entry_of(db, last.id, actor.society_id))
    return seats.place(db, actor.person_id)


def scene_of(
    db: sa.Connection, actor: Actor, seat: seats.Place, current: Season, allowed: frozenset[str] | None
) -> Scene:
    """Her entry as the conversation sees it; where items were sent back, those alone may be changed."""
    place, entry = seat.conversation, seat.entry
    held = {row.item: _held(row) for row in queries.answers(db, entry.id)}
    others = {one.scored_by for one in held.values()} - {None, actor.person_id}
    pending = place.pending or {}
    asking = Asking(
        item=place.item,
        field=place.field,
        fact=place.fact,
        options=tuple(Choice(one["label"], one["words"], tuple(one["keys"])) for one in pending.get("options", ())),
        reason_for=pending.get("reason_for"),
        year=current.year,
    )
    return Scene(
        rubric=current.rubric,
        held=held,
        asking=asking,
        person_id=actor.person_id,
        names=queries.names(db, others),
        seen_version=place.version,
        last_item=place.last_item,
        tray=tuple(Incoming(**one) for one in place.tray),
        mode=mode(late=current.late, status=entry.status, supplementing=entry.supplementing),
        skips=bool(pending.get("skips")),
        allowed=allowed,
    )


def _held(row: Row) -> Held:
    answer = Answer(row.state, row.self_score, row.evidence, row.facts, None, row.met)
    return Held(answer, row.reason, row.version, row.scored_by)


def look_at_evidence(desk: Desk, items: Iterable[str]) -> None:
    """Bring the evidence of these items to the desk."""
    wanted = sorted(set(items) - set(desk.scene.pieces))
    if not wanted:
        return
    found: dict[str, list[Piece]] = {item: [] for item in wanted}
    rows = queries.pieces(desk.db, desk.entry.id, wanted)
    accepted = accepted_pieces(desk.db, desk.entry.id) if any(row.late for row in rows) else set()
    for row in rows:
        counts = not row.late or row.id in accepted
        found[row.item].append(Piece(row.id, row.kind, row.text, row.name, row.size, row.late, row.sha256, counts))
    pieces = {item: tuple(one) for item, one in found.items()}
    desk.looked_at += [piece for some in pieces.values() for piece in some]
    desk.scene = replace(desk.scene, pieces={**desk.scene.pieces, **pieces})


def full(desk: Desk, files: Iterable[Incoming]) -> bool:
    """Whether the society's room does not hold these files besides what it has."""
    assert desk.actor.society_id is not None
    return queries.stored_bytes(desk.db, desk.actor.society_id) + sum(one.size for one in files) > SOCIETY_BYTES
