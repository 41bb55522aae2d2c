"""What stands in a self-score cell: a number that the item can have, 不适用, nothing, or something a person must read."""

import re
from decimal import Decimal
from typing import NamedTuple

from rubrics.importing.wording import numeral, plain
from rubrics.model import Item

EXCUSED = {"不适用", "不涉及", "无此项", "无此项工作", "n/a", "na"}
BLANK = {"", "/", "\\", "-", "--", "—", "——", "_", "分", "()", "无"}
# Of an item without points: her word that it is met, or not.
MET = {"达到", "已达到", "达标", "已达标", "符合", "是", "√", "✓", "✔", "☑", "yes"}
UNMET = {"未达到", "没达到", "没有达到", "不达到", "未达标", "不达标", "不符合", "否", "×", "✗", "✘", "☒", "no"}
NUMBER = re.compile(r"(?:自评)?(\d{1,4}(?:\.\d{1,3})?)分?(?:/(\d{1,4}(?:\.\d{1,3})?)分?)?")


class Value(NamedTuple):
    """`kind`: score, claim, excuse, blank, or odd; `fault` where no such score exists: above, step, unread."""

    kind: str
    score: Decimal | None = None
    fault: str | None = None
    met: bool | None = None  # of an item without points


def value(cell: str, item: Item | None) -> Value:
    """The cell read for this item; without an item its bounds are not known."""
    bare = re.sub(r"\s", "", plain(cell)).casefold().strip("()[]。.,")
    if bare in BLANK:
        return Value("blank")
    if bare in EXCUSED:
        return Value("excuse")
    if item is not None and item.points is None:
        claimed = bare in MET or (False if bare in UNMET else None)
        return Value("odd", None, "unread") if claimed is None else Value("claim", met=claimed)
    losing = item is not None and item.counts == "deduction"
    score = _number(bare.lstrip("-−–扣") if losing else bare, item)
    if score is None:
        return Value("odd", None, "unread")
    score = score if item is None else item.signed(score)
    return Value("score", score, fault(score, item))


def fault(score: Decimal, item: Item | None) -> str | None:
    """Why this can be no score of the item."""
    if item is None or item.points is None:
        return None
    if not item.lowest <= score <= item.highest:
        return "above"
    return "step" if item.step and score % item.step else None


def _number(bare: str, item: Item | None) -> Decimal | None:
    found = NUMBER.fullmatch(bare)
    if found is None:
        return numeral(bare.removesuffix("分"))
    full = Decimal(found[2]) if found[2] else None
    if full is not None and (item is None or full != item.points):
        return None
    return Decimal(found[1])
