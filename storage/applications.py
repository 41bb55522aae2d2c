"""The tables of programmes without a questionnaire: applications for projects, notes on key points, edits of a list."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.columns import JSON


class Application(SQLModel, table=True):
    """A society's application for one project and how far it has come: the fold of its events."""

    __table_args__ = (
        sa.CheckConstraint("state IN ('applied','withdrawn')", name="state"),
        sa.CheckConstraint("standing IN ('none','proposed','published','decided')", name="standing"),
    )
    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    project: str = Field(primary_key=True)
    state: str = "applied"
    late: bool = False
    standing: str = "none"
    place: str | None = None  # where the project brings one of several: a prize
    passed: bool | None = None  # the acceptance; None while nobody decided
    counts: bool | None = None  # what the office said of it where it came late; None while nobody decided
    version: int = 0
    applied_at: datetime


class ApplicationEvent(SQLModel, table=True):
    """Append-only (triggers refuse UPDATE and DELETE): what was applied for, reported and decided, old → new."""

    __tablename__ = "application_event"
    __table_args__ = (
        sa.UniqueConstraint("entry_id", "project", "version"),
        sa.UniqueConstraint("inbound_id", "ordinal"),
        sa.CheckConstraint(
            "kind IN ('applied','withdrawn','standing','report','taken_back','acceptance','ruled')", name="kind"
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id")
    project: str
    version: int
    kind: str
    old: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    new: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    text: str = Field(default="", sa_type=sa.Text)
    name: str | None = None
    sha256: str | None = None
    size: int | None = None
    media_type: str | None = None
    late: bool = False
    at: datetime
    person_id: int | None = Field(default=None, foreign_key="person.id")  # None: ruled by a command
    channel: str = ""
    inbound_id: int | None = Field(default=None, foreign_key="inbound.id")  # None: the office's
    ordinal: int = 0
    receipt: str


class KeyNote(SQLModel, table=True):
    """What a society did for a key point of a work plan, in its own words; append-only: one that is taken back has
    another that says so."""

    __tablename__ = "key_note"
    __table_args__ = (sa.UniqueConstraint("inbound_id", "ordinal"),)
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    plan: str
    point: str
    text: str = Field(sa_type=sa.Text)
    undoes: int | None = None  # the note that this one takes back
    at: datetime
    person_id: int = Field(foreign_key="person.id")
    channel: str
    inbound_id: int = Field(foreign_key="inbound.id")
    ordinal: int
    receipt: str


class CellEdit(SQLModel, table=True):
    """A change of one cell in a round's own copy of a printed list, or of a row added to it; append-only."""

    __tablename__ = "cell_edit"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "listing", "row", "column", "version"),
        sa.Index("ix_cell_edit_receipt", "receipt"),
    )
    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    listing: str
    row: int  # from 0, in the order of printing; added rows come behind
    column: int
    version: int
    old: str | None = Field(default=None, sa_type=sa.Text)  # None: the row is new
    new: str = Field(sa_type=sa.Text)
    at: datetime
    person_id: int = Field(foreign_key="person.id")
    receipt: str
