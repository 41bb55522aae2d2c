"""Evidence on disk, named by its content: a row about a file is written only when its bytes are safe."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

CHUNK = 1 << 20  # bytes


@dataclass(frozen=True)
class Blob:
    sha256: str
    size: int  # bytes
    head: bytes  # the first kilobyte, to tell the type by


class FileStore:
    """A folder of blobs: ab/cd/<sha256>."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.incoming = folder / "incoming"

    def put(self, source: BinaryIO) -> Blob:
        """Temporary file, fsync, rename, fsync of the folder: after this returns the bytes survive a power cut."""
        self.incoming.mkdir(parents=True, exist_ok=True)
        digest, size, head = hashlib.sha256(), 0, b""
        handle, name = tempfile.mkstemp(dir=self.incoming)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as target:
                while chunk := source.read(CHUNK):
                    head = head or chunk[:1024]
                    digest.update(chunk)
                    size += len(chunk)
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            place = self.path(digest.hexdigest())
            place.parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(place)
            for folder in (place.parent, place.parent.parent, self.folder):
                _sync_folder(folder)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return Blob(digest.hexdigest(), size, head)

    def path(self, sha256: str) -> Path:
        """Where the bytes of this hash lie. Raises ValueError when it is no sha256."""
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise ValueError("not a sha256")
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def sweep(self, before: float) -> int:
        """Remove what interrupted uploads left behind before this moment (seconds since the epoch); how many."""
        left = [path for path in self.incoming.glob("*") if path.stat().st_mtime < before]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def blobs(self) -> list[str]:
        """The hashes of everything that is stored."""
        return sorted(path.name for path in self.folder.glob("??/??/*") if len(path.name) == 64)

    def intact(self, sha256: str) -> bool:
        """The bytes are there and still hash to their name."""
        path = self.path(sha256)
        if not path.exists():
            return False
        with path.open("rb") as stored:
            return hashlib.file_digest(stored, "sha256").hexdigest() == sha256


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
