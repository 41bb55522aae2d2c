"""A backup: one consistent snapshot of every table and every evidence file, in one file that either database takes."""

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.columns import Points
from storage.database import Database, compact
from storage.files import CHUNK, FileStore
from storage.migrating import revisions
from storage.queries import note_act
from storage.relations import ACCOUNT, PERSON, ROUND, SOCIETY

FORMAT = 1
BATCH = 500  # rows
# A key to a platform is no part of what must be kept, and of all things the wrong one to lie in a backup.
LEFT_OUT = {ACCOUNT.name: ("token", "token_until", "refreshing_until")}


class NoBackup(Exception):
    """This file can't be restored here"""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def backup(db: Database, store: FileStore, place: Path, now: datetime) -> dict[str, Any]:
    """Write the backup, whole or not at all, while everything goes on. What it holds, by count; `damaged` names the
    files whose bytes are no more what was stored."""
    temporary = place.with_name(place.name + ".part")
    try:
        made = _write(db, store, temporary, now)
        temporary.replace(place)
    except BaseException:
        temporary.unlink(missing_ok=True)  # half a backup on a full disk makes it no emptier
        raise
    return {**made, "bytes": place.stat().st_size}


def _write(db: Database, store: FileStore, place: Path, now: datetime) -> dict[str, Any]:
    counts: dict[str, int] = {}
    hashes: dict[str, str] = {}
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        with db.read() as connection:
            for table in SQLModel.metadata.sorted_tables:
                lines = [compact(row) + "\n" for row in _rows(connection, table)]
                text = "".join(lines).encode()
                archive.writestr(f"tables/{table.name}.jsonl", text)
                counts[table.name], hashes[table.name] = len(lines), hashlib.sha256(text).hexdigest()
        # A file is on disk before any row speaks of it: what the snapshot names is all here.
        blobs = store.blobs()
        damaged = [sha256 for sha256 in blobs if _write_file(archive, store.path(sha256), sha256) != sha256]
        manifest = {"format": FORMAT, "revision": revisions()[-1], "at": now.isoformat(), "tables": hashes}
        archive.writestr("manifest.json", json.dumps(manifest, indent=1))
    with place.open("rb") as written:
        os.fsync(written.fileno())
    return {"rows": sum(counts.values()), "files": len(blobs), "damaged": damaged}


def _write_file(archive: zipfile.ZipFile, place: Path, sha256: str) -> str:
    """Its bytes as they are; the hash they have."""
    about = zipfile.ZipInfo.from_file(place, f"files/{sha256}", strict_timestamps=False)
    digest = hashlib.sha256()
    with place.open("rb") as source, archive.open(about, "w") as target:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()


def _rows(db: sa.Connection, table: sa.Table) -> Iterator[dict[str, Any]]:
    hidden = LEFT_OUT.get(table.name, ())
    for row in db.execute(sa.select(table).order_by(*table.primary_key.columns)):
        yield {name: None if name in hidden else _plain(value) for name, value in row._mapping.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def restore(db: Database, store: FileStore, place: Path, now: datetime) -> dict[str, Any]:
    """Fill an empty database of this version from a backup; nothing is sent from it until it is released. A file that was
    damaged when it was saved costs no other: it is left out and named. Raises NoBackup, with nothing changed."""
    try:
        with zipfile.ZipFile(place) as archive:
            manifest = json.loads(archive.read("manifest.json"))
            _fitting(manifest)
            files = [name for name in archive.namelist() if name.startswith("files/")]
            damaged = [name.removeprefix("files/") for name in files if not _restore_file(archive, name, store)]
            rows = db.write(lambda connection: _restore_tables(connection, archive, manifest, now))
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError):
        raise NoBackup("damaged") from None
    return {"rows": rows, "files": len(files) - len(damaged), "damaged": damaged, "at": manifest["at"]}


def _fitting(manifest: dict[str, Any]) -> None:
    if manifest["format"] != FORMAT or manifest["revision"] != revisions()[-1]:
        raise NoBackup("other_version")


def _restore_file(archive: zipfile.ZipFile, name: str, store: FileStore) -> bool:
    """Whether its bytes are what they were when they were stored; that the archive is whole its reader has proved."""
    content = archive.read(name)
    if hashlib.sha256(content).hexdigest() != name.removeprefix("files/"):
        return False
    store.put(io.BytesIO(content))
    return True


def _restore_tables(db: sa.Connection, archive: zipfile.ZipFile, manifest: dict[str, Any], now: datetime) -> int:
    if any(db.scalar(sa.select(sa.func.count()).select_from(table)) for table in (PERSON, ROUND, SOCIETY)):
        raise NoBackup("not_empty")
    count = 0
    for table in SQLModel.metadata.sorted_tables:
        text = archive.read(f"tables/{table.name}.jsonl")
        if hashlib.sha256(text).hexdigest() != manifest["tables"][table.name]:
            raise NoBackup("damaged")
        rows = [_typed(table, json.loads(line)) for line in text.decode().split("\n") if line]
        for start in range(0, len(rows), BATCH):
            db.execute(sa.insert(table), rows[start : start + BATCH])
        count += len(rows)
        _go_on_counting(db, table)
    note_act(db, now, "restored", backup=manifest["at"])
    return count


def _typed(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(table.c[name].type, value) for name, value in row.items()}


def _value(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UTCDateTime):
        return datetime.fromisoformat(value)
    return Decimal(value) if isinstance(kind, Points) else value


def _go_on_counting(db: sa.Connection, table: sa.Table) -> None:
    """PostgreSQL's sequences know nothing of ids that were given."""
    if db.dialect.name == "postgresql" and table.c.keys()[0] == "id":
        newest = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), coalesce(max(id), 0) + 1, false)"
        db.exec_driver_sql(f'{newest} FROM "{table.name}"')
