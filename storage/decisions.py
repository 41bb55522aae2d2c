"""The table of what the office decided about late input: whether it counts, by whom, when, and why."""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.columns import Points


class LateDecision(SQLModel, table=True):
    """Append-only: the newest one holds for everything that had come late by then; what comes after waits for another."""

    __tablename__ = "late_decision"
    __table_args__ = (sa.UniqueConstraint("entry_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id")
    number: int  # 1, 2 … of this entry
    counts: bool
    up_to: int  # the newest late answer event it is about
    wishes_to: int  # the newest late wish to hand in it is about: a submission
    applications_to: int = 0  # the newest late event of an application it is about
    reason: str = Field(sa_type=sa.Text)
    at: datetime
    person_id: int | None = Field(default=None, foreign_key="person.id")  # None: decided by a command
    old_claimed: Decimal | None = Field(default=None, sa_type=Points)
    old_supported: Decimal | None = Field(default=None, sa_type=Points)
    new_claimed: Decimal | None = Field(default=None, sa_type=Points)
    new_supported: Decimal | None = Field(default=None, sa_type=Points)
    submission_id: int | None = Field(default=None, foreign_key="submission.id")  # made by this decision
