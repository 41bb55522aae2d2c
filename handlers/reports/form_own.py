"""The answers in the table that people already have: a society's own Word file, or the Word or Excel that the office brought."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, BinaryIO

from handlers.cleaning import clean
from handlers.criteria import rubric_drafts
from handlers.phrasebook import points
from handlers.reports.formset import write_forms
from handlers.reports.snapshot import Snapshot
from handlers.reports.table import Line, heads, lines
from rubrics.carrying import pairs
from rubrics.filled import layout, sheets
from rubrics.filled.placing import Known, Said
from rubrics.model import Rubric
from storage.files import FileStore
from storage.layouts import EXCEL, Layout


def write_in_layout(snapshot: Snapshot, store: FileStore, out: BinaryIO) -> int:
    """One society as a docx or xlsx, several as a zip of them; how many items rest on something for which the file has
    no column. Raises NoLayout where the file has no row for every item, and Refused where it can't be read any more."""
    brought = snapshot.layout
    assert brought is not None, "it was looked at before this was promised"
    given = store.path(brought.sha256).read_bytes()
    known = _known(snapshot, store, brought)
    whole = brought.kind == EXCEL or layout.has_basis(given)
    left_out = 0

    def one(entry: Mapping[str, Any], out: BinaryIO) -> None:
        nonlocal left_out
        said, rubric = _said(snapshot, entry)
        total = Decimal(entry["claimed"]) if entry["claimed"] else None
        if brought.kind == EXCEL:
            out.write(sheets.filled(given, rubric, said, total, words=_added(rubric), known=known))
        else:
            out.write(layout.filled(given, rubric, said, total, known=known))
        left_out += 0 if whole else sum(bool(each.basis) for each in said.values())

    if len(snapshot.societies) > 1:
        write_forms(snapshot, one, out, ending=f".{brought.kind}")
    else:
        for entry in snapshot.entries():
            one(entry, out)
    return left_out


def _known(snapshot: Snapshot, store: FileStore, brought: Layout) -> Known:
    """Which rows the items of the round were read from, where the office brought the file: its words and numbers may have
    been put right in the chat since."""
    if brought.draft is None:
        return {}
    own = rubric_drafts.own(snapshot.db, store, rubric_drafts.numbered(snapshot.db, brought.draft))
    if own.draft is None or own.rubric is None:
        return {}
    ours = {item.id: item for item in snapshot.rubric.items}
    opened = all(ours.get(item.id) == item for item in own.rubric.items)  # by this very table, or by another before it
    same = {item.id: item for item in own.rubric.items} if opened else pairs(snapshot.rubric, own.rubric)
    rows = zip(own.draft.items, own.rubric.items, strict=True)
    return {(one.spot.table, one.spot.row): same[item.id].id for one, item in rows if item.id in same}


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
