"""Pictures and exports that were asked for: made outside of every turn, kept in the file store, then said to whoever asked."""

import io
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers.messages import READ_BY_THEMSELVES
from handlers.phrasebook import phrasebook
from handlers.reports.endings import MOST_IN_ONE
from handlers.reports.pdf import NoOffice, OfficeFailed
from handlers.reports.pictures import NotDrawn, png
from rubrics.filled.placing import NoLayout
from rubrics.importing.findings import Refused
from scheduler import exporting
from storage import drawings, handouts
from storage.database import Database
from storage.files import Blob, FileStore
from storage.relations import Row

log = logging.getLogger(__name__)

AT_ONCE = 5
LOOKED_AT = 200  # that wait, to find those of one queue

WITHHELD = {exporting.Barred: "export_barred", exporting.Demoted: "export_demoted"}

# Nobody's picture waits for an export, and no export for LibreOffice, which may take minutes.
QUEUES = ("pictures", "exports", "pdf")


def draw_due(db: Database, store: FileStore, now: datetime, queues: Sequence[str] = QUEUES) -> int:
    """Make what is owed in these queues, one queue after the other; how many answers got it. What can't be made is said
    to be so, once."""
    with db.read() as connection:
        waiting = drawings.waiting(connection, LOOKED_AT)
    due = [row for queue in queues for row in [one for one in waiting if _queue(one) == queue][:AT_ONCE]]
    return sum((_exported if "export" in row.about else _drawn)(db, store, row, now) for row in due)


def _queue(row: Row) -> str:
    if "export" not in row.about:
        return "pictures"
    return "pdf" if row.about["export"]["form"] == "pdf" else "exports"


def _drawn(db: Database, store: FileStore, row: Row, now: datetime) -> bool:
    sheets = row.about["sheets"]
    try:
        blobs = [store.put(io.BytesIO(png(sheet))) for sheet in sheets]
    except NotDrawn as error:
        log.error("no picture for message %s: %s", row.inbound_id, error)  # noqa: TRY400  its reason is all there is
        blobs = []
    return db.write(lambda connection: _said(connection, row.inbound_id, sheets, blobs, now))


def _exported(db: Database, store: FileStore, row: Row, now: datetime) -> bool:
    wanted = row.about["export"]

    def say(done: int, total: int) -> None:
        text = phrasebook().text("export_under_way", {"done": done, "total": total})
        db.write(lambda connection: _follow(connection, row.inbound_id, text, [], now))

    try:
        made = exporting.make(db, store, wanted, now, say)
    except (NoOffice, OfficeFailed) as error:
        log.error("no PDF for message %s: %s", row.inbound_id, error)  # noqa: TRY400  its reason is all there is
        return db.write(lambda connection: _without(connection, row.inbound_id, "export_pdf_failed", now))
    except (NoLayout, Refused, exporting.Barred, exporting.Demoted) as error:
        log.warning("no export for message %s: %s", row.inbound_id, type(error).__name__)
        why = WITHHELD.get(type(error), "export_layout_failed")
        about = {"why": getattr(error, "why", None), "positions": getattr(error, "positions", ()), "own": wanted["own"]}
        return db.write(lambda connection: _without(connection, row.inbound_id, why, now, **about))
    except Exception:  # whatever it was: she is told, it is on record, and the next one is made
        log.exception("no export for message %s", row.inbound_id)
        made = None
    return db.write(lambda connection: _handed_over(connection, row.inbound_id, wanted, made, now))


def _handed_over(
    db: sa.Connection, inbound: int, wanted: Mapping[str, Any], made: exporting.Made | None, now: datetime
) -> bool:
    if not drawings.finish(db, inbound, now):
        return False
    if made is None:
        return _follow(db, inbound, phrasebook().text("export_failed", {"form": wanted["form"]}), [], now)
    held = handouts.hand_out(db, made.name, made.blob.sha256, made.blob.size, made.kind, now)
    about = {"name": made.name, "size": made.blob.size, "own": wanted["own"], "form": wanted["form"]}
    text = phrasebook().text(
        "export_ready",
        {**about, "kind": made.kind, "template": made.template, "most": MOST_IN_ONE, "left_out": made.left_out},
    )
    return _follow(db, inbound, text, [{"name": made.name, "held": held}], now)


def _without(db: sa.Connection, inbound: int, message: str, now: datetime, **about: Any) -> bool:
    text = phrasebook().text(message, about)
    return drawings.finish(db, inbound, now) and _follow(db, inbound, text, [], now)


def _follow(db: sa.Connection, inbound: int, text: str, files: list[dict[str, str]], now: datetime) -> bool:
    return drawings.follow(db, inbound, text, files, now, read_there=READ_BY_THEMSELVES)


def _said(db: sa.Connection, inbound: int, sheets: list[dict[str, Any]], blobs: list[Blob], now: datetime) -> bool:
    """In one transaction: it is drawn, kept as handouts and owed; another process may have been faster."""
    if not drawings.finish(db, inbound, now):
        return False
    about = {"kind": sheets[0]["kind"], "at": sheets[0]["at"], "count": len(blobs)}
    reply = phrasebook().reply("pictures_follow" if blobs else "pictures_failed", about)
    files = [_handed_out(db, sheet, blob, now) for sheet, blob in zip(sheets, blobs, strict=False)]
    return _follow(db, inbound, reply.text, files, now) and bool(blobs)


def _handed_out(db: sa.Connection, sheet: dict[str, Any], blob: Blob, now: datetime) -> dict[str, str]:
    about = {"kind": sheet["kind"], "at": sheet["at"], "number": sheet.get("number", 1), "of": sheet.get("of", 1)}
    name = phrasebook().text("picture_name", about)
    return {"name": name, "held": handouts.hand_out(db, name, blob.sha256, blob.size, "png", now)}
