"""Pictures to forward: a sheet of data into SVG by its template, and into PNG by a process of its own."""

import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

from handlers.phrasebook import FILTERS, LANGUAGE
from handlers.reports.glyphs import drawable, fitted

LONGEST_SECONDS = 60
UNFIT = re.compile("[\x00-\x08\x0b-\x1f]")  # what XML can't hold


class NotDrawn(Exception):
    """No picture could be made; the text says why."""


def png(sheet: Mapping[str, Any]) -> bytes:
    """The picture of a sheet. Raises NotDrawn."""
    with as_file(files("handlers") / "reports") as folder:
        # -P: what lies beside the program is no library.
        command = [sys.executable, "-P", str(folder / "rasterize.py")]
        try:
            done = subprocess.run(  # noqa: S603  our own program, and the sheet goes in by its input
                command, input=svg(sheet).encode(), capture_output=True, timeout=LONGEST_SECONDS, check=True
            )
        except subprocess.CalledProcessError as error:
            raise NotDrawn(error.stderr.decode(errors="replace").strip()[-300:]) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NotDrawn(type(error).__name__) from error
    return done.stdout


def svg(sheet: Mapping[str, Any]) -> str:
    """The drawing of a sheet; names are cut to their place, and characters that the font lacks are marked."""
    known = {key: _drawable(value) for key, value in sheet.items()}
    return _templates().get_template(f"{sheet['kind']}.svg").render(sheet=known, lacking=known != dict(sheet))


def _drawable(value: Any) -> Any:
    if isinstance(value, str):
        return drawable(UNFIT.sub("", value))
    if isinstance(value, Mapping):
        return {key: _drawable(one) for key, one in value.items()}
    return [_drawable(one) for one in value] if isinstance(value, list) else value


@cache
def _templates() -> Environment:
    folder = files("handlers") / "words" / LANGUAGE
    environment = Environment(
        loader=FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8")),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS, fitted=fitted)
    return environment
