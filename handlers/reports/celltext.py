"""Text that may stand in a cell of a sheet: within Excel's limits, and never read as a formula."""

from collections.abc import Iterator

LONGEST = 32_767  # UTF-16 units in a cell, Excel's limit: beyond it XlsxWriter cuts
MOST_LINES = 253  # line feeds in a cell, Excel's limit
# What a spreadsheet takes for the beginning of a formula; the wide ones too, where the Chinese setting folds them.
RISKY = tuple("=+-@\t\r\n＝＋－＠")


def risky(text: str) -> bool:
    """Whether a spreadsheet that reads this text as typed input could run it."""
    return text.lstrip(" \u3000\u00a0\ufeff").startswith(RISKY) or text.startswith(RISKY)


def guarded(text: str) -> str:
    """For CSV, where a cell is what it looks like: an apostrophe keeps a formula a text."""
    return f"'{text}" if risky(text) else text


def parts(text: str, goes_on: str, went_on: str) -> Iterator[str]:
    """The text in as many cells as it needs; each but the last says that it goes on, each but the first that it did."""
    room = LONGEST - units(goes_on) - units(went_on) - 2
    lead = ""
    while not _fits(text, LONGEST - units(lead), MOST_LINES - 1):
        cut = _cut(text, room)
        yield f"{lead}{text[:cut]}\n{goes_on}"
        text, lead = text[cut:], f"{went_on}\n"
    yield lead + text


def units(text: str) -> int:
    """The length as Excel counts it: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _fits(text: str, room: int, breaks: int) -> bool:
    return units(text) <= room and text.count("\n") <= breaks


def _cut(text: str, room: int) -> int:
    """How many characters fit, at most; an emoji is not cut in two, for Python counts it as one."""
    used = breaks = 0
    for place, letter in enumerate(text):
        used += 2 if letter > "\uffff" else 1
        breaks += letter == "\n"
        if used > room or breaks > MOST_LINES - 3:
            return place
    return len(text)
