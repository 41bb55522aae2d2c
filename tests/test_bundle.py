"""The zip of evidence, unpacked: nothing lost, nothing changed, no name that any system chokes on."""

import hashlib
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handlers.reports.bundle import MANIFEST, write_bundle
from handlers.reports.filenames import LONGEST, Names
from tests.proving import HOSTILE, lived, prove, whole, written
from tests.season import Season

INDEX = "佐证材料目录.html"


@pytest.fixture
def season(tmp_path: Path) -> Iterator[Season]:
    begun = lived(tmp_path)
    yield begun
    begun.db.close()


def bundle(season: Season, society: int | None = None) -> zipfile.ZipFile:
    return zipfile.ZipFile(written(season, partial(_write, season), society))


def _write(season: Season, snapshot: Any, out: Any) -> None:
    write_bundle(snapshot, season.store, out)


def pieces(season: Season) -> list[dict[str, Any]]:
    return [one for entry in whole(season)["entries"] for answer in entry["answers"] for one in answer["evidence"]]


def test_every_piece_is_there_with_its_bytes(season: Season) -> None:
    archive = bundle(season)
    manifest = json.loads(archive.read(MANIFEST))
    assert archive.testzip() is None
    assert len(manifest["evidence"]) == manifest["files"] == len(pieces(season)) == len(archive.namelist()) - 2
    for one in manifest["evidence"]:
        data = archive.read(one["path"])
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (one["sha256"], one["size"])
    stored = {one["sha256"] for one in pieces(season) if one["sha256"]}
    assert len(stored) == 2
    assert stored <= {one["sha256"] for one in manifest["evidence"]}
    assert manifest["bytes"] == sum(one["size"] for one in manifest["evidence"])
    texts = [
        archive.read(one["path"]).decode("utf-8-sig") for one in manifest["evidence"] if one["path"].endswith(".txt")
    ]
    assert [text.strip() for text in HOSTILE if text.strip().replace("\n", "\r\n") + "\r\n" not in texts] == []


def test_folders_and_names_follow_the_printed_numbers(season: Season) -> None:
    names = bundle(season).namelist()
    assert "浙江省示例学会/13_会员服务/13-2_照片_浙江省示例学会.jpg" in names
    assert "浙江省示例学会/13_会员服务/13-3_方案_浙江省示例学会.pdf" in names
    assert "浙江省示例学会/1_学术交流/1-1_文字_浙江省示例学会.txt" in names
    assert "1_学术交流/1-1_文字_浙江省示例学会.txt" in bundle(season, 1).namelist()


def test_names_are_marked_as_utf_8(season: Season) -> None:
    assert all(one.flag_bits & 0x800 for one in bundle(season).infolist() if not one.filename.isascii())


def test_the_directory_links_to_every_file_and_escapes_what_people_wrote(season: Season) -> None:
    archive = bundle(season)
    page = archive.read(INDEX).decode()
    links = [unquote(one) for one in re.findall(r'href="([^"]*)"', page)]
    assert sorted(links) == sorted(set(archive.namelist()) - {INDEX, MANIFEST})
    assert "&lt;b&gt;&amp;amp;&lt;/b&gt;]]&gt;" in page
    assert "<b>" not in page
    assert f"共{len(links)}份材料" in page


def test_a_file_that_is_lost_or_changed_is_said_and_never_silently_left_out(season: Season) -> None:
    lost, changed = [one["sha256"] for one in pieces(season) if one["sha256"]]
    season.store.path(lost).unlink()
    season.store.path(changed).write_bytes(b"other")
    archive = bundle(season)
    manifest = json.loads(archive.read(MANIFEST))
    faults = {one["fault"]: one["path"] for one in manifest["evidence"] if "fault" in one}
    assert (manifest["missing"], manifest["damaged"], set(faults)) == (1, 1, {"missing", "damaged"})
    assert archive.read(faults["damaged"]) == b"other"
    assert faults["missing"] not in archive.namelist()
    page = archive.read(INDEX).decode()
    assert "缺失1份" in page
    assert "损坏1份" in page


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.jpg",
        "C:\\a\\..\\b.pdf",
        "CON.pdf",
        "a/b:c?.pdf",
        "x" * 300 + ".pdf",
        "",
        "..",
        "\u202egpj.exe",
    ],
)
def test_a_name_that_people_gave_makes_no_path(season: Season, name: str) -> None:
    blob = next(one["sha256"] for one in pieces(season) if one["sha256"])
    prove(season, "training", kind="file", name=name, sha256=blob, size=1, key=500)
    inside = bundle(season).namelist()
    (one,) = [path for path in inside if path.startswith("浙江省示例学会/8_") and not path.endswith(".txt")]
    assert one.count("/") == 2
    assert all(fit(part) for part in one.split("/"))


def fit(part: str) -> bool:
    return (
        0 < len(part.encode()) <= LONGEST
        and not set(part) & set('<>:"/\\|?*\0\n\t')
        and part.strip(" .") == part.rstrip(" .")
        and part == part.rstrip(" .")
        and not re.match(r"(con|prn|aux|nul|com\d|lpt\d)\s*(\.|$)", part, re.IGNORECASE)
        and not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs") for letter in part)
    )


@given(st.lists(st.tuples(st.text(max_size=150), st.sampled_from(["", ".jpg", ".txt"])), max_size=20))
@example([("con", ""), ("CON", ""), ("nul ", ".txt"), ("com1.x", ""), ("a.", ""), ("A", ""), (" a ", ""), ("..", "")])
@example([("学" * 100, ".jpg"), ("学" * 100, ".jpg"), ("🎉" * 99, "")])
@settings(deadline=None)
def test_names_are_fit_for_every_system_and_all_different(wanted: list[tuple[str, str]]) -> None:
    names = Names()
    made = [names.unique(stem, ending, "文件") for stem, ending in wanted]
    assert all(fit(one) for one in made)
    assert len({unicodedata.normalize("NFKC", one).casefold() for one in made}) == len(made)
    assert all(one.endswith(ending) for one, (_, ending) in zip(made, wanted, strict=True))
