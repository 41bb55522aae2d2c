"""What a person may mean by a message: a small closed vocabulary, free of channels and of tables."""

from dataclasses import dataclass, field
from decimal import Decimal

from handlers.messages import Choice


@dataclass(frozen=True)
class Place:
    """The items that words may point at. Several: the bot asks which. None at all: there is no such item."""

    items: tuple[str, ...]
    said: str
    certain: bool = True  # False: «第5项» where another item has the printed number 5


# The item she changed last: «刚才那个应该是3分».
LAST = Place(items=(), said="last")


@dataclass(frozen=True)
class Score:
    """A self-score; None stands for full marks."""

    value: Decimal | None
    at: Place | None = None
    correcting: bool = False
    out_of: Decimal | None = None  # «8/10»: what she took for the maximum
    bare: bool = field(default=False, compare=False)  # a number and nothing else


@dataclass(frozen=True)
class OddScore:
    """Something score-like that no score can be made of: range, negative, approximate, several."""

    why: str
    said: str
    at: Place | None = None


@dataclass(frozen=True)
class Words:
    """Evidence in words."""

    text: str
    at: Place | None = None


@dataclass(frozen=True)
class Claim:
    """Her word on an item without points: met, or not."""

    met: bool
    at: Place | None = None


@dataclass(frozen=True)
class Fact:
    name: str
    value: object
    said: str
    at: Place | None = None


@dataclass(frozen=True)
class OddFact:
    """An answer to the fact asked for that can't be one (negative, absurd)."""

    name: str
    said: str


@dataclass(frozen=True)
class Excuse:
    """不适用, with its reason; an empty reason is asked for."""

    reason: str
    at: Place | None = None


@dataclass(frozen=True)
class Move:
    to: str  # next | skip | back


@dataclass(frozen=True)
class Go:
    at: Place


@dataclass(frozen=True)
class Explain:
    at: Place | None = None


@dataclass(frozen=True)
class ShowEvidence:
    at: Place | None = None


@dataclass(frozen=True)
class DropEvidence:
    number: int | None
    at: Place | None = None


@dataclass(frozen=True)
class Tell:
    """A look at something: progress, missing, all_missing, score, deadline, review, help, papers, account, more."""

    topic: str


@dataclass(frozen=True)
class Plain:
    """A wish that needs no more than its name: begin, pause, undo, submit, submit_now, recall, agree, refuse,
    greet, thanks, logout, staff_progress."""

    wish: str


@dataclass(frozen=True)
class Pick:
    """One of the ways offered when the bot asked back."""

    number: int


@dataclass(frozen=True)
class Puzzled:
    """It can't be known what was meant; `why` names what to ask back."""

    why: str
    said: str = ""


@dataclass(frozen=True)
class Either(Puzzled):
    """Several numbers that are positions here and printed numbers of other items; `said` is what goes with them."""

    numbers: str = ""
    here: tuple[str, ...] = ()
    printed: tuple[str, ...] = ()


Intent = (
    Score
    | OddScore
    | Claim
    | Words
    | Fact
    | OddFact
    | Excuse
    | Move
    | Go
    | Explain
    | ShowEvidence
    | DropEvidence
    | Tell
    | Plain
    | Pick
    | Puzzled
)


@dataclass(frozen=True)
class Asking:
    """What the bot asked last: the context in which words are understood."""

    item: str | None = None
    field: str | None = None  # score | evidence
    fact: str | None = None
    options: tuple[Choice, ...] = ()
    year: int = 0  # the evaluated one: what «3月15日» means
    reason_for: str | None = None  # the item whose 不适用 still lacks its reason
