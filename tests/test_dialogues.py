"""Conversations as text (tests/dialogues), replayed through the real turn; `--record` rewrites them for review."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.phrasebook import fits
from handlers.reports.transcript import message_lines, reply_lines
from scheduler.ticking import Ticker
from storage.relations import OUTBOX, PERSON
from tests.season import Season

FOLDER = Path(__file__).parent / "dialogues"
SPOKEN = re.compile(r"^(?P<who>\w{0,30})(?:@(?P<channel>\w+))?(?P<hasty>>?)> ?(?P<words>.*)")
CODE = re.compile(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b")
EXAMPLE = "K7Q2-M9XA"  # in the bot's own words
FILE = re.compile(r"\[([^\[\]]+\.\w+)\] ?")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_dialogue(path: Path, season: Season, request: pytest.FixtureRequest) -> None:
    told = path.read_text(encoding="utf-8")
    heard = replay(told, season)
    if request.config.getoption("--record"):
        path.write_text(heard, encoding="utf-8")
    assert heard == told


@pytest.mark.parametrize("path", sorted((FOLDER / "seasons").glob("*.txt")), ids=lambda path: path.stem)
def test_season(path: Path, season: Season, request: pytest.FixtureRequest) -> None:
    """Here the scheduler runs whenever the clock is moved, and what is said unasked stands behind arrows."""
    told = path.read_text(encoding="utf-8")
    heard = replay(told, season, Unasked())
    if request.config.getoption("--record"):
        path.write_text(heard, encoding="utf-8")
    assert heard == told


class Unasked:
    """What the bot says of its own accord, in the order in which it was owed."""

    last = 0

    def tick(self, season: Season) -> list[str]:
        Ticker(season.db, lambda: season.now, 3600).tick()
        return self.said(season)

    def said(self, season: Season) -> list[str]:
        unasked = sa.select(OUTBOX, PERSON.c.name).join(PERSON, PERSON.c.id == OUTBOX.c.person_id)
        chosen = unasked.where(OUTBOX.c.kind != "reply", OUTBOX.c.id > self.last, OUTBOX.c.state == "sent")
        lines: list[str] = []
        with season.db.read() as db:
            for row in db.execute(chosen.order_by(OUTBOX.c.id)):
                labels = [one["label"] for one in row.choices]
                first, *more = reply_lines(row.text, labels, [one["name"] for one in row.files])
                lines += [f"→ {row.name}: {first}", *more]
                self.last = row.id
        return lines


def replay(told: str, season: Season, unasked: Unasked | None = None) -> str:
    """The dialogue with the bot's lines as they are now; every turn opens the database anew."""
    lines: list[str] = []
    blocks = turns(told)
    joining = {match["who"] for block in blocks if "邀请码}" in block and (match := SPOKEN.match(block))}
    for block in blocks:
        lines += block.split("\n")
        match = SPOKEN.match(block)
        if block.startswith("@ "):
            season.clock(block[1:].strip())
            lines += unasked.tick(season) if unasked else []
        if block.startswith(("#", "@ ")) or match is None:
            continue
        who, channel = match["who"] or "王老师", match["channel"] or "dialogue"
        if match["who"] not in joining and (who, channel) not in season.seen:
            season.join(who, channel)
        lines += answer(season, who, channel, block, hasty=bool(match["hasty"]))
        lines += unasked.said(season) if unasked else []
    return "\n".join(lines) + "\n"


def answer(season: Season, who: str, channel: str, block: str, *, hasty: bool) -> list[str]:
    words = SPOKEN.sub(r"\g<words>", block).replace("\n| ", "\n").replace("\n|", "\n")
    words = words.replace("{邀请码}", season.codes.get(who, "")).replace("{新邀请码}", season.shown)
    season.reopen()
    taken = season.say(who, FILE.sub("", words), channel=channel, files=tuple(FILE.findall(words)), hasty=hasty)
    lines: list[str] = []
    for reply in taken.replies:
        assert fits(reply.text), reply.text
        season.shown = (CODE.findall(reply.text) or [season.shown])[-1]
        text = reply.text if reply.text.count(EXAMPLE) else CODE.sub("XXXX-XXXX", reply.text)
        lines += reply_lines(text, [label for _, label in reply.choices], [name for name, _ in reply.files])
    return lines


def turns(told: str) -> list[str]:
    """Comments, clock lines and messages; the bot's lines are left out, they are what is tested."""
    blocks: list[str] = []
    spoken = False
    for line in told.rstrip("\n").split("\n"):
        if spoken and line.startswith("|"):
            blocks[-1] += "\n" + line
        elif SPOKEN.match(line) or line.startswith(("#", "@ ")) or not line:
            blocks.append(line)
            spoken = bool(SPOKEN.match(line))
        else:
            spoken = False
    return blocks


def test_message_lines_read_back() -> None:
    told = "\n".join(message_lines("王老师", "一\n二", ["a.jpg"]))
    assert turns(told) == ["王老师> [a.jpg] 一\n| 二"]
