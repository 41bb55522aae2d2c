"""评审规则: how several reviewers' scores become one in a round, and when they lie too far apart."""

import re
from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.review.agreeing import RULES
from handlers.rounds import pinned
from handlers.understanding.numerals import fold
from storage import queries
from storage.relations import ENTRY, ROUND, Row

PERCENT = re.compile(r"(\d{1,3})\s*%")
DAYS = re.compile(r"(\d{1,2})\s*个?(?:工作)?[日天]")
NAMED = {"single": r"一人|单人|最后|个人|single", "trimmed": r"去(?:掉|除)|最高最低|trimmed", "mean": r"平均|均分|mean"}


class NoRule(Exception):
    """There is no such rule, or scores are final by the one that is."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def rule(office: Office, said: str) -> list[Reply]:
    """«评审规则», «评审规则 平均», «评审规则 去掉最高最低 分差20% 申诉5日»"""
    words = fold(said)
    found = next((one for one, pattern in NAMED.items() if re.search(pattern, words)), None)
    percent, days = PERCENT.search(words), DAYS.search(words)
    wanted = {
        "review_rule": found,
        "review_spread": percent and int(percent[1]),
        "objection_days": days and int(days[1]),
    }
    given = {one: value for one, value in wanted.items() if value is not None}
    if not given:
        return [told(office.db, office.round, known=not words, changed=False)]
    try:
        row = settle(office.db, office.round, given, office.now, by=office.actor.person_id)
    except NoRule as refused:
        return [phrasebook().reply(refused.why, {"title": office.round.title})]
    return [told(office.db, row, known=True, changed=True)]


def told(db: sa.Connection, round: Row, *, known: bool, changed: bool) -> Reply:
    """The rule as it stands."""
    counted = pinned(db, round.rubric_sha256).maximum is None
    about = {"round": round, "rule_name": name(round.review_rule, counted=counted), "known": known, "changed": changed}
    return phrasebook().reply("review_rule", {**about, "counted": counted})


def name(rule: str, *, counted: bool) -> str:
    """A rule in words; `counted`: of items without points, whose findings have no mean."""
    return phrasebook().text("review_rule_name", {"rule": rule, "counted": counted})


def settle(db: sa.Connection, round: Row, given: dict[str, Any], now: Any, *, by: int | None) -> Row:
    """Change the round's rule, with old and new on record. Raises NoRule."""
    if given.get("review_rule", RULES[0]) not in RULES or not 0 < given.get("review_spread", 30) <= 100:
        raise NoRule("review_rule_unknown")
    round = db.execute(sa.select(ROUND).where(ROUND.c.id == round.id).with_for_update(key_share=True)).one()
    final = sa.select(ENTRY.c.id).where(ENTRY.c.round_id == round.id, ENTRY.c.finalized_at.is_not(None)).limit(1)
    if given.get("review_rule", round.review_rule) != round.review_rule and db.scalar(final) is not None:
        raise NoRule("review_rule_final")
    old = {one: getattr(round, one) for one in given}
    made = db.execute(sa.update(ROUND).where(ROUND.c.id == round.id).values(**given).returning(ROUND)).one()
    queries.note_act(db, now, "review_rule", person=by, round=round.id, old=old, new=given)
    return made
