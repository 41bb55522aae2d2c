"""The evidence of a round as one zip: folders by printed number, a linked directory, and a manifest with every hash."""

import hashlib
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any, BinaryIO
from urllib.parse import quote

from handlers.cleaning import clean
from handlers.phrasebook import phrasebook, second
from handlers.reports.dossiers import Folder, folders
from handlers.reports.filenames import Names, safe
from handlers.reports.snapshot import Snapshot
from handlers.reports.table import labels
from rubrics.model import Item
from storage.files import CHUNK, FileStore
from storage.filetypes import suffix

MANIFEST = "manifest.json"
PACKED = {"jpg", "jpeg", "png", "webp", "heic", "mp4", "zip", "docx", "xlsx", "pptx", "ofd", "pdf", "amr", "ogg"}
ENDINGS = {"photo": "jpg", "voice": "amr", "video": "mp4"}  # where a chat gave no name


class Bundle:
    """An open zip that takes evidence, piece by piece; what it knows of them waits in files, not in memory."""

    def __init__(self, snapshot: Snapshot, store: FileStore, out: BinaryIO) -> None:
        self.snapshot, self.store = snapshot, store
        self.archive = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False)
        self.listed = self.written = 0
        self.bytes = 0
        self.faults = {"missing": 0, "damaged": 0}
        self.pages = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 closed with the zip
        self.index = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115

    def add(self, entry: Mapping[str, Any], folder: str) -> None:
        """One society's evidence; `folder` ends with a slash, or is empty."""
        titled, taken = False, Names()
        for item, pieces in self._parts(entry):
            names = Names()
            place = folder + taken.unique(f"{number(item)}_{item.name}", "", number(item)) + "/"
            for count, piece in enumerate(pieces, 1):
                if not titled:
                    self.pages.write(phrasebook().text("bundle_society", {"society": clean(entry["society"])}))
                    titled = True
                path = place + names.unique(*_named(item, count, piece, entry["society"]), number(item))
                self._piece(entry, item, piece, path)
        if titled:
            self.pages.write(phrasebook().text("bundle_society_end", {}))

    def _parts(self, entry: Mapping[str, Any]) -> Iterator[tuple[Item | Folder, Sequence[Mapping[str, Any]]]]:
        """What has a folder of its own: the items of a table, or what was applied for and all that came with it."""
        for item, answer in zip(self.snapshot.rubric_of(entry).items, entry["answers"], strict=True):
            yield item, answer["evidence"]
        if self.snapshot.rubric.kind == "projects":
            snapshot = self.snapshot
            yield from folders(snapshot.db, snapshot.round, snapshot.rubric, entry, veiled=snapshot.veiled)

    def _piece(self, entry: Mapping[str, Any], item: Item | Folder, piece: Mapping[str, Any], path: str) -> None:
        made = self._copy(piece, path) if piece["sha256"] else self._words(piece, path)
        fault = made.get("fault")
        if fault:
            self.faults[fault] += 1
        kept = {"society": entry["society"], "no": item.no, "item": item.id, **_told(piece), "path": path, **made}
        self.index.write(f"{',' if self.listed else ''}\n  {json.dumps(kept, ensure_ascii=False)}")
        self.listed += 1
        about = {
            "item": item,
            "kind": labels()[piece["kind"]] + (labels()["late_piece"] if piece["late"] else ""),
            "href": None if fault == "missing" else quote(path),
            "shown": path.rsplit("/", 1)[-1],
            "fault": labels()[fault] if fault else "",
            "name": clean(piece["name"] or ""),
            "bytes": made["size"],
            "at": (piece["at"] or "")[:16].replace("T", " "),
            "said": clean(piece["text"] or ""),
        }
        self.pages.write(phrasebook().text("bundle_row", about) + "\n")

    def _copy(self, piece: Mapping[str, Any], path: str) -> dict[str, Any]:
        """Stored bytes, in chunks; a hash that differs is said, and the bytes are given all the same."""
        stored = self.store.path(piece["sha256"])
        if not stored.is_file():
            return {"sha256": piece["sha256"], "size": 0, "fault": "missing"}
        packed = suffix(path) in PACKED
        with stored.open("rb") as source:
            made = self._write(path, _chunks(source), piece["at"], zipfile.ZIP_STORED if packed else None)
        return made if made["sha256"] == piece["sha256"] else {**made, "fault": "damaged"}

    def _words(self, piece: Mapping[str, Any], path: str) -> dict[str, Any]:
        """As the simplest editors of Windows open it: marked UTF-8, CRLF."""
        text = clean(piece["text"] or "").replace("\n", "\r\n") + "\r\n"
        return self._write(path, [text.encode("utf-8-sig")], piece["at"])

    def _write(
        self, path: str, chunks: Iterable[bytes], at: str | None, compression: int | None = None
    ) -> dict[str, Any]:
        digest, size = hashlib.sha256(), 0
        with self._entry(path, at, compression) as target:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        self.written += 1
        self.bytes += size
        return {"sha256": digest.hexdigest(), "size": size}

    @contextmanager
    def _entry(self, path: str, at: str | None, compression: int | None = None) -> Iterator[IO[bytes]]:
        """zipfile marks a name that is not ASCII as UTF-8 by itself."""
        when = (datetime.fromisoformat(at) if at else self.snapshot.head.at).astimezone(self.snapshot.zone)
        about = zipfile.ZipInfo(path, when.timetuple()[:6])
        about.compress_type = zipfile.ZIP_DEFLATED if compression is None else compression
        about.external_attr = 0o644 << 16
        with self.archive.open(about, "w") as target:
            yield target

    def close(self) -> None:
        """The directory and the manifest last, when everything is known."""
        head, files = {"head": self.snapshot.head}, {"files": self.written, **self.faults}
        with self._entry(f"{labels()['directory']}.html", None) as target:
            target.write(phrasebook().text("bundle_head", head).encode())
            _pour(self.pages, target)
            target.write(phrasebook().text("bundle_foot", files).encode())
        with self._entry(MANIFEST, None) as target:
            opening = json.dumps(self._about(), ensure_ascii=False, indent=1).removesuffix("\n}")
            target.write(f'{opening},\n "evidence": ['.encode())
            _pour(self.index, target)
            target.write(b"\n ]\n}\n")
        self.archive.close()
        self.pages.close()
        self.index.close()

    def _about(self) -> dict[str, Any]:
        head = self.snapshot.head
        return {
            "round": head.title,
            "rubric": head.rubric,
            "rubric_sha256": self.snapshot.round.rubric_sha256,
            "exported_at": second(head.at, head.zone),
            "timezone": head.zone,
            "societies": head.societies,
            "files": self.written,
            "bytes": self.bytes,
            **self.faults,
        }


def write_bundle(snapshot: Snapshot, store: FileStore, out: BinaryIO) -> int:
    """The whole zip; how many pieces had lost their file, or found it changed."""
    bundle, taken = Bundle(snapshot, store, out), Names([MANIFEST, f"{labels()['directory']}.html"])
    projects = snapshot.rubric.kind == "projects"
    for entry in snapshot.entries():
        if not entry["answers"] and not projects:
            continue  # who owes no table has no evidence for one
        alone = len(snapshot.societies) == 1
        bundle.add(entry, "" if alone else taken.unique(entry["society"], "", labels()["untitled"]) + "/")
    bundle.close()
    return sum(bundle.faults.values())


def number(item: Item | Folder) -> str:
    """The printed 序号, or the position where none is printed."""
    return item.no or str(item.position)


def _named(item: Item | Folder, count: int, piece: Mapping[str, Any], society: str) -> tuple[str, str]:
    """12-3_照片_学会名 and .jpg; a file keeps its own name in the middle."""
    name = clean(piece["name"] or "")
    ending = suffix(name) if piece["sha256"] else "txt"
    middle = labels()[piece["kind"]]
    if piece["kind"] == "file" and "." in name:
        middle = safe(name.rsplit(".", 1)[0], middle, 80)
    if not (ending.isascii() and ending.isalnum() and len(ending) <= 5):
        ending = ENDINGS.get(piece["kind"], "bin")
    return f"{number(item)}-{count}_{middle}_{safe(society, labels()['untitled'], 80)}", f".{ending}"


def _told(piece: Mapping[str, Any]) -> dict[str, Any]:
    return {key: piece[key] for key in ("kind", "name", "at", "late", "receipt")}


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk


def _pour(held: IO[str], target: IO[bytes]) -> None:
    held.seek(0)
    writer = io.TextIOWrapper(target, encoding="utf-8", newline="")
    shutil.copyfileobj(held, writer)
    writer.detach()
