"""The tables of what the bot says unasked: reminders, announcements and who is to hear them; and papers ticked in."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.columns import JSON


class Reminder(SQLModel, table=True):
    """One reminder to one person; the unique key is why nobody gets it twice (R2)."""

    __table_args__ = (
        sa.UniqueConstraint("round_id", "society_id", "stage", "plan_version", "person_id"),
        sa.CheckConstraint("state IN ('queued','skipped','unreachable')", name="state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="round.id")
    society_id: int = Field(foreign_key="society.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    stage: str  # 7d, 4h: how long before the deadline
    plan_version: int
    due_at: datetime
    state: str  # queued: what became of it stands in the outbox
    made_at: datetime


class Announcement(SQLModel, table=True):
    """What the office says to many: words, audience, and the number it confirmed."""

    id: int | None = Field(default=None, primary_key=True)
    round_id: int | None = Field(default=None, foreign_key="round.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    text: str = Field(sa_type=sa.Text)
    files: list[dict[str, Any]] = Field(sa_type=JSON)
    audience: str
    made_at: datetime
    send_at: datetime
    withdrawn_at: datetime | None = None
    nudges: int = 0


class Target(SQLModel, table=True):
    """One recipient of an announcement, fixed when it was confirmed; what became of it stands in the outbox."""

    __table_args__ = (sa.UniqueConstraint("announcement_id", "society_id", "person_id"),)
    id: int | None = Field(default=None, primary_key=True)
    announcement_id: int = Field(foreign_key="announcement.id")
    society_id: int = Field(foreign_key="society.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")  # None: the society has nobody yet
    channel: str = ""
    acked_at: datetime | None = None


class Paper(SQLModel, table=True):
    """A paper that has come in, ticked by somebody of the office."""

    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    deliverable: str = Field(primary_key=True)
    form: str = Field(primary_key=True)  # electronic, stamped_paper
    at: datetime
    person_id: int | None = Field(default=None, foreign_key="person.id")
