"""Every score of every step, in every spelling, reads back exactly; evidence keeps its numbers."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handlers.understanding import scores
from handlers.understanding.numerals import fold, number

GRID = st.integers(0, 40).map(lambda halves: Decimal(halves) / 2)
HANZI = "零一二三四五六七八九十"
SPELLINGS = (
    "{n}", "{n}分", " {n} 分 ", "自评{n}分", "自评分：{n}", "我们打{n}分", "给{n}分吧", "打个{n}分", "就{n}分", "{n}分。", "{n}分！",
    "（{n}分）", "得分：{n}", "我觉得可以打{n}分", "所以打{n}分", "改成{n}分", "应该是{n}分", "从2分改成{n}分", "自评分为{n}分", "这项{n}分",
)  # fmt: skip


def digits(value: Decimal) -> str:
    return f"{value.normalize():f}"


def hanzi(value: Decimal) -> str:
    whole = int(value)
    tens, ones = divmod(whole, 10)
    said = HANZI[whole] if whole <= 10 else ("" if tens == 1 else HANZI[tens]) + "十" + (HANZI[ones] if ones else "")
    return said + ("点五" if value != whole else "")


def wide(value: Decimal) -> str:
    return "".join(chr(ord(one) + 0xFEE0) for one in digits(value))


@given(GRID, st.sampled_from(SPELLINGS), st.sampled_from([digits, hanzi, wide]))
def test_every_spelling_reads_back(value: Decimal, spelling: str, write: object) -> None:
    reading = scores.find(spelling.format(n=write(value)))  # type: ignore[operator]
    assert reading is not None
    assert (reading.value, reading.why, reading.rest) == (value, None, "")


@given(st.integers(1, 19), st.sampled_from(["{n}分半", "自评{n}分半", "{h}分半", "打{h}分半"]))
def test_half_points(whole: int, spelling: str) -> None:
    reading = scores.find(spelling.format(n=whole, h=hanzi(Decimal(whole))))
    assert reading is not None
    assert reading.value == whole + Decimal("0.5")


EVIDENCE = ("承办全国年会1场", "举办第8届论坛，100人参加", "推文8篇、视频3部", "十分重视，5月8日开会")


@given(GRID, st.sampled_from(EVIDENCE), st.sampled_from(["，", ",", " ", "。", "；", "：", "\n", "——", "、", ""]))
def test_a_score_and_its_evidence(value: Decimal, told: str, between: str) -> None:
    reading = scores.find(f"{digits(value)}分{between}{told}")
    assert reading is not None
    assert (reading.value, reading.rest) == (value, told)
    behind = scores.find(f"{told}，自评{digits(value)}分")
    assert behind is not None
    assert (behind.value, behind.rest) == (value, told)


@pytest.mark.parametrize(
    "text", [*EVIDENCE, "8场", "8分钟视频", "三分之一会员", "十分感谢", "8 场会议", "百分之五", "8份简报2期"]
)
def test_numbers_of_evidence_are_no_scores(text: str) -> None:
    reading = scores.find(text)
    assert reading is None or reading.why


@pytest.mark.parametrize(
    "text", ["²", "①", "1_0", "NaN", "1e3", "0x8", "٣", "八百万亿", "点", "十十", "半半", "9" * 10_000]
)
def test_what_is_no_number(text: str) -> None:
    value = number(fold(text))
    assert value is None or value == value.to_integral_value()
    assert scores.find(f"{text}") is None or text in {"八百万亿", "十十", "半半"}


@given(st.text())
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(text)


@example("千三壹拾两点")
@given(st.text(alphabet="0123456789零一二两三四五六七八九十百千廿点半.", max_size=12))
def test_a_number_never_raises(text: str) -> None:
    value = number(text)
    assert value is None or value >= 0
