"""The official table of one society as a sheet of a workbook."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from xlsxwriter.worksheet import Worksheet

from handlers.cleaning import clean
from handlers.phrasebook import phrasebook
from handlers.reports.fitting import lines_in, parts
from handlers.reports.pen import TOP, Pen, print_set_up
from handlers.reports.snapshot import Snapshot, version
from handlers.reports.stamp import stamp
from handlers.reports.table import BASIS, POINTS, SCORE, TEXT, Line, columns, labels, lines, table_heads

WIDTHS = (6, 17, 11, 46, 7, 8, 52, 10)


def write_table(pen: Pen, snapshot: Snapshot, entry: Mapping[str, Any], tab: str) -> None:
    """One society's sheet. Repeated words stand in every row: merged cells would break the filter."""
    sheet = pen.book.add_worksheet(tab)
    rubric = snapshot.rubric_of(entry)
    shown = columns(rubric)
    widths = [WIDTHS[one] for one in shown]
    print_set_up(sheet, entry["society"], widths)
    words = [labels()[f"status_{entry['status']}"]]
    words.append(phrasebook().text("export_stamp", {"stamp": stamp(entry, entry["rubric_sha256"])}))
    unit = phrasebook().text("export_unit", {"society": clean(entry["society"])})
    about = "　".join([*words, version(snapshot.head)])
    pen.top(sheet, snapshot.head.title, (unit, "unit"), (about, "about"))
    pen.heads(sheet, TOP, [table_heads(rubric)[one] for one in shown], widths)
    sheet.freeze_panes(TOP + 1, sum(one < TEXT for one in shown))
    row = TOP + 1
    for line in lines(rubric, entry):
        row = _line(pen, sheet, row, line, shown)
    sheet.autofilter(TOP, 0, row - 1, len(shown) - 1)
    _total(pen, sheet, row, entry, shown)


def _line(pen: Pen, sheet: Worksheet, row: int, line: Line, shown: Sequence[int]) -> int:
    """An item, in as many rows as its texts need; the next free row."""
    texts = _cut(line.text, TEXT)
    for number, (text, basis) in enumerate(zip_longest(texts, _cut(line.basis, BASIS), fillvalue="")):
        asked = texts[0] if len(texts) == 1 else text
        cells = (line.no, line.section, line.heading, asked, "", "", basis, "")
        pen.room(sheet, row, max(map(lines_in, cells, WIDTHS)))
        for column, index in enumerate(shown):
            if index == POINTS and line.points is not None and not number:
                prefix = labels().get(line.item.counts, "")
                pen.number(sheet, row, column, line.points, "centred", labels()["points_suffix"], prefix)
            elif index == SCORE and not number:
                _score(pen, sheet, row, column, line.score)
            else:
                pen.text(sheet, row, column, cells[index], "centred" if index == 0 else "wrapped")
        row += 1
    return row


def _cut(text: str, column: int) -> list[str]:
    return list(parts(text, WIDTHS[column], labels()["goes_on"], labels()["went_on"]))


def _score(pen: Pen, sheet: Worksheet, row: int, column: int, score: Decimal | str | None) -> None:
    if isinstance(score, Decimal):
        pen.number(sheet, row, column, score, "centred")
    else:
        pen.text(sheet, row, column, score or "", "centred")


def _total(pen: Pen, sheet: Worksheet, row: int, entry: Mapping[str, Any], shown: Sequence[int]) -> None:
    """总计, as printed below the table; no line where the document prints no points."""
    if entry["maximum"] is None:
        return
    pen.room(sheet, row, 1)
    for column, index in enumerate(shown):
        if index == POINTS:
            pen.number(sheet, row, column, Decimal(entry["maximum"]), "total", labels()["points_suffix"])
        elif index == SCORE:
            pen.number(sheet, row, column, Decimal(entry["claimed"]), "total")
        else:
            pen.text(sheet, row, column, labels()["total"] if not column else "", "total")
