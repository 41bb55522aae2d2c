"""Consent: what the office may read of a society that has not handed in, in the chat and in what it exports there."""

import sqlalchemy as sa

from handlers.checking import check
from handlers.reports.snapshot import Snapshot
from storage import queries
from storage.relations import ACT, CONSENT, CONSENT_REQUEST, OUTBOX
from tests.season import Season

EXAMPLE = "浙江省示例学会"


def said(season: Season, who: str, *words: str) -> str:
    for one in words:
        answer = "\n".join(reply.text for reply in season.say(who, one).replies)
    return answer


def begun(season: Season) -> Season:
    season.clock("2026-12-20 09:00")
    for who in ("王老师", "李老师", "staff"):
        season.join(who)
    said(season, "王老师", "会话第1项 8分，承办全国年会1场", "会话第3项 不适用，没有期刊")
    return season


def veiled(season: Season) -> tuple[int, list[object]]:
    """What an export asked for in the chat holds of her words: pieces of evidence, and reasons."""
    with season.db.read() as db:
        round = queries.round_of(db, season.round)
        whole = Snapshot(db, round, season.now, veiled=True).entries()
        found = next(one for one in whole if one["society"] == EXAMPLE)
    answers = found["answers"]
    assert found["claimed"] == "8"
    return sum(len(one["evidence"]) for one in answers), [one["reason"] for one in answers if one["reason"]]


def test_an_export_holds_her_words_only_while_she_consents(season: Season) -> None:
    begun(season)
    assert veiled(season) == (0, [])
    said(season, "王老师", "同意科协查看")
    assert veiled(season) == (1, ["没有期刊"])
    said(season, "李老师", "不再同意查看")
    assert veiled(season) == (0, [])
    season.clock("2027-01-15 17:30")  # over, and nothing was handed in
    assert veiled(season) == (0, [])


def test_handing_in_opens_and_taking_back_veils_again(season: Season) -> None:
    begun(season)
    said(season, "王老师", "确认提交")
    assert veiled(season) == (1, ["没有期刊"])
    said(season, "王老师", "撤回提交")
    assert veiled(season) == (0, [])
    assert "年会" not in said(season, "staff", "看内容 示例学会")


def test_the_same_words_twice_are_one_consent_with_one_receipt(season: Season) -> None:
    begun(season)
    first = season.say("王老师", "同意科协查看", key="once")
    assert season.say("王老师", "同意科协查看", key="once").replies == first.replies
    said(season, "李老师", "同意科协查看")
    with season.db.read() as db:
        [row] = db.execute(sa.select(CONSENT)).all()
        acts = db.execute(sa.select(ACT).where(ACT.c.act == "consent_given")).all()
    assert (first.receipt, row.receipt, len(acts)) == (row.receipt, first.receipt, 1)


def test_a_society_is_asked_once_a_day_and_whoever_asked_hears_the_answer(season: Season) -> None:
    begun(season)
    said(season, "staff", "请她同意 示例学会", "请她同意 示例学会")
    season.clock("2026-12-21 09:00")
    said(season, "staff", "请她同意 示例学会")
    with season.db.read() as db:
        asked = sa.select(OUTBOX).where(OUTBOX.c.cause.like("consent_wanted:%"))
        assert len(db.execute(asked).all()) == 4  # two people, on two days
    said(season, "王老师", f"轮次{season.round}：不同意科协查看")
    with season.db.read() as db:
        answers = list(db.scalars(sa.select(CONSENT_REQUEST.c.answer)))
        heard = list(db.scalars(sa.select(OUTBOX.c.text).where(OUTBOX.c.cause.like("consent:%"))))
        assert db.scalar(sa.select(sa.func.count()).select_from(CONSENT)) == 0
    assert answers == ["refused", "refused"]
    assert len(heard) == 1
    assert "不同意" in heard[0]
    with season.db.read() as db:
        assert check(db, season.store) == []
