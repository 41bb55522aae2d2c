"""What people say for each command, read from the words of the language; matching is exact but for politeness."""

import re
from functools import cache
from importlib.resources import files

import yaml

from handlers.intents import Explain, Intent, Move, Plain, ShowEvidence, Tell
from handlers.numerals import fold

MOVES = {"next", "skip", "back"}
TOPICS = {"progress", "missing", "all_missing", "score", "deadline", "review", "help", "papers", "account", "more"}
EDGES = re.compile(r"^[\s,.;:!?、。…~,\-—]+|[\s,.;:!?、。…~\-—\U0001F000-\U0001FAFF☀-➿️]+$")


class Lexicon:
    def __init__(self, source: dict[str, dict[str, list[str]]]) -> None:
        self.flow = {fold(said): name for name, all_said in source["flow"].items() for said in all_said}
        self.whole = self.flow | {fold(said): name for name, all_said in source["whole"].items() for said in all_said}
        self.before = tuple(source["before"])
        self.after = tuple(source["after"])
        self.questions: dict[str, list[str]] = source["questions"]
        self.asks = tuple(source["asks"])

    def command(self, text: str) -> Intent | None:
        """The command that the whole of `text` is, or None."""
        return self._match(text, self.whole)

    def flow_command(self, text: str) -> Intent | None:
        """The command that a part of a longer message is, or None."""
        return self._match(text, self.flow)

    def _match(self, text: str, phrases: dict[str, str]) -> Intent | None:
        bare = fold(text).strip()
        if len(bare) > 24:
            return None
        if bare not in phrases:
            bare = EDGES.sub("", bare)
        for candidate in self._less_polite(bare):
            if candidate in phrases:
                return intent(phrases[candidate])
        return None

    def _less_polite(self, bare: str) -> list[str]:
        heads = [bare] + [bare[len(word) :].lstrip(", ") for word in self.before if bare.startswith(word)]
        tails = [head[: -len(word)].rstrip(", ") for head in heads for word in self.after if head.endswith(word)]
        return [candidate for candidate in heads + tails if candidate]

    def topic(self, text: str) -> str | None:
        """What a question is about; None when it is no question. An unknown question is about «question»."""
        folded = fold(text).strip()
        if not (folded.endswith("?") or any(word in folded for word in self.asks)) or len(folded) > 60:
            return None
        for topic, words in self.questions.items():
            if any(word in folded for word in words):
                return topic
        return "question"


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
    return Lexicon(yaml.load(text, Loader=yaml.BaseLoader))  # noqa: S506  BaseLoader makes strings only: «yes» is a word here
