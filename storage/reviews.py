"""The tables of review: what reviewers gave, what was decided, sent back, objected to, recused from, moved, looked at again."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.columns import JSON, Points

FINDINGS = ("met", "unmet", "excused")  # of an item without points; excused: its 不适用 is accepted


def _live(name: str, *columns: str, ended: str) -> sa.Index:
    """At most one that has not ended."""
    still = sa.text(f"{ended} IS NULL")
    return sa.Index(name, *columns, unique=True, sqlite_where=still, postgresql_where=still)


class ReviewEvent(SQLModel, table=True):
    """Append-only: a reviewer's score of an item, the final one, its change after an objection, its reopening."""

    __tablename__ = "review_event"
    __table_args__ = (
        sa.UniqueConstraint("inbound_id", "ordinal"),
        sa.Index("ix_review_event_entry_id_item", "entry_id", "item"),
        sa.CheckConstraint("kind IN ('score','final','changed','reopened')", name="kind"),
        sa.CheckConstraint(f"finding IN {FINDINGS}", name="finding"),
        sa.CheckConstraint("(kind = 'reopened') = (score IS NULL AND finding IS NULL)", name="judged_unless_reopened"),
    )
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id")
    item: str
    kind: str
    person_id: int = Field(foreign_key="person.id")
    score: Decimal | None = Field(default=None, sa_type=Points)
    finding: str | None = None
    reason: str = Field(default="", sa_type=sa.Text)
    answer_event: int = 0  # the newest of the answer that was looked at; 0: there was none
    at: datetime
    channel: str
    inbound_id: int | None = Field(default=None, foreign_key="inbound.id")  # None: by a command
    ordinal: int
    receipt: str


class Review(SQLModel, table=True):
    """What one reviewer gives one item now: the fold of her events."""

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    item: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    score: Decimal | None = Field(default=None, sa_type=Points)
    finding: str | None = None
    reason: str = Field(default="", sa_type=sa.Text)
    answer_event: int = 0
    event_id: int = Field(foreign_key="review_event.id")
    at: datetime


class Verdict(SQLModel, table=True):
    """What an item was given in the end: the fold of the final events; none while it is open."""

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    item: str = Field(primary_key=True)
    score: Decimal | None = Field(default=None, sa_type=Points)
    finding: str | None = None
    reason: str = Field(default="", sa_type=sa.Text)
    event_id: int = Field(foreign_key="review_event.id")
    at: datetime


class SentBack(SQLModel, table=True):
    """An item that a reviewer sent back with a question; it may be changed until then, or until it is handed in again."""

    __tablename__ = "sent_back"
    __table_args__ = (
        sa.UniqueConstraint("inbound_id", "ordinal"),
        _live("uq_sent_back_open", "entry_id", "item", ended="closed_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    item: str
    question: str = Field(sa_type=sa.Text)
    until: datetime  # exclusive
    at: datetime
    person_id: int = Field(foreign_key="person.id")
    inbound_id: int | None = Field(default=None, foreign_key="inbound.id")
    ordinal: int = 0
    receipt: str
    closed_at: datetime | None = None
    submission_id: int | None = Field(default=None, foreign_key="submission.id")  # that answered it, if one did


class Recusal(SQLModel, table=True):
    """Somebody of the office who neither sees nor scores a society in a round."""

    __table_args__ = (_live("uq_recusal_live", "round_id", "society_id", "person_id", ended="ended_at"),)
    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    society_id: int = Field(foreign_key="society.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    by_id: int = Field(foreign_key="person.id")
    reason: str = Field(default="", sa_type=sa.Text)
    at: datetime
    ended_at: datetime | None = None


class Objection(SQLModel, table=True):
    """A society objects to the final score of an item; answered once."""

    __table_args__ = (
        sa.UniqueConstraint("inbound_id", "ordinal"),
        sa.CheckConstraint("outcome IN ('upheld','changed')", name="outcome"),
        _live("uq_objection_open", "entry_id", "item", ended="answered_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    item: str
    reason: str = Field(sa_type=sa.Text)
    old_score: Decimal | None = Field(default=None, sa_type=Points)
    old_finding: str | None = None
    at: datetime
    person_id: int = Field(foreign_key="person.id")
    inbound_id: int = Field(foreign_key="inbound.id")
    ordinal: int = 0
    receipt: str
    answered_at: datetime | None = None
    answered_by: int | None = Field(default=None, foreign_key="person.id")
    outcome: str | None = None
    new_score: Decimal | None = Field(default=None, sa_type=Points)
    new_finding: str | None = None
    answer: str | None = Field(default=None, sa_type=sa.Text)


class Motion(SQLModel, table=True):
    """What one officer wants done and a different one has to second, by the number she is shown."""

    __table_args__ = (
        sa.CheckConstraint("seconded_by IS NULL OR seconded_by <> person_id", name="second_officer"),
        sa.CheckConstraint("outcome IN ('withdrawn','declined','expired','overtaken')", name="outcome"),
        _live("uq_motion_open", "act", "round_id", "society_id", ended="ended_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    act: str
    round_id: int = Field(foreign_key="round.id")
    society_id: int = Field(foreign_key="society.id", index=True)
    number: Decimal = Field(sa_type=Points)
    reason: str = Field(sa_type=sa.Text)
    about: dict[str, Any] = Field(sa_type=JSON)
    person_id: int = Field(foreign_key="person.id")
    at: datetime
    seconded_by: int | None = Field(default=None, foreign_key="person.id")
    ended_at: datetime | None = None
    outcome: str | None = None  # None while it is open, and for what was seconded
    ended_by: int | None = Field(default=None, foreign_key="person.id")  # who took it back or declined it
    why: str | None = Field(default=None, sa_type=sa.Text)  # of a different officer who declined


class Recheck(SQLModel, table=True):
    """A mark on an item that was reviewed before what it rests on changed; it stands until the item is judged anew."""

    __table_args__ = (
        sa.CheckConstraint("cause IN ('late','rubric')", name="cause"),
        _live("uq_recheck_open", "entry_id", "item", ended="cleared_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    item: str
    cause: str
    reason: str = Field(default="", sa_type=sa.Text)
    receipt: str  # of what changed it
    after_event: int = 0  # the newest of the review then: what was given up to it counts no more
    at: datetime
    cleared_at: datetime | None = None
    cleared_by: int | None = Field(default=None, foreign_key="review_event.id")
