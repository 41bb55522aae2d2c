"""Text that may stand in a cell of a sheet and is never read as a formula."""

# What a spreadsheet takes for the beginning of a formula; the wide ones too, where the Chinese setting folds them.
RISKY = tuple("=+-@\t\r\n＝＋－＠")


def risky(text: str) -> bool:
    """Whether a spreadsheet that reads this text as typed input could run it."""
    return text.lstrip(" \u3000\u00a0\ufeff").startswith(RISKY) or text.startswith(RISKY)


def guarded(text: str) -> str:
    """For CSV, where a cell is what it looks like: an apostrophe keeps a formula a text."""
    return f"'{text}" if risky(text) else text
