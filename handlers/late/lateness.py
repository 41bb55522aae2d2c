"""What the office sees and says of late input from the chat: 逾期, 算数, 不算; only ever of one society that is certain."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import sqlalchemy as sa

from handlers import rounds
from handlers.answers import folding
from handlers.answers.acknowledging import learned, valued
from handlers.criteria.amending import asked_ever
from handlers.late import deciding
from handlers.late.late_input import Came, came_late, count
from handlers.messages import Reply
from handlers.office import Office, pending
from handlers.phrasebook import pages, phrasebook
from handlers.review import judging
from handlers.societies import roster
from rubrics.model import Item
from rubrics.projects import project
from storage import queries
from storage.relations import ENTRY, PERSON, ROUND, SOCIETY, Row

PARTED = r"[\s,，:：、;；]+"
NUMBERED = re.compile(rf"(\d{{1,3}})(?:号|[.．])?(?:{PARTED}|$)(.*)", re.DOTALL)
MOST_CHOICES = 8


def of_round(db: sa.Connection, round: int) -> list[tuple[Row, Row, Came]]:
    """Every society with something late in a round, with its entry: the undecided first, then by name."""
    joined = sa.select(ENTRY, SOCIETY.c.name).join(SOCIETY, SOCIETY.c.id == ENTRY.c.society_id)
    rows = db.execute(joined.where(ENTRY.c.round_id == round, ENTRY.c.late).order_by(SOCIETY.c.name)).all()
    found = [(_society(db, row.society_id), row, came_late(db, row.id)) for row in rows]
    return sorted((one for one in found if one[2].whole), key=lambda one: not one[2].fresh)


def _society(db: sa.Connection, id: int) -> Row:
    return db.execute(sa.select(SOCIETY).where(SOCIETY.c.id == id)).one()


def _round(office: Office) -> Row:
    """The newest round in which anything came late: the next one may be open while this is decided."""
    late = sa.select(ENTRY.c.round_id).where(ENTRY.c.late)
    newest = sa.select(ROUND).where(ROUND.c.id.in_(late)).order_by(ROUND.c.id.desc()).limit(1)
    return office.db.execute(newest).one_or_none() or office.round


def listed(office: Office) -> list[Reply]:
    """«逾期»: which societies, how much, when last, and what was decided."""
    round = _round(office)
    found = of_round(office.db, round.id)
    if not found:
        return [
            phrasebook().reply(
                "late_none", {"title": round.title, "kind": rounds.pinned(office.db, round.rubric_sha256).kind}
            )
        ]
    office.wait_for("late_list", ids=[society.id for society, _, _ in found])
    told = [summary(society, came, rounds.answered(office.db, round, entry)) for society, entry, came in found]
    out = judging.barred_names(replace(office, round=round))
    lines = [
        phrasebook().text(
            "late_list_line", {"number": n, "zone": round.timezone, "barred": one["society"] in out, **one}
        )
        for n, one in enumerate(told, 1)
    ]
    undecided = sum(bool(came.fresh) for _, _, came in found)
    head = phrasebook().text("late_list", {"title": round.title, "count": len(found), "undecided": undecided})
    return _closed([*lines, phrasebook().text("late_list_end", {})], head, "late_list_end", {})


def summary(society: Row, came: Came, rubric: Any) -> dict[str, Any]:
    """One society's late matter in figures."""
    return {
        "society": society.name,
        "events": len(came.events),
        "positions": sorted({item.position for item in rubric.items if item.id in {one.item for one in came.events}}),
        "wishes": len(came.wishes),
        "applications": len(came.applications),
        "last_at": came.last_at,
        "fresh": len(came.fresh),
        "decision": came.decisions[-1] if came.decisions else None,
    }


def chosen(office: Office, waiting: dict[str, Any], number: int) -> list[Reply]:
    """A number out of the list that was shown: a look, or the society of a decision that was asked back."""
    ids = waiting["ids"]
    if not 1 <= number <= len(ids):
        return [phrasebook().reply("late_nobody", {"said": str(number)})]
    society = _society(office.db, ids[number - 1])
    if waiting["wish"] == "late_list":
        return _detail(office, society)
    office.done()
    return _decide(office, society, waiting["reason"], counts=waiting["counts"])


def _detail(office: Office, society: Row) -> list[Reply]:
    round = _round(office)
    if refused := judging.barred(replace(office, round=round), society):
        return refused
    one = sa.select(ENTRY).where(ENTRY.c.round_id == round.id, ENTRY.c.society_id == society.id)
    entry = office.db.execute(one).one()
    came = came_late(office.db, entry.id)
    names = queries.people_of(office.db, society.id)
    rubric = rounds.answered(office.db, round, entry)
    about = {"zone": round.timezone}
    lines = [
        *(
            phrasebook().text("late_detail_line", {**about, **_event(office.db, one, came, rubric, names)})
            for one in came.events
        ),
        *(phrasebook().text("late_detail_line", {**about, **_wish(one, came, names)}) for one in came.wishes),
        *(
            phrasebook().text("late_application_line", {**about, **_application(one, came, rubric, names)})
            for one in came.applications
        ),
    ]
    ahead = {"closes": rounds.deadline(round, entry), "society": society.name, "count": len(lines)}
    head = phrasebook().text("late_detail", {**about, **ahead})
    end = {**about, "society": society.name, **_outlook(office, round, entry, came)}
    return _closed([*lines, phrasebook().text("late_detail_end", end)], head, "late_detail_end", end)


def _event(db: sa.Connection, row: Row, came: Came, rubric: Any, names: dict[int, str]) -> dict[str, Any]:
    asked = asked_ever(db, rubric, row.item)
    return {
        "at": row.at,
        "who": names.get(row.person_id, ""),
        "kind": row.kind,
        "item": asked,
        "gone": isinstance(asked, Item) and row.item not in {item.id for item in rubric.items},
        "learned": learned(asked, row.new) if row.kind == "fact" else None,
        "old": valued(row.old) if row.kind == "score" else row.old,
        "new": valued(row.new) if row.kind == "score" else row.new,
        "receipt": row.receipt,
        "ruling": folding.ruling(came.decisions, row.id),
    }


def _wish(row: Row, came: Came, names: dict[int, str]) -> dict[str, Any]:
    ruling = next((one.counts for one in reversed(came.decisions) if row.id <= one.wishes_to), None)
    about = {"at": row.at, "who": names.get(row.person_id, ""), "receipt": row.receipt, "ruling": ruling}
    return {**about, "kind": "wish", "item": None, "gone": False, "old": None, "new": None, "learned": None}


def _application(row: Row, came: Came, rubric: Any, names: dict[int, str]) -> dict[str, Any]:
    decided = came.decisions[-1].counts if row.id <= came.applications_ruled else None
    about = {"at": row.at, "who": names.get(row.person_id, ""), "receipt": row.receipt, "ruling": decided}
    return {**about, "kind": row.kind, "project": project(rubric, row.project)}


def _outlook(office: Office, round: Row, entry: Row, came: Came) -> dict[str, Any]:
    """What «算数» would make of the totals, and what was decided last."""
    totals = count(office.db, round, entry.id, came, counts=True).totals
    last = came.decisions[-1] if came.decisions else None
    return {
        "old_claimed": entry.claimed,
        "old_supported": entry.supported,
        "new_claimed": totals.claimed,
        "new_supported": totals.supported,
        "differs": (entry.claimed, entry.supported) != (totals.claimed, totals.supported),
        "decision": last,
        "by": decided_by(office.db, last) if last else "",
    }


def decided_by(db: sa.Connection, decision: Row) -> str:
    """Who decided; a command has no name of its own."""
    name = db.scalar(sa.select(PERSON.c.name).where(PERSON.c.id == decision.person_id))
    return phrasebook().text("late_by", {"name": name})


def accept(office: Office, said: str) -> list[Reply]:
    """«算数 医学会 原因»"""
    return _meant(office, said, counts=True)


def refuse(office: Office, said: str) -> list[Reply]:
    """«不算 医学会 原因»"""
    return _meant(office, said, counts=False)


def _meant(office: Office, said: str, *, counts: bool) -> list[Reply]:
    """One society by its full name or its number in the list just shown; else a numbered list to choose from."""
    society, whom, reason = _named(office, said)
    if not reason.strip():
        return [phrasebook().reply("late_reason", {"counts": counts, "said": whom})]
    if society is not None:
        office.done()
        return _decide(office, society, reason.strip(), counts=counts)
    late = {one.id for one, _, _ in of_round(office.db, _round(office).id)}
    found = [row for row in roster.find(office.db, whom) if row.id in late]
    if not found:
        return [phrasebook().reply("late_nobody", {"said": whom})]
    ids = [row.id for row in found[:MOST_CHOICES]]
    office.wait_for("late_which", ids=ids, counts=counts, reason=reason.strip())
    about = {"said": whom, "counts": counts, "reason": reason, "names": [row.name for row in found[:MOST_CHOICES]]}
    return [phrasebook().reply("late_which", {**about, "more": len(found) > MOST_CHOICES})]


def _named(office: Office, said: str) -> tuple[Row | None, str, str]:
    """The society that is certain, if any; the words for it; the reason behind them."""
    begun = [row for row in roster.societies(office.db) if re.match(rf"{re.escape(row.name)}(?:{PARTED}|$)", said)]
    if begun:
        exact = max(begun, key=lambda row: len(row.name))
        return exact, exact.name, re.sub(rf"^{PARTED}", "", said[len(exact.name) :])
    waiting = pending(office.db, office.actor.person_id) or {}
    number = NUMBERED.match(said)
    if number and waiting.get("wish") == "late_list" and 1 <= int(number[1]) <= len(waiting["ids"]):
        society = _society(office.db, waiting["ids"][int(number[1]) - 1])
        return society, society.name, number[2]
    whom, *rest = re.split(PARTED, said.strip(), maxsplit=1)
    return None, whom, rest[0] if rest else ""


def _decide(office: Office, society: Row, reason: str, *, counts: bool) -> list[Reply]:
    round = _round(office)
    if barred := judging.barred(replace(office, round=round), society):
        return barred
    try:
        made = deciding.decide(
            office.db, round, society, counts=counts, reason=reason, now=office.now, by=office.actor.person_id
        )
    except deciding.NoDecision as refused:
        return [phrasebook().reply(refused.why, {"society": society.name})]
    return [phrasebook().reply("late_done", {"society": society.name, "decided": made, "made": made.row})]


def _closed(lines: list[str], head: str, name: str, about: dict[str, Any]) -> list[Reply]:
    texts = pages(lines, head)
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], phrasebook().choices(name, about))]


WISHES = cast("dict[str, Callable[..., list[Reply]]]", {"late": listed, "late_accept": accept, "late_refuse": refuse})
