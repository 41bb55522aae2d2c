"""What a secretary sends next: a random, but always unmistakable, piece of a real interview."""

import itertools
import random
from dataclasses import dataclass, field
from decimal import Decimal

from rubrics.model import Rubric
from rubrics.reading import catalog, read
from tests.crash.history import Input, Person, Photo

WEIGHTS = {
    "answer": 5,
    "change": 5,
    "breath": 4,
    "words": 4,
    "words_at": 3,
    "next": 5,
    "file": 3,
    "undo": 2,
    "drop": 2,
    "submit": 1,
    "submit_now": 1,
    "recall": 1,
    "look": 2,
}
SMALL, LARGE = 4_000, 2_000_000  # bytes


def rubric() -> Rubric:
    """The table that is filled in."""
    return read(catalog()["zhejiang-2020"], "zhejiang-2020.yaml")


@dataclass
class Script:
    """The same seed writes the same kinds of inputs; what is answered steers their order."""

    rubric: Rubric
    chance: random.Random
    tokens: "itertools.count[int]" = field(default_factory=itertools.count)

    def next(self, person: Person) -> Input:
        """Her next input, not yet sent."""
        if person.tray and not person.submitted:
            return self._named(person, self._empty(person))
        kind = "recall" if person.submitted and self.chance.random() < 0.4 else self._choose()
        if kind == "undo" and person.last_change is None:
            kind = "change"
        made = getattr(self, f"_{kind}")(person)
        assert isinstance(made, Input)
        return self._named(person, made)

    def _named(self, person: Person, made: Input) -> Input:
        made.id = f"{person.name}-{len(person.inputs)}-{self.chance.getrandbits(40):x}"
        made.seen = person.seen
        return made

    def _choose(self) -> str:
        return self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]

    def _token(self) -> str:
        return f"KW{next(self.tokens):05d}"

    def _score(self, position: int) -> str:
        item = self.rubric.at(position)
        assert item is not None
        assert item.points is not None
        value = Decimal(self.chance.randint(0, int(item.points * 2))) / 2
        return f"{value:f}".removesuffix(".0")

    def _answer(self, person: Person) -> Input:
        value = self._score(person.position or 1)
        return Input("", "score", f"{value}分", value=value)

    def _change(self, person: Person) -> Input:
        item = self.chance.choice(self.rubric.items)
        value = self._score(item.position)
        return Input("", "score", f"序号{item.no} {value}分", place=item.position, value=value)

    def _breath(self, person: Person) -> Input:
        token, value = self._token(), self._score(person.position or 1)
        return Input("", "breath", f"{value}分，{token}承办学术年会与论坛", token=token, value=value)

    def _words(self, person: Person) -> Input:
        token = self._token()
        return Input("", "words", f"{token}组织会员学习并汇编成册", token=token)

    def _words_at(self, person: Person) -> Input:
        token, item = self._token(), self.chance.choice(self.rubric.items)
        return Input("", "words", f"序号{item.no}：{token}开展调研并形成报告", place=item.position, token=token)

    def _file(self, person: Person) -> Input:
        token = self._token()
        photo = Photo(f"{token}.jpg", LARGE if self.chance.random() < 0.15 else SMALL)
        return Input("", "file", "", token=token, photo=photo)

    def _empty(self, person: Person) -> Input:
        """The files that waited, to one item."""
        item = self.chance.choice(self.rubric.items)
        made = Input("", "tray", f"序号{item.no}", place=item.position, emptied=tuple(person.tray))
        for one in person.tray:
            one.emptied_by = made
        person.tray.clear()
        return made

    def _undo(self, person: Person) -> Input:
        return Input("", "undo", "撤销", undoes=person.last_change)

    def _drop(self, person: Person) -> Input:
        return Input("", "drop", "撤回第1条依据")

    def _next(self, person: Person) -> Input:
        return Input("", "other", "下一项" if person.position and person.position < 25 else "第1项")

    def _submit(self, person: Person) -> Input:
        return Input("", "submit", "提交")

    def _submit_now(self, person: Person) -> Input:
        return Input("", "submit", "确认提交")

    def _recall(self, person: Person) -> Input:
        return Input("", "recall", "撤回提交")

    def _look(self, person: Person) -> Input:
        return Input(
            "", "other", self.chance.choice(["进度", "还缺什么", "分数", "检查", "开始", "看依据", "暂停", "继续"])
        )
