"""What reading an office's table leaves open: where it stands, what was read there and what is asked, in Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import yaml

from rubrics.importing.grid import Spot

LONGEST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should look at; where `decide`, the rubric is not finished before she has."""

    code: str
    spot: Spot | None = None
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def decide(self) -> bool:
        return bool(sentences()[self.code]["decide"])

    @property
    def said(self) -> str:
        """The sentence without its place."""
        shown = {name: short(value) for name, value in self.details.items()}
        return str(sentences()[self.code]["says"]).format(**shown)

    def __str__(self) -> str:
        return f"{placed(self.spot)}：{self.said}" if self.spot else self.said


class Refused(Exception):
    """Nothing can be read from this file; the text is the sentence that says why and what to do."""

    def __init__(self, code: str, spot: Spot | None = None, **details: object) -> None:
        self.code = code
        super().__init__(str(Finding(code, spot, details)))


@cache
def sentences() -> dict[str, dict[str, object]]:
    """The sentence of every finding and refusal."""
    loaded: dict[str, dict[str, object]] = yaml.safe_load(
        files("rubrics.importing").joinpath("findings.yaml").read_text("utf-8")
    )
    return loaded


def placed(spot: Spot) -> str:
    """A cell as people find it: a sheet's own name for it, or the table, row and column of a document."""
    code = "place_in_sheet" if spot.sheet else "place_in_document"
    column = "" if spot.column is None else letters(spot.column) if spot.sheet else spot.column
    said = str(sentences()[code if spot.column else f"{code}_row"]["says"])
    return said.format(sheet=spot.sheet, table=spot.table, row=spot.row, column=column)


def letters(column: int) -> str:
    """27 → AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def short(value: object) -> object:
    """What was read, on one line and cut short."""
    if not isinstance(value, str):
        return value
    line = " ".join(value.split())
    return line if len(line) <= LONGEST_SHOWN else f"{line[: LONGEST_SHOWN - 1]}…"
