"""The tables of programmes without points: rulings on who may take part, category scores, and who was named for an award."""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.columns import Points


class Ruling(SQLModel, table=True):
    """A person's decision whether a society may take part; the last one of an entry counts, none is ever changed."""

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    eligible: bool
    reason: str = Field(sa_type=sa.Text)
    at: datetime
    person_id: int = Field(foreign_key="person.id")
    receipt: str


class CategoryScore(SQLModel, table=True):
    """What the experts gave a society for one category; the last one counts."""

    __tablename__ = "category_score"
    __table_args__ = (sa.Index("ix_category_score_entry_id_section", "entry_id", "section"),)
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id")
    section: str
    points: Decimal = Field(sa_type=Points)
    at: datetime
    person_id: int = Field(foreign_key="person.id")
    receipt: str


class Awarding(SQLModel, table=True):
    """One step of a society towards an award: proposed, displayed, recognised, or taken back; the last one counts."""

    __table_args__ = (
        sa.CheckConstraint("state IN ('proposed','displayed','recognised','dropped')", name="state"),
        sa.Index("ix_awarding_round_id_award", "round_id", "award"),
    )
    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    award: str
    society_id: int = Field(foreign_key="society.id")
    state: str
    at: datetime
    person_id: int = Field(foreign_key="person.id")
    receipt: str
