"""Every node of a rubric with the path that leads to it, for whoever has to say where something is wrong."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rubrics.model import Item, Requirement, Rubric, Section

Path = tuple[str | int, ...]


class Problem(NamedTuple):
    """A fault of meaning: where it is mended, its code in faults.yaml, and what its sentence mentions."""

    path: Path
    code: str
    details: dict[str, object]


def sections(rubric: Rubric) -> Iterator[tuple[Path, Section]]:
    """Every section, outer before inner."""
    yield from below((), rubric.sections)


def below(path: Path, children: Sequence[Section]) -> Iterator[tuple[Path, Section]]:
    for number, section in enumerate(children):
        here = (*path, "sections", number)
        yield here, section
        yield from below(here, section.sections)


def items(rubric: Rubric) -> Iterator[tuple[Path, Item]]:
    """Every item."""
    for path, section in sections(rubric):
        for number, item in enumerate(section.items):
            yield (*path, "items", number), item


def asked(rubric: Rubric) -> Iterator[tuple[Path, Requirement]]:
    """Every requirement and item."""
    for number, requirement in enumerate(rubric.requirements):
        yield ("requirements", number), requirement
    for path, section in sections(rubric):
        for number, requirement in enumerate(section.requirements):
            yield (*path, "requirements", number), requirement
    yield from items(rubric)
