"""What people say and what is understood, as text tables that staff could read (tests/sayings)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from handlers.messages import Choice
from handlers.understanding import intents
from handlers.understanding.intents import LAST, Asking, Intent, Place
from rubrics.model import Rubric

FOLDER = Path(__file__).parent / "sayings"
ARROW = "  →  "
KEPT_OR_CHANGED = (Choice("保留", "继续", ("保留", "不改", "不")), Choice("改成4分", "会话第5项 4分", ("改", "是")))


@dataclass(frozen=True)
class Saying:
    heading: str  # the context: «score 5», «evidence 4 courses», «reason 3», «nothing», «choice 5»
    text: str
    meant: str


def sayings(path: Path) -> Iterator[Saying]:
    """A table: `== context` lines, then `text → meaning` with \\n for a new line inside the text."""
    heading = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            heading = line[3:]
        elif line and not line.startswith("#"):
            text, _, meant = line.partition(ARROW)
            yield Saying(heading, unfolded(text), meant)


def unfolded(text: str) -> str:
    """The text of a table with its new lines."""
    return text.replace("\\n", "\n").replace("\\t", "\t")


def asking(heading: str, rubric: Rubric) -> Asking:
    """The context that a heading names; numbers are positions."""
    field, _, rest = heading.partition(" ")
    position, _, fact = rest.partition(" ")
    if not position:
        return Asking(year=2026)
    item = rubric.items[int(position) - 1].id
    if field == "reason":
        return Asking(item=item, field="score", year=2026, reason_for=item)
    if field == "choice":
        return Asking(item=item, field="score", year=2026, options=KEPT_OR_CHANGED)
    return Asking(item=item, field=field, fact=fact or None, year=2026)


def shown(intents: Iterable[Intent], rubric: Rubric) -> str:
    """Intents on one line."""
    return " ".join(_shown(one, rubric) for one in intents).replace("\n", "\\n").replace("\t", "\\t")


def _shown(intent: Intent, rubric: Rubric) -> str:
    """An intent in a few characters: 8分@5, 改8分, «evidence», 不适用(reason), next, go@5|3, ?question."""
    at = _where(getattr(intent, "at", None), rubric)
    match intent:
        case intents.Score(value=value, correcting=correcting, out_of=out_of):
            number = "满分" if value is None else f"{value}分"
            return f"{'改' if correcting else ''}{number}{f'/{out_of}' if out_of else ''}{at}"
        case intents.OddScore(why=why, said=said):
            return f"!{why}({said}){at}"
        case intents.Words(text=text):
            return f"«{text}»{at}"
        case intents.Fact(name=name, value=value):
            return f"{name}={'、'.join(value) if isinstance(value, list) else value}"
        case intents.OddFact(name=name):
            return f"!{name}"
        case intents.Excuse(reason=reason):
            return f"不适用({reason}){at}"
        case intents.DropEvidence(number=number):
            return f"drop{number or ''}{at}"
        case intents.Pick(number=number):
            return f"pick{number + 1}"
        case intents.Puzzled(why=why):
            return f"?{why}"
        case intents.Move(to=name) | intents.Tell(topic=name) | intents.Plain(wish=name):
            return name
    return type(intent).__name__.lower() + at


def _where(place: Place | None, rubric: Rubric) -> str:
    if place is None:
        return ""
    if place is LAST:
        return "@last"
    positions = [str(rubric.item(id).position) for id in place.items]
    return "@" + (("/" if place.certain else "|").join(positions) or "none")
