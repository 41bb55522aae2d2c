"""The tables of the post: what arrived, what is owed, and the platform accounts that both go through."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from storage.columns import JSON

STATES = "'pending','on_wire','held','sent','uncertain','failed','unreachable','cancelled','expired'"


class Inbound(SQLModel, table=True):
    """Every message that was taken, once (R1, R2)."""

    __table_args__ = (
        sa.UniqueConstraint("channel", "account", "key"),
        sa.Index("ix_inbound_person_id_id", "person_id", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    channel: str
    account: str = ""
    key: str
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    text: str = Field(default="", sa_type=sa.Text)
    choice: str | None = None
    files: list[dict[str, Any]] = Field(sa_type=JSON)
    digest: str
    sent_at: datetime | None = None
    received_at: datetime
    receipt: str | None = None


class Outbox(SQLModel, table=True):
    """Everything owed to a person (R7); a channel that is read by its page has it delivered by standing here.

    held: waits for the person to write, because the platform lets us speak only then."""

    __table_args__ = (
        sa.UniqueConstraint("cause", "part"),
        sa.CheckConstraint(f"state IN ({STATES})", name="state"),
        sa.CheckConstraint("kind IN ('reply','notice','reminder','announcement')", name="kind"),
        sa.Index("ix_outbox_channel_address_id", "channel", "address", "id"),
        sa.Index(
            "ix_outbox_owed",
            "channel",
            "account",
            "address",
            "id",
            sqlite_where=sa.text("state IN ('pending','on_wire')"),
            postgresql_where=sa.text("state IN ('pending','on_wire')"),
        ),
        sa.Index(
            "ix_outbox_waiting",
            "person_id",
            sqlite_where=sa.text("state IN ('held','unreachable')"),
            postgresql_where=sa.text("state IN ('held','unreachable')"),
        ),
        sa.Index(
            "ix_outbox_trouble",
            "settled_at",
            sqlite_where=sa.text("state IN ('uncertain','failed')"),
            postgresql_where=sa.text("state IN ('uncertain','failed')"),
        ),
        sa.Index(
            "ix_outbox_fronted", "fronted", sqlite_where=sa.text("fronted > 0"), postgresql_where=sa.text("fronted > 0")
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    cause: str  # "inbound:17", "login:3"
    part: int
    kind: str = "reply"  # a reply may be sent again after a crash, the others never blindly
    person_id: int | None = Field(default=None, foreign_key="person.id")
    channel: str
    account: str = ""
    address: str
    text: str = Field(sa_type=sa.Text)
    choices: list[dict[str, Any]] = Field(sa_type=JSON)
    files: list[dict[str, Any]] = Field(sa_type=JSON)
    state: str
    created_at: datetime
    not_before: datetime | None = None
    valid_until: datetime | None = None  # of no use from this instant on
    lease: str | None = None  # the sender that has it on the wire
    attempts: int = 0
    done: int = 0  # requests of it that the platform has taken already
    error: str | None = Field(default=None, sa_type=sa.Text)
    settled_at: datetime | None = None
    fronted: int | None = None  # the message whose answer it was put in front of


class Handout(SQLModel, table=True):
    """A file that we hand out: an attachment of an announcement, an export, a picture."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    sha256: str
    size: int  # bytes
    media_type: str  # extension by content, as with evidence
    made_at: datetime
    person_id: int | None = Field(default=None, foreign_key="person.id")  # who had it made


class Drawing(SQLModel, table=True):
    """Pictures that follow an answer: drawing takes longer than a turn may (design §5)."""

    __table_args__ = (
        sa.Index(
            "ix_drawing_waiting",
            "inbound_id",
            sqlite_where=sa.text("drawn_at IS NULL"),
            postgresql_where=sa.text("drawn_at IS NULL"),
        ),
    )
    inbound_id: int = Field(foreign_key="inbound.id", primary_key=True)  # the message that is answered by them
    about: dict[str, Any] = Field(sa_type=JSON)  # what is drawn, as it was when it was asked for
    asked_at: datetime
    drawn_at: datetime | None = None


class Arrival(SQLModel, table=True):
    """What a platform handed us and could not be taken at once: media still to be fetched, and what came behind it."""

    __table_args__ = (
        sa.UniqueConstraint("channel", "account", "key"),
        sa.Index(
            "ix_arrival_waiting",
            "channel",
            "account",
            "address",
            "id",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.CheckConstraint("state IN ('waiting','taken')", name="state"),
    )
    id: int | None = Field(default=None, primary_key=True)
    channel: str
    account: str = ""
    address: str
    key: str
    group: str | None = None  # the album it belongs to
    content: dict[str, Any] = Field(sa_type=JSON)
    state: str = "waiting"
    attempts: int = 0
    received_at: datetime


class Account(SQLModel, table=True):
    """An account of ours on a platform: what it is called there, and its key to the API while that lasts."""

    channel: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    handle: str | None = None  # the bot's name, for links
    token: str | None = None
    token_until: datetime | None = None
    refreshing_until: datetime | None = None  # somebody is fetching a new one


class Allowance(SQLModel, table=True):
    """How many messages a platform still lets us send to somebody, by what she did last (platform.md A3)."""

    channel: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    address: str = Field(primary_key=True)
    left: int
    until: datetime
