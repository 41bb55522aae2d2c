"""What kind of file the office gave, by its content and never by its name; what can't be read is refused by name."""

import io
import re
import zipfile
import zlib
from typing import Literal

from rubrics.importing.findings import Refused

LARGEST_FILE = 20 << 20
LARGEST_CONTENT = 100 << 20
LARGEST_XML = 30 << 20
MOST_PARTS = 5000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF")
MARKERS = {"word": "word/", "excel": "xl/"}


RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
FIELD = re.compile(r"\b(?:INCLUDETEXT|INCLUDEPICTURE|INCLUDE|IMPORT|RD|DDE|DDEAUTO|LINK|DATABASE)\b", re.IGNORECASE)
INSTRUCTION = re.compile(rb"<w:instrText[^>]*>([^<]*)<|w:instr=\"([^\"]*)\"")


class Package:
    """The parts of an Office file by name, unpacked once and within limits."""

    def __init__(self, kind: Literal["word", "excel"], parts: dict[str, bytes], data: bytes) -> None:
        self.kind = kind
        self.parts = parts
        self.data = data

    @property
    def has_pictures(self) -> bool:
        return any("/media/" in name for name in self.parts)

    @property
    def reaches_out(self) -> bool:
        """Whether opening it would fetch, include or run something else: a link that is clicked is none of this."""
        relations = [
            one for name, part in self.parts.items() if name.endswith(".rels") for one in RELATION.findall(part)
        ]
        outside = any(b'"External"' in one.replace(b"'", b'"') and b"/hyperlink" not in one for one in relations)
        texts = [part for name, part in self.parts.items() if name.endswith(".xml")]
        told = (b"".join(found).decode(errors="replace") for part in texts for found in INSTRUCTION.findall(part))
        macros = any(name.lower().endswith(("vbaproject.bin", "vbadata.xml")) for name in self.parts)
        chunks = any(b"/aFChunk" in one for one in relations)
        return outside or macros or chunks or any(FIELD.search(one) for one in told)


def opened(data: bytes) -> Package:
    """The parts of a docx or xlsx. Raises Refused for everything else, saying what it is."""
    if len(data) > LARGEST_FILE:
        raise Refused("file_too_large", limit=LARGEST_FILE >> 20)
    if not data.startswith(b"PK"):
        raise Refused(foreign(data))
    parts = unpacked(data)
    if any(name.startswith(MARKERS["word"]) for name in parts):
        return Package("word", parts, data)
    if any(name.startswith(MARKERS["excel"]) for name in parts):
        return Package("excel", parts, data)
    raise Refused("not_office")


def foreign(data: bytes) -> str:
    """The refusal for a file that is not a zip."""
    if not data.strip():
        return "file_empty"
    if data.startswith(b"%PDF"):
        return "is_pdf"
    if data.startswith(PICTURES) or data[4:12] in {b"ftypheic", b"ftypmif1"}:
        return "is_picture"
    if data.startswith(OLE):
        return "is_locked" if "EncryptedPackage".encode("utf-16-le") in data else "is_old"
    return "not_office"


def unpacked(data: bytes) -> dict[str, bytes]:
    """Every part, read to its end: a zip that says less than it holds fails its own checksum."""
    parts: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_PARTS or any(map(oversized, entries)) or sum(map(size, entries)) > LARGEST_CONTENT:
                raise Refused("content_too_large", limit=LARGEST_CONTENT >> 20)
            for entry in entries:
                if entry.flag_bits & 1:
                    raise Refused("is_locked")
                parts[entry.filename] = archive.read(entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError):
        raise Refused("damaged") from None
    return parts


def size(entry: zipfile.ZipInfo) -> int:
    return entry.file_size


def oversized(entry: zipfile.ZipInfo) -> bool:
    """Whether a part is more text than any table: pictures may be large, XML is taken apart in memory."""
    return entry.filename.endswith((".xml", ".rels")) and entry.file_size > LARGEST_XML
