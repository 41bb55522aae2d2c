"""What the client side knows: every input, all its attempts, and what was answered. The oracle trusts nothing else."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

PLACE = re.compile(r"第(\d+)项")
TOKEN = re.compile(r"KW\d{5}")
QUESTION = re.compile(r"【(\d+)/\d+】")


@dataclass(frozen=True)
class Photo:
    """A file that is sent; its bytes are made from its name, so that they need not be kept."""

    name: str
    size: int

    def bytes(self) -> bytes:
        head = b"\xff\xd8\xff\xe0" + self.name.encode()
        return (head * (self.size // len(head) + 1))[: self.size]

    def sha256(self) -> str:
        return hashlib.sha256(self.bytes()).hexdigest()


@dataclass(frozen=True)
class Answer:
    """A reply to an input, as the client read it; `body` leaves out the download links, which carry their time."""

    texts: tuple[str, ...]
    receipt: str | None
    last_id: int
    body: str

    @classmethod
    def of(cls, content: bytes) -> "Answer":
        said = json.loads(content)
        for reply in said["replies"]:
            reply["files"] = [file["name"] for file in reply["files"]]
        texts = tuple(reply["text"] for reply in said["replies"])
        last = max((int(reply["id"]) for reply in said["replies"]), default=0)
        return cls(texts, said["receipt"], last, json.dumps(said, ensure_ascii=False, sort_keys=True))

    @property
    def place(self) -> int | None:
        """The position that the acknowledgement names."""
        found = PLACE.search(self.texts[0]) if self.texts else None
        return int(found.group(1)) if found else None

    @property
    def acknowledged(self) -> str:
        """What was said to be stored: everything before the receipt."""
        return self.texts[0].partition("回执")[0] if self.texts else ""

    @property
    def undone(self) -> set[int]:
        """The positions that an undo was said to have put back."""
        return _places(self._undo_lines)

    @property
    def reverted(self) -> set[int]:
        """Those of them whose score went back."""
        return _places([line for line in self._undo_lines if "回到" in line])

    @property
    def _undo_lines(self) -> list[str]:
        return [line for line in self.acknowledged.split("\n") if "撤销：" in line]

    @property
    def tokens(self) -> list[str]:
        return TOKEN.findall("\n".join(self.texts))


def _places(lines: list[str]) -> set[int]:
    return {int(number) for line in lines for number in PLACE.findall(line)}


@dataclass
class Input:
    """One logical input: sent until it is answered, always under the same id."""

    id: str
    kind: str  # login | score | words | breath | file | undo | drop | tray | submit | recall | other
    text: str
    place: int | None = None  # the position it names itself
    value: str | None = None
    token: str | None = None
    photo: Photo | None = None
    seen: int | None = None
    attempts: list[int | None] = field(default_factory=list)  # HTTP status, None = no answer
    answers: list[Answer] = field(default_factory=list)
    undoes: "Input | None" = None
    emptied: tuple["Input", ...] = ()  # files that waited without an item, and go to the one it names
    emptied_by: "Input | None" = None
    abandoned: bool = False

    @property
    def answer(self) -> Answer | None:
        return self.answers[0] if self.answers else None

    @property
    def receipt(self) -> str | None:
        return self.answers[0].receipt if self.answers else None


@dataclass
class Person:
    """One secretary and everything she ever sent, in the order of sending."""

    name: str
    society: str
    code: str
    inputs: list[Input] = field(default_factory=list)
    seen: int = 0
    position: int | None = None
    last_change: Input | None = None
    submitted: bool = False
    tray: list[Input] = field(default_factory=list)

    def hear(self, input: Input) -> None:
        """What an answer tells her: where she is, what she may undo, what she has seen."""
        answer = input.answer
        if answer is None:
            self.last_change = None  # unknown, so she undoes nothing
            return
        self.seen = max(self.seen, answer.last_id)
        asked = [int(number) for text in answer.texts for number in QUESTION.findall(text)]
        self.position = asked[-1] if asked else self.position
        if input.kind == "file" and "先放着" in "".join(answer.texts):
            self.tray.append(input)
        if input.kind == "tray" and answer.receipt is None:  # locked: the files go on waiting
            self.tray += input.emptied
            for one in input.emptied:
                one.emptied_by = None
            input.emptied = ()
        if answer.receipt and input.kind in ("submit", "recall"):
            self.submitted = input.kind == "submit"
        elif answer.receipt:
            self.last_change = input


def summary(people: list[Person]) -> dict[str, Any]:
    """Counts for the report."""
    inputs = [input for person in people for input in person.inputs]
    return {
        "messages": len(inputs),
        "attempts": sum(len(input.attempts) for input in inputs),
        "unanswered_attempts": sum(input.attempts.count(None) for input in inputs),
        "confirmed": sum(input.receipt is not None for input in inputs),
        "files": sum(input.photo is not None and input.receipt is not None for input in inputs),
        "abandoned": sum(input.answer is None for input in inputs),
    }
