"""The first letters of hanzi, for names that are typed as yxh: by the order of GB 2312, which is that of pinyin."""

from bisect import bisect_right

# The first hanzi of each letter in the first level of GB 2312 (3,755 hanzi); the second level has another order.
FIRST = (
    *((0xB0A1, "a"), (0xB0C5, "b"), (0xB2C1, "c"), (0xB4EE, "d"), (0xB6EA, "e"), (0xB7A2, "f"), (0xB8C1, "g")),
    *((0xB9FE, "h"), (0xBBF7, "j"), (0xBFA6, "k"), (0xC0AC, "l"), (0xC2E8, "m"), (0xC4C3, "n"), (0xC5B6, "o")),
    *((0xC5BE, "p"), (0xC6DA, "q"), (0xC8BB, "r"), (0xC8F6, "s"), (0xCBFA, "t"), (0xCDDA, "w"), (0xCEF4, "x")),
    *((0xD1B9, "y"), (0xD4D1, "z")),
)
STARTS = [start for start, _ in FIRST]
LAST = 0xD7F9
UNKNOWN = "?"


def initials(name: str) -> str:
    """One letter for each character; «?» where it has none that we know."""
    return "".join(_initial(letter) for letter in name)


def _initial(letter: str) -> str:
    if letter.isascii():
        return letter.lower()
    try:
        code = int.from_bytes(letter.encode("gb2312"))
    except UnicodeEncodeError:
        return UNKNOWN
    return FIRST[bisect_right(STARTS, code) - 1][1] if STARTS[0] <= code <= LAST else UNKNOWN


def spelt(typed: str, name: str) -> bool:
    """Whether these letters may stand for this name, a hanzi we have no letter for being any."""
    found = initials(name)
    return len(found) == len(typed) and all(one in (UNKNOWN, said) for one, said in zip(found, typed, strict=True))
