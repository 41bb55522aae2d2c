"""The round as an Excel workbook: a summary, then the official table of each society on a sheet of its own."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from handlers.cleaning import clean
from handlers.phrasebook import phrasebook
from handlers.reports.celltext import parts, risky
from handlers.reports.snapshot import Snapshot, version
from handlers.reports.stamp import stamp
from handlers.reports.table import Line, heads, labels, lines, score
from handlers.reports.tabs import Tabs

A4 = 9
OPTIONS = {
    "constant_memory": True,  # a row is on disk as soon as the next one begins; rows must come in order
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": False,
}
SUMMARY_WIDTHS = (30, 13, 9, 11, 9, 9, 19, 7)
TABLE_WIDTHS = (6, 18, 11, 44, 7, 8, 48, 12)
TOP = 3  # rows above the heads


def write_workbook(snapshot: Snapshot, out: BinaryIO) -> None:
    """Write the whole workbook; the societies are read one after the other and none is kept."""
    with Workbook(out, OPTIONS) as book:
        pen = Pen(book)
        summary = Summary(pen, snapshot)
        tabs = Tabs()
        tabs.name(labels()["summary"], "")
        for entry in snapshot.entries():
            tab = tabs.name(entry["society"], labels()["untitled"])
            summary.add(entry, tab)
            _society(pen, snapshot, entry, tab)
        summary.close()


BOXED: dict[str, Any] = {"border": 1, "valign": "top"}
LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "about": {"font_color": "#595959"},
    "head": {
        "bold": True,
        "border": 1,
        "bg_color": "#DDEBF7",
        "text_wrap": True,
        "align": "center",
        "valign": "vcenter",
    },
    "boxed": BOXED,
    "wrapped": {**BOXED, "text_wrap": True},
    "total": {**BOXED, "bold": True},
    "plain": {},
}


class Pen:
    """Writes values into cells: numbers as numbers, and text only ever as text."""

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

    def heads(self, sheet: Worksheet, row: int, names: tuple[str, ...]) -> None:
        for column, name in enumerate(names):
            self.text(sheet, row, column, name, "head")


class Summary:
    """汇总: a society a row, an item a column."""

    def __init__(self, pen: Pen, snapshot: Snapshot) -> None:
        self.pen, self.snapshot = pen, snapshot
        self.sheet = pen.book.add_worksheet(labels()["summary"])
        items = [phrasebook().text("export_item_head", {"item": item}) for item in snapshot.items]
        self.heads = (*heads("export_summary_heads"), *items)
        totals = phrasebook().text("export_totals", {"head": snapshot.head})
        _top(pen, self.sheet, snapshot.head.title, version(snapshot.head), totals)
        pen.heads(self.sheet, TOP, self.heads)
        _print_set_up(self.sheet, snapshot.head.title, (*SUMMARY_WIDTHS, *(9 for _ in items)))
        self.sheet.freeze_panes(TOP + 1, 1)
        self.row = TOP

    def add(self, entry: Mapping[str, Any], tab: str) -> None:
        self.row += 1
        pen, sheet, row = self.pen, self.sheet, self.row
        pen.text(sheet, row, 0, clean(entry["society"]), "wrapped")
        pen.text(sheet, row, 1, labels()[f"status_{entry['status']}"], "boxed")
        for column, name in enumerate(("claimed", "supported", "reviewed"), 2):
            self._points(column, None if entry[name] is None else Decimal(entry[name]))
        pen.text(sheet, row, 5, f"{entry['complete']}/{entry['total']}", "boxed")
        if entry["submitted_at"]:
            pen.moment(sheet, row, 6, entry["submitted_at"], "boxed")
        pen.text(sheet, row, 7, labels()["late"] if entry["late"] else "", "boxed")
        answers = {answer["item"]: answer for answer in entry["answers"]}
        for column, item in enumerate(self.snapshot.items, len(SUMMARY_WIDTHS)):
            if item.id in answers:
                self._points(column, score(answers[item.id]))

    def _points(self, column: int, value: Decimal | str | None) -> None:
        if isinstance(value, Decimal):
            self.pen.number(self.sheet, self.row, column, value, "boxed")
        else:
            self.pen.text(self.sheet, self.row, column, value or "", "boxed")

    def close(self) -> None:
        self.sheet.autofilter(TOP, 0, max(self.row, TOP), len(self.heads) - 1)


def _society(pen: Pen, snapshot: Snapshot, entry: Mapping[str, Any], tab: str) -> None:
    sheet = pen.book.add_worksheet(tab)
    printed = stamp(entry, entry["rubric_sha256"])
    unit = phrasebook().text("export_unit", {"society": clean(entry["society"])})
    words = [labels()[f"status_{entry['status']}"], phrasebook().text("export_stamp", {"stamp": printed})]
    words.append(version(snapshot.head))
    _top(pen, sheet, snapshot.head.title, unit, "　".join(words))
    pen.heads(sheet, TOP, heads("export_table_heads"))
    _print_set_up(sheet, entry["society"], TABLE_WIDTHS)
    sheet.freeze_panes(TOP + 1, 3)
    row = TOP + 1
    for line in lines(snapshot.rubric_of(entry), entry):
        row = _line(pen, sheet, row, line)
    sheet.autofilter(TOP, 0, row - 1, len(TABLE_WIDTHS) - 1)
    _total(pen, sheet, row, entry)


def _line(pen: Pen, sheet: Worksheet, row: int, line: Line) -> int:
    """An item, in as many rows as its 依据 needs; the next free row. Repeated words stand in every row: merged cells
    would break the filter."""
    for number, basis in enumerate(parts(line.basis, labels()["goes_on"], labels()["went_on"])):
        for column, text in enumerate((line.no, line.section.replace("\n", ""), line.heading, line.text)):
            pen.text(sheet, row, column, text, "wrapped")
        pen.text(sheet, row, 7, "", "boxed")
        if line.points is not None and not number:
            pen.number(
                sheet, row, 4, line.points, "boxed", labels()["points_suffix"], labels().get(line.item.counts, "")
            )
        if number or line.score is None:
            pen.text(sheet, row, 5, "", "boxed")
        elif isinstance(line.score, Decimal):
            pen.number(sheet, row, 5, line.score, "boxed")
        else:
            pen.text(sheet, row, 5, line.score, "boxed")
        pen.text(sheet, row, 6, basis, "wrapped")
        row += 1
    return row


def _total(pen: Pen, sheet: Worksheet, row: int, entry: Mapping[str, Any]) -> None:
    """总计, as printed below the table; no sum where the document prints no points."""
    for column in range(len(TABLE_WIDTHS)):
        pen.text(sheet, row, column, labels()["total"] if not column else "", "total")
    if entry["maximum"] is not None:
        pen.number(sheet, row, 4, Decimal(entry["maximum"]), "total", labels()["points_suffix"])
        pen.number(sheet, row, 5, Decimal(entry["claimed"]), "total")


def _top(pen: Pen, sheet: Worksheet, title: str, *below: str) -> None:
    pen.text(sheet, 0, 0, clean(title), "title")
    for row, text in enumerate(below, 1):
        pen.text(sheet, row, 0, text, "about")


def _print_set_up(sheet: Worksheet, title: str, widths: tuple[int, ...]) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(0.4, 0.4, 0.6, 0.6)
    sheet.repeat_rows(TOP)
    sheet.fit_to_pages(1, 0)
    # An ampersand is a command there, and the whole may have 255 signs.
    shown = clean(title).replace("&", "&&")[:120]
    sheet.set_footer(phrasebook().text("export_print_footer", {"title": shown}))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
