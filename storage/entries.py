"""The tables of answers: events only ever added, their fold beside, evidence, and what was handed in (design R5)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.columns import JSON, Points


class Entry(SQLModel, table=True):
    """A society's part in a round, with the totals that every answer writes anyway."""

    __table_args__ = (
        sa.UniqueConstraint("round_id", "society_id"),
        sa.CheckConstraint("status IN ('not_started','in_progress','submitted','returned')", name="status"),
    )
    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    society_id: int = Field(foreign_key="society.id", index=True)
    status: str = "not_started"
    claimed: Decimal | None = Field(default=None, sa_type=Points)
    supported: Decimal | None = Field(default=None, sa_type=Points)
    suggested: Decimal | None = Field(default=None, sa_type=Points)
    reviewed: Decimal | None = Field(default=None, sa_type=Points)  # the sum of its verdicts; None until it is final
    finalized_at: datetime | None = None
    released_at: datetime | None = None  # only then the society sees it
    objections_until: datetime | None = None
    complete: int = 0
    late: bool = False
    supplementing: bool = False  # handed in with gaps: every answer in time hands in anew
    submission_id: int | None = None
    submitted_at: datetime | None = None
    touched_at: datetime | None = None
    extended_at: datetime | None = None
    extended_to: datetime | None = None  # this society's own deadline; exclusive, as the round's
    closed_at: datetime | None = None  # its latch, where it has a deadline of its own
    plan_version: int = 1  # of the reminders: a new deadline makes a new plan
    # Set once the round's rubric has been changed: what is handed in stays with the version it was answered by.
    own_rubric: str | None = None


class Answer(SQLModel, table=True):
    """What counts now for one item: the fold of its events (R5)."""

    __table_args__ = (
        sa.CheckConstraint("state IN ('unanswered','answered','not_applicable')", name="state"),
        sa.CheckConstraint(
            "(state = 'answered') = (self_score IS NOT NULL OR met IS NOT NULL)", name="judged_when_answered"
        ),
    )
    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    item: str = Field(primary_key=True)
    state: str = "unanswered"
    self_score: Decimal | None = Field(default=None, sa_type=Points)
    reason: str | None = Field(default=None, sa_type=sa.Text)
    facts: dict[str, Any] = Field(sa_type=JSON)
    evidence: int = 0
    version: int = 0  # the optimistic lock; counts every event, late ones too
    scored_by: int | None = None
    late: bool = False
    met: bool | None = None  # her word on an item without points


class AnswerEvent(SQLModel, table=True):
    """Append-only (triggers refuse UPDATE and DELETE): who, when, by which message, old → new."""

    __tablename__ = "answer_event"
    __table_args__ = (
        sa.UniqueConstraint("entry_id", "item", "version"),
        sa.UniqueConstraint("inbound_id", "ordinal"),
        sa.Index("ix_answer_event_latest", "entry_id", "person_id", "inbound_id"),
        sa.CheckConstraint("kind IN ('score','fact','evidence','withdrawal')", name="kind"),
    )
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id")
    item: str
    version: int
    kind: str
    old: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    new: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    late: bool = False
    at: datetime
    person_id: int = Field(foreign_key="person.id")
    channel: str
    inbound_id: int = Field(foreign_key="inbound.id")
    ordinal: int
    receipt: str


class Evidence(SQLModel, table=True):
    """One piece of evidence; the same bytes for two items are two rows and one blob."""

    __table_args__ = (
        sa.UniqueConstraint("inbound_id", "ordinal"),
        sa.Index("ix_evidence_entry_id_item", "entry_id", "item"),
        sa.CheckConstraint("kind IN ('text','photo','file','link','voice','video')", name="kind"),
    )
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id")
    item: str
    kind: str
    text: str = Field(default="", sa_type=sa.Text)
    name: str | None = None
    sha256: str | None = Field(default=None, index=True)
    size: int | None = None
    media_type: str | None = None
    late: bool = False
    at: datetime
    person_id: int = Field(foreign_key="person.id")
    channel: str
    inbound_id: int = Field(foreign_key="inbound.id")
    ordinal: int
    receipt: str
    withdrawn_at: datetime | None = None


class Submission(SQLModel, table=True):
    """A numbered receipt: what was handed in, frozen."""

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    at: datetime
    person_id: int = Field(foreign_key="person.id")
    claimed: Decimal | None = Field(default=None, sa_type=Points)
    supported: Decimal | None = Field(default=None, sa_type=Points)
    snapshot: dict[str, Any] = Field(sa_type=JSON)
    receipt: str
    late: bool = False
    automatic: bool = False  # complete at the deadline, handed in by the round's rule
    withdrawn_at: datetime | None = None
    replaced_by: int | None = None  # the submission that took its place; None where she took it back
    rubric_sha256: str | None = None  # the version of the rubric that it answers
