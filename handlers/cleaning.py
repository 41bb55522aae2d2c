"""Text as it may be stored anywhere: what no database, page or spreadsheet can hold is taken out, all else stays."""

import re
import unicodedata

# C0 controls but \n and \t, DEL, C1, lone surrogates, and the two code points that XML forbids.
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Without width: what is copied out of a page or a chat is full of them, and «下一项» with one is no command. Marks of
# direction turn the words behind them round, on the reviewer's screen too. Joiners stay: emoji are made with them.
UNSEEN = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def clean(text: str) -> str:
    """NFC, line ends as \\n, without control characters and surrogates, trimmed."""
    return UNFIT.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()


def seen(text: str) -> str:
    """What somebody said as she saw it: clean, and without signs that nobody sees."""
    return clean(UNSEEN.sub("", text))


def clean_name(name: str) -> str:
    """A file's name as text only: the last part of any path, without controls, at most 120 characters."""
    last = re.split(r"[/\\]", seen(name).replace("\n", " "))[-1].strip()
    return last if len(last) <= 120 else f"{last[:100]}…{last[-16:]}"
