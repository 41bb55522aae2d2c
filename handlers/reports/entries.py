"""One society's part in a round, in the shape of contract.md: what every form of the export shows of it."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from handlers import rounds
from handlers.answers.folding import accepted_pieces, ruling
from handlers.answers.scene import UNANSWERED
from handlers.criteria.amending import removed
from handlers.reports.deciding import late_decision
from handlers.reports.gathered import Gathered
from handlers.reports.reviews import Reviews
from handlers.reports.writing import Written, exact
from handlers.rounds import pinned
from handlers.standards import qualifying
from rubrics.answers import Answer
from rubrics.conditions import Met
from rubrics.gates import gates
from rubrics.model import Item, Rubric
from rubrics.scoring import standing
from rubrics.suggesting import criteria, suggested
from storage.relations import Row


def whole_entry(
    gathered: Gathered, write: Written, society: Row, entry: Row | None, people: Mapping[int, str]
) -> dict[str, Any]:
    """All of one society's part in a round, as every format of the export shows it; `gathered` holds its entry."""
    db = gathered.db
    write = Written(write.round, pinned(db, rounds.version(write.round, entry), society.kind))
    rows = {row.item: row for row in gathered.answers[entry.id]} if entry else {}
    answers = {
        item: Answer(row.state, row.self_score, row.evidence, row.facts, None, row.met) for item, row in rows.items()
    }
    totals = standing(write.rubric, answers)
    history = History(gathered, write, entry.id if entry else 0, people)
    reviews = Reviews(gathered, write, entry, people)
    status = entry.status if entry else "not_started"
    closed = rounds.closed(write.round, entry) and status not in ("submitted", "returned")
    return {
        "society": society.name,
        "kind": society.kind,
        "rubric_sha256": rounds.version(write.round, entry),
        "status": "closed" if closed else status,
        "submitted_at": write.moment(entry.submitted_at) if entry else None,
        "submissions": history.submissions(entry.submission_id if entry else None),
        "late": bool(entry and entry.late),
        "late_decision": late_decision(db, write, history.decisions[-1] if history.decisions else None),
        "eligible": _eligible(gathered, write.rubric, entry, rows),
        "effective_deadline": write.moment(rounds.deadline(write.round, entry)),
        "claimed": exact(totals.claimed),
        "supported": exact(totals.supported),
        "suggested": exact(totals.suggested),
        **reviews.of_entry(),
        "maximum": exact(totals.maximum),
        "above": exact(totals.above) if totals.above else None,
        "complete": totals.complete,
        "total": totals.total,
        "answers": [
            _answer(item, answers.get(item.id, UNANSWERED), rows.get(item.id), history) | reviews.of_item(item.id)
            for item in write.rubric.items
        ],
        "removed": [
            {"item": item.id, "no": item.no, "state": one.state, "self_score": exact(one.self_score)}
            | {"reason": rows[item.id].reason, "events": history.events[item.id], "evidence": history.evidence[item.id]}
            for item, one in removed(db, answers, write.rubric)
        ],
        "missing": [
            {"position": gap.item.position, "no": gap.item.no, "kind": gap.kind, "points": exact(gap.points)}
            for gap in totals.gaps
        ],
    }


def _eligible(gathered: Gathered, rubric: Rubric, entry: Row | None, rows: Mapping[str, Row]) -> Met | None:
    known = {gate.id: rows[gate.id].facts for gate in gates(rubric) if gate.id in rows}
    rulings = gathered.rulings[entry.id] if entry else ()
    return qualifying.eligibility(rubric, known, rulings[-1] if rulings else None).met


def _answer(item: Item, answer: Answer, row: Row | None, history: "History") -> dict[str, Any]:
    return {
        "position": item.position,
        "no": item.no,
        "section": item.section.label,
        "item": item.id,
        "max": exact(item.points),
        "counts": item.counts,
        "state": answer.state,
        "self_score": exact(answer.self_score),
        "met": answer.met,
        "reason": row.reason if row else None,
        "late": bool(row and row.late),
        "facts": dict(answer.facts),
        "criteria": [
            {"name": one.label, "met": one.met, "applies": one.applies} for one in criteria(item, answer.facts)
        ],
        "suggested": exact(suggested(item, answer.facts)),
        "events": history.events[item.id],
        "evidence": history.evidence[item.id],
    }


class History:
    """The events and the live evidence of one entry, by item."""

    def __init__(self, gathered: Gathered, write: Written, entry: int, people: Mapping[int, str]) -> None:
        self.gathered, self.write, self.entry, self.people = gathered, write, entry, people
        self.events: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.evidence: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.decisions = list(gathered.late_decisions[entry])
        accepted = accepted_pieces(gathered.db, entry) if self.decisions else set()
        for row in gathered.scored[entry]:
            values = {"old": _scored(row.old), "new": _scored(row.new)}
            counts = not row.late or bool(ruling(self.decisions, row.id))
            self.events[row.item].append({**values, "counts": counts, **self._trace(row)})
        for row in gathered.evidence[entry]:
            what = {"kind": row.kind, "text": row.text, "name": row.name, "sha256": row.sha256, "size": row.size}
            counts = not row.late or row.id in accepted
            what["media_type"] = row.media_type
            self.evidence[row.item].append({**what, "counts": counts, **self._trace(row)})

    def _trace(self, row: Row) -> dict[str, Any]:
        return {
            "late": row.late,
            "at": self.write.moment(row.at),
            "by": self.people[row.person_id],
            "via": row.channel,
            "receipt": row.receipt,
        }

    def submissions(self, current: int | None) -> list[dict[str, Any]]:
        allowed = {one.submission_id: one for one in self.decisions if one.counts}
        return [
            {
                "current": row.id == current,
                "accepted": late_decision(self.gathered.db, self.write, allowed.get(row.id)),
                "replaced_by": row.replaced_by,
                "number": row.id,
                "at": self.write.moment(row.at),
                "by": self.people[row.person_id],
                "claimed": exact(row.claimed),
                "supported": exact(row.supported),
                "receipt": row.receipt,
                "late": row.late,
                "automatic": row.automatic,
                "rubric_sha256": row.rubric_sha256,
                "withdrawn_at": self.write.moment(row.withdrawn_at),
            }
            for row in self.gathered.submissions[self.entry]
        ]


def _scored(value: Mapping[str, Any] | None) -> str | None:
    if value is None or value["state"] == "unanswered":
        return None
    if value.get("met") is not None:
        return "met" if value["met"] else "not_met"
    return str(value["score"]) if value["score"] is not None else str(value["state"])
