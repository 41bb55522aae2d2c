"""The dialogues of tests/dialogues through a channel: the real server, the platform's stand-in, the same export in the end."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from handlers.reports.exporting import export
from handlers.turn import Posted
from storage import queries
from tests.season import Season, bytes_of
from tests.test_dialogues import FILE, FOLDER, SPOKEN, turns

NAMES = re.compile("dialogue|Telegram|微信公众号|企业微信")
TOLD_BESIDES = "已告知"
FOLLOWS = ("随后发", "做好就发")
READ_IN = "读进来"
DIALOGUES = sorted(FOLDER.glob("*.txt"))


class Line(Protocol):
    """One platform's people, talking to the running server."""

    def say(self, person: str, text: str, files: Mapping[str, bytes], replies: Sequence[Posted]) -> list[str]:
        """She sends this; the texts that she is shown in answer, as soon as they can be all of `replies`. An answer
        that does not come in time is an AssertionError."""


def cannot(path: Path, *, by_page: bool = False) -> str | None:
    """Why a dialogue can't be had on a chat platform."""
    told = path.read_text(encoding="utf-8")
    if "XXXX-XXXX" in told:
        return "the ways in are other ones on each server, and codes are told once"
    if TOLD_BESIDES in told:
        return "what the office has her told comes between the answers"
    if by_page and READ_IN in told:
        return "the page by which files come names their item: then it is known what they are"
    if any(words in told for words in FOLLOWS):
        return "a picture or a file follows while the next words are said already"
    hasty = any(match and match["hasty"] for match in map(SPOKEN.match, told.split("\n")))
    return "only a page of our own tells which answers were on the screen (>>)" if hasty else None


def replay(path: Path, told: Season, channel: Season, line: Line, clock: Path) -> None:
    """Both ways, step by step: in `told` by the turn itself, in `channel` (the season of the running server) by the
    line. Raises AssertionError at the first answer whose words differ."""
    set_clock(clock, channel)
    blocks = turns(path.read_text(encoding="utf-8"))
    joining = {match["who"] for block in blocks if "{邀请码}" in block and (match := SPOKEN.match(block))}
    for block in blocks:
        if block.startswith("@ "):
            told.clock(block[1:].strip())
            channel.clock(block[1:].strip())
            set_clock(clock, channel)
        match = SPOKEN.match(block)
        if block.startswith(("#", "@ ")) or match is None:
            continue
        who, elsewhere = match["who"] or "王老师", match["channel"]
        if match["who"] not in joining and (who, elsewhere or "dialogue") not in told.seen:
            _join(told, channel, line, who, elsewhere)
        words = SPOKEN.sub(r"\g<words>", block).replace("\n| ", "\n").replace("\n|", "\n")
        _said(told, channel, line, who, elsewhere, words)


def _join(told: Season, channel: Season, line: Line, who: str, elsewhere: str | None) -> None:
    if elsewhere:
        told.join(who, elsewhere)
        channel.seen[who, "line"] = 0  # known already, so that the code is another one for her
        channel.join(who, elsewhere)
        return
    taken = told.join(who)
    same([reply.text for reply in taken.replies], line.say(who, channel.codes[who], {}, taken.replies), "the code")


def _said(told: Season, channel: Season, line: Line, who: str, elsewhere: str | None, words: str) -> None:
    names = tuple(FILE.findall(words))
    said = FILE.sub("", words)
    taken = told.say(who, said.replace("{邀请码}", told.codes[who]), channel=elsewhere or "dialogue", files=names)
    expected = [reply.text for reply in taken.replies]
    said = said.replace("{邀请码}", channel.codes[who])
    if elsewhere:
        # Another of her devices: heard by the turn itself, in the database of the running server.
        shown = [reply.text for reply in channel.say(who, said, channel=elsewhere, files=names).replies]
    else:
        files = {name: bytes_of(name) for name in names}
        shown = line.say(who, said, files, taken.replies)
    same(expected, shown, words)


def same(expected: Sequence[str], shown: Sequence[str], words: str) -> None:
    """The same answers, but for the name of the channel that they were given on."""
    assert [NAMES.sub("…", one) for one in shown] == [NAMES.sub("…", one) for one in expected], f"after «{words}»"


def set_clock(file: Path, season: Season) -> None:
    """The server's clock to the season's instant, at once."""
    fresh = file.with_suffix(".new")
    fresh.write_text(season.now.isoformat(), encoding="ascii")
    fresh.replace(file)


def exported(season: Season) -> dict[str, Any]:
    """The export without what must differ: by which channel something came, and which channels people have. Moments,
    receipts, numbers, names and hashes of files are compared as they are."""
    with season.db.read() as db:
        row = queries.newest_round(db)
        assert row
        whole: dict[str, Any] = _plain(export(db, row))
    return whole


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if name not in ("via", "channels")}
    return [_plain(one) for one in value] if isinstance(value, list) else value
