"""Text → intents: the tables of sayings, hostile input, and what must hold for any text at all."""

from pathlib import Path

import pytest

from handlers.understand import understand
from rubrics.reading import catalog, read
from tests.sayings import ARROW, FOLDER, asking, sayings, shown, unfolded

RUBRIC = read(catalog()["zhejiang-2020"], "zhejiang-2020.yaml")


def meant(text: str, heading: str) -> str:
    return shown(understand(text, asking(heading, RUBRIC), RUBRIC), RUBRIC)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_sayings(path: Path, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--record"):
        path.write_text(recorded(path), encoding="utf-8")
    wrong = {
        (one.heading, one.text): f"{heard}, not {one.meant}"
        for one in sayings(path)
        if (heard := meant(one.text, one.heading)) != one.meant
    }
    assert not wrong


def recorded(path: Path) -> str:
    lines, heading = [], ""
    for line in path.read_text(encoding="utf-8").splitlines():
        heading = line[3:] if line.startswith("== ") else heading
        text = line.partition(ARROW)[0]
        said = line and not line.startswith(("#", "== "))
        lines.append(f"{text}{ARROW}{meant(unfolded(text), heading)}" if said else line)
    return "\n".join(lines) + "\n"
