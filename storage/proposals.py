"""The table of what was read out of a society's own Word table: nothing of it counts before she confirms it."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class Proposal(SQLModel, table=True):
    """One cell of her table. `offered`: she has not said yet that it is to be read; `proposed`: shown to her."""

    __table_args__ = (
        sa.UniqueConstraint("inbound_id", "ordinal"),
        sa.Index("ix_proposal_entry_id_state", "entry_id", "state"),
        sa.CheckConstraint("kind IN ('score','excuse','evidence')", name="kind"),
        sa.CheckConstraint("state IN ('offered','proposed','confirmed','dropped')", name="state"),
        sa.CheckConstraint("(state = 'confirmed') = (settled_by IS NOT NULL)", name="confirmed_by_message"),
    )
    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id")
    inbound_id: int = Field(foreign_key="inbound.id")
    ordinal: int
    person_id: int = Field(foreign_key="person.id")
    sha256: str  # of the file
    name: str  # of the file
    place: str  # in the file
    item: str | None = None  # None: no item is like it
    kind: str
    value: str = Field(sa_type=sa.Text)  # exact decimal, reason, or words of evidence; empty where it can't be read
    said: str = Field(sa_type=sa.Text)  # as it stands in the file, to be shown
    doubt: str | None = None  # why a person has to look: match, twice, none, above, step, unread, reason, long
    version: int = 0  # of the answer, when it was last shown beside this
    state: str = "offered"
    at: datetime
    settled_at: datetime | None = None
    settled_by: int | None = Field(default=None, foreign_key="inbound.id")  # the message that confirmed it


class ProposalShown(SQLModel, table=True):
    """Which of it stood in a list that a person was sent, and in which reply: what she confirms is what she saw (R4)."""

    __tablename__ = "proposal_shown"
    proposal_id: int = Field(foreign_key="proposal.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    reply_id: int = 0  # of the outbox; 0 until the turn that shows it has its replies
