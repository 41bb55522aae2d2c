"""What stands on a picture, as data that is kept until it is drawn: the figures of the moment it was asked for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from handlers.looking.ranking import Ranked, Ranking
from handlers.phrasebook import FILTERS, phrasebook

ROWS = 20  # of one picture
MOST = 3  # pictures
DAYS = 14


def of_ranking(found: Ranking, title: str, at: datetime, zone: str) -> list[dict[str, Any]]:
    """One sheet for every twenty societies, three at most."""
    cut = [found.rows[start : start + ROWS] for start in range(0, len(found.rows), ROWS)][:MOST]
    head = {"kind": "ranking", "title": _title(found, title), "at": _second(at, zone), "of": len(cut)}
    about: dict[str, Any] = {"prescribed": found.prescribed, "reviewed": found.reviewed, "tied": found.tied}
    about |= {"maximum": found.maximum, "mixed": found.mixed}
    note, foot = phrasebook().text("ranking_note", about), phrasebook().text("ranking_foot", about)
    return [
        {
            **head,
            "number": number,
            "note": note,
            "foot": foot,
            "rows": [_row(row, row.maximum or found.maximum) for row in rows],
        }
        for number, rows in enumerate(cut, 1)
    ]


def _title(found: Ranking, title: str) -> str:
    return phrasebook().text("ranking_title", {"title": title, "section": found.section, "kind": found.kind})


def _row(row: Ranked, maximum: Decimal) -> dict[str, Any]:
    said = {name: str(FILTERS["points"](getattr(row, name))) for name in ("claimed", "supported", "reviewed")}
    shares = {f"{name}_share": _share(getattr(row, name), maximum) for name in ("claimed", "supported")}
    mark = "" if row.rank is not None else phrasebook().text("not_handed_in", {"row": row})
    return {"rank": "" if row.rank is None else str(row.rank), "society": row.society, "mark": mark, **said, **shares}


def _share(points: Decimal | None, maximum: Decimal) -> int:
    """In thousandths of the full bar."""
    return max(min(int((points or Decimal(0)) * 1000 / maximum), 1000), 0) if maximum else 0


def of_progress(
    counts: Mapping[str, int], title: str, due: str, handed_in: Sequence[datetime], at: datetime, zone: str
) -> dict[str, Any]:
    """Societies by state, and how many handed in on each of the last days."""
    local = ZoneInfo(zone)
    by_day = Counter(one.astimezone(local).date() for one in handed_in)
    today = at.astimezone(local).date()
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    shown = [{"label": f"{day.month}/{day.day}", "count": by_day[day]} for day in days]
    most = max(by_day[day] for day in days)
    head = {"kind": "overview", "title": title, "due": due, "at": _second(at, zone)}
    return {**head, **counts, "days": shown, "most": most}


def since(at: datetime) -> datetime:
    """From when on the days of a progress picture may count."""
    return at - timedelta(days=DAYS)


def _second(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
