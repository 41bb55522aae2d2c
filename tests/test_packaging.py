"""The wheel: every data file is inside, and the installed command works from another folder."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HOME = Path(__file__).parent.parent
ROOMS = ("bot", "handlers", "rubrics", "scheduler", "storage")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        folder,
        HOME,
    ]
    subprocess.run(command, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


def test_every_tracked_file_of_the_rooms_is_in_the_wheel(wheel: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", *ROOMS], cwd=HOME, check=True, capture_output=True, text=True)
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    assert set(tracked.stdout.split()) - inside == set()
    assert not [name for name in inside if name.startswith(("tests/", "data/"))]


def test_the_installed_command_works_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    """Unpacked beside the libraries, never beside the sources; as `xuehui` does."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
        metadata = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "xuehui = bot.__main__:main" in archive.read(metadata).decode()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed"), "DATA_DIR": str(tmp_path / "data")}
    shown = [sys.executable, "-c", "from bot.__main__ import main; main()", "rubric", "list"]
    done = subprocess.run(shown, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "zhejiang-2020" in done.stdout
    opened = subprocess.run(
        [*shown[:3], "round", "open", "zhejiang-2020", "--json"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert opened.returncode == 0, opened.stderr
    assert '"rubric": "zhejiang-2020"' in opened.stdout
