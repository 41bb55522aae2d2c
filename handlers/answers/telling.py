"""What a secretary may look at any time: progress, score, gaps, deadline, her whole table, papers, her account."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from handlers import stages, wording
from handlers.answers import choosing, tallying
from handlers.answers.lasthours import stamp
from handlers.answers.record import record
from handlers.answers.stepping import sent_back
from handlers.desk import Desk
from handlers.messages import Reply
from handlers.papers import delivering, papers
from handlers.phrasebook import pages, phrasebook
from handlers.review import outcome
from handlers.rounds import Season
from handlers.societies import people
from handlers.standards import qualifying
from rubrics import counting
from rubrics.answers import complete, current, fits
from rubrics.missing import Gap
from rubrics.model import Item, Section
from rubrics.units import unit
from storage import queries

FIRST_GAPS = 8  # as many as are worth reading at once


def tell(desk: Desk, topic: str) -> list[Reply]:
    return TOPICS[topic](desk)


def common(desk: Desk) -> dict[str, Any]:
    """What most messages speak of."""
    totals = desk.standing()
    submission = queries.live_submission(desk.db, desk.entry.id) if desk.submitted else None
    return {
        "name": desk.actor.name,
        "society": desk.actor.society,
        "title": desk.season.title,
        "closes": desk.season.closes_at,
        "zone": desk.season.timezone,
        "left": desk.season.closes_at - desk.now if desk.season.closes_at else None,
        "due": due(desk.season, desk.now),
        "late": desk.season.late,
        "stamp": stamp(desk),
        "standing": totals,
        "complete": totals.complete,
        "total": totals.total,
        "maximum": totals.maximum,
        "submitted": desk.submitted,
        "returned": [item.position for item in sent_back(desk.scene)],
        "eligibility": qualifying.of_desk(desk) if totals.maximum is None else None,
        "supplementing": desk.supplementing,
        "accepted": bool(submission and submission.late),
        "number": queries.submissions(desk.db, desk.entry.id, up_to=submission.id) if submission else None,
        "at": submission.at if submission else None,
    }


def due(season: Season, now: datetime) -> str:
    """When it is and how much is left; or was, or that nobody knows yet."""
    closes = season.closes_at
    left = closes - now if closes else None
    return phrasebook().text("due", {"closes": closes, "left": left, "zone": season.timezone, "late": season.late})


def unscored(desk: Desk) -> bool:
    """Whether the document prints no points of its items, and therefore no total."""
    return desk.season.rubric.maximum is None


def progress(desk: Desk) -> list[Reply]:
    if unscored(desk):
        return tallying.progress(desk, common(desk))
    sections = [_section(desk, section) for section in desk.season.rubric.sections]
    return [phrasebook().reply("progress", {**common(desk), "sections": sections})]


def _section(desk: Desk, section: Section) -> dict[str, Any]:
    items = [item for one in section.walk() for item in one.items]
    answers = [current(item, desk.scene.of(item.id).answer) for item in items]
    done = sum(complete(item, answer) for item, answer in zip(items, answers, strict=True))
    claims = {item.id: one.self_score or Decimal(0) for item, one in zip(items, answers, strict=True)}
    about = {"label": section.label, "title": section.title, "points": section.points or section.full or None}
    claimed = counting.of_section(section, claims).total
    return {**about, "complete": done, "total": len(answers), "claimed": claimed}


def score(desk: Desk) -> list[Reply]:
    if unscored(desk):
        return tallying.score(desk, common(desk))
    return [phrasebook().reply("score", common(desk))]


def missing(desk: Desk, *, everything: bool = False) -> list[Reply]:
    """Every point not supported, in exactly one line, the most valuable first."""
    about = common(desk)
    if unscored(desk):
        return tallying.missing(desk, about, everything=everything)
    gaps = about["standing"].gaps
    if not gaps:
        return [phrasebook().reply("nothing_missing", about)]
    shown = gaps if everything else gaps[:FIRST_GAPS]
    lines = [_gap(desk, number, gap) for number, gap in enumerate(shown, 1)]
    rest = gaps[len(shown) :]
    best = next((gap for gap in gaps if gap.kind in ("score", "evidence", "conflict") and _gains(gap)), None)
    end = {"more": len(rest), "more_points": sum((gap.points for gap in rest), Decimal(0)), "best": best}
    texts = pages([*lines, phrasebook().text("missing_end", end)], phrasebook().text("missing", about))
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], phrasebook().choices("missing_end", end))]


def _gains(gap: Gap) -> bool:
    """Whether filling it in may bring points; a bonus does, though it is not missed."""
    return bool(gap.points) or gap.item.counts == "bonus"


def _gap(desk: Desk, number: int, gap: Gap) -> str:
    about = {"number": number, "gap": gap, "score": desk.scene.of(gap.item.id).answer.self_score}
    return phrasebook().text("missing_line", about)


def review(desk: Desk) -> list[Reply]:
    about = common(desk)
    if unscored(desk):
        return tallying.review(desk, about)
    lines = [
        phrasebook().text("review_line", {"item": item, **_reviewed(desk, item)}) for item in desk.season.rubric.items
    ]
    texts = pages([*lines, phrasebook().text("review_end", about)], phrasebook().text("review", about))
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], phrasebook().choices("review_end", about))]


def _reviewed(desk: Desk, item: Item) -> dict[str, Any]:
    held = desk.scene.of(item.id)
    return {"held": held, "again": not fits(item, held.answer)}


def owed_papers(desk: Desk) -> list[Reply]:
    """Every paper in its forms, what of it is in, and where the printed ones go."""
    rubric = desk.season.rubric
    one = unit(rubric, desk.actor.kind)
    office = (one.office or "") + (one.room or "") if one else ""
    source: dict[str, Any] = {
        "office": office,
        "document": rubric.source.title or rubric.title,
        "files": delivering.by_file(desk),
    }
    found = delivering.matrix(desk)
    source["stamped"] = any(due.form == papers.STAMPED for due in found.dues)
    source["formless"] = [one.title for one in rubric.deliverables if not one.forms]
    return papers.shown(found, "papers", "papers_end", {**common(desk), **source})


def account(desk: Desk) -> list[Reply]:
    assert desk.actor.society_id is not None
    everybody = people.of_society(desk.db, desk.actor.society_id)
    others = "、".join(row.name for row in everybody if row.id != desk.actor.person_id)
    channels = "、".join(people.channels(desk.db, desk.actor.person_id))
    return [phrasebook().reply("account", {**common(desk), "channels": channels, "others": others})]


def again(desk: Desk) -> list[Reply]:
    """A greeting that says where she stands."""
    item = desk.scene.asking.item
    assert desk.actor.society_id is not None
    open_ones = choosing.open_to(desk.db, desk.actor.society_id, desk.now)
    others = sum(one.id != desk.season.id for one in open_ones)
    about = {**common(desk), "item": desk.season.rubric.item(item) if item else None, "others": others}
    return [phrasebook().reply("again_closed" if desk.season.late else "again", about)]


def plainly(name: str) -> Callable[[Desk], list[Reply]]:
    """A message that needs nothing but the common things."""
    return lambda desk: [wording.reply(name, desk.season.rubric, common(desk))]


def deadline(desk: Desk) -> list[Reply]:
    """The minute; where none is certain, the stages as exactly as they are known (domain.md Q-WZ14, Q-WZ15)."""
    listed = stages.stored(desk.season.stages) if desk.season.closes_at is None else []
    about = {**common(desk), "stages": listed}
    return [phrasebook().reply("deadline_of_stages" if listed else "deadline", about)]


def benefits(desk: Desk) -> list[Reply]:
    """What the document says follows from an award, in its own words: never a promise (Q-WZ27)."""
    given = [one.title for one in outcome.recognised(desk)]
    about = {"awards": desk.season.rubric.awards, "title": desk.season.title, "given": given}
    return [phrasebook().reply("benefits", about)]


TOPICS: dict[str, Callable[[Desk], list[Reply]]] = {
    "progress": progress,
    "score": score,
    "missing": missing,
    "all_missing": lambda desk: missing(desk, everything=True),
    "more": lambda desk: missing(desk, everything=True),
    "deadline": deadline,
    "review": review,
    "help": plainly("help"),
    "papers": owed_papers,
    "account": account,
    "upload": plainly("upload"),
    "record": record,
    "outcome": outcome.shown,
    "eligibility": qualifying.tell,
    "benefits": benefits,
    "postponing": plainly("postponing"),
}
