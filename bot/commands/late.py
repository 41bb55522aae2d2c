"""late list, accept, refuse: what came after the deadline, and whether it counts, for scripts."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import typer

from bot.commands.desk import AsJson, By, InRound, Stop, house, round_row, show, staff, words
from bot.house import House
from handlers import rounds
from handlers.late import deciding, lateness
from handlers.reports.deciding import late_decision
from handlers.reports.writing import Written, exact
from handlers.societies import roster
from storage.relations import Row

app = typer.Typer(no_args_is_help=True, help=words("help_late"))
Reason = Annotated[str, typer.Option(help=words("help_reason"))]


@app.command("list", help=words("help_late_list"))
def list_late(round: InRound = None, as_json: AsJson = False) -> None:
    with house() as opened:
        row = round_row(opened, round)
        with opened.db.read() as db:
            rubric = rounds.pinned(db, row.rubric_sha256)
            late = lateness.of_round(db, row.id)
            found = [lateness.summary(society, came, rounds.answered(db, row, entry)) for society, entry, came in late]
            write = Written(row, rubric)
            result = [_line(one, write, late_decision(db, write, one["decision"])) for one in found]
    lines = [words("late_list_line", number=n, zone=row.timezone, **one) for n, one in enumerate(found, 1)]
    show(result, lambda: lines or [words("late_none", title=row.title)], as_json=as_json)


def _line(one: dict[str, Any], write: Written, decision: dict[str, Any] | None) -> dict[str, Any]:
    return {
        **{name: one[name] for name in ("society", "events", "positions", "wishes")},
        "last_at": write.moment(one["last_at"]),
        "undecided": one["fresh"],
        "late_decision": decision,
    }


@app.command("accept", help=words("help_late_accept"))
def accept(society: str, reason: Reason, by: By = None, round: InRound = None, as_json: AsJson = False) -> None:
    _decide(society, reason, by, round, counts=True, as_json=as_json)


@app.command("refuse", help=words("help_late_refuse"))
def refuse(society: str, reason: Reason, by: By = None, round: InRound = None, as_json: AsJson = False) -> None:
    _decide(society, reason, by, round, counts=False, as_json=as_json)


def _decide(said: str, reason: str, by: str | None, round: int | None, *, counts: bool, as_json: bool) -> None:
    if not reason.strip():
        raise Stop(words("late_reason", counts=counts, said=said))
    with house() as opened:
        row, whom, now = round_row(opened, round), _exactly(opened, said.strip()), opened.now()

        def work(db: sa.Connection) -> deciding.Decided:
            who = staff(db, by, "late_accept").person_id if by else None
            return deciding.decide(db, row, whom, counts=counts, reason=reason.strip(), now=now, by=who)

        try:
            decided = opened.db.write(work)
        except deciding.NoDecision as refused:
            raise Stop(words(refused.why, society=whom.name)) from None
        made = decided.row
        result = {
            "society": whom.name,
            "counts": made.counts,
            "at": made.at.astimezone(ZoneInfo(row.timezone)).isoformat(),
            "reason": made.reason,
            "receipt": decided.receipt,
            "about": decided.about,
            "told": decided.told,
            "recheck": list(decided.recheck),
            "old": {"claimed": exact(made.old_claimed), "supported": exact(made.old_supported)},
            "new": {"claimed": exact(made.new_claimed), "supported": exact(made.new_supported)},
        }
        show(result, lambda: [words("late_done", society=whom.name, decided=decided, made=made)], as_json=as_json)


def _exactly(opened: House, said: str) -> Row:
    """The society of exactly this name; what only resembles it is named and not touched."""
    with opened.db.read() as db:
        found = roster.find(db, said)
    if len(found) != 1 or found[0].name != said:
        raise Stop(words("which_society", said=said, names=[row.name for row in found]))
    return found[0]
