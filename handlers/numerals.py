"""Numbers as people write them: ８分 八分 八点五 两分半 壹拾 4.5."""

import re
from decimal import Decimal

import cn2an

DIGITS = r"\d{1,9}(?:\.\d{1,6})?"
HANZI = r"[零〇一二两俩三四五六七八九十百千廿点半壹贰叁肆伍陆柒捌玖拾]{1,12}"
NUMBER = rf"(?:{DIGITS}|{HANZI})"

ONLY_NUMBERS = re.compile(r"[\d零〇一二三四五六七八九十百千万分之点半%.,:/+\-\s]+")

# Full-width forms only: NFKC would also turn ² into 2 and ① into 1, which nobody means as a score.
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_LOWER = {code: code + 32 for code in range(65, 91)}  # str.lower would make two characters of İ
_USUAL = str.maketrans("〇俩", "零两")


def fold(text: str) -> str:
    """A half-width copy of the same length, for reading only; what is stored stays as she wrote it."""
    return text.translate(_FOLD).translate(_LOWER)


def number(said: str) -> Decimal | None:
    """The number in `said` (folded), or None. Chinese numerals, 半 and a trailing 半 included."""
    said = said.strip()
    if re.fullmatch(DIGITS, said, re.ASCII):
        return Decimal(said)
    if not re.fullmatch(HANZI, said):
        return None
    if said == "半":
        return Decimal("0.5")
    half = said.endswith("半")
    try:
        value = Decimal(str(cn2an.cn2an(said.rstrip("半").translate(_USUAL), "smart")))
    except (ValueError, LookupError):  # cn2an raises KeyError on some nonsense («千三壹拾两点»)
        return None
    return value + Decimal("0.5") if half else value
