"""Whether a turn costs more when there is much behind it: the same turns after 10 messages and after 20,000."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from storage.relations import ANSWER, ANSWER_EVENT, INBOUND, OUTBOX
from tests.bench.house import Bench, Measured, measure

SHORT, LONG = 10, 20_000  # messages
ROUNDS = 10  # the two take turns, so that a slow minute of the machine hits both


@dataclass(frozen=True)
class Grown:
    """The same turn with a short and with a long history."""

    name: str
    short: Measured
    long: Measured

    @property
    def ratio(self) -> float:
        return self.long.median / self.short.median


def measure_growth(folder: Path, times: int) -> list[Grown]:
    """Score, progress and undo, each with both histories."""
    short, long = Bench.open(folder / "short"), Bench.open(folder / "long")
    for bench, messages in ((short, SHORT), (long, LONG)):
        bench.score()
        bench.db.write(partial(_live_on, messages))
    kinds: dict[str, Callable[[Bench, int], object]] = {
        "score": lambda bench, n: bench.score(n),
        "progress": lambda bench, n: bench.look(n),
        "undo": lambda bench, n: bench.say("撤销"),
    }
    grown = [_compare(name, work, short, long, times) for name, work in kinds.items()]
    short.db.close()
    long.db.close()
    return grown


def _compare(name: str, work: Callable[[Bench, int], object], short: Bench, long: Bench, times: int) -> Grown:
    found: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(ROUNDS):
        for which, bench in enumerate((short, long)):
            found[which] += measure(partial(work, bench), times // ROUNDS, 4).times
    return Grown(name, Measured(found[0]), Measured(found[1]))


def _live_on(messages: int, db: sa.Connection) -> None:
    """As if she had sent so many messages, each changing the same item."""
    first = db.execute(sa.select(INBOUND).order_by(INBOUND.c.id.desc()).limit(1)).one()._asdict()
    reply = db.execute(sa.select(OUTBOX).order_by(OUTBOX.c.id.desc()).limit(1)).one()._asdict()
    event = db.execute(sa.select(ANSWER_EVENT).order_by(ANSWER_EVENT.c.id.desc()).limit(1)).one()._asdict()
    ids = range(first["id"] + 1, first["id"] + 1 + messages)
    db.execute(sa.insert(INBOUND), [{**first, "id": id, "key": f"past:{id}"} for id in ids])
    db.execute(sa.insert(OUTBOX), [{**reply, "id": reply["id"] + id, "cause": f"inbound:{id}"} for id in ids])
    versions = {id: event["version"] + n for n, id in enumerate(ids, 1)}
    rows = [{**event, "id": event["id"] + id, "inbound_id": id, "version": versions[id]} for id in ids]
    db.execute(sa.insert(ANSWER_EVENT), rows)
    db.execute(sa.update(ANSWER).where(ANSWER.c.item == event["item"]).values(version=event["version"] + messages))
