"""Small valid pictures, made here: no test needs a file of its own."""

import struct
import zlib


def png(width: int = 320, height: int = 200, seed: int = 0) -> bytes:
    """A soft gradient under a few slanted bands; another seed gives other bytes."""
    rows = b"".join(
        b"\0" + b"".join(bytes(_pixel(x / width, y / height, seed)) for x in range(width)) for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = _part(b"IHDR", header), _part(b"IDAT", zlib.compress(rows, 9)), _part(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _pixel(x: float, y: float, seed: int) -> tuple[int, int, int]:
    band = int((x * 3 + y * 2 + seed * 0.37) * 2) % 2
    return int(120 + 90 * x), int(140 + 60 * y), 150 + 40 * band


def _part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
