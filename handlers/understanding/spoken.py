"""What people say in rounds that are no questionnaire, read from the words of the language by kind of document."""

import re
from functools import cache
from importlib.resources import files

import yaml

from handlers.understanding.numerals import fold


def spoken(where: str, words: str) -> tuple[str, tuple[str, ...]] | None:
    """The command that the whole of the words is, with what it is about as it was typed; «» for what was left out."""
    said = words.strip()
    for name, pattern in _patterns()[where]:
        if match := pattern.fullmatch(fold(said)):
            spans = [match.span(n) for n in range(1, pattern.groups + 1)]
            return name, tuple(said[start:end].strip() if start >= 0 else "" for start, end in spans)
    return None


@cache
def _patterns() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    text = (files("handlers") / "words" / "zh_CN" / "programmes.yaml").read_text(encoding="utf-8")
    source = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  a base loader makes strings only
    return {
        where: [(name, re.compile(pattern, re.DOTALL)) for name, pattern in said.items()]
        for where, said in source.items()
    }
