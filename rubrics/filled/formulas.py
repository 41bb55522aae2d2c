"""What a workbook has reckoned from cells that are filled in now: forgotten, so that no old figure stands beside new ones."""

import re
from collections.abc import Iterable

from rubrics.filled.book import OF_BOOK, Book, within
from rubrics.filled.cells import Cells
from rubrics.importing import word
from rubrics.importing.excel import number

REFERENCE = re.compile(r"\$?\b([A-Z]{1,3})\$?(\d{1,7})?(?::\$?([A-Z]{1,3})\$?(\d{1,7})?)?")
LAST = 1 << 20
Place = tuple[int, int]


def forgotten(book: Book, sheets: Iterable[Cells], written: set[Place], kept: set[Place]) -> None:
    """The stored value of every formula that rests on what was written, of whatever sheet, goes; a program reckons it
    anew when it opens the file. `kept`: formulas whose value is known."""
    changed, known = set(written), list(sheets)
    waiting = [
        (place, cell, formula)
        for cells in known
        for place, cell in cells.known.items()
        if (formula := word.child(cell, "f")) is not None
    ]
    if not waiting:
        return
    resting = True
    while resting:
        resting = False
        for one in [one for one in waiting if _rests(one[2].text, changed)]:
            waiting.remove(one)
            changed.add(one[0])
            resting = True
            if one[0] not in kept and (value := word.child(one[1], "v")) is not None:
                one[1].remove(value)
                one[1].attrib.pop("t", None)
    within(book.root, "calcPr", OF_BOOK).set("fullCalcOnLoad", "1")


def _rests(formula: str | None, changed: set[Place]) -> bool:
    """Whether a formula names one of these places; one that only goes on with another may."""
    if not formula:
        return True
    for left, top, right, bottom in REFERENCE.findall(formula):
        first, last = number(left.encode()), number((right or left).encode())
        high, low = int(top or 1), int(bottom or (LAST if right else top or 0))
        if any(high <= row <= low and first <= column <= last for row, column in changed):
            return True
    return False
