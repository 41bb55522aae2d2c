"""A workbook that is too large for one: its summary, and volumes of a few hundred societies each."""

import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import BinaryIO

from handlers.reports.filenames import safe
from handlers.reports.formset import member
from handlers.reports.snapshot import Snapshot
from handlers.reports.table import labels

Volume = Callable[[int, int], AbstractContextManager[BinaryIO]]  # a file for the societies from one number to another


def span(first: int, last: int, of: int) -> str:
    """001-300, as wide as the largest number, so that names are in order."""
    wide = max(len(str(of)), 3)
    return f"{first:0{wide}}-{last:0{wide}}"


def write_zipped(snapshot: Snapshot, out: BinaryIO, write: Callable[[BinaryIO, Volume], None]) -> None:
    """Summary and volumes in one zip; of the volumes only one at a time lies beside it on the disk."""
    stem = safe(snapshot.head.title, labels()["untitled"], 120)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive, tempfile.TemporaryFile() as summary:

        @contextmanager
        def volume(first: int, last: int) -> Iterator[BinaryIO]:
            with tempfile.TemporaryFile() as file:
                yield file
                member(archive, f"{stem}_{span(first, last, len(snapshot.societies))}.xlsx", file, snapshot)

        write(summary, volume)
        member(archive, f"{stem}_{labels()['summary']}.xlsx", summary, snapshot)
