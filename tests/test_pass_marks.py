"""A printed pass mark is shown as it is printed and decided by people: no total makes anybody 合格."""

import pytest
import sqlalchemy as sa

from storage.relations import OUTBOX
from tests.brought import BROUGHT
from tests.season import Season

GRADED = """id: own-graded
kind: self_evaluation
title: 2026年度临江市学会考核评分表
points: 10
step: 0.5
awards:
  - {id: pass, title: 合格, open: true, text: 总分6分（含）以上为合格。}
  - {id: excellent, title: 优秀, open: true, text: 总分8分（含）以上为优秀。}
sections:
  - id: a
    title: 办会
    points: 10
    items:
      - {id: meeting, no: "1", name: 年会, text: 举办学术年会。, points: 10}
"""


@pytest.fixture
def graded(season: Season, monkeypatch: pytest.MonkeyPatch) -> Season:
    monkeypatch.setitem(BROUGHT, "等次.yaml", GRADED.encode)
    season.join("staff")
    season.say("staff", "评分表", files=("等次.yaml",))
    for words in ("开新一轮", "1", "2027年1月15日17:30", "2"):
        season.say("staff", words)
    season.join("王老师")
    for words in ("轮次2，第1项 9分，办了年会", "提交", "确认提交"):
        season.say("王老师", words)
    return season


def said(season: Season, who: str, words: str) -> str:
    return "\n".join(reply.text for reply in season.say(who, words).replies)


def test_the_sentence_is_shown_and_nobody_has_it_by_points(graded: Season) -> None:
    hers, ours = said(graded, "王老师", "奖励"), said(graded, "staff", "轮次2，评定")
    for told in (hers, ours):
        assert "总分6分（含）以上为合格。" in told
        assert "总分8分（含）以上为优秀。" in told
    assert "还没有人拟定" in ours
    assert "示例学会" not in ours
    assert "优秀" not in said(graded, "staff", "轮次2，排名")


def test_three_steps_of_people_and_she_hears_of_the_last(graded: Season) -> None:
    for words in ("轮次2，拟定 优秀 浙江省示例学会", "1", "轮次2，公示 优秀", "1"):
        said(graded, "staff", words)
    assert not heard(graded)
    assert "1家" in said(graded, "staff", "轮次2，认定 优秀")
    assert "已认定「优秀」" in said(graded, "staff", "1")
    assert heard(graded)


def heard(season: Season) -> bool:
    """Whether it was owed to her in so many words."""
    with season.db.read() as db:
        told = db.scalars(sa.select(OUTBOX.c.text).where(OUTBOX.c.address == "王老师", OUTBOX.c.cause.like("award%")))
        return any("优秀" in one for one in told)
