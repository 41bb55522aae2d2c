"""Writes a workbook's cells: numbers as numbers, text only ever as text, rows high enough, pages set up to be printed."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from math import ceil
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from handlers.cleaning import clean
from handlers.phrasebook import phrasebook
from handlers.reports.celltext import risky
from handlers.reports.fitting import height, lines_in

A4 = 9
FONT = {"font_name": "宋体", "font_size": 10}
OPTIONS = {
    "constant_memory": True,  # a row is on disk as soon as the next one begins; rows must come in order
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": False,
    "default_format_properties": FONT,
}
TOP = 3  # rows above the heads
READABLE = 260  # digits across a page of A4; wider sheets go on to the next page
BOXED: dict[str, Any] = {**FONT, "border": 1, "valign": "vcenter"}
LOOKS: dict[str, dict[str, Any]] = {
    "title": {**FONT, "bold": True, "font_size": 16},
    "unit": {**FONT, "font_size": 11},
    "about": {**FONT, "font_color": "#595959"},
    "head": {**BOXED, "bold": True, "bg_color": "#DDEBF7", "text_wrap": True, "align": "center"},
    "boxed": BOXED,
    "centred": {**BOXED, "text_wrap": True, "align": "center"},
    "wrapped": {**BOXED, "text_wrap": True},
    "total": {**BOXED, "bold": True, "align": "center"},
    "plain": FONT,
}


class Pen:
    """Writes into the sheets of one workbook."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self._formats: dict[tuple[str, str, bool], Format] = {}

    def format(self, look: str, shown: str = "", *, quoted: bool = False) -> Format:
        """The same looks are one format: Excel has room for some 64,000."""
        key = (look, shown, quoted)
        if key not in self._formats:
            number = {"num_format": shown} if shown else {}
            self._formats[key] = self.book.add_format({**LOOKS[look], **number, "quote_prefix": quoted})
        return self._formats[key]

    def text(self, sheet: Worksheet, row: int, column: int, text: str, look: str) -> None:
        """One cell of text. A beginning like that of a formula is marked, so that it stays text when it is edited."""
        looked = self.format(look, quoted=risky(text))
        if not text:
            written = sheet.write_blank(row, column, None, looked)
        elif text.startswith("<r>") and text.endswith("</r>"):
            # XlsxWriter would take this for ready XML; in two pieces it is escaped.
            written = sheet.write_rich_string(row, column, text[0], self.format("plain"), text[1:], looked)
        else:
            written = sheet.write_string(row, column, text, looked)
        assert written == 0, f"cell {row},{column} was not written: {written}"

    def number(
        self, sheet: Worksheet, row: int, column: int, value: Decimal, look: str, suffix: str = "", prefix: str = ""
    ) -> None:
        """Points with as many places as they have: Excel would show 8 as «8.» by 0.###."""
        places = max(-int(value.as_tuple().exponent), 0)
        shown = f"0{'.' if places else ''}{'0' * places}" + (f'"{suffix}"' if suffix else "")
        shown = f'"{prefix}"{shown}' if prefix else shown
        sheet.write_number(row, column, value, self.format(look, shown))

    def moment(self, sheet: Worksheet, row: int, column: int, at: str, look: str) -> None:
        """A time as the clock on the wall there showed it; a sheet knows no zones."""
        local = datetime.fromisoformat(at).replace(tzinfo=None)
        sheet.write_datetime(row, column, local, self.format(look, "yyyy-mm-dd hh:mm:ss"))

    def top(self, sheet: Worksheet, title: str, *below: tuple[str, str]) -> None:
        """The title, and below it texts with their looks."""
        self.room(sheet, 0, 2)
        self.text(sheet, 0, 0, clean(title), "title")
        for row, (text, look) in enumerate(below, 1):
            self.text(sheet, row, 0, text, look)

    def heads(self, sheet: Worksheet, row: int, names: Sequence[str], widths: Sequence[float]) -> None:
        self.room(sheet, row, max(map(lines_in, names, widths)))
        for column, name in enumerate(names):
            self.text(sheet, row, column, name, "head")

    def room(self, sheet: Worksheet, row: int, lines: int) -> None:
        """As high as its lines need: not every program that shows or prints a sheet finds that out by itself."""
        sheet.set_row(row, height(lines))


def print_set_up(sheet: Worksheet, title: str, widths: Sequence[float], *, kept: int = 0, top: int = TOP) -> None:
    """A4 across, the heads and the first columns on every page, as many pages wide as stay readable."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(0.4, 0.4, 0.6, 0.6)
    sheet.center_horizontally()
    sheet.repeat_rows(top)
    across = ceil(sum(widths) / READABLE)
    if kept and across > 1:
        sheet.repeat_columns(0, kept - 1)
    sheet.fit_to_pages(across, 0)
    # An ampersand is a command there, and the whole may have 255 signs.
    shown = clean(title).replace("&", "&&")[:120]
    sheet.set_footer(phrasebook().text("export_print_footer", {"title": shown}))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
