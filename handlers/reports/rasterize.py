"""A program of its own: SVG from its input, PNG to its output; drawing would hold up every turn of this process."""

import sys
from pathlib import Path

import resvg_py

FONTS = Path(__file__).parent / "fonts"

if __name__ == "__main__":
    drawn = resvg_py.svg_to_bytes(
        svg_string=sys.stdin.buffer.read().decode(),
        skip_system_fonts=True,  # the same picture on every machine
        font_files=[str(path) for path in sorted(FONTS.glob("*.ttf"))],
    )
    sys.stdout.buffer.write(bytes(drawn))
