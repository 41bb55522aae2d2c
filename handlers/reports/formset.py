"""A zip with a form for each society, when one document would be too much."""

import shutil
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from operator import itemgetter
from typing import Any, BinaryIO

from handlers.reports.filenames import Names
from handlers.reports.snapshot import Snapshot
from handlers.reports.table import labels

OneForm = Callable[[Mapping[str, Any], BinaryIO], None]


def write_forms(snapshot: Snapshot, one_form: OneForm, out: BinaryIO, *, ending: str = ".docx") -> None:
    """Each society's form under its name; one of them is in memory at a time."""
    names = Names()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for entry in filter(itemgetter("answers"), snapshot.entries()):  # who owes no table prints none
            held = BytesIO()
            one_form(entry, held)
            stem = f"{entry['society']}_{labels()['folder_sheet']}"
            member(archive, names.unique(stem, ending, labels()["untitled"]), held, snapshot)


def member(archive: zipfile.ZipFile, name: str, held: BinaryIO, snapshot: Snapshot) -> None:
    """One file of a zip, dated as the export; `held` is read from its beginning."""
    held.seek(0)
    about = zipfile.ZipInfo(name, _when(snapshot))
    about.external_attr = 0o644 << 16
    with archive.open(about, "w") as target:
        shutil.copyfileobj(held, target)


def _when(snapshot: Snapshot) -> tuple[int, int, int, int, int, int]:
    at = snapshot.head.at.astimezone(snapshot.zone)
    return at.year, at.month, at.day, at.hour, at.minute, at.second
