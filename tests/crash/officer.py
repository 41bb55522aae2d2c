"""An officer at work while the server is killed: what she asks for and confirms by its number, and what must be there."""

import random
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.crash.history import Input, Person
from tests.crash.oracle import Verdict
from tests.crash.traffic import TIMEOUT, Traffic
from tests.crash.world import Brought

NUMBER = re.compile(r"回复数字 (\d+)")
RECEIPT = re.compile(r"回执 ([0-9A-Z]+)")
LETTERS = "杭宁温嘉湖绍金衢舟台丽山水林田茶桑麻棉竹石玉金银铜铁光电声热力数理化文史哲医药工农商学书画琴棋星月云雨风雪"


@dataclass
class Act:
    """One thing that she wants once: what tells it apart, her question, and the number typed."""

    kind: str  # announcement | import
    mark: str
    asked: Input
    confirmed: Input | None = None

    @property
    def receipt(self) -> str | None:
        answer = self.confirmed.answer if self.confirmed else None
        found = RECEIPT.search(answer.texts[0]) if answer and answer.texts else None
        return found[1] if found else None


@dataclass
class Officer:
    """Her seat; `acts` grow as she goes."""

    person: Person
    chance: random.Random
    acts: list[Act] = field(default_factory=list)

    async def sit(self, traffic: Traffic) -> None:
        async with httpx.AsyncClient(base_url=traffic.url, trust_env=False, timeout=TIMEOUT) as client:
            await traffic.say(client, self.person, Input(f"{self.person.name}-login", "login", self.person.code))
            while not traffic.over:
                act = self._next()
                self.acts.append(act)
                await traffic.say(client, self.person, act.asked)
                number = self._number(act.asked)
                if number is not None:
                    act.confirmed = self._input(number)
                    await traffic.say(client, self.person, act.confirmed)

    def _next(self) -> Act:
        """To be sent on the next morning, so that nobody hears of it before the end; or a society that nobody knew."""
        if self.chance.random() < 0.5:
            mark = f"OF{len(self.acts):05d}"
            return Act("announcement", mark, self._input(f"明天上午9点给全部发通知：{mark}请查收"))
        mark = f"浙江省{''.join(self.chance.sample(LETTERS, 4))}研究会"
        asked = self._input("导入名单")
        asked.photo = Brought(f"{len(self.acts)}.csv", 0, f"学会名称\n{mark}\n")
        return Act("import", mark, asked)

    def _input(self, text: str) -> Input:
        id = f"{self.person.name}-{len(self.person.inputs)}-{self.chance.getrandbits(40):x}"
        return Input(id, "office", text, seen=self.person.seen)

    def _number(self, asked: Input) -> str | None:
        found = NUMBER.search("\n".join(asked.answer.texts)) if asked.answer else None
        return found[1] if found else None

    def judge(self, export: dict[str, Any]) -> Verdict:
        """What she was told is there once; what she was not told is not there, unless no answer reached her."""
        there = Counter(str(one["text"])[:7] for one in export["announcements"])
        there.update(entry["society"] for entry in export["entries"])
        verdict = Verdict()
        for act in self.acts:
            count, unheard = there[act.mark], act.confirmed is not None and act.confirmed.answer is None
            if count > 1:
                verdict.doubled.append(f"{act.kind} {act.mark}: {count} times")
            if act.receipt and not count:
                verdict.lost.append(f"{act.kind} {act.mark}: confirmed by {act.receipt}, and not there")
            if count and not act.receipt and not unheard:
                verdict.other.append(f"{act.kind} {act.mark}: there, and she was never told")
        for input in self.person.inputs:
            if len({answer.body for answer in input.answers}) > 1:
                verdict.other.append(f"{input.id}: different words for the same delivery")
        receipts = Counter(act.receipt for act in self.acts if act.receipt)
        verdict.doubled += [f"receipt {one}: given for {count} acts" for one, count in receipts.items() if count > 1]
        return verdict

    @property
    def done(self) -> int:
        return sum(act.receipt is not None for act in self.acts)
