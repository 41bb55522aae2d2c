"""A file that arrives on any channel: within its size, of a kind on the list, its bytes on disk before any row."""

from typing import BinaryIO

from handlers.messages import Incoming
from handlers.phrasebook import phrasebook
from storage.files import FileStore
from storage.filetypes import sniff

FILE_BYTES = 20 << 20


class Unfit(Exception):
    """The file can't be taken; the text says why, `status` is how HTTP says it."""

    def __init__(self, status: int, why: str, name: str) -> None:
        super().__init__(phrasebook().text(why, {"name": name}))
        self.status = status


def keep(store: FileStore, source: BinaryIO, name: str) -> Incoming:
    """Store the bytes. Raises Unfit for a file that is empty, larger than 20 MB or of another kind."""
    size = source.seek(0, 2)
    source.seek(0)
    if size > FILE_BYTES:
        raise Unfit(413, "http_file_too_big", name)
    if not size:
        raise Unfit(400, "http_file_empty", name)
    blob = store.put(source)
    kind = sniff(blob.head, store.path(blob.sha256), name)
    if kind is None:
        raise Unfit(415, "http_file_type", name)
    return Incoming(name, blob.sha256, blob.size, kind)
