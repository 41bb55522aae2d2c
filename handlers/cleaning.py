"""Text as it may be stored anywhere: what no database, page or spreadsheet can hold is taken out, all else stays."""

import re
import unicodedata

# C0 controls but \n and \t, DEL, C1, lone surrogates, and the two code points that XML forbids.
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """NFC, line ends as \\n, without control characters and surrogates, trimmed."""
    return UNFIT.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()


def clean_name(name: str) -> str:
    """A file's name as text only: the last part of any path, without controls, at most 120 characters."""
    last = re.split(r"[/\\]", clean(name).replace("\n", " "))[-1].strip()
    return last if len(last) <= 120 else f"{last[:100]}…{last[-16:]}"
