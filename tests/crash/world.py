"""The house as the operator sets it up and looks at it: societies, round, codes, export, check, integrity."""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.crash.history import Input, Person, Photo
from tests.crash.server import Server

SOCIETIES = ("浙江省茶叶学会", "浙江省水利学会", "浙江省电子学会", "浙江省园艺学会")
SEATS = (0, 0, 1, 2, 3)  # the first two sit in one society


OFFICER = "周科长"


@dataclass(frozen=True)
class Brought(Photo):
    """A file that somebody of the office sends."""

    text: str = ""

    def bytes(self) -> bytes:
        return self.text.encode()


def set_up(server: Server, waves: int) -> tuple[list[list[Person]], Person]:
    """Open the round and invite everybody: for each seat the persons who will sit there after each other, and an officer."""
    roster = server.folder / "roster.csv"
    roster.write_text("\n".join(("学会名称", *SOCIETIES)) + "\n", encoding="utf-8")
    wanted = [
        (f"填报人{seat}号{wave}", SOCIETIES[society]) for seat, society in enumerate(SEATS) for wave in range(waves)
    ]
    first = (("society", "import", str(roster)), ("round", "open", "zhejiang-2020"))
    invites = [("invite", society, "--name", name, "--json") for name, society in wanted]
    said = server.good(*first, *invites, ("invite", "--staff", OFFICER, "--json"))[len(first) :]
    codes = [json.loads(one)["code"] for one in said]
    officer = Person(OFFICER, "", codes.pop())
    people = [Person(name, society, code) for (name, society), code in zip(wanted, codes, strict=True)]
    return [people[seat * waves : (seat + 1) * waves] for seat in range(len(SEATS))], officer


def exported(server: Server) -> dict[str, Any]:
    """The export of the round."""
    out = server.folder / "export.json"
    server.good(("export", "--format", "json", "--out", str(out)))
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def unwell(server: Server) -> list[str]:
    """What `bot check` and SQLite itself complain about (O7, O8)."""
    [(code, said)] = server.commands(("check",))
    found = [f"check: {line}" for line in said.splitlines()] if code else []
    if not server.database_url:
        with sqlite3.connect(server.folder / "data" / "xuehui.sqlite3") as db:
            found += [f"integrity: {row[0]}" for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
            found += [f"foreign key: {row}" for row in db.execute("PRAGMA foreign_key_check")]
        db.close()
    return found


def wrong_files(server: Server, export: dict[str, Any], people: list[Person]) -> list[str]:
    """O9: every file of the export lies in the store, byte for byte as it was sent."""
    sent = {one.photo.sha256(): one for person in people for one in person.inputs if one.photo}
    found: list[str] = []
    for entry in export["entries"]:
        for answer in entry["answers"]:
            for piece in answer["evidence"]:
                if piece["sha256"]:
                    found += _wrong(server, piece, sent.get(piece["sha256"]))
    return found


def _wrong(server: Server, piece: dict[str, Any], sent: Input | None) -> list[str]:
    sha256 = str(piece["sha256"])
    if sent is None or sent.photo is None or piece["size"] != sent.photo.size or piece["name"] != sent.photo.name:
        return [f"{piece['name']}: was never sent like this"]
    place = Path(server.folder) / "data" / "files" / sha256[:2] / sha256[2:4] / sha256
    if not place.exists() or place.read_bytes() != sent.photo.bytes():
        return [f"{piece['name']}: its bytes are missing or damaged"]
    return []
