"""outbox list, release: what is owed to people and what became of it."""

from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
import typer

from bot.commands.desk import AsJson, Stop, house, show, words
from storage import outbox, queries
from storage.relations import Row

app = typer.Typer(no_args_is_help=True, help=words("help_outbox"))

OPEN = ("pending", "on_wire", "held", "uncertain", "failed", "unreachable")
EVERY = (*OPEN, "sent", "cancelled", "expired")


@app.command("list", help=words("help_outbox_list"))
def list_messages(
    state: Annotated[list[str] | None, typer.Option(help=" | ".join(EVERY))] = None,
    limit: Annotated[int, typer.Option(help=words("help_limit"), min=1)] = 200,
    as_json: AsJson = False,
) -> None:
    chosen = tuple(state) if state else OPEN
    if unknown := set(chosen) - set(EVERY):
        raise Stop(words("bad_state", states=", ".join(sorted(unknown)), known=", ".join(EVERY)))
    with house() as opened, opened.db.read() as db:
        rows = outbox.listing(db, chosen, limit)
        counts = outbox.counts(db)
    result = {"counts": counts, "messages": [_message(row) for row in rows]}
    zone = opened.settings.timezone
    lines = [words("outbox_line", row=row, zone=zone, state=words("outbox_state", state=row.state)) for row in rows]
    told = {words("outbox_state", state=name): count for name, count in counts.items()}
    show(result, lambda: [words("outbox_counts", counts=told, any=bool(rows)), *lines], as_json=as_json)


@app.command("release", help=words("help_outbox_release"))
def release(
    ids: Annotated[list[int] | None, typer.Argument(help=words("help_outbox_ids"))] = None, as_json: AsJson = False
) -> None:
    with house() as opened:
        now = opened.now()
        if ids:
            count = opened.db.write(lambda db: outbox.retry(db, ids))
            show({"released": count}, lambda: [words("outbox_released", count=count)], as_json=as_json)
            return
        was = opened.db.write(lambda db: _let_speak(db, now))
    said = words("copy_released" if was else "copy_speaks")
    show({"was_paused": was}, lambda: [said], as_json=as_json)


def _let_speak(db: sa.Connection, now: datetime) -> bool:
    """A restored copy becomes the one that sends; whether it had been silent."""
    was = outbox.paused(db)
    if was:
        queries.note_act(db, now, "released")
    return was


def _message(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "state": row.state,
        "kind": row.kind,
        "channel": row.channel,
        "person": row.person,
        "text": row.text,
        "attempts": row.attempts,
        "error": row.error,
        "created_at": row.created_at.isoformat(),
        "settled_at": row.settled_at.isoformat() if row.settled_at else None,
        "not_before": row.not_before.isoformat() if row.not_before else None,
        "valid_until": row.valid_until.isoformat() if row.valid_until else None,
    }
