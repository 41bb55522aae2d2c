"""A brought table on her screen: what was understood, what is open, what was put right, the file itself."""

import io
from decimal import Decimal
from typing import Any

from handlers.criteria import rubric_drafts
from handlers.criteria.rubric_drafts import Own
from handlers.criteria.rubric_questions import NUMBERED, SUMS_FOR, Question, questions, remainder, ways
from handlers.messages import Choice, Outgoing, Reply
from handlers.phrasebook import pages, phrasebook
from handlers.societies.registrar import Registrar
from handlers.standards.grading import categories
from rubrics.importing.draft import UNSCORED, Draft
from rubrics.units import differs, fitted
from storage import handouts

MOST_SECTIONS = 7
MOST_FAULTS = 6
ASKED, READY = "table_question", "table_ready"


def whole(registrar: Registrar, own: Own, name: str = "table_understood", **about: Any) -> list[Reply]:
    """The table on one screen, and behind it what is asked next."""
    head = phrasebook().text(name, {**_about(own), **about})
    return together(head, asked(registrar, own))


def _about(own: Own) -> dict[str, Any]:
    open_ones = questions(own.draft) if own.draft else []
    rows = _of_draft(own.draft) if own.draft else _of_rubric(own)
    known = [row["sum"] for row in rows if row["sum"] is not None]
    return {
        "name": own.row.name,
        "title": own.title,
        "rows": rows[:MOST_SECTIONS],
        "more": len(rows) - MOST_SECTIONS,
        "sections": len(rows),
        "items": sum(row["items"] for row in rows),
        "sum": sum(known, Decimal(0)) if known else None,
        "total": own.draft.total if own.draft else own.rubric.points if own.rubric else None,
        "open": len(open_ones),
        "noted": len(noted(own)),
        "rubric_file": own.found is None,
        "unscored": unscored(own),
        "unlike": _unlike(own),
    }


def _unlike(own: Own) -> list[dict[str, Any]]:
    """How many items each kind of unit is asked, and what they are worth, where that depends on it."""
    if own.rubric is None or not differs(own.rubric):
        return []
    each = ((one, fitted(own.rubric, one.id)) for one in own.rubric.applicants)
    return [{"title": one.title, "items": len(asked.items), "points": asked.maximum} for one, asked in each]


def unscored(own: Own) -> bool:
    """Whether every item is answered met or not."""
    if own.draft is not None:
        return own.draft.kind == UNSCORED
    return own.rubric is not None and bool(own.rubric.items) and own.rubric.maximum is None


def _of_draft(draft: Draft) -> list[dict[str, Any]]:
    return [
        {
            "label": one.category.label,
            "title": one.category.title,
            "points": one.category.points,
            "sum": one.sum if draft.pointed and not one.beside else None,
            "items": len(one.items),
        }
        for one in draft.sections
    ]


def _of_rubric(own: Own) -> list[dict[str, Any]]:
    """The top categories of a rubric file; none while it has faults."""
    rows: list[dict[str, Any]] = []
    for one in own.rubric.sections if own.rubric else ():
        below = [item for section in one.walk() for item in section.items]
        worth = [item.points for item in below if item.points is not None]
        total = sum(worth, Decimal(0)) if worth else None
        rows.append({"label": one.label, "title": one.title, "points": one.points, "sum": total, "items": len(below)})
    return rows


def noted(own: Own) -> list[str]:
    """What was put right in reading and she has not yet looked at."""
    if own.found is None or own.found.draft.looked:
        return []
    return [str(one) for one in own.found.findings if not one.decide]


def asked(registrar: Registrar, own: Own) -> Reply:
    """The next question; where none is left, what can be done now. Either waits for her answer."""
    draft = own.draft
    open_ones = questions(draft) if draft else []
    if draft and open_ones:
        first = open_ones[0]
        registrar.wait_for(ASKED, draft=own.row.id, code=first.code, place=first.place)
        return _question(draft, first, len(open_ones))
    registrar.wait_for(READY, draft=own.row.id)
    about = {"faults": own.faults[:MOST_FAULTS], "more": len(own.faults) - MOST_FAULTS, "unscored": unscored(own)}
    about["graded"] = own.rubric is not None and bool(categories(own.rubric))
    return phrasebook().reply("table_end", {**about, "ready": own.ready, "noted": len(noted(own))})


def _question(draft: Draft, question: Question, left: int) -> Reply:
    offered = list(ways(draft, question))
    rest = remainder(draft, question)
    items = question.section.items if question.section and question.item is None else []
    kind = str(question.finding.details["id"]) if question.code in SUMS_FOR else None
    items = [one for one in items if kind is None or not one.applicants or kind in one.applicants]
    about = {
        "said": question.finding.said,
        "spot": str(question.finding).removesuffix(question.finding.said).rstrip("："),
        "code": question.code,
        "item": question.item,
        "position": draft.items.index(question.item) + 1 if question.item else None,
        "items": [(draft.items.index(one) + 1, one.text, one.worth_for(kind)) for one in items],
        "left": left,
        "ways": offered,
        "rest": rest,
        "pointed": draft.pointed,
        "unit": question.finding.details.get("kind"),
    }
    if question.code == NUMBERED:
        numbered = (Choice(f"{number} {one}", str(number)) for number, one in enumerate(offered, 1))
        return Reply(phrasebook().text("table_how_filled", about), tuple(numbered))
    given = (Choice(phrasebook().text("table_rest", {"rest": rest}), rest),) if rest else ()
    reply = phrasebook().reply("table_question", about)
    return Reply(reply.text, (*given, *(Choice(one, one) for one in offered), *reply.choices))


def notes(registrar: Registrar, own: Own) -> list[Reply]:
    """«看处理»: what was put right in reading, by its place in the file."""
    lines = [phrasebook().text("table_note", {"number": n, "said": said}) for n, said in enumerate(noted(own), 1)]
    end = phrasebook().reply("table_notes_end", {"any": bool(lines)})
    texts = pages([*lines, end.text], phrasebook().text("table_notes", {"count": len(lines), "name": own.row.name}))
    asked(registrar, own)
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], end.choices)]


def file(registrar: Registrar, own: Own) -> list[Reply]:
    """«评分表文件»: the rubric file with every open point at its place, for a colleague who edits such files."""
    data = own.text.encode()
    blob = registrar.store.put(io.BytesIO(data))
    name = f"{str(own.row.name).rpartition('.')[0]}.yaml"
    by = registrar.actor.person_id
    held = handouts.hand_out(registrar.db, name, blob.sha256, blob.size, "txt", registrar.now, person=by)
    reply = phrasebook().reply("table_file", {"name": name, "open": own.rubric is None})
    asked(registrar, own)
    return [Reply(reply.text, reply.choices, (Outgoing(name, held),))]


def together(head: str, end: Reply) -> list[Reply]:
    texts = pages([end.text], head)
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], end.choices)]


def opened(registrar: Registrar, draft: int) -> Own:
    """The table that waits, as it reads now."""
    return rubric_drafts.own(registrar.db, registrar.store, rubric_drafts.numbered(registrar.db, draft))
