"""What a file is, told by its content: the allow-list of contract.md, and nothing by its name alone."""

import struct
import zipfile
from pathlib import Path

# First bytes → extension. OLE and ZIP are containers: what is inside or the name decides between their kinds.
MAGIC = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"%PDF-", "pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"PK\x03\x04", "zip"),
    (b"#!AMR", "amr"),
    (b"OggS", "ogg"),
)
OLE_KINDS = ("doc", "xls", "ppt", "wps", "et")
OFFICE_PARTS = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"), ("OFD.xml", "ofd"))
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")
MP4_BRANDS = (b"isom", b"iso2", b"mp41", b"mp42", b"avc1", b"M4V ", b"qt  ", b"3gp4", b"3gp5", b"mp4v")
MOST_ENTRIES = 10_000
END_BYTES = 66_000  # the end record with the longest comment
LOCATOR_BYTES, LARGE_END_BYTES = 20, 56  # before it in an archive that may be larger than 4 GB
ENTRY_BYTES = 46 + 200  # of the directory: what every member takes, and a long path
TEXTS = ("txt", "csv", "yaml", "yml")
PHOTOS = ("jpg", "png", "webp", "heic")
VOICES = ("amr", "ogg")  # what WeChat, WeCom and Telegram record
MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "heic": "image/heic",
    "pdf": "application/pdf",
    "mp4": "video/mp4",
    "amr": "audio/amr",
    "ogg": "audio/ogg",
    "txt": "text/plain; charset=utf-8",
}


def sniff(head: bytes, path: Path, name: str) -> str | None:
    """The extension of the allow-list that the content has, or None. `head` is the first kilobyte."""
    for magic, kind in MAGIC:
        if head.startswith(magic):
            return _contained(kind, path, name)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return "heic" if head[8:12] in HEIC_BRANDS else "mp4" if head[8:12] in MP4_BRANDS else None
    return "txt" if suffix(name) in TEXTS and _is_plain_text(path) else None


def media_type(kind: str) -> str:
    return MEDIA_TYPES.get(kind, "application/octet-stream")


def suffix(name: str) -> str:
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""


def _contained(kind: str, path: Path, name: str) -> str | None:
    if kind == "ole":
        return suffix(name) if suffix(name) in OLE_KINDS else None
    if kind != "zip":
        return kind
    if _entries(path) > MOST_ENTRIES:
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error):
        return None
    for part, office in OFFICE_PARTS:
        if any(member.startswith(part) for member in members):
            return office
    return "zip"


def _entries(path: Path) -> int:
    """How many members the end of the archive has room for; reading a directory of half a million costs seconds. The
    number that stands beside the directory's size is whatever the sender wants it to be."""
    with path.open("rb") as archive:
        archive.seek(max(path.stat().st_size - END_BYTES, 0))
        end = archive.read()
    at = end.rfind(b"PK\x05\x06")
    if at < 0:
        return 0
    large = at - LOCATOR_BYTES - LARGE_END_BYTES
    if end[at - LOCATOR_BYTES : at][:4] == b"PK\x06\x07" and large >= 0:
        told, size = struct.unpack_from("<QQ", end, large + 32)
    else:
        told, size = struct.unpack_from("<HL", end[: at + 16].ljust(at + 16, b"\0"), at + 10)
    return int(max(told, size // ENTRY_BYTES))


def _is_plain_text(path: Path) -> bool:
    data = path.read_bytes()
    if b"\x00" in data or data.lstrip()[:1] == b"<":
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
