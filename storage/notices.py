"""The tables of what the bot says unasked: reminders, announcements and who is to hear them; and papers that came in."""

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
    """A paper that came in, or (withdrawn) a tick taken back; append-only. Files are handed in by chat, the others are
    ticked by somebody of the office."""

    __table_args__ = (
        sa.UniqueConstraint("inbound_id", "ordinal"),
        sa.CheckConstraint("form IN ('electronic','stamped_paper')", name="form"),
        sa.CheckConstraint("sha256 IS NULL OR inbound_id IS NOT NULL", name="file_of_message"),
    )
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    deliverable: str
    form: str
    withdrawn: bool = False  # takes back what was ticked before, never a file
    late: bool = False
    name: str | None = None
    sha256: str | None = None
    size: int | None = None
    media_type: str | None = None
    submission_id: int | None = Field(default=None, foreign_key="submission.id")  # which table the paper is a print of
    at: datetime
    person_id: int | None = Field(default=None, foreign_key="person.id")  # None: by a command
    channel: str = ""
    inbound_id: int | None = Field(default=None, foreign_key="inbound.id")  # None: ticked
    ordinal: int = 0
    receipt: str
