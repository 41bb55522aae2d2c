"""Evidence on disk: named by its content, whole or not at all, told by its bytes."""

import hashlib
import io
import struct
import zipfile
from pathlib import Path
from typing import BinaryIO

import pytest

from handlers.cleaning import clean, clean_name
from storage.files import FileStore
from storage.filetypes import sniff


class Torn(io.BytesIO):
    """A source that breaks in the middle, as a cut connection does."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise ConnectionResetError
        return super().read(3)


def test_the_same_bytes_are_one_blob(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    first, second = store.put(io.BytesIO(b"photo")), store.put(io.BytesIO(b"photo"))
    assert first == second
    assert first.sha256 == hashlib.sha256(b"photo").hexdigest()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [first.sha256]
    assert store.intact(first.sha256)


def test_an_interrupted_upload_leaves_nothing(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    with pytest.raises(ConnectionResetError):
        store.put(Torn(b"half of a photo"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_a_kill_left_behind_is_swept_and_nothing_else(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    kept = store.put(io.BytesIO(b"photo"))
    (store.incoming / "left").write_bytes(b"half")
    age = (store.incoming / "left").stat().st_mtime
    assert store.sweep(age) == 0
    assert store.sweep(age + 1) == 1
    assert store.intact(kept.sha256)


def test_damage_is_noticed(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    blob = store.put(io.BytesIO(b"photo"))
    store.path(blob.sha256).write_bytes(b"ph0to")
    assert not store.intact(blob.sha256)
    assert not store.intact("0" * 64)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "0" * 63])
def test_only_a_hash_is_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="sha256"):
        FileStore(tmp_path).path(name)


def archive(*members: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        for member in members:
            made.writestr(member, "x")
    return data.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"\xff\xd8\xff\xe0x", "a.jpg", "jpg"),
        (b"\xff\xd8\xff\xe0x", "a.pdf", "jpg"),
        (b"\x89PNG\r\n\x1a\nx", "a.png", "png"),
        (b"RIFF\x00\x00\x00\x00WEBPx", "a.webp", "webp"),
        (b"\x00\x00\x00\x18ftypheic", "a.heic", "heic"),
        (b"\x00\x00\x00\x18ftypmp42", "a.mp4", "mp4"),
        (b"\x00\x00\x00\x18ftypxxxx", "a.mp4", None),
        (b"%PDF-1.7", "a.pdf", "pdf"),
        (OLE, "a.doc", "doc"),
        (OLE, "a.wps", "wps"),
        (OLE, "a.msi", None),
        (archive("word/document.xml"), "a.docx", "docx"),
        (archive("xl/workbook.xml"), "a.xlsx", "xlsx"),
        (archive("ppt/presentation.xml"), "a.pptx", "pptx"),
        (archive("OFD.xml"), "a.ofd", "ofd"),
        (archive("a.txt"), "a.zip", "zip"),
        (b"PK\x03\x04broken", "a.zip", None),
        ("说明".encode(), "a.txt", "txt"),
        ("说明".encode("gb18030"), "a.txt", "txt"),
        (b"<html><script>", "a.txt", None),
        (b"<svg xmlns=''>", "a.svg", None),
        (b"MZ\x90\x00", "a.exe", None),
        (b"MZ\x90\x00", "a.jpg", None),
        (b"plain", "a.sh", None),
        (b"\x00\x01", "a.txt", None),
    ],
)
def test_a_file_is_what_its_content_is(tmp_path: Path, data: bytes, name: str, kind: str | None) -> None:
    store = FileStore(tmp_path)
    source: BinaryIO = io.BytesIO(data)
    blob = store.put(source)
    assert sniff(blob.head, store.path(blob.sha256), name) == kind


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("a\x00b\x07c", "abc"),
        ("一\r\n二\r三", "一\n二\n三"),
        ("\ud800x", "x"),
        ("  e\u0301  ", "é"),
        ("👨‍👩‍👧 ㎡ ①", "👨‍👩‍👧 ㎡ ①"),
        ("\ufffe\uffff", ""),
    ],
)
def test_text_is_cleaned_of_what_nothing_can_hold(raw: str, kept: str) -> None:
    assert clean(raw) == kept


@pytest.mark.parametrize(
    ("raw", "kept"),
    [("../../x.jpg", "x.jpg"), ("C:\\照片\\会场.jpg", "会场.jpg"), ("a\nb.jpg", "a b.jpg"), ("", "")],
)
def test_a_file_name_is_only_text(raw: str, kept: str) -> None:
    assert clean_name(raw) == kept


def test_a_long_file_name_keeps_its_ending() -> None:
    name = clean_name("会" * 300 + ".pdf")
    assert len(name) <= 120
    assert name.endswith(".pdf")


def crowd(*, lie: bool = False, large: bool = False) -> bytes:
    """A directory of many members that says it has one."""
    number = 60_000
    head = b"PK\x03\x04" + bytes(26)
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0)
    directory = b"".join(entry + f"{n:04x}".encode() for n in range(number))
    size, at = len(directory), len(head)
    more = b""
    if large:
        more = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, number, number, size, at)
        more += struct.pack("<4sLQL", b"PK\x06\x07", 0, at + size, 1)
    told = (1, 1, 46 if large else size) if lie or large else (number, number, size)
    return head + directory + more + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, *told, at, 0)


def test_archives_that_break_the_reader_are_refused(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    broken = bytearray(archive("a.txt"))
    entry = broken.find(b"PK\x01\x02")
    broken[entry + 6] = 200  # a version nobody can read
    named = bytearray(archive("abc.txt"))
    entry = named.find(b"PK\x01\x02")
    named[entry + 9] |= 8  # says UTF-8 …
    named[entry + 46] = 0xFF  # … and is not
    crowded = archive("a.txt")
    at = crowded.rfind(b"PK\x05\x06")
    crowded = crowded[: at + 10] + (60_000).to_bytes(2, "little") + crowded[at + 12 :]
    crowds = [crowd(lie=True), crowd(large=True)]
    for data in (bytes(broken), bytes(named), crowded, *crowds):
        blob = store.put(io.BytesIO(data))
        assert sniff(blob.head, store.path(blob.sha256), "a.zip") is None
