"""What must be true at the end: everything that was confirmed is there once, nothing is there that nobody was told."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.crash.history import Input, Person
from tests.crash.liveness import live
from tests.crash.stored import Stored, stored, token_of, what

Found = list[str]
ADDING = ("words", "breath", "file")


@dataclass
class Verdict:
    """Violations, by what they mean."""

    lost: Found = field(default_factory=list)
    doubled: Found = field(default_factory=list)
    other: Found = field(default_factory=list)

    @property
    def lines(self) -> Found:
        groups = (("lost", self.lost), ("doubled", self.doubled), ("other", self.other))
        return [f"{name}: {line}" for name, lines in groups for line in lines]


class Oracle:
    """Compares what the people were told with the export."""

    def __init__(self, people: list[Person], export: dict[str, Any]) -> None:
        self.people = people
        self.export = export
        self.stored = stored(export)
        self.verdict = Verdict()
        self.live = live(people)

    def judge(self) -> Verdict:
        for person in self.people:
            for input in person.inputs:
                self._replies(input)
                if input.receipt:
                    self._confirmed(person, input)
                elif input.answer is not None:
                    self._promised_nothing(input)
            self._order(person)
        self._receipts()
        self._never_answered()
        self._evidence_twice()
        self._people()
        self._values()
        self._recalls()
        return self.verdict

    def _replies(self, input: Input) -> None:
        """A repeated delivery has the same words; an answer has at least one reply and names its receipt."""
        if len({answer.body for answer in input.answers}) > 1:
            self.verdict.other.append(f"{input.id}: different words for the same delivery")
        if input.answer is None or input.kind == "login":
            return
        if not any(input.answer.texts):
            self.verdict.lost.append(f"{input.id} «{input.text}»: answered with nothing")
        if input.receipt and not any(input.receipt in text for text in input.answer.texts):
            self.verdict.other.append(f"{input.id}: receipt {input.receipt} is not said")

    def _confirmed(self, person: Person, input: Input) -> None:
        """O1: once, with the value that was sent and the words that were said."""
        assert input.answer is not None
        assert input.receipt is not None
        one = self.stored.get(input.receipt, Stored())
        named = f"{input.id} «{input.text}» {input.receipt}"
        if one.by - {(person.society, person.name)}:
            self.verdict.other.append(f"{named}: stored for {one.by}")
        if input.place is not None and input.answer.place != input.place:
            self.verdict.other.append(f"{named}: said of item {input.answer.place}, meant {input.place}")
        self._compare(named, self._scores(input), Counter(one.scores))
        found = Counter((at, what(piece)) for at, piece in one.evidence)
        self._compare(named, self._pieces(input, found), found)
        submissions = 1 if input.kind == "submit" else 0
        self._compare(named, Counter({"submission": submissions}), Counter({"submission": len(one.submissions)}))

    def _compare(self, named: str, wanted: Counter[Any], found: Counter[Any]) -> None:
        for one in (wanted - found).elements():
            self.verdict.lost.append(f"{named}: {one} is missing, there is {dict(found)}")
        for one in (found - wanted).elements():
            self.verdict.doubled.append(f"{named}: {one} is too much")

    def _scores(self, input: Input) -> Counter[Any]:
        assert input.answer is not None
        if input.kind == "score" or (input.kind == "breath" and f"{input.value}分" in input.answer.acknowledged):
            return Counter([(input.answer.place, input.value)])
        if input.kind == "undo":  # to what it went back is said in words; that it went back once is enough
            shown = self.stored.get(input.receipt or "", Stored()).scores
            values = dict(shown)
            return Counter((at, values.get(at, "?")) for at in input.answer.reverted)
        return Counter()

    def _pieces(self, input: Input, found: Counter[Any]) -> Counter[Any]:
        assert input.answer is not None
        sent = {one.token: one for one in (input, *input.emptied) if one.token and one.kind in ADDING}
        wanted: Counter[Any] = Counter()
        for token, one in sent.items():
            key = (input.answer.place, one.photo.sha256() if one.photo else token)
            if token in self.live.sure or (token in self.live.maybe and key in found):
                wanted[key] += 1
        return wanted

    def _promised_nothing(self, input: Input) -> None:
        """R3: an answer without a receipt has stored nothing; its token is therefore nowhere."""
        assert input.answer is not None
        for one in self.stored.values():
            for _, piece in one.evidence:
                if input.token and not input.emptied_by and token_of(piece) == input.token:
                    self.verdict.doubled.append(f"{input.id} «{input.text}»: stored without a receipt")

    def _receipts(self) -> None:
        """O3: a receipt is given once."""
        given = Counter(input.receipt for person in self.people for input in person.inputs if input.receipt)
        self.verdict.other += [f"receipt {one} was given {n} times" for one, n in given.items() if n > 1]
        self.given = set(given)

    def _never_answered(self) -> None:
        """O2: every change set that nobody was told of belongs to one input that never got an answer."""
        open_inputs = [(person, input) for person in self.people for input in person.inputs if input.answer is None]
        for receipt, one in self.stored.items():
            if receipt in self.given:
                continue
            match = next((pair for pair in open_inputs if _could_be(one, *pair)), None)
            if match is None:
                self.verdict.doubled.append(f"{receipt}: nobody was told of {one}")
            else:
                open_inputs.remove(match)

    def _evidence_twice(self) -> None:
        tokens = Counter(token_of(piece) for one in self.stored.values() for _, piece in one.evidence)
        self.verdict.doubled += [f"evidence {token} is there {n} times" for token, n in tokens.items() if n > 1]

    def _order(self, person: Person) -> None:
        """O4: the events of a person happened in the order in which she sent them."""
        known = [self.stored[input.receipt] for input in person.inputs if input.receipt in self.stored]
        times = [min(one.at) for one in known]
        if times != sorted(times):
            self.verdict.other.append(f"{person.name}: events out of order")
        sent = {input.receipt: n for n, input in enumerate(person.inputs) if input.receipt}
        for entry in self.export["entries"]:
            for answer in entry["answers"]:
                numbers = [sent[event["receipt"]] for event in answer["events"] if event["receipt"] in sent]
                if numbers != sorted(numbers):
                    self.verdict.other.append(f"{person.name}: item {answer['position']} out of order")

    def _people(self) -> None:
        """A login that was repeated made one person."""
        there = Counter(one["name"] for one in self.export["people"])
        for person in self.people:
            if there[person.name] != (1 if person.inputs else 0):
                self.verdict.other.append(f"{person.name} is there {there[person.name]} times")

    def _values(self) -> None:
        """What counts is the last thing that was said."""
        for entry in self.export["entries"]:
            for answer in entry["answers"]:
                last = answer["events"][-1]["new"] if answer["events"] else None
                if answer["self_score"] != last:
                    line = f"{entry['society']} item {answer['position']}: {answer['self_score']}, last said {last}"
                    self.verdict.lost.append(line)

    def _recalls(self) -> None:
        """A submission that was taken back says so, the others do not."""
        for entry in self.export["entries"]:
            people = [person for person in self.people if person.society == entry["society"]]
            told = sum(one.kind == "recall" and one.receipt is not None for person in people for one in person.inputs)
            there = sum(one["withdrawn_at"] is not None for one in entry["submissions"])
            if told != there:
                self.verdict.lost.append(f"{entry['society']}: {told} recalls were confirmed, {there} are there")


def _could_be(one: Stored, person: Person, input: Input) -> bool:
    """Whether this change set may be what that input did."""
    if one.by != {(person.society, person.name)}:
        return False
    if input.kind == "undo":
        return not one.submissions and not one.evidence
    if one.submissions:
        return input.kind == "submit"
    tokens = {token_of(piece) for _, piece in one.evidence}
    return tokens <= {input.token} and {value for _, value in one.scores} <= {input.value}
