"""A fault in a rubric file: where it stands and what is wrong, in Chinese and in English."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault; line and column count from 1."""

    file: str
    line: int
    column: int
    path: str
    code: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column} {self.path}：{self.zh} / {self.en}"


class Faulty(Exception):
    """The file can't be used; `faults` names everything that is wrong with it, in the order of the file."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(map(str, self.faults)))


@cache
def sentences() -> dict[str, dict[str, str]]:
    """The sentence of every fault code in both languages."""
    loaded: dict[str, dict[str, str]] = yaml.safe_load(files("rubrics").joinpath("faults.yaml").read_text("utf-8"))
    return loaded


def fault(file: str, line: int, column: int, path: str, code: str, details: dict[str, object]) -> Fault:
    """A fault with its sentences filled in."""
    said = {language: sentence.format(**details) for language, sentence in sentences()[code].items()}
    return Fault(file, line, column, path or ".", code, said["zh"], said["en"])
