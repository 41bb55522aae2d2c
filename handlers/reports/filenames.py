"""Names of files and folders as every system unpacks them: no path tricks, not too long, no two alike."""

import re
import unicodedata
from collections.abc import Iterable

from handlers.cleaning import clean

LONGEST = 200  # bytes of UTF-8 in one part of a path
FORBIDDEN = re.compile(r'[<>:"/\\|?*\n\t]')
# Windows takes these for devices, with any ending.
DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)", re.IGNORECASE)


def safe(name: str, otherwise: str, longest: int = LONGEST) -> str:
    """One part of a path: what no system forbids, without signs that hide or turn others round."""
    visible = "".join(one for one in clean(name) if unicodedata.category(one) not in ("Cf", "Co", "Cn", "Zl", "Zp"))
    fit = FORBIDDEN.sub("_", visible).strip(" .") or otherwise
    if DEVICE.match(fit):
        fit = f"_{fit}"
    return shortened(fit, longest).rstrip(" .") or otherwise


def shortened(name: str, longest: int) -> str:
    """At most so many bytes, cut between letters."""
    return name.encode()[:longest].decode(errors="ignore")


class Names:
    """Gives names that are all different within their folder, to systems that do not tell letters' cases apart."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {_key(name) for name in taken}

    def unique(self, stem: str, ending: str, otherwise: str) -> str:
        """The name, with a number where an earlier one is the same; the ending is kept whatever the length."""
        number = 1
        while True:
            tail = (f"({number})" if number > 1 else "") + ending
            name = safe(stem, otherwise, LONGEST - len(tail.encode())) + tail
            if _key(name) not in self._taken:
                self._taken.add(_key(name))
                return name
            number += 1


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
