"""The house's own rules: who may know whom, and what no file may do (design §2)."""

import ast
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent
# A room may use the rooms named with it, and itself.
ROOMS = {
    "rubrics": set(),
    "storage": set(),
    "handlers": {"rubrics", "storage"},
    "scheduler": {"rubrics", "storage", "handlers"},
    "bot": {"rubrics", "storage", "handlers", "scheduler"},
}
# What may be imported only where it is used: heavy, and not needed by every start.
HEAVY = {"segno", "alembic", "docx", "cn2an"}
# Our own rooms around a heavy library, entered only when their channel is on or their format is asked for.
CHANNELS = ("bot.telegram.", "bot.wechat.", "bot.wecom.")
FORMATS = tuple(f"handlers.reports.{name}" for name in ("workbook", "form", "owntemplate", "templatecheck"))
VAGUE = {"utils", "helpers", "common", "base", "manager", "core"}
FILES = sorted(path for room in ROOMS for path in (HOME / room).rglob("*.py"))


def modules(path: Path) -> list[tuple[str, ast.stmt]]:
    """Every imported module with its statement."""
    found: list[tuple[str, ast.stmt]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(name.name, node) for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.append((node.module or "", node))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HOME)))
def test_file_keeps_the_rules(path: Path) -> None:
    room = path.relative_to(HOME).parts[0]
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    for module, node in modules(path):
        first = module.split(".")[0]
        assert first not in ROOMS or first == room or first in ROOMS[room], f"{room} must not know {module}"
        inside = node.col_offset > 0
        assert not inside or first in HEAVY or module.startswith(CHANNELS + FORMATS), (
            f"{module} is imported inside something"
        )
    assert "TYPE_CHECKING" not in source
    assert path.stem not in VAGUE
    if path.name == "__init__.py":
        assert not source.strip()
    else:
        assert ast.get_docstring(tree), "a module says in one sentence what it is for"


def test_below_the_edge_nobody_asks_for_the_time() -> None:
    """`now` is an argument everywhere but in the one clock."""
    asking = [
        f"{path.relative_to(HOME)}:{node.lineno}"
        for path in FILES
        if path.relative_to(HOME).parts[0] in ("rubrics", "storage", "handlers", "scheduler")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "utcnow", "today")
        and isinstance(node.value, ast.Name)
        if node.value.id in ("datetime", "date")
    ]
    assert asking == []


def test_words_for_people_live_in_the_phrasebook() -> None:
    """No Chinese sentence in Python: words of the field in grammar are fine, punctuation of a sentence is not."""
    spoken = [
        f"{path.relative_to(HOME)}:{node.lineno} {node.value}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if any("一" <= letter <= "鿿" for letter in node.value) and node.value.rstrip().endswith(("。", "！", "？"))
        if not node.value.startswith("(?") and "|" not in node.value
    ]
    assert spoken == []
