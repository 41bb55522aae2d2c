"""The Zhejiang table as an office might hand it over: Word and Excel files in several layouts."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import openpyxl
from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_BREAK
from docx.table import Table

from rubrics.model import Item
from rubrics.reading import catalog, read

HEADS = ("序号", "类别", "项目", "评价内容", "分值", "自评分", "自评依据(工作实效)", "备注")
TITLE = "2020年度省级学会工作自评表"
RUBRIC = read(catalog()["zhejiang-2020"], "zhejiang-2020.yaml")
BRACKETS = {"一": " ({}分)", "二": " ({}分)"}  # the other three are printed in full-width brackets (Q-ZJ05)


@dataclass(frozen=True)
class Printed:
    """A row as printed: the category and the project with every row, whoever builds a layout leaves out or merges."""

    no: str
    category: str
    heading: str
    text: str
    points: str


def printed(item: Item) -> Printed:
    section = item.section
    bracket = BRACKETS.get(section.label or "", "（{}分）")
    category = f"{section.label}、{section.title}{bracket.format(section.points)}"
    heading = next((one.text for one in item.printed if one.field == "heading"), item.heading or "")
    return Printed(item.no or "", category, heading, item.text, f"{item.points}分")


ROWS = tuple(printed(item) for item in RUBRIC.items)
WHOLE = {"促进": "促进转化", "转化": "促进转化"}
TOTAL = ("总计", "", "", "", "100分", "", "", "")


def saved(document: WordDocument) -> bytes:
    data = io.BytesIO()
    document.save(data)
    return data.getvalue()


def word(*tables: Sequence[Sequence[str]], above: Iterable[str] = (TITLE,)) -> bytes:
    """A document of plain tables, one cell a column, with the lines of text above the first."""
    document = Document()
    for line in above:
        document.add_paragraph(line)
    for rows in tables:
        fill(document, rows)
        document.add_paragraph("")
    return saved(document)


def fill(document: WordDocument, rows: Sequence[Sequence[str]]) -> Table:
    """A table, filled; python-docx looks a cell up in all of them, so each row is asked for its cells once."""
    table: Table = document.add_table(len(rows), max(map(len, rows)))
    for row, words in zip(table.rows, rows, strict=True):
        for cell, one in zip(row.cells, words, strict=False):
            cell.text = one
    return table


def excel(rows: Sequence[Sequence[object]], merged: Iterable[str] = (), sheet: str = "自评表") -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for row in rows:
        page.append(list(row))
    for one in merged:
        page.merge_cells(one)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def runs(values: Sequence[str]) -> list[tuple[int, int]]:
    """The first and last index of every run of equal values."""
    found: list[tuple[int, int]] = []
    for at, value in enumerate(values):
        if found and values[found[-1][0]] == value:
            found[-1] = (found[-1][0], at)
        else:
            found.append((at, at))
    return found


def full(row: Printed, category: str, heading: str) -> tuple[str, ...]:
    return (row.no, category, heading, row.text, row.points, "", "", "")


def once(rows: Sequence[Printed]) -> list[tuple[str, ...]]:
    """Category and project only where they begin, blanks below: as text copied from a document has them."""
    made: list[tuple[str, ...]] = []
    category = heading = ""
    for row in rows:
        made.append(
            full(row, row.category if row.category != category else "", row.heading if row.heading != heading else "")
        )
        category, heading = row.category, row.heading
    return made


def merged_cells() -> bytes:
    """The table as Word's own: category and project vertically merged, the two halves of 促进转化 on two lines."""
    document = Document()
    document.add_paragraph("浙科协学发〔2020〕27号")
    document.add_paragraph("附表:")
    document.add_paragraph(TITLE)
    document.add_paragraph("填报单位:            (盖章)")
    table = fill(document, [HEADS, *([row.no, "", "", row.text, row.points] for row in ROWS), TOTAL])
    for column, values in (
        (1, [row.category for row in ROWS]),
        (2, [WHOLE.get(row.heading, row.heading) for row in ROWS]),
    ):
        for first, last in runs(values):
            cell = table.cell(first + 1, column).merge(table.cell(last + 1, column))
            cell.text = values[first].replace("促进转化", "促进\n转化")
    return saved(document)


def torn_pages() -> bytes:
    """Four pages as in the seed: a table a page, the head again on the second, no category column on the third."""
    pages = [ROWS[:10], ROWS[10:22], ROWS[22:]]
    last = [(row[0], *row[2:]) for row in once(pages[2])]
    total = ("总计", "", "", "100分")
    torn = [("1", *once(pages[0])[0][1:3], ROWS[0].text[:15], "10分"), ("", "", "", ROWS[0].text[15:], "")]
    return word([HEADS, *torn, *once(pages[0])[1:]], [HEADS, *once(pages[1])], [*last, total])


def shifted_rows() -> bytes:
    """One table whose last rows have lost their category column: everything stands one column to the left (Q-ZJ03)."""
    rows = once(ROWS)
    shifted = [(row[0], *row[2:]) for row in rows[22:]]
    document = Document()
    document.add_paragraph(TITLE)
    table = fill(document, [HEADS, *rows[:22], *shifted, TOTAL])
    table.rows[11].cells[0].paragraphs[0].runs[0].add_break(WD_BREAK.PAGE)
    return saved(document)


def other_order() -> bytes:
    """Columns in another order, two that nobody asked for, split heads, full-width digits, points without 分."""
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    heads = ("评价\n类别", "评 价 项 目", "考核内容", "责任处室", "满　分", "序\n号", "得分", "完成时限")
    rows = [
        (
            row.category.translate(wide),
            "\n".join(WHOLE.get(row.heading, row.heading)),
            row.text,
            "学会部",
            row.points.removesuffix("分").translate(wide),
            row.no.translate(wide),
            "",
            "12月",
        )
        for row in ROWS
    ]
    return word([heads, *rows, ("合 计", "", "", "", "100", "", "", "")])


def table_for_each() -> bytes:
    """A table for each category, which stands as a line above it; heads of two storeys."""
    document = Document()
    document.add_paragraph(TITLE)
    upper = ("序号", "项目", "评价内容", "分值", "自评情况", "自评情况")
    lower = ("序号", "项目", "评价内容", "分值", "自评分", "自评依据")
    for first, last in runs([row.category for row in ROWS]):
        document.add_paragraph(ROWS[first].category)
        rows = [
            (row.no, WHOLE.get(row.heading, row.heading), row.text, row.points, "", "")
            for row in ROWS[first : last + 1]
        ]
        table = fill(document, [("",) * 6, ("",) * 6, *rows])
        for column in range(4):
            table.cell(0, column).merge(table.cell(1, column)).text = upper[column]
        table.cell(0, 4).merge(table.cell(0, 5)).text = upper[4]
        table.cell(1, 4).text, table.cell(1, 5).text = lower[4:]
    return saved(document)


def category_rows() -> bytes:
    """Categories as rows across the whole table, a subtotal under each."""
    document = Document()
    document.add_paragraph(TITLE)
    rows: list[Sequence[str]] = [("序号", "项目", "评价内容", "分值")]
    wide: list[int] = []
    for first, last in runs([row.category for row in ROWS]):
        wide.append(len(rows))
        rows.append(("", "", "", ""))
        rows += [(row.no, WHOLE.get(row.heading, row.heading), row.text, row.points) for row in ROWS[first : last + 1]]
        rows.append(("小计", "", "", f"{sum(int(row.points[:-1]) for row in ROWS[first : last + 1])}分"))
    table = fill(document, rows)
    for at, (first, _) in zip(wide, runs([row.category for row in ROWS]), strict=True):
        table.cell(at, 0).merge(table.cell(at, 3)).text = ROWS[first].category
    return saved(document)


def merged_sheet() -> bytes:
    """A sheet with a title across, merged categories and projects, and points as numbers."""
    rows: list[Sequence[object]] = [(TITLE,), ("填报单位：",), HEADS]
    rows += [
        (int(row.no), row.category, WHOLE.get(row.heading, row.heading), row.text, int(row.points[:-1])) for row in ROWS
    ]
    rows.append(("总计", None, None, None, 100))
    merged = ["A1:H1", "A2:H2", f"A{len(rows)}:D{len(rows)}"]
    for letter, values in (
        ("B", [row.category for row in ROWS]),
        ("C", [WHOLE.get(row.heading, row.heading) for row in ROWS]),
    ):
        merged += [f"{letter}{first + 4}:{letter}{last + 4}" for first, last in runs(values) if last > first]
    return excel(rows, merged)


def pasted_sheet() -> bytes:
    """The seed's own lines pasted into a sheet: blanks for what was merged, blank rows at page breaks, shifted rows."""
    rows = once(ROWS)
    shifted = [(row[0], *row[2:]) for row in rows[22:]]
    return excel([(TITLE,), (), HEADS, *rows[:10], (), *rows[10:22], (), *shifted, TOTAL])


LAYOUTS: dict[str, Callable[[], bytes]] = {
    "merged_cells.docx": merged_cells,
    "torn_pages.docx": torn_pages,
    "shifted_rows.docx": shifted_rows,
    "other_order.docx": other_order,
    "table_for_each.docx": table_for_each,
    "category_rows.docx": category_rows,
    "merged_sheet.xlsx": merged_sheet,
    "pasted_sheet.xlsx": pasted_sheet,
}
