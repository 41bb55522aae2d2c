"""reminders: what goes out next in a round and what became of what went, for scripts."""

from typing import Any
from zoneinfo import ZoneInfo

from bot.commands.desk import AsJson, InRound, house, round_row, show
from handlers.notices import foretelling, planning
from handlers.notices.unreached import unreached


def reminders(round: InRound = None, as_json: AsJson = False) -> None:
    with house() as opened:
        row, now = round_row(opened, round), opened.now()
        local = ZoneInfo(row.timezone)
        with opened.db.read() as db:
            coming, went = planning.coming(db, row, now), planning.went(db, row)
            silent = unreached(db, row, now)
            lines = foretelling.plan_lines(db, row, now)
    result: dict[str, Any] = {
        "round": str(row.id),
        "coming": [
            {
                "stage": one.stage,
                "at": one.at.astimezone(local).isoformat(),
                "societies": one.societies,
                "people": one.people,
            }
            for one in coming
        ],
        "went": [
            {"stage": one.stage, "first_at": one.first_at.astimezone(local).isoformat(), **one.fates} for one in went
        ],
        "unreached": [one.name for one in silent],
    }
    show(result, lambda: lines, as_json=as_json)
