"""What our font can draw, how wide it is, and a mark that shows where it can't."""

import struct
import unicodedata
from functools import cache
from importlib.resources import files

FONT = "NotoSansSC-Subset-Regular.ttf"
LACKING = "〓"  # what Chinese printers set for a type they lack
NARROW = 0.58  # of a letter's height


@cache
def covered() -> frozenset[int]:
    """Every character of the font, by its cmap table of format 12 (OpenType specification)."""
    data = (files("handlers") / "reports" / "fonts" / FONT).read_bytes()
    (tables,) = struct.unpack_from(">H", data, 4)
    records = [struct.unpack_from(">4sIII", data, 12 + 16 * n) for n in range(tables)]
    start = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    (count,) = struct.unpack_from(">H", data, start + 2)
    offsets = [start + struct.unpack_from(">HHI", data, start + 4 + 8 * n)[2] for n in range(count)]
    whole = next(offset for offset in offsets if struct.unpack_from(">H", data, offset)[0] == 12)
    (groups,) = struct.unpack_from(">I", data, whole + 12)
    spans = [struct.unpack_from(">III", data, whole + 16 + 12 * n) for n in range(groups)]
    return frozenset(code for first, last, _ in spans for code in range(first, last + 1))


def drawable(text: str) -> str:
    """The text with the mark for every character that the font lacks, instead of a box that looks like a mistake."""
    return "".join(one if ord(one) in covered() else LACKING for one in text)


def fitted(text: str, width: int, size: int) -> str:
    """As much of the text as stands in `width` at this letter size, marked where it is cut."""
    if _width(text, size) <= width:
        return text
    while text and _width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text}…"


def _width(text: str, size: int) -> float:
    return size * sum(1 if unicodedata.east_asian_width(one) in "WFA" else NARROW for one in text)
