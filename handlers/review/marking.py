"""A reviewer's scores and findings are stored, one or all that are left; then she goes on to the next item, or is done."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from handlers.answers import composing
from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.review import before, judging, returned, walked
from handlers.review.before import Walk
from handlers.review.judging import Mark
from rubrics import counting
from rubrics.model import Item
from storage.relations import Row


def record(walk: Walk, marks: Sequence[Mark], item: Item | None = None) -> list[Reply]:
    """Store her scores and go on to what is left, first behind the item."""
    office, found = walk.office, walk.found
    receipt = store(walk, marks)
    old = {one.item: judging.worded(walk.mine[one.item]) for one in marks if one.item in walk.mine}
    now = before.looked_at(office, found.society)
    about = {"items": [found.rubric.item(one.item) for one in marks], "marks": marks, "receipt": receipt}
    one = marks[0] if len(marks) == 1 else None
    opinion = now.opinions[one.item] if one else None
    single: dict[str, Any] = {"old": old.get(one.item) if one else None, "wide": opinion and opinion.apart}
    single |= {"new": judging.worded(one), "split": bool(opinion and opinion.split)}
    told = Reply(phrasebook().text("review_recorded", {**about, **single, "society": found.society.name}))
    following = [other for other in now.left if item is None or other.position > item.position] or now.left
    asked = before.go(now, following[0]) if following else ended(now)
    return composing.joined([told], asked, apart=False)


def store(walk: Walk, marks: Sequence[Mark]) -> str:
    """Her scores, with old and new on record; the receipt."""
    receipt = judging.write(walk.office, walk.found.entry, "score", marks)
    old = {one.item: _said(walk.mine[one.item]) for one in marks if one.item in walk.mine}
    details = [[one.item, old.get(one.item), _said(one), one.reason] for one in marks]
    judging.on_record(walk.office, "reviewed", walk.found.society.id, items=details, receipt=receipt)
    return receipt


def _said(one: Mark | Row) -> str | None:
    return one.finding if one.score is None else f"{one.score:f}"


def rest(walk: Walk) -> list[Reply]:
    """«其余同意»: so many items at their claims, to be confirmed by the number."""
    if not walk.rest:
        return [finished(walk)]
    count = len(walk.rest)
    shown = [[item.id, walk.found.handed(item.id).newest] for item in walk.rest]
    walk.office.wait_for("accept_rest", entry=walk.found.entry.id, number=str(count), shown=shown)
    claimed = sum((walk.found.handed(item.id).claim for item in walk.rest), Decimal(0))
    about = {"society": walk.found.society.name, "positions": [item.position for item in walk.rest]}
    pointless = [walk.found.handed(item.id).finding for item in walk.rest if item.points is None]
    found = judging.tallied(pointless) if pointless else None
    return [phrasebook().reply("review_rest_sure", {**about, "count": count, "claimed": claimed, "found": found})]


def accept_rest(office: Office, waiting: dict[str, Any], counted: Decimal) -> list[Reply]:
    """The number typed: every item that she has not scored gets what it claims, as that was when she was shown it."""
    society = before.society_of(office, waiting["entry"])
    if society is None or before.refusal(office, society):
        return before.refusal(office, society) if society is not None else walked.listed(office)
    walk = before.looked_at(office, society)
    if not walk.found.final and waiting["shown"] != [[one.id, walk.found.handed(one.id).newest] for one in walk.rest]:
        return [Reply(phrasebook().text("review_rest_changed", {})), *rest(walk)]
    if counted != len(walk.rest) and not walk.found.final:  # asked again: a number typed next is no score
        return [Reply(phrasebook().text("review_rest_number", {"number": counted})), *rest(walk)]
    if walk.found.final:
        return [phrasebook().reply("review_number_changed", {"number": counted, "now": len(walk.rest)})]
    return record(walk, agreeing(walk, walk.rest))


def agreeing(walk: Walk, items: Sequence[Item]) -> list[Mark]:
    """What these items claim, as scores."""
    return [judging.claimed(walk.found, item) for item in items]


def ended(walk: Walk) -> Reply:
    """Past either end: the first that is left, or the end of the review."""
    if walk.left:
        return before.go(walk, walk.left[0])
    before.sit(walk.office, walk.found.entry.id, None)
    return finished(walk)


def finished(walk: Walk) -> Reply:
    scores = {id: one.agreed for id, one in walk.opinions.items() if one.agreed is not None}
    counted = counting.total(walk.found.rubric, scores)
    found = judging.tallied([one.finding for one in walk.opinions.values()])
    about = {"society": walk.found.society.name, "total": len(walk.found.rubric.items), "sum": counted}
    about |= {"counted": walk.found.rubric.maximum is None, "found": found}
    wide = [item.position for item in walk.found.rubric.items if walk.opinions[item.id].wide]
    open_ones = len(returned.open_ones(walk.office.db, walk.found.entry.id))
    return phrasebook().reply(
        "review_finished", {**about, "wide": wide, "open": open_ones, "role": walk.office.actor.role}
    )
