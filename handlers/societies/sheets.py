"""Tables that people send, as rows of text: every sheet of an .xlsx, or the one of a .csv, whatever made them."""

import csv
import io

from handlers.societies.tabular import MOST_COLUMNS, Sheet, Unreadable, keep
from handlers.societies.workbooks import workbook

MOST_BYTES = 20 << 20
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"%PDF", b"GIF8", b"RIFF", b"II*\x00", b"MM\x00*")


def sheets(data: bytes, name: str) -> list[Sheet]:
    """Every sheet with something on it. Raises Unreadable."""
    if len(data) > MOST_BYTES:
        raise Unreadable("sheet_too_big")
    if data.startswith(OLE):
        raise Unreadable("sheet_locked" if ENCRYPTED in data else "sheet_old")
    if data.startswith(PICTURES):
        raise Unreadable("sheet_picture")
    if data.startswith(b"PK"):
        found = workbook(data)
    elif name.lower().endswith((".csv", ".txt", ".tsv")):
        found = [_text(data, name)]
    else:
        raise Unreadable("sheet_unknown")
    return [sheet for sheet in found if sheet.rows]


def _text(data: bytes, name: str) -> Sheet:
    text = _decoded(data)
    if "\x00" in text:
        raise Unreadable("sheet_unknown")
    head = "\n".join(text.splitlines()[:10])
    comma = max(",;\t，；|", key=head.count)
    sheet = Sheet(name)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=comma), 1):
            keep(sheet, number, dict(enumerate(row[:MOST_COLUMNS])))
    except csv.Error:
        raise Unreadable("sheet_unknown") from None
    return sheet


def _decoded(data: bytes) -> str:
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("sheet_letters")
