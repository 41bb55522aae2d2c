"""What people say for each command, read from the words of the language; matching is exact but for politeness."""

import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

import yaml

from handlers.understanding.intents import Explain, Intent, Move, Plain, ShowEvidence, Tell
from handlers.understanding.numerals import fold

MOVES = {"next", "skip", "back"}
TOPICS = {
    *("progress", "missing", "all_missing", "score", "deadline", "review", "help", "papers", "account", "more"),
    *("upload", "record", "eligibility", "outcome", "benefits", "postponing"),
}
LONGEST_COMMAND = 24
BLANKS, COLON = re.compile(r"(\s\s)\s+"), re.compile(r"[:：](?!\d)|(?<!\d)[:：]")
# Punctuation and emoji around a phrase; emoji only behind it, or thumbs-up alone would be nothing.
EDGES = re.compile(r"^[\s,.;:!?、。…~,\-—]+|[\s,.;:!?、。…~\-—\U0001F000-\U0001FAFF☀-➿️\u200d]+$")
QUOTED = re.compile(r"《[^》]*》|“[^”]*”|「[^」]*」|\"[^\"]*\"")
# A question word inside a long sentence is most often part of a title or a report.
SHORT_QUESTION = 20
LONGEST_EVASION = 24
LONGEST_QUESTION = 120


class Lexicon:
    def __init__(self, source: dict[str, Any]) -> None:
        self.flow = {fold(said): name for name, all_said in source["flow"].items() for said in all_said}
        self.whole = self.flow | {fold(said): name for name, all_said in source["whole"].items() for said in all_said}
        self.patterns = [
            (name, re.compile(pattern)) for name, patterns in source["patterns"].items() for pattern in patterns
        ]
        self.evasive = re.compile("|".join(source["evasions"]))
        self.before = tuple(sorted(source["before"], key=len, reverse=True))
        self.after = tuple(sorted(source["after"], key=len, reverse=True))
        self.questions: dict[str, list[str]] = source["questions"]
        self.asks = tuple(source["asks"])
        self.ends = tuple(source["ends"])
        self.asking = re.compile("|".join(source["asking"]))
        self.starts = tuple(source["starts"])
        self.staff = _compiled(source["staff"])
        self.walked = _compiled(source["reviewing"])
        self.society = _compiled(source["society"])
        self.round = re.compile(source["round"])
        self.table = re.compile(source["table_named"])
        self.objecting = re.compile(source["objecting"])
        self.joining = re.compile(source["joining"])
        self.yes = re.compile(source["nods"])
        self.help_topics: dict[str, list[str]] = source["help_topics"]
        self.undecided = frozenset(source["undecided"])
        self.filled = {name: re.compile(pattern, re.DOTALL) for name, pattern in source["filled"].items()}
        # The same short words are looked at several times in a turn.
        self._plain = lru_cache(maxsize=512)(self._less_polite)
        self._name = lru_cache(maxsize=512)(self._named)

    def command(self, text: str) -> Intent | None:
        """The command that the whole of `text` is, or None."""
        name = self.name(text)
        return intent(name) if name else None

    def name(self, text: str) -> str | None:
        """The name of that command."""
        return self._name(text.strip()[: LONGEST_COMMAND + 1])

    def plain(self, text: str) -> tuple[str, ...]:
        """The words of a short text with ever less politeness around them, as they stand first."""
        return self._plain(text.strip()[: LONGEST_COMMAND + 1])

    def _named(self, text: str) -> str | None:
        plain = self._plain(text)
        closed = ("".join(said.split()) for said in plain)  # «导出 Excel»
        exact = next((self.whole[said] for said in (*plain, *closed) if said in self.whole), None)
        return exact or next((name for name, one in self.patterns for said in plain if one.fullmatch(said)), None)

    def round_named(self, text: str) -> tuple[int, str] | None:
        """The number of the round that somebody wants to go to, and what is to be said there."""
        found = self.round.fullmatch(fold(text).strip())
        return (int(found[1]), found[2] or "") if found else None

    def nods(self, text: str) -> bool:
        """Whether somebody says yes and nothing else."""
        return self.yes.fullmatch(fold(text).strip()) is not None

    def asks_to_object(self, text: str) -> bool:
        """Whether a short question is about objecting, or about why a score is what it is."""
        return self.objecting.fullmatch(fold(text).strip().rstrip("。.!")) is not None

    def joins(self, text: str) -> bool:
        """Whether somebody who was shown one round says that she takes part."""
        return self.topic(text) is None and self.joining.fullmatch(fold(text).strip().rstrip("。.!~")) is not None

    def names_table(self, text: str) -> bool:
        """Whether a caption, whatever else it says, names a table of criteria."""
        return self.table.search(fold(text)) is not None

    def means_table(self, text: str) -> bool:
        """Whether a caption says that the file is her own table filled in."""
        return self.filled["table"].fullmatch(fold(text).strip()) is not None

    def filled_command(self, text: str) -> tuple[str, str] | None:
        """What is to become of items that were read from her table (confirm, refuse), and the words that name them."""
        said = fold(text).strip()
        found = ((name, self.filled[name].fullmatch(said)) for name in ("confirm", "refuse"))
        return next(((name, match[1]) for name, match in found if match), None)

    def staff_command(self, text: str) -> tuple[str, tuple[str, ...]] | None:
        """A command of the office that speaks of somebody: its name, and the words it is about as they were typed."""
        said = _narrowed(text.strip())
        folded = fold(said)
        for name, pattern in self.staff:
            if match := pattern.fullmatch(folded):
                spans = [match.span(n) for n in range(1, pattern.groups + 1) if match[n] is not None]
                return name.removesuffix("_first"), tuple(said[start:end].strip() for start, end in spans)
        return None

    def reviewing(self, text: str) -> tuple[str, str] | None:
        """What a reviewer says of the item before her, and the words that go with it."""
        return _named(self.walked, text)

    def society_command(self, text: str) -> tuple[str, str] | None:
        """What a society says to the office by name, and the words that go with it."""
        return _named(self.society, text)

    def flow_command(self, text: str) -> Intent | None:
        """The command that a part of a longer message is, or None."""
        name = next((self.flow[said] for said in self.plain(text) if said in self.flow), None)
        return intent(name) if name else None

    def _less_polite(self, text: str) -> tuple[str, ...]:
        bare = fold(text).strip()
        if not bare or len(bare) > LONGEST_COMMAND:
            return ()
        # Telegram adds the bot's name to a command in a group: /next@bot.
        found = [bare, EDGES.sub("", bare), re.sub(r"^(/\w+)@\w+$", r"\1", bare)]
        for said in found:
            shorter = [said[len(word) :].lstrip(", ") for word in self.before if said.startswith(word)][:2]
            shorter += [EDGES.sub("", said[: -len(word)]) for word in self.after if said.endswith(word)][:2]
            found += [one for one in shorter if one and one not in found]
        return tuple(found)

    def evades(self, text: str) -> bool:
        """Whether a short text puts the answer off, or passes it on to somebody else."""
        return len(text) <= LONGEST_EVASION and bool(self.evasive.search(fold(text)))

    def topic(self, text: str) -> str | None:
        """What a question is about; None when it is no question. An unknown question is about «question», and a topic
        whose surer words come first stands twice («deadline_first»)."""
        folded = QUOTED.sub("", fold(text[: LONGEST_QUESTION + 1])).strip().rstrip("。.!~… 啊呀哦")
        if not folded or len(folded) > LONGEST_QUESTION or not self._asks(folded):
            return None
        named = (topic for topic, words in self.questions.items() if any(word in folded for word in words))
        return next(named, "question").removesuffix("_first")

    def _asks(self, folded: str) -> bool:
        if folded.endswith(self.ends) or folded.startswith(self.starts):
            return True
        short = len(folded) <= SHORT_QUESTION
        return short and (any(word in folded for word in self.asks) or bool(self.asking.search(folded)))


def _narrowed(said: str) -> str:
    """Without long runs of blanks before the first colon: a pattern that may take them in five places tries every way
    to share them out, and a line pasted from a table would keep everybody waiting. What is to be told stays as it is."""
    end = next((match.start() for match in COLON.finditer(said)), len(said))
    return BLANKS.sub(r"\1", said[:end]) + said[end:]


def _compiled(patterns: dict[str, str]) -> list[tuple[str, re.Pattern[str]]]:
    return [(name, re.compile(pattern, re.DOTALL)) for name, pattern in patterns.items()]


def _named(patterns: list[tuple[str, re.Pattern[str]]], text: str) -> tuple[str, str] | None:
    said = text.strip()
    folded = fold(said)
    for name, pattern in patterns:
        if match := pattern.fullmatch(folded):
            return name, said[slice(*match.span(1))].strip() if pattern.groups and match[1] is not None else ""
    return None


def intent(name: str) -> Intent:
    """A command's name as an intent."""
    if name in MOVES:
        return Move(name)
    if name in TOPICS:
        return Tell(name)
    if name == "explain":
        return Explain()
    if name == "evidence":
        return ShowEvidence()
    return Plain(name)


@cache
def lexicon() -> Lexicon:
    text = (files("handlers") / "words" / "zh_CN" / "commands.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    return Lexicon(yaml.load(text, Loader=loader))  # noqa: S506  a base loader makes strings only: «yes» is a word here
