"""Pictures that were asked for: drawn outside of every turn, kept in the file store, then said to whoever asked."""

import io
import logging
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers.messages import READ_BY_THEMSELVES
from handlers.phrasebook import phrasebook
from handlers.reports.pictures import NotDrawn, png
from storage import drawings, handouts
from storage.database import Database
from storage.files import Blob, FileStore
from storage.queries import Row

log = logging.getLogger(__name__)

AT_ONCE = 5


def draw_due(db: Database, store: FileStore, now: datetime) -> int:
    """Draw what is owed; how many answers got their pictures. One that can't be drawn is said to be so, once."""
    with db.read() as connection:
        due = drawings.waiting(connection, AT_ONCE)
    return sum(_drawn(db, store, row, now) for row in due)


def _drawn(db: Database, store: FileStore, row: Row, now: datetime) -> bool:
    sheets = row.about["sheets"]
    try:
        blobs = [store.put(io.BytesIO(png(sheet))) for sheet in sheets]
    except NotDrawn as error:
        log.error("no picture for message %s: %s", row.inbound_id, error)  # noqa: TRY400  its reason is all there is
        blobs = []
    return db.write(lambda connection: _said(connection, row.inbound_id, sheets, blobs, now))


def _said(db: sa.Connection, inbound: int, sheets: list[dict[str, Any]], blobs: list[Blob], now: datetime) -> bool:
    """In one transaction: it is drawn, kept as handouts and owed; another process may have been faster."""
    if not drawings.finish(db, inbound, now):
        return False
    about = {"kind": sheets[0]["kind"], "at": sheets[0]["at"], "count": len(blobs)}
    reply = phrasebook().reply("pictures_follow" if blobs else "pictures_failed", about)
    files = [_handed_out(db, sheet, blob, now) for sheet, blob in zip(sheets, blobs, strict=False)]
    return drawings.follow(db, inbound, reply.text, files, now, read_there=READ_BY_THEMSELVES) and bool(blobs)


def _handed_out(db: sa.Connection, sheet: dict[str, Any], blob: Blob, now: datetime) -> dict[str, str]:
    about = {"kind": sheet["kind"], "at": sheet["at"], "number": sheet.get("number", 1), "of": sheet.get("of", 1)}
    name = phrasebook().text("picture_name", about)
    return {"name": name, "held": handouts.hand_out(db, name, blob.sha256, blob.size, "png", now)}
