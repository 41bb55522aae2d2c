"""Reviews for scripts and the export: every reviewer's score, what they agree on, and what was decided."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from handlers.phrasebook import item_title
from handlers.reports.gathered import Gathered
from handlers.reports.writing import Written, exact
from handlers.review import judging, rechecks, sheet
from handlers.review.sheet import NotHandedIn
from storage.relations import Row


def shown(db: sa.Connection, round: Row, society: Row) -> dict[str, Any] | None:
    """One society's review; None where it has handed nothing in."""
    try:
        found = sheet.sheet(db, round, society)
    except NotHandedIn:
        return None
    opinions = judging.opinions(db, found)
    decided = judging.verdicts(db, found.entry.id)
    marked = rechecks.open_ones(db, found.entry.id)
    items = [
        {
            "position": item.position,
            "no": item.no,
            "name": item_title(item),
            "claimed": exact(found.handed(item.id).score),
            "claims": found.handed(item.id).finding if item.points is None else None,
            "reviews": [_given(row) for row in opinion.rows],
            "agreed": exact(opinion.agreed),
            "finding": opinion.finding,
            "split": opinion.split,
            "apart": exact(opinion.apart),
            "reviewed": exact(decided[item.id].score) if item.id in decided else None,
            "found": decided[item.id].finding if item.id in decided else None,
            "recheck": item.id in marked,
        }
        for item in found.rubric.items
        if (opinion := opinions.get(item.id))
    ]
    rule = {"rule": round.review_rule, "spread_percent": round.review_spread}
    return {"society": society.name, **rule, "reviewed": exact(found.entry.reviewed), "items": items}


def _given(row: Row) -> dict[str, Any]:
    return {"by": row.name, "score": exact(row.score), "finding": row.finding, "reason": row.reason}


class Reviews:
    """What the review of one entry holds, by item."""

    def __init__(self, gathered: Gathered, write: Written, entry: Row | None, people: Mapping[int, str]) -> None:
        self.write, self.entry, self.people = write, entry, people
        self.given: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.back: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.objected: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.decided: dict[str, Row] = {}
        self.marked: dict[str, Row] = {}
        self.out: list[int] = []
        if entry is None:
            return
        self.out = [row.person_id for row in gathered.recusals[entry.id]]
        for row in gathered.reviews[entry.id]:
            mark = {"score": exact(row.score), "finding": row.finding, "reason": row.reason}
            mark |= {"counts": row.person_id not in self.out}
            self.given[row.item].append({**mark, "by": people[row.person_id], "at": write.moment(row.at)})
        for row in gathered.sent_back[entry.id]:
            until = {"until": write.moment(row.until), "closed_at": write.moment(row.closed_at)}
            who = {"by": people[row.person_id], "at": write.moment(row.at), "receipt": row.receipt}
            self.back[row.item].append({"question": row.question, **until, **who})
        for row in gathered.objections[entry.id]:
            self.objected[row.item].append(self._objection(row))
        self.decided = {row.item: row for row in gathered.verdicts[entry.id]}
        self.marked = {row.item: row for row in gathered.rechecks[entry.id]}

    def _objection(self, row: Row) -> dict[str, Any]:
        return {
            "number": row.id,
            "reason": row.reason,
            "old": exact(row.old_score),
            "old_finding": row.old_finding,
            "at": self.write.moment(row.at),
            "by": self.people[row.person_id],
            "receipt": row.receipt,
            "outcome": row.outcome,
            "new": exact(row.new_score),
            "new_finding": row.new_finding,
            "answer": row.answer,
            "answered_at": self.write.moment(row.answered_at),
            "answered_by": self.people.get(row.answered_by or 0),
        }

    def of_item(self, item: str) -> dict[str, Any]:
        """The keys of an answer; `reviewed` and `comment` only once it is final."""
        verdict = self.decided.get(item)
        return {
            "reviewed": exact(verdict.score) if verdict else None,
            "finding": verdict.finding if verdict else None,
            "recheck": item in self.marked,
            "comment": (verdict.reason or None) if verdict else None,
            "reviews": self.given[item],
            "sent_back": self.back[item],
            "objections": self.objected[item],
        }

    def of_entry(self) -> dict[str, Any]:
        """The keys of an entry."""
        if self.entry is None:
            return {"reviewed": None, "finalized_at": None, "released_at": None, "recused": []}
        return {
            "reviewed": exact(self.entry.reviewed),
            "finalized_at": self.write.moment(self.entry.finalized_at),
            "released_at": self.write.moment(self.entry.released_at),
            "recused": [self.people[id] for id in self.out],
        }
