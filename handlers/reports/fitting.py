"""How much of a text one cell shows on paper: its lines in a column of some width, and the pieces it must be cut into."""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import sqrt

LINE = 14.5  # points that a line of 10-point Chinese takes, in the widest of the usual fonts
TALLEST = 409  # points, Excel's limit for a row: what needs more is not seen and not printed
MOST_LINES = 28
NEAR, PAUSES = 60, "。；;！？\n"
SPARE = 0.93  # of a column is filled: words are not broken where they would just fit


@lru_cache(maxsize=4096)  # what is printed of an item is the same for every society
def lines_in(text: str, width: float) -> int:
    """Lines that the text takes in a column as wide as so many digits."""
    room = max(width * SPARE, 2)
    return sum(max(1, -int(-_digits(line) // room)) for line in text.split("\n"))


def height(lines: int) -> float:
    """Points of a row with so many lines."""
    return min(lines * LINE + 3, TALLEST)


def parts(text: str, width: float, goes_on: str, went_on: str) -> Iterator[str]:
    """The text in as many cells as it needs; each but the last says that it goes on, each but the first that it did."""
    lead = ""
    while lines_in(lead + text, width) > MOST_LINES:
        cut = _at_a_pause(text, _cut(lead + text, width) - len(lead))
        yield f"{lead}{text[:cut]}\n{goes_on}"
        text, lead = text[cut:], f"{went_on}\n"
    yield lead + text


def shared(rows: Sequence[Sequence[str]], room: float, *, short: int = 10) -> list[float]:
    """How a table's columns share a width of so many digits: short texts get what they need, long ones the rest, by how
    much there is of them."""
    needed = [max(_digits(line) for cell in column for line in cell.split("\n")) for column in zip(*rows, strict=True)]
    held = [sum(_digits(cell) for cell in column) for column in zip(*rows, strict=True)]
    fixed = {column: most + 2.0 for column, most in enumerate(needed) if most <= short}
    weights = {column: sqrt(held[column]) for column in range(len(needed)) if column not in fixed}
    left, whole = max(room - sum(fixed.values()), 2.0 * short * len(weights)), sum(weights.values())
    return [fixed[one] if one in fixed else max(left * weights[one] / whole, short) for one in range(len(needed))]


def _cut(text: str, width: float) -> int:
    """How many characters fit above the line that says that it goes on."""
    room = max(width * SPARE, 2)
    lines, used = 1, 0
    for place, letter in enumerate(text):
        digits = _wide(letter)
        if letter == "\n" or used + digits > room:
            lines, used = lines + 1, 0
        if lines > MOST_LINES - 1:
            return place
        used += 0 if letter == "\n" else digits
    return len(text)


def _at_a_pause(text: str, place: int) -> int:
    """Rather behind a sentence that ends shortly before."""
    last = max(text.rfind(sign, max(place - NEAR, 0), place) for sign in PAUSES)
    return last + 1 if last >= 0 else place


def _digits(line: str) -> int:
    return len(line) if line.isascii() else sum(map(_wide, line))


def _wide(letter: str) -> int:
    """In digits. Of doubtful width are quotation marks and the like, which a Chinese font draws wide."""
    return 2 if unicodedata.east_asian_width(letter) in "WFA" else 1
