"""The tables of criteria that the office brings in the chat, and what it decides of them before a round is opened."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class RubricDraft(SQLModel, table=True):
    """A file that an officer brought as her table of criteria; nobody is asked by it before a round is opened."""

    __tablename__ = "rubric_draft"
    __table_args__ = (sa.CheckConstraint("kind IN ('table','yaml')", name="kind"),)
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    sha256: str  # of the file
    name: str  # of the file
    kind: str  # table: Word or Excel; yaml: a rubric file
    at: datetime
    receipt: str
    round_id: int | None = Field(default=None, foreign_key="round.id")  # what was opened or changed by it last


class RubricCorrection(SQLModel, table=True):
    """One decision about a table as it was read; withdrawn by undo, never overwritten."""

    __tablename__ = "rubric_correction"
    id: int | None = Field(default=None, primary_key=True)
    draft_id: int = Field(foreign_key="rubric_draft.id", index=True)
    place: str  # rubric, section:2 or item:7, as counted in the file
    field: str
    old: str = Field(sa_type=sa.Text)  # as it was shown
    new: str = Field(sa_type=sa.Text)
    person_id: int = Field(foreign_key="person.id")
    at: datetime
    receipt: str
    withdrawn_at: datetime | None = None
