"""The tables of rounds, societies, people and acts. Unique keys decide what has happened already (design R2)."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.columns import JSON


class RubricText(SQLModel, table=True):
    """The rubric as it stood when a round was opened: a later catalog never changes a running round."""

    __tablename__ = "rubric_text"
    sha256: str = Field(primary_key=True)
    name: str
    source: str = Field(sa_type=sa.Text)


class Round(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    rubric: str
    rubric_sha256: str = Field(foreign_key="rubric_text.sha256")
    title: str
    opens_at: datetime
    closes_at: datetime | None = None  # None while no certain minute is known: nothing is late then, nobody reminded
    timezone: str
    closed_at: datetime | None = None  # the latch (R6): once set, only a person reopens
    grace_minutes: int = 0  # after the deadline, announced to nobody: what comes then still counts
    at_close: str = "submit"  # what is complete but not handed in: submit, or hold
    reminders: list[str] = Field(sa_type=JSON)  # how long before each society's deadline: 30d … 4h
    stages: list[dict[str, Any]] = Field(sa_type=JSON)  # its calendar; see handlers.stages
    voluntary: bool = False  # only societies that joined take part
    review_rule: str = "single"  # how several reviewers' scores become one: see handlers.agreeing
    review_spread: int = 30  # per cent of an item's maximum that reviewers may lie apart before it is pointed out
    objection_days: int = 5  # working days
    created_at: datetime


class Society(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    kind: str | None = None  # of the document's applicants; None is its first
    created_at: datetime
    contact: str | None = None  # who is to be invited, as the office's own list says


class Person(SQLModel, table=True):
    __table_args__ = (
        sa.CheckConstraint("role IN ('secretary','reviewer','officer','administrator')", name="role"),
        sa.CheckConstraint("(role = 'secretary') = (society_id IS NOT NULL)", name="society_of_secretary"),
    )
    id: int | None = Field(default=None, primary_key=True)
    name: str
    role: str
    society_id: int | None = Field(default=None, foreign_key="society.id", index=True)
    created_at: datetime
    revoked_at: datetime | None = None
    quiet_until: datetime | None = None  # «今天别再提醒»
    unreminded: bool = False  # wants no reminders at all


class Contact(SQLModel, table=True):
    """One person on one channel. At most one binding of an address is live."""

    __table_args__ = (
        sa.Index(
            "uq_contact_live",
            "channel",
            "account",
            "address",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    channel: str
    account: str = ""
    address: str
    bound_at: datetime
    ended_at: datetime | None = None
    unreachable_at: datetime | None = None  # the platform said so: blocked, unfollowed, gone


class Invitation(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    code_hash: str = Field(unique=True)
    role: str
    society_id: int | None = Field(default=None, foreign_key="society.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")  # somebody known, on another device
    name: str | None = None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    made_by: int | None = Field(default=None, foreign_key="person.id")
    replaces: list[int] | None = Field(default=None, sa_type=JSON)  # the people who are put out when it is used


class WrongCode(SQLModel, table=True):
    """A failed guess at an invitation code, by where it came from."""

    __tablename__ = "wrong_code"
    __table_args__ = (sa.Index("ix_wrong_code_source_at", "source", "at"),)
    id: int | None = Field(default=None, primary_key=True)
    source: str
    at: datetime


class Conversation(SQLModel, table=True):
    """Where one person stands, whatever the channel: everything else follows from the answers."""

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    entry_id: int | None = Field(default=None, foreign_key="entry.id")
    item: str | None = None
    field: str | None = None  # score | evidence
    fact: str | None = None  # the fact last asked for, beside the evidence
    version: int = 0  # of the answer as it was shown to this person
    question_id: int = 0  # the reply that showed the question (R4)
    last_item: str | None = None
    pending: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    tray: list[dict[str, Any]] = Field(sa_type=JSON)  # files that came while no item was open
    round_id: int | None = Field(default=None, foreign_key="round.id")  # a member of staff's, where several are open


class Act(SQLModel, table=True):
    """The record of what people did besides answering: joined, submitted, withdrew, opened, closed."""

    __table_args__ = (
        sa.Index(
            "ix_act_paused",
            "id",
            sqlite_where=sa.text("act IN ('restored','released')"),
            postgresql_where=sa.text("act IN ('restored','released')"),
        ),
        sa.Index(
            "ix_act_template",
            "round_id",
            "id",
            sqlite_where=sa.text("act IN ('template','template_away')"),
            postgresql_where=sa.text("act IN ('template','template_away')"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    act: str
    person_id: int | None = Field(default=None, foreign_key="person.id")
    channel: str
    round_id: int | None = Field(default=None, foreign_key="round.id")
    society_id: int | None = Field(default=None, foreign_key="society.id", index=True)
    details: dict[str, Any] = Field(sa_type=JSON)
