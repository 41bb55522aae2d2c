"""A round's calendar: the stages of its document at their next coming, each as exact as it is known, and what is doubtful."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rubrics.model import Rubric
from rubrics.programme import Stage

KEPT = ("id", "title", "precision", "opens", "closes", "zone", "boundary", "status")
SHAPES = {"minute": r"\d{4}-\d\d-\d\dT\d\d:\d\d", "day": r"\d{4}-\d\d-\d\d", "month": r"\d{4}-\d\d"}
UNKNOWN = "tba"  # to be announced


class BadStage(Exception):
    """No such stage, or no such date; `why` is the message that says so."""

    def __init__(self, why: str, said: str) -> None:
        super().__init__(why)
        self.why = why
        self.said = said


def coming(rubric: Rubric, now: datetime, zone: str, given: Mapping[str, str] | None = None) -> list[Stage]:
    """The document's stages in the first year in which the one that papers are due in is not over, with the dates
    given instead by the office. Raises BadStage."""
    if not rubric.stages:
        return []
    due = _by_id(rubric.stages, driving(rubric.stages, rubric))
    years = _years_on(due, now.astimezone(ZoneInfo(zone)).date())
    ends = moved(due, years).closes_at
    years += ends is not None and ends <= now  # its very day, and its hour is over
    stages = [moved(stage, years) for stage in rubric.stages]
    for id, said in (given or {}).items():
        stages = settled(stages, id, said, now, zone)
    return stages


def driving(stages: Sequence[Stage], rubric: Rubric) -> str:
    """The stage whose end is the deadline: the one that papers are due in, else the first."""
    due = next((one.stage for one in rubric.deliverables if one.stage), None)
    return due if due and any(one.id == due for one in stages) else stages[0].id


def deadline(stages: Sequence[Stage], rubric: Rubric) -> datetime | None:
    """The first instant that is late; None where no certain minute is known."""
    return _by_id(stages, driving(stages, rubric)).closes_at if stages else None


def about(stages: Sequence[Stage], rubric: Rubric) -> datetime | None:
    """Some instant of the month in which papers are due, where no more is certain."""
    due = _by_id(stages, driving(stages, rubric)) if stages else None
    said = due and (due.closes or due.opens)
    return datetime.strptime(f"{said[:7]}-15", "%Y-%m-%d").replace(tzinfo=UTC) if said else None


def _by_id(stages: Sequence[Stage], id: str) -> Stage:
    return next(one for one in stages if one.id == id)


def _years_on(stage: Stage, today: date) -> int:
    """How many years after the printed ones the stage is not over yet."""
    last = stage.closes or stage.opens
    if last is None:
        return 0
    year, month, *day = (int(one) for one in re.findall(r"\d+", last)[:3])
    over = (month, day[0] if day else 31) < (today.month, today.day)
    return max(today.year + over - year, 0)


def moved(stage: Stage, years: int) -> Stage:
    """The same stage so many years later."""
    return stage.model_copy(update={"opens": _later(stage.opens, years), "closes": _later(stage.closes, years)})


def _later(when: str | None, years: int) -> str | None:
    if when is None or not years:
        return when
    moved = f"{int(when[:4]) + years}{when[4:]}"
    return moved if "-02-29" not in moved else moved.replace("-02-29", "-02-28")


def settled(stages: Sequence[Stage], id: str, said: str, now: datetime, zone: str) -> list[Stage]:
    """The stages with this one's end as the office says it: 2027-01-15T17:30, 2027-04-20, 2027-06 or tba. One that is
    over before the round begins is doubtful. Raises BadStage."""
    known = next((one for one in stages if id in (one.id, one.title)), None)
    if known is None:
        raise BadStage("no_such_stage", id)
    settled = known.model_copy(update=_date(said, known, now, zone))
    return [settled if one is known else one for one in stages]


def _date(said: str, known: Stage, now: datetime, zone: str) -> dict[str, Any]:
    if said == UNKNOWN:
        return {"precision": "none", "closes": None, "status": "to_be_announced"}
    precision = next((name for name, shape in SHAPES.items() if re.fullmatch(shape, said)), None)
    if precision is None:
        raise BadStage("bad_stage_date", said)
    boundary = "exclusive" if precision == "minute" else known.boundary
    stated = {"precision": precision, "closes": said, "zone": zone, "boundary": boundary, "status": "stated"}
    try:
        closes = known.model_copy(update=stated).closes_at
        datetime.fromisoformat(said if precision != "month" else f"{said}-01")
    except ValueError:
        raise BadStage("bad_stage_date", said) from None
    return {**stated, "status": "contradictory"} if closes is not None and closes <= now else stated


def kept(stages: Sequence[Stage]) -> list[dict[str, Any]]:
    """Stages as they are stored with their round."""
    return [stage.model_dump(include=set(KEPT)) for stage in stages]


def stored(rows: Sequence[Mapping[str, Any]]) -> list[Stage]:
    """A round's stages; of one opened before there were calendars, none."""
    return [Stage.model_validate(dict(row)) for row in rows]
