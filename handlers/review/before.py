"""What lies before a reviewer: a society's sheet, the item that is open, and what she may see of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from handlers.looking import consent
from handlers.messages import Outgoing, Reply
from handlers.office import Office
from handlers.phrasebook import pages, phrasebook
from handlers.review import judging, rechecks, returned, sheet
from handlers.review.judging import Opinion
from handlers.review.sheet import NotHandedIn, Sheet
from handlers.rights import OFFICE
from rubrics.model import Item
from rubrics.suggesting import suggested
from rubrics.unscored import verdict
from storage import handouts
from storage.relations import CONVERSATION, ENTRY, SOCIETY, Row


@dataclass(frozen=True)
class Walk:
    """A society's sheet before a reviewer, at one of its items."""

    office: Office
    found: Sheet
    mine: dict[str, Row]
    opinions: dict[str, Opinion]
    question: int  # the reply that showed the item; 0 before it has been shown
    outdated: Mapping[str, int] = field(default_factory=dict)  # by item the newest event that a mark overtook

    def done(self, item: Item) -> bool:
        """Whether she has scored the answer as it is handed in now."""
        given = self.mine.get(item.id)
        if given is None or given.event_id <= self.outdated.get(item.id, 0):
            return False
        return bool(given.answer_event == self.found.handed(item.id).newest)

    @property
    def left(self) -> list[Item]:
        return [item for item in self.found.rubric.items if not self.done(item)]

    @property
    def rest(self) -> list[Item]:
        """What is left and does not wait for the society."""
        waiting = {one.item for one in returned.open_ones(self.office.db, self.found.entry.id)}
        return [item for item in self.left if item.id not in waiting]


def looked_at(office: Office, society: Row, *, question: int = 0) -> Walk:
    """The sheet with what she and the others gave it. Raises NotHandedIn."""
    found = sheet.sheet(office.db, office.round, society)
    mine = judging.of(office.db, found.entry.id, office.actor.person_id)
    outdated = rechecks.outdated(office.db, found.entry.id)
    return Walk(office, found, mine, judging.opinions(office.db, found), question, outdated)


def refusal(office: Office, society: Row) -> list[Reply]:
    """Why this person may not look at the society's review now; nothing where she may."""
    if office.actor.person_id in judging.recused(office.db, office.round.id, society.id):
        return [phrasebook().reply("review_recused", {"society": society.name})]
    try:
        found = sheet.sheet(office.db, office.round, society)
    except NotHandedIn:
        reads = consent.live(office.db, office.round.id, society.id) is not None
        about = {"society": society.name, "reads": reads, "asks": office.actor.role in OFFICE}
        return [phrasebook().reply("review_too_early", about)]
    if not found.rubric.items:
        return [phrasebook().reply("review_no_items", {"title": office.round.title})]
    return []


def seat(office: Office) -> Row | None:
    """Her conversation."""
    mine = CONVERSATION.c.person_id == office.actor.person_id
    return office.db.execute(sa.select(CONVERSATION).where(mine)).one_or_none()


def sit(office: Office, entry: int, item: str | None) -> None:
    """Where she stands; a new item has not been shown before this turn's last reply."""
    hers = sa.update(CONVERSATION).where(CONVERSATION.c.person_id == office.actor.person_id)
    office.db.execute(hers.values(entry_id=entry, item=item, question_id=0))


def leave(office: Office) -> None:
    """Something else is talked about: a bare number is no score any more; «评审» goes on."""
    hers = sa.update(CONVERSATION).where(CONVERSATION.c.person_id == office.actor.person_id)
    office.db.execute(hers.values(item=None))


def shown(db: sa.Connection, person: int, reply: int) -> None:
    """The reply that showed the item first (R4)."""
    new = (CONVERSATION.c.person_id == person, CONVERSATION.c.item.is_not(None), CONVERSATION.c.question_id == 0)
    db.execute(sa.update(CONVERSATION).where(*new).values(question_id=reply))


def society_of(office: Office, entry: int) -> Row | None:
    """Of an entry of the round that she is at work in."""
    joined = sa.select(SOCIETY).join(ENTRY, ENTRY.c.society_id == SOCIETY.c.id)
    return office.db.execute(joined.where(ENTRY.c.id == entry, ENTRY.c.round_id == office.round.id)).one_or_none()


def evidence(walk: Walk, item: Item) -> list[Reply]:
    """«看依据»: the words and the files that were handed in."""
    found = sheet.pieces(walk.office.db, walk.found, item)
    lines = [phrasebook().text("evidence_line", {"number": n, "piece": piece}) for n, piece in enumerate(found, 1)]
    texts = pages(lines, phrasebook().text("review_evidence", {"item": item, "count": len(found)}))
    files = tuple(Outgoing(piece.name, handouts.evidence(piece.id)) for piece in found if piece.name)
    last = Reply(texts[-1], phrasebook().choices("review_evidence", {"item": item}), files)
    return [*(Reply(text) for text in texts[:-1]), last]


def go(walk: Walk, item: Item) -> Reply:
    """The item as it is put before her; from now on a number is its score."""
    office, found = walk.office, walk.found
    sit(office, found.entry.id, item.id)
    handed = found.handed(item.id)
    pieces = sheet.pieces(office.db, found, item)
    back = returned.latest(office.db, found.entry.id, item.id)
    about = {
        "society": found.society.name,
        "total": len(found.rubric.items),
        "item": item,
        "handed": handed,
        "before": found.handed_before(item.id) if back and back.submission_id == found.submission.id else None,
        "suggested": suggested(item, handed.facts),
        "printed": verdict(item, handed.facts),
        "recheck": rechecks.open_ones(office.db, found.entry.id).get(item.id),
        "pieces": len(pieces),
        "files": sum(piece.name is not None for piece in pieces),
        "first": next((piece.text for piece in pieces if piece.text), ""),
        "mine": walk.mine.get(item.id),
        "mine_said": judging.worded(walk.mine.get(item.id)),
        "stale": item.id in walk.mine and not walk.done(item),
        "moved": item.id in walk.mine and walk.mine[item.id].answer_event != handed.newest,
        "opinion": walk.opinions[item.id],
        "rule": found.round.review_rule,
        "back": back,
        "back_open": back is not None and back.closed_at is None,
        "final": found.final,
        "zone": found.round.timezone,
    }
    return phrasebook().reply("review_item" if item.points is not None else "review_indicator", about)
