"""A secretary hands papers in by chat: a file with a caption that names it, or first «交总结» and then the file."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from handlers.desk import Desk, full
from handlers.messages import Incoming, Reply
from handlers.papers import papers
from handlers.papers.declaring import by_name, named
from handlers.papers.papers import ELECTRONIC, Matrix
from handlers.phrasebook import phrasebook
from handlers.understanding import statements
from handlers.understanding.intents import Plain, Tell
from handlers.understanding.lexicon import lexicon
from rubrics.programme import Deliverable
from rubrics.units import TABLE, owed
from storage.relations import ENTRY, PAPER

HELD = timedelta(days=1)  # «交总结» holds for so long, until she says something else
LOOKING = (Tell("upload"), Tell("papers"))  # on the way to the file
MORE = timedelta(minutes=10)  # for the pages that follow, each a message of its own


def by_file(desk: Desk) -> tuple[Deliverable, ...]:
    """The papers of this unit that are handed in as files."""
    due = owed(desk.season.rubric, desk.actor.kind)
    return tuple(paper for paper in due if paper.id != TABLE and ELECTRONIC in paper.forms)


def matrix(desk: Desk) -> Matrix:
    return papers.of_entry(desk.db, desk.season.rubric, desk.actor.kind, desk.entry.id)


def take(desk: Desk, words: str) -> tuple[list[Reply], bool]:
    """What the message is answered where it hands papers in, and whether its words have had their meaning by that; no
    reply where it has nothing to do with papers."""
    message, before = desk.message, desk.conversation.pending or {}
    if message.edits:
        return [], False
    wanted = named(words, by_file(desk))
    if message.files:
        return _files(desk, words, wanted.papers if wanted else (), _held(desk))
    if wanted and desk.scene.tray:
        tray = desk.scene.tray
        desk.scene = replace(desk.scene, tray=())
        return _handed_in(desk, wanted.papers, tray), True
    if wanted and (wanted.handing or desk.scene.asking.item is None):
        _hold(desk, wanted.papers, HELD)
        return [phrasebook().reply("paper_send", {"papers": _titles(desk, wanted.papers)})], True
    if lexicon().command(words) in LOOKING and _held(desk):
        desk.handing = before["handing"]
    if before.get("handed") and lexicon().command(words) == Plain("undo"):
        return [phrasebook().reply("paper_undo", {})], True
    return [], False


def _files(desk: Desk, words: str, wanted: tuple[str, ...], held: tuple[str, ...]) -> tuple[list[Reply], bool]:
    """By her caption, else by what she said before; files that a page or a caption gave to an item are its evidence."""
    if wanted:
        return _handed_in(desk, wanted, desk.message.files), True
    elsewhere = desk.message.item or statements.names(words, desk.season.rubric)
    if held and not elsewhere:
        _hold(desk, held, MORE)
        return _handed_in(desk, held, desk.message.files), lexicon().command(words) is None
    return [], False


def held_until(pending: dict[str, Any] | None, now: datetime) -> tuple[str, ...]:
    """The papers that the next files are, as it was said before."""
    waiting = (pending or {}).get("handing")
    return tuple(waiting["papers"]) if waiting and now < datetime.fromisoformat(waiting["until"]) else ()


def _held(desk: Desk) -> tuple[str, ...]:
    mine = {paper.id for paper in by_file(desk)}
    return tuple(id for id in held_until(desk.conversation.pending, desk.now) if id in mine)


def _hold(desk: Desk, wanted: tuple[str, ...], lasts: timedelta) -> None:
    desk.handing = {"papers": list(wanted), "until": (desk.now + lasts).isoformat()}


def _titles(desk: Desk, ids: Sequence[str]) -> list[str]:
    return [paper.title for paper in by_file(desk) if paper.id in ids]


def _handed_in(desk: Desk, wanted: tuple[str, ...], files: tuple[Incoming, ...]) -> list[Reply]:
    if full(desk, files):
        desk.handing = None
        names = "、".join(one.name for one in files)
        return [phrasebook().reply("quota", {"limit": "200 MB", "names": names})]
    before = {due.paper.id: due for due in matrix(desk).electronic()}
    pairs = [(paper, file) for file, those in zip(files, _parted(desk, wanted, files), strict=True) for paper in those]
    for ordinal, (paper, file) in enumerate(pairs):
        desk.db.execute(sa.insert(PAPER).values(**_row(desk, paper, file, ordinal)))
    desk.handed = True
    desk.late = desk.late or desk.season.late
    found = matrix(desk)
    if not desk.season.rubric.items:
        _by_papers(desk, found)
    about = {
        "lines": [
            {"title": _titles(desk, [paper])[0], "names": "、".join(file.name for id, file in pairs if id == paper)}
            for paper in dict.fromkeys(paper for paper, _ in pairs)
        ],
        "again": any(before[paper].state != "missing" for paper, _ in pairs),
        "kept": any(before[paper].state == "in" for paper, _ in pairs),
        "late": desk.season.late,
        "receipt": desk.receipt,
        "owing": papers.owing(found),
        "all_in": found.all_in,
        "item": _open(desk),
        "more": desk.handing is not None,
    }
    return [phrasebook().reply("paper_taken", about)]


def _open(desk: Desk) -> int | None:
    item = desk.scene.asking.item
    return desk.season.rubric.item(item).position if item else None


def _parted(desk: Desk, wanted: tuple[str, ...], files: tuple[Incoming, ...]) -> list[tuple[str, ...]]:
    """Which paper each file is: by its own name where the names tell all of them apart, else each is all that was said."""
    spoken = by_name([file.name for file in files], [one for one in by_file(desk) if one.id in wanted])
    if len(wanted) > 1 and set(spoken) == set(wanted):
        return [(paper,) for paper in spoken if paper is not None]
    return [wanted] * len(files)


def _row(desk: Desk, paper: str, file: Incoming, ordinal: int) -> dict[str, Any]:
    return {
        "entry_id": desk.entry.id,
        "deliverable": paper,
        "form": ELECTRONIC,
        "withdrawn": False,
        "late": desk.season.late,
        "name": file.name,
        "sha256": file.sha256,
        "size": file.size,
        "media_type": file.kind,
        "at": desk.now,
        "person_id": desk.actor.person_id,
        "channel": desk.message.channel,
        "inbound_id": desk.inbound_id,
        "ordinal": ordinal,
        "receipt": desk.receipt,
    }


def _by_papers(desk: Desk, found: Matrix) -> None:
    """Where there is no table to hand in, the papers say how far a unit is: handed in once all its files are."""
    if desk.season.late or desk.submitted:
        return
    desk.status = papers.status(found)
    if desk.submitted:
        marks = {"submitted_at": desk.now}
        desk.db.execute(sa.update(ENTRY).where(ENTRY.c.id == desk.entry.id).values(**marks))
