"""Names for the sheets of a workbook: as Excel allows them, and no two alike."""

import re
import unicodedata

from handlers.cleaning import clean

LONGEST = 31  # UTF-16 units
FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
RESERVED = frozenset({"history", "历史记录"})  # Excel keeps them for its own sheet


class Tabs:
    """Gives each sheet its name; Excel takes names that differ in case only for the same one."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def name(self, wanted: str, otherwise: str) -> str:
        """The wanted name, made fit; a number in brackets tells it from an earlier one."""
        fit = FORBIDDEN.sub(" ", " ".join(clean(wanted).split())).strip("' ") or otherwise
        if fit.casefold() in RESERVED:
            fit = f"{fit} "[:LONGEST].strip() + "_"
        name = _shortened(fit, LONGEST)
        number = self._taken.get(_key(name), 1)
        while _key(name) in self._taken:
            number += 1
            self._taken[_key(_shortened(fit, LONGEST))] = number
            name = f"{_shortened(fit, LONGEST - len(f'({number})'))}({number})"
        self._taken[_key(name)] = 1
        return name


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _shortened(name: str, longest: int) -> str:
    while len(name.encode("utf-16-le")) // 2 > longest:
        name = name[:-1]
    return name.strip("' ")
