"""The invariants, on live data: what must be true after every turn, whatever died in between (design R16)."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from handlers import rounds
from handlers.receipts import receipt
from handlers.rounds import pinned
from rubrics.scoring import Answer, standing
from storage.files import FileStore
from storage.queries import ACT, ANSWER, ANSWER_EVENT, ENTRY, EVIDENCE, INBOUND, OUTBOX, ROUND

Broken = Iterator[str]


def check(db: sa.Connection, store: FileStore) -> list[str]:
    """Everything that is broken, one line each, beginning with the invariant's name; empty when all is well."""
    lines = [f"{name}: {line}" for name, invariant in INVARIANTS.items() for line in invariant(db)]
    return lines + [f"files: {line}" for line in files(db, store)]


def fold(db: sa.Connection) -> Broken:
    """Every answer is the fold of its events."""
    state: dict[tuple[int, str], dict[str, Any]] = defaultdict(_blank)
    for event in db.execute(
        sa.select(ANSWER_EVENT).order_by(ANSWER_EVENT.c.entry_id, ANSWER_EVENT.c.item, ANSWER_EVENT.c.version)
    ):
        _apply(state[event.entry_id, event.item], event)
    answers = {(row.entry_id, row.item): row for row in db.execute(sa.select(ANSWER))}
    for key in state.keys() | answers.keys():
        row, folded = answers.get(key), state.get(key, _blank())
        if row is None or _of(row) != folded:
            yield f"entry {key[0]} {key[1]}: {folded} but {None if row is None else _of(row)}"


def _blank() -> dict[str, Any]:
    return {"state": "unanswered", "score": None, "met": None, "facts": {}, "evidence": 0, "version": 0}


def _of(row: Any) -> dict[str, Any]:
    score = None if row.self_score is None else f"{row.self_score:f}"
    judged = {"state": row.state, "score": score, "met": row.met}
    return {**judged, "facts": row.facts, "evidence": row.evidence, "version": row.version}


def _apply(state: dict[str, Any], event: Any) -> None:
    state["version"] += 1
    if event.late:
        return
    if event.kind == "score":
        new = event.new or {"state": "unanswered", "score": None}
        score = None if new["score"] is None else f"{_plain(new['score'])}"
        state.update(state=new["state"], score=score, met=new.get("met"))
    elif event.kind == "fact":
        facts = {**state["facts"], event.new["fact"]: event.new["value"]}
        state["facts"] = {name: value for name, value in facts.items() if value is not None}
    elif event.kind == "evidence" or not event.new["of_late"]:
        state["evidence"] += -1 if event.kind == "withdrawal" and not event.new["back"] else 1


def _plain(score: str) -> str:
    return score.rstrip("0").rstrip(".") if "." in score else score


def versions(db: sa.Connection) -> Broken:
    """The versions of an answer's events run 1 … n without a hole."""
    counted = sa.select(
        ANSWER_EVENT.c.entry_id,
        ANSWER_EVENT.c.item,
        sa.func.count().label("events"),
        sa.func.max(ANSWER_EVENT.c.version).label("newest"),
    ).group_by(ANSWER_EVENT.c.entry_id, ANSWER_EVENT.c.item)
    for row in db.execute(counted):
        if row.events != row.newest:
            yield f"entry {row.entry_id} {row.item}: {row.events} events up to version {row.newest}"


def totals(db: sa.Connection) -> Broken:
    """The totals beside an entry equal a recount."""
    shas = {row.id: row.rubric_sha256 for row in db.execute(sa.select(ROUND))}
    answers: dict[int, dict[str, Answer]] = defaultdict(dict)
    for row in db.execute(sa.select(ANSWER)):
        answers[row.entry_id][row.item] = Answer(row.state, row.self_score, row.evidence, row.facts, None, row.met)
    for entry in db.execute(sa.select(ENTRY)):
        if entry.id not in answers:
            continue
        recount = standing(pinned(db, shas[entry.round_id]), answers[entry.id])
        kept = (entry.claimed, entry.supported, entry.suggested, entry.complete)
        counted = (recount.claimed, recount.supported, recount.suggested, recount.complete)
        if kept != counted:
            yield f"entry {entry.id}: {kept} but recounted {counted}"


def evidence(db: sa.Connection) -> Broken:
    """Every answer counts its live evidence, and every piece has its event."""
    live = (EVIDENCE.c.withdrawn_at.is_(None), EVIDENCE.c.late.is_(False))
    counted = sa.select(EVIDENCE.c.entry_id, EVIDENCE.c.item, sa.func.count()).where(*live)
    pieces = {(entry, item): n for entry, item, n in db.execute(counted.group_by(EVIDENCE.c.entry_id, EVIDENCE.c.item))}
    for row in db.execute(sa.select(ANSWER)):
        if row.evidence != pieces.pop((row.entry_id, row.item), 0):
            yield f"entry {row.entry_id} {row.item}: says {row.evidence}"
    yield from (f"entry {entry} {item}: {n} pieces without an answer" for (entry, item), n in pieces.items())
    same = sa.and_(
        ANSWER_EVENT.c.inbound_id == EVIDENCE.c.inbound_id,
        ANSWER_EVENT.c.ordinal == EVIDENCE.c.ordinal,
        ANSWER_EVENT.c.kind == "evidence",
    )
    lost = sa.select(EVIDENCE.c.id).outerjoin(ANSWER_EVENT, same).where(ANSWER_EVENT.c.id.is_(None))
    yield from (f"evidence {row.id} has no event" for row in db.execute(lost))


def deadline(db: sa.Connection) -> Broken:
    """Nothing that came at or after the deadline counts."""
    joined = ANSWER_EVENT.join(ENTRY, ENTRY.c.id == ANSWER_EVENT.c.entry_id).join(ROUND, ROUND.c.id == ENTRY.c.round_id)
    wrong = sa.select(
        ANSWER_EVENT.c.id, ANSWER_EVENT.c.at, ENTRY.c.extended_to, ROUND.c.closes_at, ROUND.c.grace_minutes
    )
    for row in db.execute(wrong.select_from(joined).where(ANSWER_EVENT.c.late.is_(False))):
        if rounds.over(row, row, row.at):
            yield f"event {row.id} counts after the deadline"


def receipts(db: sa.Connection) -> Broken:
    """A receipt names the message that it was given for, and that message stored something."""
    stored = set(db.scalars(sa.select(ANSWER_EVENT.c.inbound_id).distinct()))
    acts = {details.get("receipt") for details in db.scalars(sa.select(ACT.c.details))}
    for row in db.execute(sa.select(INBOUND.c.id, INBOUND.c.receipt).where(INBOUND.c.receipt.is_not(None))):
        if row.receipt != receipt(row.id):
            yield f"message {row.id} has the receipt of another: {row.receipt}"
        elif row.id not in stored and row.receipt not in acts:
            yield f"message {row.id}: receipt {row.receipt} for nothing"


def answered(db: sa.Connection) -> Broken:
    """Every message that was taken has an answer."""
    causes = set(db.scalars(sa.select(OUTBOX.c.cause).where(OUTBOX.c.part == 0)))
    for id in db.scalars(sa.select(INBOUND.c.id)):
        if f"inbound:{id}" not in causes:
            yield f"message {id} was never answered"


def tenants(db: sa.Connection) -> Broken:
    """Every answer was given by one of the society's own people."""
    from_others = sa.text(
        "SELECT e.id FROM answer_event e JOIN entry n ON n.id = e.entry_id JOIN person p ON p.id = e.person_id "
        "WHERE p.society_id IS NULL OR p.society_id <> n.society_id"
    )
    yield from (f"event {row.id} is of another society" for row in db.execute(from_others))


def files(db: sa.Connection, store: FileStore) -> Broken:
    """Every file that a row speaks of is there, whole."""
    hashes = db.execute(sa.select(EVIDENCE.c.sha256).where(EVIDENCE.c.sha256.is_not(None)).distinct())
    yield from (f"{sha256} is missing or damaged" for (sha256,) in hashes if not store.intact(sha256))


INVARIANTS: dict[str, Callable[[sa.Connection], Broken]] = {
    "fold": fold,
    "versions": versions,
    "totals": totals,
    "evidence": evidence,
    "deadline": deadline,
    "receipts": receipts,
    "answered": answered,
    "tenants": tenants,
}
