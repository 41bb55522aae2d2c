"""The tables of consent: a society lets the office read its text before it hands in, and was asked whether it would."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

_LIVE = sa.text("ended_at IS NULL")


class Consent(SQLModel, table=True):
    """From when until when the office may read what a society has not handed in yet, in one round."""

    __table_args__ = (
        sa.Index("uq_consent_live", "round_id", "society_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )
    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    society_id: int = Field(foreign_key="society.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    at: datetime
    receipt: str
    ended_at: datetime | None = None
    ended_by: int | None = Field(default=None, foreign_key="person.id")
    ended_receipt: str | None = None


class ConsentRequest(SQLModel, table=True):
    """The office asked for it: once a day and society."""

    __tablename__ = "consent_request"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "society_id", "day"),
        sa.CheckConstraint("answer IN ('given','refused')", name="answer"),
    )
    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    society_id: int = Field(foreign_key="society.id")
    day: date  # in the round's zone
    person_id: int = Field(foreign_key="person.id")
    at: datetime
    receipt: str
    answer: str | None = None
    answered_by: int | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime | None = None
