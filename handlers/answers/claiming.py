"""What is said of an item without points: her word that it is met or not, the facts it rests on, and evidence."""

from dataclasses import dataclass

from handlers.answers import evidence
from handlers.understanding import claims, excuses, facts, scores
from handlers.understanding.intents import (
    Asking,
    Claim,
    Excuse,
    Fact,
    Go,
    Intent,
    Move,
    OddScore,
    Place,
    Plain,
    Puzzled,
    Words,
)
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import fold
from rubrics.facts import Amount, Count
from rubrics.model import Item, Rubric


@dataclass(frozen=True)
class About:
    """The item that something is said of; `at` is None for the open one, `claimed` once she has said met or not."""

    item: Item
    year: int
    at: Place | None = None
    asked: str | None = None
    claimed: bool = False


def unscored(rubric: Rubric, at: Place | None, asking: Asking) -> Item | None:
    """The item meant, where it is one without points."""
    id = at.items[0] if at and at.items else asking.item if at is None else None
    item = rubric.item(id) if id else None
    return item if item is not None and item.points is None else None


def told(said: str, about: About) -> list[Intent]:
    """A claim with what stands beside it; facts alone; 不适用; else evidence."""
    rest = claims.of_the_rest(said) if about.at is None else None
    if rest is not None:
        return [Puzzled("rest_met" if rest else "rest_unmet", said)]
    introduced = evidence.introduced(said)
    if introduced:
        return [Words(introduced, about.at)]
    excuse = None if lexicon().topic(said) else excuses.reason(said)
    if excuse is not None:
        return [Excuse(excuse, about.at)]
    return _negative(said, about) or _claimed(said, about) or _numbered(said, about) or _besides(said, about)


def agreed(command: Plain, asking: Asking, rubric: Rubric) -> Claim | Puzzled | None:
    """«是» and «否» where the open question is whether the item is met."""
    item = unscored(rubric, None, asking)
    if item is None or asking.field != "score" or asking.fact or asking.reason_for:
        return None
    if item.negative or item.conditional:
        return Puzzled("absence" if item.negative else "happened", "")
    return Claim(command == Plain("agree"))


def _negative(said: str, about: About) -> list[Intent]:
    """«无» is the good answer of an item that demands an absence (domain.md Q-WZ21)."""
    if not about.item.negative or about.claimed:
        return []
    fact = next(one.name for one in about.item.facts if getattr(one, "absence", False))
    first = next((said[start:end] for start, end in scores.parts(fold(said))), said)
    none = claims.none_happened(first, about.item.text)
    if none is False:
        return _riddle("absence", said, about)
    if none is None:
        return []
    rest = scores.tidy(said.strip()[len(first.strip()) :]) if len(first) < len(said.strip()) else ""
    return [Claim(True, about.at), Fact(fact, True, said, about.at), *_besides(rest, about)]


def _claimed(said: str, about: About) -> list[Intent]:
    heard = claims.find(said)
    if heard is None or (about.claimed and not heard.sharp):
        return []
    if heard.met is None:
        return _riddle("partly", heard.said, about)
    if not heard.met and not heard.sharp and about.item.conditional:
        return _riddle("happened", heard.said, about)  # it did not happen, or it was not done as demanded?
    return [Claim(heard.met, about.at), *_besides(heard.rest, about)]


def _riddle(why: str, said: str, about: About) -> list[Intent]:
    """What can't be known is asked back, at the item it is about."""
    return [*([Go(about.at)] if about.at else []), Puzzled(why, said)]


def _numbered(said: str, about: About) -> list[Intent]:
    """A bare number answers the number that was asked for; one that says 分 is told that there are no points here."""
    reading = scores.phrase(said)
    if reading is None or reading.why == "asked":
        return []
    fact = about.item.known.get(about.asked or "")
    if reading.bare and reading.value is not None and isinstance(fact, Count | Amount):
        found = facts.answer(f"{reading.value}{fact.unit}", about.item, fact.name, about.year)
        return [found] if found else []
    if reading.bare:
        return []
    return [OddScore("pointless", said, about.at)]


def _besides(said: str, about: About) -> list[Intent]:
    """Facts said in so many words; where anything else is said, the whole is kept as evidence."""
    if not said or isinstance(lexicon().command(said), Plain):
        return []
    found, only = facts.stated(said, about.item, about.year, about.at)
    return [*found, *([] if only else free(said, about))]


def free(said: str, about: About) -> list[Intent]:
    """Neither claim nor command."""
    open_one = about.at is None
    if open_one and about.claimed and excuses.none_left(said):
        return [Puzzled("nothing_more", said) if about.asked else Move("next")]
    if open_one and not about.claimed and not lexicon().topic(said) and excuses.doubtful(said):
        return [Puzzled("nothing", said)]
    return evidence.free(said, about.at)


def opens(said: str, asking: Asking, rubric: Rubric) -> bool:
    """Whether a message opens with the answer to the open question, and says more."""
    if asking.field != "score" or unscored(rubric, None, asking) is None:
        return False
    spans = scores.parts(fold(said))
    return len(spans) > 1 and claims.phrase(said[slice(*spans[0])]) is not None
