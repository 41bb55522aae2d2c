"""The answers in the table that people already have: a society's own Word file, or the Word or Excel that the office brought."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, BinaryIO

from handlers.cleaning import clean
from handlers.phrasebook import points
from handlers.reports.formset import write_forms
from handlers.reports.snapshot import Snapshot
from handlers.reports.table import Line, heads, lines
from rubrics.filled import layout, sheets
from rubrics.filled.placing import Said
from rubrics.model import Rubric
from storage.files import FileStore
from storage.layouts import EXCEL, Layout


def write_in_layout(snapshot: Snapshot, store: FileStore, out: BinaryIO) -> int:
    """One society as a docx or xlsx, several as a zip of them; how many items rest on something for which the file has
    no column. Raises NoLayout where the file has no row for every item, and Refused where it can't be read any more."""
    brought = snapshot.layout
    assert brought is not None, "it was looked at before this was promised"
    given = store.path(brought.sha256).read_bytes()
    whole = brought.kind == EXCEL or layout.has_basis(given)
    left_out = 0

    def one(entry: Mapping[str, Any], out: BinaryIO) -> None:
        nonlocal left_out
        said, rubric = _said(snapshot, entry)
        out.write(_filled(brought, given, rubric, said, Decimal(entry["claimed"]) if entry["claimed"] else None))
        left_out += 0 if whole else sum(bool(each.basis) for each in said.values())

    if len(snapshot.societies) > 1:
        write_forms(snapshot, one, out, ending=f".{brought.kind}")
    else:
        for entry in snapshot.entries():
            one(entry, out)
    return left_out


def _filled(brought: Layout, given: bytes, rubric: Rubric, said: Mapping[str, Said], total: Decimal | None) -> bytes:
    if brought.kind == EXCEL:
        return sheets.filled(given, rubric, said, total, words=_added(rubric))
    return layout.filled(given, rubric, said, total)


def _added(rubric: Rubric) -> dict[str, str]:
    """The heads of columns that a sheet has none of."""
    scored, unscored, basis = heads("export_added_heads")
    return {"score": unscored if rubric.maximum is None else scored, "basis": basis}


def _said(snapshot: Snapshot, entry: Mapping[str, Any]) -> tuple[dict[str, Said], Rubric]:
    rubric = snapshot.rubric_of(entry)
    said = {item.id: Said(None, "") for item in rubric.items}  # a unit that owes no table answers nothing
    return said | {line.item.id: Said(_score(line), clean(line.basis)) for line in lines(rubric, entry)}, rubric


def _score(line: Line) -> Decimal | str | None:
    return Decimal(points(line.score)) if isinstance(line.score, Decimal) else line.score
