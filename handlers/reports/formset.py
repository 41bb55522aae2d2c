"""A zip with a form for each society, when one document would be too much."""

import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, BinaryIO

from handlers.reports.filenames import Names
from handlers.reports.snapshot import Snapshot
from handlers.reports.table import labels

OneForm = Callable[[Mapping[str, Any], BinaryIO], None]


def write_forms(snapshot: Snapshot, one_form: OneForm, out: BinaryIO) -> None:
    """Each society's form under its name; one of them is in memory at a time."""
    names = Names()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for entry in snapshot.entries():
            held = BytesIO()
            one_form(entry, held)
            stem = f"{entry['society']}_{labels()['folder_sheet']}"
            about = zipfile.ZipInfo(names.unique(stem, ".docx", labels()["untitled"]), _when(snapshot))
            about.external_attr = 0o644 << 16
            archive.writestr(about, held.getbuffer())


def _when(snapshot: Snapshot) -> tuple[int, int, int, int, int, int]:
    at = snapshot.head.at.astimezone(snapshot.zone)
    return at.year, at.month, at.day, at.hour, at.minute, at.second
