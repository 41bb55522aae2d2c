"""A message cut into its statements: each of one item, or a command of its own."""

import re

from handlers.answers import evidence
from handlers.understanding import claims, excuses, places, scores, several
from handlers.understanding.intents import Intent, Move, Plain, Puzzled
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import NUMBER, fold
from rubrics.model import Rubric

LINES = re.compile(r"(?<=[\n；;])|(?<=。)(?!\d)")
# Where another item may begin within a line; a score may stand right before it.
OPENINGS = re.compile(r"(?<![第,，、\s])[,，、\s]+(?=\S)|(?<=分)(?=[第序])")
STRIDE = re.compile(r"\s*(?:下一[项个题]|跳过)\s*")
# «1 8分\n4 5分»: positions or printed numbers? «第1-3项都满分»: one by one, please.
LISTED = re.compile(rf"^\(?\d{{1,2}}\)?\s*[、.:=,)\s-]\s*{NUMBER}\s*(?:分|$)")
AT_ONCE = re.compile(
    rf"^.{{0,12}}(?:全部|都|所有|其他|其余|前[二两三四五六七八九十几\d]{{1,2}}[项个]|第\d+(?:[-~、,到至]第?\d+)+项)[^,。]{{0,8}}(?:满分|{NUMBER}\s*分|不适用|不涉及){scores.END}"
)
WINDOW = 60  # characters looked at to see what a statement is about
MOST_COMMANDS = 8  # at either end of a message
MOST = 80  # places looked at; a message that has more is one text


def cut(said: str, rubric: Rubric) -> list[str]:
    """The message cut before every line (or full stop) that speaks of a certain item or is a command of its own, and
    before every further item that is scored or excused in the same line."""
    made: list[str] = []
    for line in _lines(said):
        own = lexicon().flow_command(line) or names(line, rubric)
        if own or not made or lexicon().flow_command(made[-1]):
            made.append(line)
        else:
            made[-1] += line
    return [bare for line in made for piece in _pieces(line, rubric) if (bare := piece.strip())]


def _lines(said: str) -> list[str]:
    lines = LINES.split(said, maxsplit=MOST)
    return [line for line in lines if line]


def _pieces(line: str, rubric: Rubric) -> list[str]:
    """«第3项 3分，第5项 4分», «8分，下一项，5分»."""
    bounds = [0]
    lists = several.spans(line, rubric)
    for match in list(OPENINGS.finditer(line))[:MOST]:
        if any(start < match.start() < end for start, end in lists):
            continue
        part = re.split(r"[,，;；。\n]", line[match.end() : match.end() + WINDOW])[0]
        stride = STRIDE.fullmatch(part) or STRIDE.fullmatch(
            re.split(r"[,，;；。\n]", line[bounds[-1] : match.start()])[-1]
        )
        if stride or _judges(line[match.end() : match.end() + WINDOW], rubric):
            bounds.append(match.end())
    return [line[start:end].strip(" ,，、") for start, end in zip(bounds, [*bounds[1:], len(line)], strict=True)]


def names(text: str, rubric: Rubric) -> bool:
    """Whether a line opens with an item it is about, or with several."""
    if several.opening(text[:WINDOW], rubric):
        return True
    found = places.address(places.POLITELY.sub("", text[:WINDOW], count=1), rubric)
    if found is None:
        return False
    told = judged(found.rest, rubric) or (found.sure and evidence.introduced(found.rest) is not None)
    return told or (found.sure and not found.glued)


def _judges(text: str, rubric: Rubric) -> bool:
    listed = several.opening(text, rubric)
    if listed:
        return judged(listed.rest, rubric)
    found = places.address(places.POLITELY.sub("", text, count=1), rubric)
    return found is not None and judged(found.rest, rubric)


def judged(rest: str, rubric: Rubric) -> bool:
    """Whether what is said of an item opens with a score (or, where there are no points, a claim) or an excuse."""
    first = next((rest[start:end] for start, end in scores.parts(fold(rest[:WINDOW]))), "")
    if rubric.maximum is None and claims.phrase(first):
        return True
    reading = scores.phrase(first) or scores.phrase(re.split(r"(?<=分)(?=[第序])|[、:：]", first)[0])
    return (reading is not None and not reading.bare) or excuses.reason(first) is not None


def listed(text: str) -> bool:
    """Several items scored in a way that does not say which is which."""
    folded = fold(text)
    lines = [line.strip() for line in re.split(r"[\n;]", folded) if line.strip()]
    if len(lines) == 1:
        lines = [line.strip() for line in re.split(r",", folded) if line.strip()]
    return bool(AT_ONCE.match(folded[: scores.LONGEST])) or (
        len(lines) > 1 and all(LISTED.match(line) for line in lines)
    )


def peel(said: str, rubric: Rubric) -> tuple[list[Intent], str, list[Intent]]:
    """Commands that open or end a longer message («8分，承办年会，下一项»), and courtesy, which is left out."""
    head: list[Intent] = []
    tail: list[Intent] = []
    spans = scores.parts(fold(said))
    first, last = 0, len(spans)
    while last - first > 1 and len(tail) < MOST_COMMANDS and (command := _command(said[slice(*spans[last - 1])])):
        tail.insert(0, command)
        last -= 1
    named = names(said, rubric)  # «上一项 4分» is no step back
    while (
        last - first > 1
        and len(head) < MOST_COMMANDS
        and not named
        and (command := _command(said[slice(*spans[first])]))
    ):
        head.append(command)
        first += 1
    body = said[spans[first][0] : spans[last - 1][1]] if head or tail else said
    return _meant(head), body, _meant(tail)


COURTESY = (Plain("thanks"), Plain("greet"), Plain("agree"))


def _command(part: str) -> Intent | None:
    command = lexicon().flow_command(part)
    return command or next((one for one in COURTESY if lexicon().command(part) == one), None)


def _meant(commands: list[Intent]) -> list[Intent]:
    return [one for one in commands if one not in COURTESY]


def united(intents: list[Intent]) -> list[Intent]:
    """«没有了，下一项» is one step, and thanks need no answer beside another."""
    made: list[Intent] = []
    for intent in intents:
        onward = isinstance(intent, Move) and intent.to != "back"
        if onward and made and isinstance(made[-1], Move) and made[-1].to != "back":
            continue
        made.append(intent)
    answered = [one for one in made if one != Plain("thanks") and getattr(one, "why", "") != "mistaken"]
    return answered or made[:1] or [Puzzled("noise")]
