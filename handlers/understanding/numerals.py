"""Numbers as people write them: ８分 八分 八点五 两分半 壹拾 4.5; amounts also 5万, 50,000, 五万元."""

import re
from decimal import Decimal
from functools import lru_cache

DIGITS = r"\d{1,9}(?:\.\d{1,6})?"
HANZI = r"[零〇一二两俩三四五六七八九十百千廿点半壹贰叁肆伍陆柒捌玖拾]{1,12}"
NUMBER = rf"(?:{DIGITS}|{HANZI})"

# Amounts only: in a score 万 is an adverb («万分»).
GROUPED = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,6})?"
LARGE = r"[零〇一二两三四五六七八九十百千廿点半壹贰叁肆伍陆柒捌玖拾佰仟万萬亿]{1,24}"
AMOUNT = rf"(?:{GROUPED}|\d{{1,15}}(?:\.\d{{1,6}})?|(?![点万萬亿百千佰仟]){LARGE})"
TIMES = {"": 1, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8}
WHOLE_AMOUNT = re.compile(rf"(?P<sign>-|负)?\s*(?P<n>{AMOUNT})\s*(?P<times>[百佰千仟万萬亿])?(?P<half>半)?")

ONLY_NUMBERS = re.compile(r"[\d零〇一二三四五六七八九十百千万分之点半%.,:/+\-\s]+")

# Full-width forms only: NFKC would also turn ² into 2 and ① into 1, which nobody means as a score.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_UPPER = {code: code + 32 for code in range(65, 91)}  # str.lower would make two characters of İ
_FOLD = _UPPER | {wide: _UPPER.get(code, code) for wide, code in _WIDE.items()}
_USUAL = str.maketrans("〇俩萬佰仟", "零两万百千")


def fold(text: str) -> str:
    """A half-width copy of the same length, for reading only; what is stored stays as she wrote it."""
    return _short(text) if len(text) <= SHORT else _long(text)


def _folded(text: str) -> str:
    return text.translate(_FOLD)


# A turn looks at the same words dozens of times; of long ones few are kept.
SHORT = 64
_short, _long = lru_cache(maxsize=1024)(_folded), lru_cache(maxsize=8)(_folded)


def number(said: str) -> Decimal | None:
    """The number in `said` (folded), or None. Chinese numerals, 半 and a trailing 半 included."""
    said = said.strip()
    if re.fullmatch(DIGITS, said, re.ASCII):
        return Decimal(said)
    if not re.fullmatch(HANZI, said) or said == "一半":  # half of something, not one and a half
        return None
    if said == "半":
        return Decimal("0.5")
    value = _counted(said.rstrip("半"))
    return value + Decimal("0.5") if value is not None and said.endswith("半") else value


def amount(said: str) -> Decimal | None:
    """The amount in `said` (folded): 5万, 50,000, 50000.00, 五万, 12.6万, 负三千; None where it is none."""
    match = WHOLE_AMOUNT.fullmatch(said.strip())
    if match is None:
        return None
    digits = match["n"].replace(",", "")
    value = Decimal(digits) if re.fullmatch(r"[\d.]+", digits, re.ASCII) else _hanzi(digits)
    if value is None or (match["half"] and not match["times"]):
        return None
    value += Decimal("0.5") if match["half"] else 0
    value *= TIMES[match["times"] or ""]
    return -value if match["sign"] else value


def _hanzi(said: str) -> Decimal | None:
    half = len(said) > 1 and said.endswith("半")
    value = _counted(said.removesuffix("半"))
    if value is None or not half:
        return value
    return value + (Decimal(5000) if said[-2] in "万萬" else Decimal("0.5"))


def _counted(said: str) -> Decimal | None:
    import cn2an  # it reads the names of all cities first

    try:
        return Decimal(str(cn2an.cn2an(said.translate(_USUAL), "smart")))
    except (ValueError, LookupError):  # it raises KeyError on some nonsense («千三壹拾两点»)
        return None
