"""Small valid pictures, made here: no test needs a file of its own, no picture of ours is larger than it must be."""

import itertools
import math
import struct
import zlib
from collections import Counter

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SKY, SUN, FAR, NEAR = (196, 220, 236), (250, 214, 130), (120, 160, 150), (62, 110, 96)


def png(width: int = 320, height: int = 200, seed: int = 0) -> bytes:
    """Two hills under a sun; another seed moves the hills."""
    rows = b"".join(
        b"\0" + b"".join(bytes(_pixel(x, y, width, height, seed)) for x in range(width)) for y in range(height)
    )
    return _file(struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0), (b"IDAT", zlib.compress(rows, 9)))


def _pixel(x: int, y: int, width: int, height: int, seed: int) -> tuple[int, int, int]:
    if y > height * (0.75 + 0.1 * math.sin(5 * x / width + 1 + seed)):
        return NEAR
    if y > height * (0.6 + 0.14 * math.sin(7 * x / width + seed)):
        return FAR
    return SUN if math.hypot(x - width * 0.75, y - height * 0.25) < height * 0.11 else SKY


def indexed(picture: bytes) -> bytes:
    """The same 8-bit RGB picture with a palette of its 256 commonest colours; any other becomes the nearest of them."""
    width, height, rows = _decoded(picture)
    pixels = [[row[place : place + 3] for place in range(0, len(row), 3)] for row in rows]
    common = Counter(itertools.chain.from_iterable(pixels)).most_common()
    palette = [colour for colour, _ in common[:256]]
    index = {colour: _nearest(colour, palette) for colour, _ in common[256:]}
    index.update((colour, number) for number, colour in enumerate(palette))
    packed = b"".join(b"\0" + bytes(index[colour] for colour in row) for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return _file(header, (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(packed, 9)))


def _nearest(colour: bytes, palette: list[bytes]) -> int:
    return min(range(len(palette)), key=lambda number: math.dist(colour, palette[number]))


def _decoded(picture: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and the rows of an 8-bit RGB picture, as Chromium writes them."""
    parts, place = [], len(SIGNATURE)
    while place < len(picture):
        (length,) = struct.unpack_from(">I", picture, place)
        parts.append((picture[place + 4 : place + 8], picture[place + 8 : place + 8 + length]))
        place += length + 12
    width, height, depth, kind = struct.unpack_from(">IIBB", parts[0][1])
    assert (depth, kind) == (8, 2), "only RGB"
    data = zlib.decompress(b"".join(body for name, body in parts if name == b"IDAT"))
    rows, above, step = [], bytes(width * 3), width * 3 + 1
    for start in range(0, height * step, step):
        above = _unfiltered(data[start], data[start + 1 : start + step], above)
        rows.append(above)
    return width, height, rows


def _unfiltered(kind: int, row: bytes, above: bytes) -> bytes:
    """One row without its filter (PNG specification, 9.2)."""
    out = bytearray(3) + row  # three zero bytes stand left of the first pixel
    over = bytes(3) + above
    for place in range(3, len(out)):
        left, up, corner = out[place - 3], over[place], over[place - 3]
        guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind]
        out[place] = (out[place] + guess) & 0xFF
    return bytes(out[3:])


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))


def _file(header: bytes, *parts: tuple[bytes, bytes]) -> bytes:
    whole = ((b"IHDR", header), *parts, (b"IEND", b""))
    return SIGNATURE + b"".join(_part(name, data) for name, data in whole)


def _part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
