"""The head of a rubric and the small things beside its items: stages, papers owed, awards, tables, links."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from rubrics.terms import Confidence, Count, Points, PointsFor, Slug, Strict, Text

PRECISIONS = {"minute": "%Y-%m-%dT%H:%M", "day": "%Y-%m-%d", "month": "%Y-%m"}


class Printed(Strict):
    """What stands on paper where we repaired it: `field` holds the repaired value, `text` the printed fragment."""

    field: Text
    text: str
    line: Count | None = None
    confidence: Confidence
    note: Text


class Source(Strict):
    """The document a rubric was read from; its date is the printed one."""

    title: Text | None = None
    number: Text | None = None
    date: Text | None = None
    file: Text | None = None


class Programme(Strict):
    """Who asks whom for what in which year; whatever the document does not say is null; `text` is its opening."""

    id: Slug
    kind: Literal["self_evaluation", "standard", "projects", "list", "work_plan"]
    title: Text | None = None
    issuer: Text | None = None
    region: Text | None = None
    year: Count | None = None
    text: Text | None = None
    source: Source = Source()
    points: Points | None = None
    points_for: tuple[PointsFor, ...] = ()  # by kind of unit, where one has another total
    step: Points | None = None


class Applicant(Strict):
    """A kind of unit; decides which items and papers apply. Office and room only: people are settings (Q-ZJ19)."""

    id: Slug
    title: Text
    office: Text | None = None
    room: Text | None = None


class Scale(Strict):
    """An ordinal scale from lowest to highest; scales of different offices are never mapped (Q-X01)."""

    id: Slug
    title: Text
    levels: tuple[Text, ...] = Field(min_length=2)


class Stage(Strict):
    """A span of the year as exact as it is printed; stages may overlap (Q-WZ15)."""

    id: Slug
    title: Text
    precision: Literal["minute", "day", "month", "none"]
    opens: Text | None = None
    closes: Text | None = None
    zone: Text | None = None
    boundary: Literal["exclusive", "inclusive"] | None = None
    status: Literal["stated", "to_be_announced", "contradictory"] = "stated"
    text: Text | None = None
    note: Text | None = None
    source_line: Count | None = None

    @property
    def closes_at(self) -> datetime | None:
        """The first instant that is late, or None where no certain day is given (Q-WZ14, Q-YZ03); silent = inclusive."""
        if self.closes is None or self.zone is None or self.status != "stated" or self.precision == "month":
            return None
        end = _parsed(self.closes, self.precision, self.zone)
        if self.boundary == "exclusive":
            return end
        return end + (timedelta(days=1) if self.precision == "day" else timedelta(minutes=1))


@lru_cache(maxsize=256)
def _parsed(when: str, precision: str, zone: str) -> datetime:
    """Asked for in every turn, by every stage of its round."""
    return datetime.strptime(when, PRECISIONS[precision]).replace(tzinfo=ZoneInfo(zone))


class Deliverable(Strict):
    """A paper that is owed, once in each form; no applicants named means all of them."""

    id: Slug
    title: Text
    forms: tuple[Literal["electronic", "stamped_paper"], ...]
    stage: Slug | None = None
    applicants: tuple[Slug, ...] = ()
    note: Text | None = None
    source_line: Count | None = None


class Award(Strict):
    """A recognition with a quota, or `open` where the document says 若干; people decide, ties above all."""

    id: Slug
    title: Text
    quota: Count | None = None
    open: bool = False
    ties: Literal["people"] = "people"
    benefits: tuple[Text, ...] = ()
    text: Text | None = None
    source_line: Count | None = None


class Stacking(Strict):
    """Several applications of one unit: within one family, or across several; pairs no rule names are undecided."""

    families: tuple[tuple[Slug, ...], ...] = Field(min_length=1)
    recognised: Literal["one", "all"]
    text: Text
    note: Text | None = None
    source_line: Count | None = None


class Table(Strict):
    """A printed table, cell by cell, in print order and without a rank (domain.md Q-HZ01, Q-HZ03)."""

    id: Slug
    title: Text
    columns: tuple[str, ...] = Field(min_length=1)
    rows: tuple[tuple[str, ...], ...]
    source_line: Count | None = None


class Link(Strict):
    """An item that means the same matter as an item of another document, as far as we are sure (Q-WP06)."""

    item: Slug
    rubric: Slug
    to: Slug
    confidence: Confidence
    note: Text | None = None
