"""python -m tests.bench.exports: seconds and memory of each export at 300, 1,000 and 2,000 societies, beside bare XlsxWriter."""

import argparse
import io
import json
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa
from openpyxl import load_workbook
from xlsxwriter import Workbook

from handlers.reports.bundle import write_bundle
from handlers.reports.exporting import export
from handlers.reports.form import write_one_form
from handlers.reports.formats import Job, write
from handlers.reports.formset import write_forms
from handlers.reports.listing import write_listing
from handlers.reports.pen import OPTIONS
from handlers.reports.snapshot import Snapshot
from handlers.rounds import open_round
from handlers.societies import roster
from rubrics.reading import catalog
from storage.database import Database
from storage.files import FileStore
from storage.migrating import migrate
from storage.relations import ANSWER, ENTRY, EVIDENCE, INBOUND, PERSON, ROUND, SOCIETY

SIZES = (300, 1_000, 2_000)  # societies
PIECES = 5_000  # of evidence, whatever the number of societies
FILES = 500  # of them are files with bytes of their own
NOW = datetime(2027, 1, 1, tzinfo=UTC)
WORDS = "承办全国学术年会1场、长三角区域论坛2场，组织研学工作会1次，参会共320人次，汇编论文集1册。"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.exports", description=__doc__)
    parser.add_argument("--one", nargs=2, metavar=("FORMAT", "FOLDER"), help="measure one, in this very process")
    parser.add_argument("--formats", default="csv,xlsx,cells,bare,docx,zip,json")
    given = parser.parse_args()
    if given.one:
        print(json.dumps(_measured(given.one[0], Path(given.one[1]))))
        return
    with tempfile.TemporaryDirectory(prefix="xuehui-exports-") as name:
        for societies in SIZES:
            folder = Path(name) / str(societies)
            folder.mkdir()
            _fill(folder, societies)
            seconds = {}
            for format in given.formats.split(","):
                one = _in_a_process(format, folder)
                seconds[format] = one["work"]
                if format != "cells":
                    _say(format, societies, one)
            if "bare" in seconds:
                print(
                    f"{'':6}{societies:>6} societies  the workbook takes {seconds['xlsx'] / seconds['bare']:.2f} × bare"
                )


def _in_a_process(format: str, folder: Path) -> dict[str, float]:
    """Memory at its highest is a figure of a whole process."""
    command = [sys.executable, "-m", "tests.bench.exports", "--one", format, str(folder)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _say(format: str, societies: int, one: dict[str, float]) -> None:
    print(
        f"{format:<6}{societies:>6} societies  {one['seconds']:7.2f} s ({one['work']:7.2f} s of processor)  {one['before']:6.0f} → {one['peak']:6.0f} MB"
        f"  {one['bytes'] / 1e6:7.1f} MB written",
        flush=True,
    )


def _measured(format: str, folder: Path) -> dict[str, float]:
    db, store = Database(f"sqlite:///{folder / 'xuehui.sqlite3'}"), FileStore(folder / "files")
    out = folder / f"out.{format}"
    with db.read() as connection, out.open("wb") as file:
        snapshot = Snapshot(connection, connection.execute(sa.select(ROUND)).one(), NOW)
        work = _writers(snapshot, store, folder)[format]
        before, began, busy = _peak(), time.perf_counter(), time.process_time()
        told = work(file)
        seconds, work_seconds = time.perf_counter() - began, time.process_time() - busy
        if isinstance(told, float):
            work_seconds = told
    db.close()
    return {"seconds": seconds, "work": work_seconds, "before": before, "peak": _peak(), "bytes": out.stat().st_size}


def _peak() -> float:
    """MB. Not by getrusage, which counts what the parent had when it started us."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def _writers(snapshot: Snapshot, store: FileStore, folder: Path) -> dict[str, Callable[[BinaryIO], object]]:
    return {
        "csv": partial(_listing, snapshot),
        "xlsx": lambda file: write(Job("xlsx", snapshot, store, file)),
        "cells": partial(_cells, folder / "out.xlsx"),
        "bare": partial(_bare, folder / "out.cells"),
        "docx": lambda file: write_forms(snapshot, partial(write_one_form, snapshot), file),
        "zip": lambda file: write_bundle(snapshot, store, file),
        "json": lambda file: file.write(json.dumps(export(snapshot.db, snapshot.round), ensure_ascii=False).encode()),
    }


def _listing(snapshot: Snapshot, file: BinaryIO) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    write_listing(snapshot, text)
    text.detach()


def _cells(made: Path, file: BinaryIO) -> None:
    """What the workbook shows, or its volumes, a sheet a line, for the bare writer to read."""
    for book in _books(made):
        source = load_workbook(book, read_only=True)
        for name in source.sheetnames:
            rows = [[str(one) if isinstance(one, datetime) else one for one in row] for row in source[name].values]
            file.write(json.dumps([name, rows], ensure_ascii=False).encode() + b"\n")


def _books(made: Path) -> Iterator[BinaryIO]:
    with zipfile.ZipFile(made) as archive:
        volumes = [name for name in archive.namelist() if name.endswith(".xlsx")]
        for name in volumes:
            yield io.BytesIO(archive.read(name))
    if not volumes:
        yield io.BytesIO(made.read_bytes())


def _bare(cells: Path, file: BinaryIO) -> float:
    """The same cells again by XlsxWriter alone; the seconds of writing, of the processor, without those of reading."""
    seconds = 0.0
    book = Workbook(file, OPTIONS)
    with cells.open("rb") as sheets:
        for line in sheets:
            name, rows = json.loads(line)
            began = time.process_time()
            sheet = book.add_worksheet(name)
            for row, values in enumerate(rows):
                for column, value in enumerate(values):
                    if isinstance(value, str):
                        sheet.write_string(row, column, value)
                    elif value is not None:
                        sheet.write_number(row, column, value)
            seconds += time.process_time() - began
    began = time.process_time()
    book.close()
    return seconds + time.process_time() - began


def _fill(folder: Path, societies: int) -> None:
    db, store = Database(f"sqlite:///{folder / 'xuehui.sqlite3'}"), FileStore(folder / "files")
    migrate(db)
    blobs = [store.put(io.BytesIO(b"\xff\xd8\xff\xe0" + bytes([n % 256]) * (20_000 + n))) for n in range(FILES)]
    db.write(lambda connection: _rows(connection, societies, blobs))
    db.close()


def _rows(db: sa.Connection, societies: int, blobs: list[Any]) -> None:
    source, closes = catalog()["zhejiang-2020"], NOW + timedelta(days=14)
    open_round(db, source, "zhejiang-2020.yaml", title=None, closes_at=closes, zone="Asia/Shanghai", now=NOW)
    for n in range(societies):
        roster.add_society(db, f"浙江省第{n}号示例学会", NOW)
    ids = list(db.scalars(sa.select(SOCIETY.c.id).order_by(SOCIETY.c.id)))
    person = {"name": "王老师", "role": "secretary", "society_id": ids[0], "created_at": NOW}
    who = db.scalar(sa.insert(PERSON).returning(PERSON.c.id), person)
    inbound = _message(db, who)
    total = {"status": "in_progress", "claimed": 75, "supported": 60, "complete": 20}
    db.execute(sa.insert(ENTRY), [{"id": id, "round_id": 1, "society_id": id, **total} for id in ids])
    items = list(_items(db))
    score = {"state": "answered", "self_score": 3, "facts": {}, "evidence": 1}
    db.execute(sa.insert(ANSWER), [{"entry_id": id, "item": item, **score} for id in ids for item in items])
    places = islice(((id, item) for item in items * (PIECES // 25 + 1) for id in ids), PIECES)
    db.execute(sa.insert(EVIDENCE), list(_pieces(places, blobs, who, inbound)))


def _items(db: sa.Connection) -> Iterator[str]:
    snapshot = Snapshot(db, db.execute(sa.select(ROUND)).one(), NOW)
    yield from (item.id for item in snapshot.rubric.items)


def _message(db: sa.Connection, who: int | None) -> int:
    values: dict[str, Any] = {
        "channel": "web",
        "account": "",
        "address": "a",
        "key": "a:1",
        "person_id": who,
        "text": "",
    }
    values |= {"files": [], "digest": "", "received_at": NOW, "receipt": "AAAA"}
    known = {name: value for name, value in values.items() if name in INBOUND.c}
    return int(db.execute(sa.insert(INBOUND).values(**known).returning(INBOUND.c.id)).scalar_one())


def _pieces(places: Iterator[tuple[int, str]], blobs: list[Any], who: int | None, inbound: int) -> Iterator[Any]:
    trace = {"at": NOW, "person_id": who, "channel": "web", "inbound_id": inbound, "receipt": "AAAA"}
    for ordinal, (entry, item) in enumerate(places):
        blob = blobs[ordinal // 10 % len(blobs)] if ordinal % 10 == 0 else None
        what: dict[str, Any] = {"kind": "text", "text": f"{WORDS}{ordinal}", "name": None, "sha256": None, "size": None}
        if blob:
            what = {"kind": "photo", "text": "", "name": "会场.jpg", "sha256": blob.sha256, "size": blob.size}
        yield {"entry_id": entry, "item": item, "ordinal": ordinal, **what, **trace}


if __name__ == "__main__":
    main()
