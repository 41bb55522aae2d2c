"""One society's entry as the conversation sees it during a turn, and the changes that a turn may make to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from handlers.messages import Incoming
from handlers.understanding.intents import Asking
from rubrics.answers import Answer
from rubrics.model import Rubric

State = Literal["unanswered", "answered", "not_applicable"]
UNANSWERED = Answer(state="unanswered", self_score=None, evidence=0, facts={}, reviewed=None)


@dataclass(frozen=True)
class Held:
    """An answer as it stands, with what the conversation needs beside it."""

    answer: Answer = UNANSWERED
    reason: str | None = None
    version: int = 0
    scored_by: int | None = None


NOTHING = Held()


@dataclass(frozen=True)
class Piece:
    """A live piece of evidence."""

    id: int
    kind: str
    text: str
    name: str | None
    size: int | None
    late: bool = False
    sha256: str | None = None
    counts: bool = True  # what came late does not, until the office says so


@dataclass(frozen=True)
class Judged:
    """Scored or (without points) met or not, excused as not applicable, or (by undo) unanswered again."""

    item: str
    state: State
    score: Decimal | None = None
    reason: str | None = None
    met: bool | None = None


@dataclass(frozen=True)
class Learned:
    item: str
    fact: str
    value: object | None


@dataclass(frozen=True)
class Added:
    item: str
    kind: str
    text: str = ""
    file: Incoming | None = None


@dataclass(frozen=True)
class Withdrawn:
    item: str
    evidence_id: int
    back: bool = False  # an undone withdrawal: the piece counts again
    of_late: bool = False  # the piece came late and does not count


Change = Judged | Learned | Added | Withdrawn


@dataclass(frozen=True)
class Say:
    """A message of handlers/words by its name, with what it is about."""

    name: str
    about: Mapping[str, Any] = field(default_factory=dict)
    asks: bool = False  # its choices are the ways to answer it


@dataclass(frozen=True)
class Scene:
    rubric: Rubric
    held: Mapping[str, Held]
    asking: Asking
    person_id: int
    names: Mapping[int, str] = field(default_factory=dict)  # of the society's people, for «李老师刚记了4分»
    pieces: Mapping[str, tuple[Piece, ...]] = field(default_factory=dict)  # of the items whose evidence is looked at
    seen_version: int = 0  # of the asked item's answer, as it was shown
    last_item: str | None = None
    tray: tuple[Incoming, ...] = ()
    mode: str = "open"  # open | late | submitted
    sure: bool = False  # she was asked back and chose
    files_limit: int = 10  # per item
    skips: bool = False  # her own table has been read in: going on means to the next gap
    allowed: frozenset[str] | None = None  # the items that were sent back, where only they may be changed

    def of(self, item: str) -> Held:
        return self.held.get(item, NOTHING)

    @property
    def latest(self) -> str | None:
        """The item that she changed last; a condition for taking part, or a key point, is none."""
        return self.last_item if self.last_item in {item.id for item in self.rubric.items} else None

    def at(self, item: str | None, field: str | None = "score") -> "Scene":
        """The same scene with another question open."""
        version = self.of(item).version if item else 0
        asking = Asking(item=item, field=field if item else None, year=self.asking.year)
        return replace(self, asking=asking, seen_version=version)

    def locks(self, item: str) -> bool:
        """Whether this item is handed in while others are open again."""
        return self.allowed is not None and item not in self.allowed

    def mode_of(self, item: str) -> str:
        return "submitted" if self.locks(item) else self.mode

    def in_mode(self, mode: str) -> "Scene":
        return replace(self, mode=mode)


def mode(*, late: bool, status: str, supplementing: bool) -> str:
    """How an entry may be worked on: handed in is locked, except where she completes it after handing in."""
    if late:
        return "late"
    return "submitted" if status == "submitted" and not supplementing else "open"


@dataclass(frozen=True)
class Step:
    """What an intent leads to: changes to store, the scene after them, what to say, and whether to ask (again)."""

    scene: Scene
    changes: tuple[Change, ...] = ()
    says: tuple[Say, ...] = ()
    ask: str | None = None  # full | short


def changed(scene: Scene, changes: tuple[Change, ...]) -> Scene:
    """The scene after the changes. What comes late is kept beside, and counts only when staff say so."""
    for change in changes:
        held = scene.of(change.item)
        counted = held if scene.mode == "late" else _with(held, change)
        judge = scene.person_id if isinstance(change, Judged) else held.scored_by
        now = replace(counted, version=held.version + 1, scored_by=judge)
        scene = replace(scene, held={**scene.held, change.item: now}, last_item=change.item)
        if change.item == scene.asking.item:
            scene = replace(scene, seen_version=now.version)
        if isinstance(change, Withdrawn):
            left = tuple(one for one in scene.pieces.get(change.item, ()) if one.id != change.evidence_id)
            scene = replace(scene, pieces={**scene.pieces, change.item: left})
    return scene


def _with(held: Held, change: Change) -> Held:
    answer = held.answer
    if isinstance(change, Judged):
        judged = replace(answer, state=change.state, self_score=change.score, met=change.met)
        return replace(held, answer=judged, reason=change.reason)
    if isinstance(change, Learned):
        facts = {**answer.facts, change.fact: change.value}
        return replace(held, answer=replace(answer, facts={k: v for k, v in facts.items() if v is not None}))
    by = -1 if isinstance(change, Withdrawn) and not change.back else 1
    if isinstance(change, Withdrawn) and change.of_late:
        by = 0
    return replace(held, answer=replace(answer, evidence=answer.evidence + by))
