"""Which confirmed evidence must still count, by what the people were told of taking back and putting back."""

from dataclasses import dataclass, field

from tests.crash.history import Input, Person

Effects = list[tuple[int, str, bool]]  # position, token, whether it counts from here on


@dataclass
class Live:
    sure: set[str] = field(default_factory=set)
    maybe: set[str] = field(default_factory=set)  # two people took turns at it, in an order that is theirs alone


def live(people: list[Person]) -> Live:
    """Follow every person's confirmed inputs."""
    found = Live()
    touched: dict[str, str] = {}
    for person in people:
        known: dict[int, Effects] = {}
        for input in (one for one in person.inputs if one.receipt):
            known[id(input)] = made = _effects(input, known)
            for _, token, counts in made:
                (found.sure.add if counts else found.sure.discard)(token)
                if touched.setdefault(token, person.name) != person.name:
                    found.maybe.add(token)
    found.maybe |= _dropped_by_others(people)
    found.sure -= found.maybe
    return found


def _effects(input: Input, before: dict[int, Effects]) -> Effects:
    assert input.answer is not None
    place = input.answer.place or 0
    if input.kind == "drop":
        return [(place, token, False) for token in input.answer.tokens[:1]]
    if input.kind == "undo":
        taken = before.get(id(input.undoes), [])
        return [(at, token, not counts) for at, token, counts in taken if at in input.answer.undone]
    added = [one.token for one in (input, *input.emptied) if one.token]
    return [(place, token, True) for token in added]


def _dropped_by_others(people: list[Person]) -> set[str]:
    owner = {input.token: person.name for person in people for input in person.inputs if input.token}
    drops = [(person.name, one) for person in people for one in person.inputs if one.kind == "drop" and one.receipt]
    return {token for name, one in drops if one.answer for token in one.answer.tokens[:1] if owner.get(token) != name}
