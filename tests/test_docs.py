"""The documents say what the code does: settings, commands and the map of modules."""

import ast
import re
from pathlib import Path

import pytest
import typer.main

from bot.cli import app
from bot.settings import Settings
from rubrics.reading import read
from rubrics.units import fitted

HOME = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")


def text(name: str) -> str:
    return (HOME / name).read_text(encoding="utf-8")


def commands() -> set[str]:
    """Every command as it is typed."""
    group = typer.main.get_command(app)
    found: set[str] = set()
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", {})
        found |= {f"{name} {one}" for one in below} if below else {name}
    return found


@pytest.mark.parametrize("name", READMES)
def test_every_command_is_in_the_readme(name: str) -> None:
    assert [one for one in sorted(commands()) if f"`{one}" not in text(name)] == []


@pytest.mark.parametrize("name", [*READMES, ".env.example"])
def test_every_setting_is_documented(name: str) -> None:
    documented = set(re.findall(r"[A-Z][A-Z_]{3,}", text(name)))
    assert {one.upper() for one in Settings.model_fields} - documented == set()


def test_env_example_holds_the_defaults_and_nothing_unknown() -> None:
    lines = [line for line in text(".env.example").splitlines() if re.match(r"^(# )?[A-Z_]+=", line)]
    names = {line.removeprefix("# ").split("=")[0].lower() for line in lines}
    assert names == set(Settings.model_fields)


def test_every_module_is_in_the_map() -> None:
    told = text("README.md")
    for room in ("rubrics", "storage", "handlers", "scheduler", "bot"):
        for path in sorted((HOME / room).rglob("*.py")):
            if path.name == "__init__.py" or "migrations" in path.parts:
                continue
            purpose = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()[0]
            assert f"| `{path.relative_to(HOME)}` | {purpose} |" in told


@pytest.mark.parametrize("name", READMES)
def test_the_readmes_example_of_a_rubric_is_one(name: str) -> None:
    [example] = re.findall(r"```yaml\n(id: .*?)```", text(name), re.DOTALL)
    rubric = read(example, name)
    assert [fitted(rubric, one.id).maximum for one in rubric.applicants] == [50, 40]
    told = set(re.findall(r"^\| `(\w+)[`:]", text(name), re.MULTILINE))
    assert {"ladder", "each", "deduct", "counts", "most", "applicants", "points_for"} <= told
    assert all(
        re.search(rf"\b{word}:", example) for word in ("each", "deduct", "counts", "most", "points_for", "above")
    )


def test_no_address_of_a_registry_in_the_locks() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in text(name)
        assert "--hash=sha256:" in text(name)
