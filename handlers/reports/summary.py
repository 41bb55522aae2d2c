"""汇总: the sheet of a workbook with a society a row and an item a column."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from handlers.cleaning import clean
from handlers.phrasebook import phrasebook
from handlers.reports.fitting import lines_in
from handlers.reports.pen import TOP, Pen, print_set_up
from handlers.reports.snapshot import Snapshot, version
from handlers.reports.table import heads, labels, score

WIDTHS = (26, 9, 8, 8, 8, 7, 20, 6)
ITEM_WIDTH = 6.5


class Summary:
    """An open sheet that takes one society after the other."""

    def __init__(self, pen: Pen, snapshot: Snapshot) -> None:
        self.pen, self.snapshot = pen, snapshot
        self.sheet = pen.book.add_worksheet(labels()["summary"])
        items = [phrasebook().text("export_item_head", {"item": item}) for item in snapshot.items]
        self.heads = (*heads("export_summary_heads"), *items)
        totals = phrasebook().text("export_totals", {"head": snapshot.head})
        widths = (*WIDTHS, *(ITEM_WIDTH for _ in items))
        print_set_up(self.sheet, snapshot.head.title, widths, kept=1)
        pen.top(self.sheet, snapshot.head.title, (totals, "unit"), (version(snapshot.head), "about"))
        pen.heads(self.sheet, TOP, self.heads, widths)
        self.sheet.freeze_panes(TOP + 1, 1)
        self.row = TOP

    def add(self, entry: Mapping[str, Any]) -> None:
        self.row += 1
        pen, sheet, row = self.pen, self.sheet, self.row
        society = clean(entry["society"])
        status = labels()[f"status_{entry['status']}"]
        if (needed := max(lines_in(society, WIDTHS[0]), lines_in(status, WIDTHS[1]))) > 1:
            pen.room(sheet, row, needed)
        pen.text(sheet, row, 0, society, "wrapped")
        pen.text(sheet, row, 1, status, "centred")
        for column, name in enumerate(("claimed", "supported", "reviewed"), 2):
            self._points(column, None if entry[name] is None else Decimal(entry[name]))
        pen.text(sheet, row, 5, f"{entry['complete']}/{entry['total']}", "centred")
        if entry["submitted_at"]:
            pen.moment(sheet, row, 6, entry["submitted_at"], "centred")
        else:
            pen.text(sheet, row, 6, "", "boxed")
        pen.text(sheet, row, 7, labels()["late"] if entry["late"] else "", "centred")
        answers = {answer["item"]: answer for answer in entry["answers"]}
        for column, item in enumerate(self.snapshot.items, len(WIDTHS)):
            self._points(column, score(answers[item.id]) if item.id in answers else None)

    def _points(self, column: int, value: Decimal | str | None) -> None:
        if isinstance(value, Decimal):
            self.pen.number(self.sheet, self.row, column, value, "centred")
        else:
            self.pen.text(self.sheet, self.row, column, value or "", "centred")

    def close(self) -> None:
        self.sheet.autofilter(TOP, 0, max(self.row, TOP), len(self.heads) - 1)
