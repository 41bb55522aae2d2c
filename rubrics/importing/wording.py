"""Printed words put straight: blanks between hanzi, numbers in any width, points, labels of categories."""

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

HANZI = r"\u3007\u3400-\u9fff\uf900-\ufaff，。；：、！？（）《》“”‘’【】〔〕…—"
BETWEEN = re.compile(rf"(?<=[{HANZI}])\s+|\s+(?=[{HANZI}])")
ENDS = tuple("。；;：:！!？?.…分")
LONG_LINE = 10
BEGINS = re.compile(r"\s*(?:[（(]?[0-9０-９一二三四五六七八九十]{1,3}[）).．、]|[①-⑳●■◆·•\-－—*※])")
ORDINALS = "一二三四五六七八九十"
NUMBER = r"[0-9]{1,4}(?:\.[0-9]{1,3})?"
POINTS = re.compile(
    rf"(?:满分|分值|最高|最多|不超过|上限|共计|合计|总分|总计|计|共|≤)?[:：]?(?:0分?[-~—–至到])?({NUMBER})分?"
)
CATEGORY_POINTS = re.compile(
    r"\s*(?:[（(]\s*(?:满分|共计|合计|计|共|分值)?\s*[:：]?\s*([0-9０-９]{1,4}(?:[.．][0-9０-９]{1,3})?)\s*分?\s*[)）]"
    r"|[,，:：]?\s*(?:满分|共计|合计|计|共)?\s*([0-9０-９]{1,4}(?:[.．][0-9０-９]{1,3})?)\s*分)\s*$"
)
LABEL = re.compile(
    rf"^\s*(?:第([{ORDINALS}]{{1,3}})(?:部分|类|章|项)[、.．:：\s]*|([{ORDINALS}]{{1,3}})[、.．:：\s]\s*"
    rf"|[（(]([{ORDINALS}]{{1,3}})[)）]\s*|([0-9０-９]{{1,2}}|[IVX]{{1,4}}|[A-Z])[、.．]\s*)(?=\S)"
)
SPACED_LABEL = re.compile(rf"^\s*([{ORDINALS}]{{1,3}})\s+(?=\S)")
CONTINUED = re.compile(r"[（(]?(?:续|接上页|续上页)[)）]?$")
TOTALS = {"总计", "合计", "总分", "共计", "总得分", "合计得分", "总分合计", "合计分值", "合计总分"}
SUBTOTALS = {"小计", "分项小计", "本项小计", "本类小计"}
NUMERALS = {hanzi: digit for digit, hanzi in enumerate("零一二三四五六七八九")}


class Category(NamedTuple):
    """一、为科技工作者服务 (35分) in its parts."""

    label: str | None
    title: str
    points: Decimal | None


def plain(text: str) -> str:
    """Full-width letters and digits as half-width ones, for comparing and reading only."""
    return unicodedata.normalize("NFKC", text)


def tight(text: str) -> str:
    """A short label on one line: blanks and line breaks beside a hanzi go, one between Latin words stays."""
    return " ".join(BETWEEN.sub("", text.strip()).split())


def key(text: str) -> str:
    """What two spellings of one head have in common."""
    return re.sub(r"\(.*?\)|[\s:：*※、/]", "", plain(text)).casefold()


def flowing(text: str) -> str:
    """The words of a cell: a long line that stops in the middle goes on without a blank (Q-WP02), lists keep their lines."""
    joined = last = ""
    for line in filter(None, (line.strip() for line in text.split("\n"))):
        if joined:
            stops = last.endswith(ENDS) or len(last) < LONG_LINE or BEGINS.match(line)
            joined += "\n" if stops else glue(joined, line)
        joined, last = joined + line, line
    return joined


def glue(before: str, after: str) -> str:
    """A blank only between two Latin words."""
    return " " if before[-1].isascii() and after[0].isascii() and before[-1].isalnum() and after[0].isalnum() else ""


def points(text: str) -> Decimal | None:
    """10分, １０, 满分10分, 十分; None for anything that needs a person."""
    bare = re.sub(r"\s|[()\[\]]", "", plain(text))
    found = POINTS.fullmatch(bare)
    return Decimal(found[1]) if found else numeral(bare.removesuffix("分"))


def numeral(text: str) -> Decimal | None:
    """十二; two digits at most."""
    if "十" not in text:
        return Decimal(NUMERALS[text]) if text in NUMERALS else None
    tens, _, ones = text.partition("十")
    if tens not in {"", *NUMERALS} or ones not in {"", *NUMERALS}:
        return None
    return Decimal(NUMERALS.get(tens, 1) * 10 + NUMERALS.get(ones, 0))


def category(text: str) -> Category:
    """The label, title and control sum of a category, with either kind of brackets (Q-ZJ05)."""
    whole = tight(SPACED_LABEL.sub(r"\1、", text))
    bare = CONTINUED.sub("", whole) or whole
    sums = CATEGORY_POINTS.search(bare)
    title = bare[: sums.start()] if sums else bare
    label = LABEL.match(title)
    found = next(filter(None, label.groups())) if label else None
    title = (title[label.end() :] if label else title).strip(" ,，:：")
    worth = Decimal(plain(sums[1] or sums[2])) or None if sums else None  # a sum of 0 is no sum
    return Category(plain(found) if found else None, title or bare, worth)


def is_category(text: str) -> bool:
    """Whether a line alone says that it heads a category: 一、…, or a title with its points in brackets."""
    found = category(text)
    return len(found.title) <= 40 and (found.points is not None or bool(found.label and found.label[0] in ORDINALS))


def is_continued(text: str) -> bool:
    """Whether a cell says only that the one of the page before goes on."""
    return CONTINUED.fullmatch(tight(text)) is not None


def is_number(text: str) -> bool:
    """Whether a cell may be a printed number: 14, 1.2, A-3, （五）."""
    bare = plain(tight(text)).strip("()、.")
    return len(bare) <= 8 and bool(re.fullmatch(rf"[A-Za-z0-9.\-—_]+|[{ORDINALS}]+", bare))
