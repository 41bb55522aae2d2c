"""Rows that a page break has torn from a column are put under their heads again (domain.md Q-ZJ03)."""

from collections import Counter

from rubrics.importing.grid import Cell, Row
from rubrics.importing.heads import Heads
from rubrics.importing.wording import is_number, points

SHIFTED = ("category", "heading", "no", "category_points")
NOTHING = Cell("", 0, 0)


def shifts(row: Row, heads: Heads) -> list[str | None]:
    """The columns a row may have lost, none first."""
    return [None, *(role for role in SHIFTED if heads.of(role))]


def shift_of(row: Row, heads: Heads, usual: str | None) -> str | None:
    """The column that a torn row has lost (Q-ZJ03), None for none; `usual` where the row itself does not tell."""
    if not heads.of("points"):
        return None
    return next((shift for shift in shifts(row, heads) if fits(row, shift, heads)), usual)


def usual_shift(rows: tuple[Row, ...], heads: Heads) -> str | None:
    """The column that most rows of a table have lost."""
    if not heads.of("points"):
        return None
    found = [next((shift for shift in shifts(row, heads) if fits(row, shift, heads)), "") for row in rows]
    told = Counter(one for one in found if one != "")
    return told.most_common(1)[0][0] if told else None


def aligned(row: Row, shift: str | None, heads: Heads) -> list[Cell]:
    """The cells under the heads, with a blank where the row has lost a column."""
    cells = list(row.cells)
    if shift is not None:
        cells.insert(heads.of(shift)[0], Cell("", row.number, 0))
    return cells + [NOTHING] * (len(heads.columns) - len(cells))


def fits(row: Row, shift: str | None, heads: Heads) -> bool:
    """Whether points stand under points, words under contents and a number under the number."""
    cells = aligned(row, shift, heads)
    worth = [cells[column] for column in heads.of("points")]
    texts = [cells[column].text for column in heads.of("text")]
    numbers = [cells[column].text for column in heads.of("no") if cells[column].text.strip()]
    return (
        any(points(cell.text) is not None for cell in worth)
        and any(text.strip() for text in texts)
        and not any(points(text) is not None for text in texts)
        and all(is_number(text) for text in numbers)
    )
