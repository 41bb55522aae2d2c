"""Text → intents: the tables of sayings, hostile input, and what must hold for any text at all."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.answers.stepping import Aimed, spoken
from handlers.understanding.intents import DropEvidence, Excuse, Go, Place, Score, ShowEvidence, Words
from handlers.understanding.understand import understand
from rubrics.reading import catalog, read
from tests.sayings import ARROW, FOLDER, asking, sayings, shown, unfolded

RUBRIC = read(catalog()["zhejiang-2020"], "zhejiang-2020.yaml")


def meant(text: str, heading: str) -> str:
    return shown(understand(text, asking(heading, RUBRIC), RUBRIC), RUBRIC)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_sayings(path: Path, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--record"):
        path.write_text(recorded(path), encoding="utf-8")
    wrong = {
        (one.heading, one.text): f"{heard}, not {one.meant}"
        for one in sayings(path)
        if (heard := meant(one.text, one.heading)) != one.meant
    }
    assert not wrong


def recorded(path: Path) -> str:
    lines, heading = [], ""
    for line in path.read_text(encoding="utf-8").splitlines():
        heading = line[3:] if line.startswith("== ") else heading
        text = line.partition(ARROW)[0]
        said = line and not line.startswith(("#", "== "))
        lines.append(f"{text}{ARROW}{meant(unfolded(text), heading)}" if said else line)
    return "\n".join(lines) + "\n"


HEADINGS = ("score 1", "evidence 4 courses", "evidence 21 level", "reason 3", "choice 5", "nothing")
# What people's phones and other people's robots send: words of ours in any order, controls, surrogates, right-to-left.
PIECES = st.one_of(
    st.sampled_from(
        [
            "8分",
            "满分",
            "不适用",
            "第5项",
            "序号5",
            "期刊",
            "下一项",
            "改成",
            "打错了",
            "依据",
            "撤回",
            "-",
            "/",
            "\n",
            "，",
            "。",
        ]
    ),
    st.text(max_size=8),
    st.text(alphabet=st.characters(codec=None, categories=["Cs", "Cc", "Cf"]), max_size=3),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join), st.sampled_from(HEADINGS))
def test_any_text_means_something(text: str, heading: str) -> None:
    found = understand(text, asking(heading, RUBRIC), RUBRIC)
    assert found
    assert all(intent.text.strip() for intent in found if isinstance(intent, Words))


SEEDS = (
    "8", "8分", "的", " ", "，", "、", "\n", "是", "就是", "自评分", "第", "第5项8分，", "序号5 3分\n", "8分\n", "。", "!", "…", "不适用，", "没有", "(",
    "1、", "1 8分\n", "十", "点", "7-", "改成", "撤回", "看", "把", "期刊 3分，", "打错了，", "不是8分，是", "下一项，", "好的，", "上一项", "《", "刚才",
    "\u200b", "\u202e", "😂", "满分，", "前3项都", "4A，", "\t", "8，9分，", "照片稍后", "我们没有",
)  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("head", ["", "第5项", "8分"])
def test_the_longest_message_is_understood(seed: str, head: str) -> None:
    """A pattern that tries every way to cut such a text would not end within the hour of the gate."""
    text = (head + seed * 20_000)[:20_000]
    for heading in HEADINGS:
        assert understand(text + "x", asking(heading, RUBRIC), RUBRIC)


AT = st.sampled_from(RUBRIC.items).map(lambda item: Place((item.id,), f"会话第{item.position}项"))
TOLD = st.sampled_from(
    [
        "承办全国年会1场",
        "8场会议，100人参加",
        "第三届茶科技奖\n3人获奖",
        "https://a.cn/8",
        "1、年会；2、论坛",
        "5分钟视频",
        "=1+1",
        "没有照片",
        "期刊 3分",
        "下一项",
    ]
)
AIMED = st.one_of(
    st.builds(Score, st.none() | st.integers(0, 20).map(lambda halves: Decimal(halves) / 2), AT),
    st.builds(Words, TOLD, AT),
    st.builds(Excuse, st.sampled_from(["本会没有主办期刊", "今年停刊，明年恢复", "没有中小企业会员"]), AT),
    st.builds(DropEvidence, st.none() | st.integers(1, 10), AT),
    st.builds(ShowEvidence, AT),
    st.builds(Go, AT),
)


@given(AIMED, st.sampled_from(HEADINGS[:3]))
def test_an_offered_way_is_understood_as_what_it_offers(meant: Aimed | Go, heading: str) -> None:
    """The words behind «1. 第5项» mean just that intent, whatever is asked."""
    assert meant.at is not None
    found = understand(f"{meant.at.said} {spoken(meant)}", asking(heading, RUBRIC), RUBRIC)
    wanted = replace(meant, correcting=True) if isinstance(meant, Score) else meant
    assert shown(found, RUBRIC) == shown([wanted], RUBRIC)
