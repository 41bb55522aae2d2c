"""Several rounds at once: which of them somebody means; asked where it can't be known, and changed by a word."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from handlers.messages import Incoming, Reply
from handlers.phrasebook import pages, phrasebook
from handlers.projects.applications import PLACED, awaited
from handlers.review import returned
from handlers.rights import Actor
from handlers.rounds import OwnTime, closed, deadline, over, pinned
from handlers.understanding.intents import Plain, Tell
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import fold
from storage import queries, seats
from storage.relations import APPLICATION, CONVERSATION, ENTRY, ROUND, Row

MOST_SHOWN = 9
LOOKED_AT = ("list", "work_plan")  # kinds of documents in which nothing is handed in
SHORTEST_TITLE = 4  # letters of a title that are enough to name it


@dataclass(frozen=True)
class Offered:
    """A round that a society still has time in; `joined` unless it is voluntary and nobody of hers has begun."""

    id: int
    title: str
    closes_at: datetime | None
    timezone: str
    status: str
    joined: bool
    kind: str  # of document: what is no questionnaire is not filled in


class Which(Exception):
    """It can't be known which round is meant."""

    def __init__(self, rounds: Sequence[Offered]) -> None:
        super().__init__(len(rounds))
        self.rounds = tuple(rounds)


def open_to(db: sa.Connection, society: int, now: datetime) -> list[Offered]:
    """The rounds this society has time in, the newest first."""
    hers = sa.and_(ENTRY.c.round_id == ROUND.c.id, ENTRY.c.society_id == society)
    placed = sa.exists().where(APPLICATION.c.entry_id == ENTRY.c.id, APPLICATION.c.standing.in_(PLACED))
    back = ENTRY.c.status == "returned"
    still = sa.or_(ROUND.c.closed_at.is_(None), ENTRY.c.extended_to > now, placed, back)
    rows = db.execute(_ROUNDS.select_from(ROUND.outerjoin(ENTRY, hers)).where(still).order_by(ROUND.c.id.desc())).all()
    offered = [_sent_back(db, row, now) if row.status == "returned" else _in_time(db, row, now) for row in rows]
    return [one for one in offered if one is not None]


def _in_time(db: sa.Connection, row: Row, now: datetime) -> Offered | None:
    gone = closed(row, _entry(row)) or over(row, _entry(row), now)
    return None if gone and not awaited(db, row, row.entry_id, now) else _offered(db, row)


def _sent_back(db: sa.Connection, row: Row, now: datetime) -> Offered | None:
    """Items that a reviewer sent back have a time of their own."""
    until = [one.until for one in returned.in_time(db, row.entry_id, now)]
    return replace(_offered(db, row), closes_at=max(until)) if until else None


_ROUNDS = sa.select(
    *(
        ROUND.c[name]
        for name in (
            "id",
            "title",
            "closes_at",
            "closed_at",
            "timezone",
            "grace_minutes",
            "voluntary",
            "rubric_sha256",
            "stages",
        )
    ),
    ENTRY.c.id.label("entry_id"),
    ENTRY.c.status,
    ENTRY.c.extended_to,
    ENTRY.c.closed_at.label("entry_closed_at"),
)


def _entry(row: Row) -> OwnTime | None:
    return OwnTime(row.extended_to, row.entry_closed_at) if row.entry_id is not None else None


def _offered(db: sa.Connection, row: Row) -> Offered:
    joined = row.entry_id is not None or not row.voluntary
    closes_at = deadline(row, _entry(row))
    kind = pinned(db, row.rubric_sha256).kind
    return Offered(row.id, row.title, closes_at, row.timezone, row.status or "not_started", joined, kind)


class Settled(NamedTuple):
    """What is left to be said; `stays`: where she is now, even if that round is over and another is open."""

    words: str
    stays: bool = False


def settle(db: sa.Connection, actor: Actor, words: str, now: datetime) -> Settled:
    """Go to the round that the words name or ask the result of, and what is left to be said there. Raises Which for
    one that is not open to her, and where she wants to see them all."""
    assert actor.society_id is not None
    wanted, rest = lexicon().round_named(words) or (None, "")
    if wanted is None and lexicon().command(words) == Plain("rounds"):
        raise Which(open_to(db, actor.society_id, now))
    if wanted is None and (number := fold(words).strip(" .。")).isdecimal() and len(number) == 1:
        asked = waiting(db, actor.person_id)
        wanted = asked[int(number) - 1] if 0 < int(number) <= len(asked) else None
    if wanted is None:
        wanted = _meant(db, actor, words, now)
    if wanted is None:
        return Settled(words, _at_result(db, actor, words))
    offered = open_to(db, actor.society_id, now)
    chosen = next((one for one in offered if one.id == wanted), None)
    if chosen is not None:
        enter(db, actor, chosen, now)
        return Settled(rest or phrasebook().text("go_on", {}))
    if rest and (over := _hers(db, actor.society_id, ENTRY.c.round_id == wanted)):
        seats.start_conversation(db, actor.person_id, over.id)
        return Settled(rest, stays=True)
    raise Which(offered)


def _meant(db: sa.Connection, actor: Actor, words: str, now: datetime) -> int | None:
    """Of the rounds she was asked to choose from: the one whose title she typed, or the only one where she says that
    she takes part («我们想参加»)."""
    asked = waiting(db, actor.person_id)
    if not asked or not words.strip():
        return None
    assert actor.society_id is not None
    offered = [one for one in open_to(db, actor.society_id, now) if one.id in asked]
    said = fold(words).strip(" 。.!《》「」")
    titled = [one for one in offered if len(said) >= SHORTEST_TITLE and said in fold(one.title)]
    if len(titled) == 1:
        return titled[0].id
    return offered[0].id if len(offered) == 1 and lexicon().joins(words) else None


def _at_result(db: sa.Connection, actor: Actor, words: str) -> bool:
    """A result is asked for, or objected to: whether she is at the round that has one, if need be from now on."""
    assert actor.society_id is not None
    if lexicon().command(words) != Tell("outcome") and not lexicon().society_command(words):
        return False
    released = _hers(db, actor.society_id, ENTRY.c.released_at.is_not(None))
    if released is None:
        return False
    here = sa.select(CONVERSATION.c.entry_id, ENTRY.c.released_at).outerjoin(
        ENTRY, ENTRY.c.id == CONVERSATION.c.entry_id
    )
    at = db.execute(here.where(CONVERSATION.c.person_id == actor.person_id)).one_or_none()
    if at is None or at.released_at is None:
        seats.start_conversation(db, actor.person_id, released.id)
    return True


def _hers(db: sa.Connection, society: int, which: sa.ColumnElement[bool]) -> Row | None:
    """The newest part of this society in such a round."""
    mine = sa.select(ENTRY.c.id, ENTRY.c.released_at).where(ENTRY.c.society_id == society, which)
    return db.execute(mine.order_by(ENTRY.c.released_at.desc(), ENTRY.c.id.desc()).limit(1)).one_or_none()


def following(db: sa.Connection, actor: Actor, round: int | None, now: datetime) -> Offered | None:
    """The round that comes after this one (or first); None where there is none, or where none is hers and she is at
    one that is over. Raises Which where it can't be known."""
    assert actor.society_id is not None
    offered = [one for one in open_to(db, actor.society_id, now) if one.id != round]
    hers = [one for one in offered if one.joined]
    if round is None and len(offered) == 1 and offered[0].kind in LOOKED_AT:
        return offered[0]  # there is nothing to take part in
    if len(hers) > 1 or (offered and not hers and round is None):
        raise Which(offered)
    return hers[0] if hers else None


def enter(db: sa.Connection, actor: Actor, chosen: Offered, now: datetime) -> None:
    """Her conversation is about this round from now on; where it is voluntary, she takes part by this."""
    assert actor.society_id is not None
    entry = seats.entry_of(db, chosen.id, actor.society_id)
    if not chosen.joined:
        here, by = actor.society_id, actor.person_id
        queries.note_act(db, now, "round_joined", person=by, round=chosen.id, society=here)
    seat = sa.select(CONVERSATION.c.entry_id).where(CONVERSATION.c.person_id == actor.person_id)
    if db.scalar(seat) != entry:
        seats.start_conversation(db, actor.person_id, entry)


def ask(
    db: sa.Connection, actor: Actor, which: Which, files: Sequence[Incoming], now: datetime, said: str = ""
) -> Reply:
    """Which of these? What she sent meanwhile is kept for its item; words that choose none are named."""
    shown = which.rounds[:MOST_SHOWN]
    again = waiting(db, actor.person_id) == [one.id for one in shown]
    heard = said if again and lexicon().command(said) is None else ""
    _wait(db, actor.person_id, [one.id for one in shown], files)
    lines = [
        phrasebook().text(
            "which_round_line", {"number": number, "one": one, "left": one.closes_at and one.closes_at - now}
        )
        for number, one in enumerate(shown, 1)
    ]
    text = phrasebook().text(
        "which_round",
        {"lines": lines, "files": len(files), "kinds": sorted({one.kind for one in shown}), "said": heard},
    )
    return Reply(text, phrasebook().choices("which_round", {"rounds": shown}))


def _wait(db: sa.Connection, person: int, rounds: list[int], files: Sequence[Incoming]) -> None:
    found = db.execute(sa.select(CONVERSATION.c.tray).where(CONVERSATION.c.person_id == person)).one_or_none()
    if found is None:
        seats.start_conversation(db, person, None)
    tray = [*(found.tray if found else ()), *(vars(one) for one in files)]
    hers = sa.update(CONVERSATION).where(CONVERSATION.c.person_id == person)
    db.execute(hers.values(pending={"rounds": rounds}, tray=tray))


def waiting(db: sa.Connection, person: int) -> list[int]:
    """The rounds that she was last asked to choose from."""
    pending = db.scalar(sa.select(CONVERSATION.c.pending).where(CONVERSATION.c.person_id == person))
    return list((pending or {}).get("rounds", ()))


# The office's side: its questions are about one round at a time.


def at_work(db: sa.Connection, actor: Actor, words: str) -> Row | None:
    """The round that a member of staff chose, or chooses by these words; None where she has not."""
    wanted, _ = lexicon().round_named(words) or (None, "")
    if wanted is not None and db.scalar(sa.select(ROUND.c.id).where(ROUND.c.id == wanted)) is not None:
        hers = sa.update(CONVERSATION).where(CONVERSATION.c.person_id == actor.person_id)
        db.execute(hers.values(round_id=wanted))
    chosen = CONVERSATION.join(ROUND, ROUND.c.id == CONVERSATION.c.round_id)
    return db.execute(
        sa.select(ROUND).select_from(chosen).where(CONVERSATION.c.person_id == actor.person_id)
    ).one_or_none()


def said_there(words: str) -> str:
    """What is to be said in the round that the words name; the words themselves where they name none, or no more."""
    _, rest = lexicon().round_named(words) or (None, "")
    return rest or words


def rounds(db: sa.Connection) -> Reply:
    """All there are, the newest first."""
    rows = db.execute(sa.select(ROUND).order_by(ROUND.c.id.desc()).limit(MOST_SHOWN)).all()
    lines = [phrasebook().text("staff_round_line", {"one": row}) for row in rows]
    return phrasebook().reply("staff_rounds", {"lines": lines, "rounds": rows, "example": rows[0].id if rows else 1})


def gone_to(db: sa.Connection, row: Row, words: str) -> Reply:
    """«轮次2»: which round what is said next belongs to; all of them where there is none of that number."""
    wanted, _ = lexicon().round_named(words) or (None, "")
    return phrasebook().reply("staff_round_gone_to", {"one": row}) if wanted == row.id else rounds(db)


def named(db: sa.Connection, round: Row, replies: list[Reply]) -> list[Reply]:
    """With the round's title in front, where several are open and the words leave it out."""
    open_ones = db.scalar(sa.select(sa.func.count()).select_from(ROUND).where(ROUND.c.closed_at.is_(None)))
    if (open_ones or 0) < 2 or any(round.title in reply.text for reply in replies):
        return replies
    told = pages([replies[0].text], phrasebook().text("in_round", {"title": round.title}))
    return [*(Reply(text) for text in told[:-1]), replace(replies[0], text=told[-1]), *replies[1:]]
