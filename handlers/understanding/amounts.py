"""How much, in what people write: 96平米, 80㎡, 5万, 50,000元, 两年半, 36个月; read exactly or not at all."""

import re
from decimal import ROUND_FLOOR, Decimal

from handlers.understanding.numerals import AMOUNT, amount, fold
from rubrics.facts import AMOUNT as STORED
from rubrics.facts import Amount

# Other words for a unit, and how many of the fact's own unit one of them is.
UNITS: dict[str, tuple[tuple[str, Decimal], ...]] = {
    "平米": tuple((word, Decimal(1)) for word in ("平方米", "平方", "平米", "平", "㎡", "m²", "m2")),
    "元": tuple((word, Decimal(1)) for word in ("元人民币", "人民币", "元钱", "元整", "元", "块钱", "块", "圆", "rmb")),
    "年": (("年整", Decimal(1)), ("周年", Decimal(1)), ("年", Decimal(1))),
}
MONTHS = re.compile(r"(?P<n>\d{1,4})\s*个?月")
YEARS = re.compile(rf"(?P<n>{AMOUNT})\s*年\s*(?P<rest>半|零?\s*\d{{1,2}}\s*个?月)")
LEAD = r"(?:一共|总共|共|合计|今年|现有|有|为|是|达到?|[:：])*\s*"
FINEST = Decimal("0.000001")


def read(fact: Amount, said: str, *, asked: bool) -> str | None:
    """The amount in folded words as it is stored; only one that was asked for may leave its unit out."""
    bare = re.sub(rf"^{LEAD}", "", said).strip(" ￥¥。.!")
    if fact.unit == "年" and (months := _months(bare)) is not None:
        return _stored(Decimal(months) / 12)
    for word, times in UNITS.get(fact.unit, ((fold(fact.unit), Decimal(1)),)):
        if bare.endswith(word) and (value := amount(bare.removesuffix(word))) is not None:
            return _stored(value * times)
    value = amount(bare) if asked else None
    return None if value is None else _stored(value)


def _months(said: str) -> int | None:
    """«36个月», «两年半», «2年11个月»."""
    if match := MONTHS.fullmatch(said):
        return int(match["n"])
    match = YEARS.fullmatch(said)
    years = amount(match["n"]) if match else None
    if match is None or years is None or years != int(years):
        return None
    rest = re.sub(r"\D", "", match["rest"])
    return int(years) * 12 + (6 if match["rest"] == "半" else int(rest))


def _stored(value: Decimal) -> str | None:
    """Cut, never rounded: 35 months must not read as the 3 years they miss."""
    text = f"{value.quantize(FINEST, ROUND_FLOOR):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if STORED.fullmatch(text) else None
