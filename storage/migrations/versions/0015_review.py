"""Review: scores, verdicts, items sent back, recusals, objections, motions; what an entry and a round keep of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLE = "review_event"


def key(name: str, **kwargs: object) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False, **kwargs)


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def text(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=nullable)


def refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def live(name: str, table: str, columns: list[str], ended: str) -> None:
    still = sa.text(f"{ended} IS NULL")
    op.create_index(name, table, columns, unique=True, sqlite_where=still, postgresql_where=still)


def upgrade() -> None:
    op.create_table(
        TABLE,
        key("id"),
        key("entry_id"),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        key("person_id"),
        sa.Column("score", sa.Integer(), nullable=True),
        text("reason"),
        key("answer_event"),
        moment("at"),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("inbound_id", sa.Integer(), nullable=True),
        key("ordinal"),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('score','final','changed','reopened')", name=op.f("ck_review_event_kind")),
        sa.CheckConstraint("(kind = 'reopened') = (score IS NULL)", name=op.f("ck_review_event_score_unless_reopened")),
        refers(TABLE, "entry_id", "entry"),
        refers(TABLE, "person_id", "person"),
        refers(TABLE, "inbound_id", "inbound"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_event")),
        sa.UniqueConstraint("inbound_id", "ordinal", name=op.f("uq_review_event_inbound_id_ordinal")),
    )
    op.create_index("ix_review_event_entry_id_item", TABLE, ["entry_id", "item"])
    folds()
    open_matters()
    settled_matters()
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reviewed", sa.Integer(), nullable=True))
        batch_op.add_column(moment("finalized_at", nullable=True))
        batch_op.add_column(moment("released_at", nullable=True))
        batch_op.add_column(moment("objections_until", nullable=True))
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.add_column(sa.Column("review_rule", sa.String(), nullable=False, server_default="single"))
        batch_op.add_column(sa.Column("review_spread", sa.Integer(), nullable=False, server_default="30"))
        batch_op.add_column(sa.Column("objection_days", sa.Integer(), nullable=False, server_default="5"))
    append_only()


def folds() -> None:
    """The scores that hold now, each reviewer's and the final ones."""
    for table, whose in (("review", ["person_id"]), ("verdict", [])):
        op.create_table(
            table,
            key("entry_id"),
            sa.Column("item", sa.String(), nullable=False),
            *(key(name) for name in whose),
            key("score"),
            text("reason"),
            *(key("answer_event") for _ in whose),
            key("event_id"),
            moment("at"),
            refers(table, "entry_id", "entry"),
            *(refers(table, name, "person") for name in whose),
            refers(table, "event_id", "review_event"),
            sa.PrimaryKeyConstraint("entry_id", "item", *whose, name=op.f(f"pk_{table}")),
        )


def open_matters() -> None:
    """What waits for the society: items sent back; and who takes no part."""
    op.create_table(
        "sent_back",
        key("id"),
        key("entry_id"),
        sa.Column("item", sa.String(), nullable=False),
        text("question"),
        moment("until"),
        moment("at"),
        key("person_id"),
        sa.Column("inbound_id", sa.Integer(), nullable=True),
        key("ordinal"),
        sa.Column("receipt", sa.String(), nullable=False),
        moment("closed_at", nullable=True),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        refers("sent_back", "entry_id", "entry"),
        refers("sent_back", "person_id", "person"),
        refers("sent_back", "inbound_id", "inbound"),
        refers("sent_back", "submission_id", "submission"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_back")),
        sa.UniqueConstraint("inbound_id", "ordinal", name=op.f("uq_sent_back_inbound_id_ordinal")),
    )
    op.create_index("ix_sent_back_entry_id", "sent_back", ["entry_id"])
    live("uq_sent_back_open", "sent_back", ["entry_id", "item"], "closed_at")
    op.create_table(
        "recusal",
        key("id"),
        key("round_id"),
        key("society_id"),
        key("person_id"),
        key("by_id"),
        text("reason"),
        moment("at"),
        moment("ended_at", nullable=True),
        refers("recusal", "round_id", "round"),
        refers("recusal", "society_id", "society"),
        refers("recusal", "person_id", "person"),
        refers("recusal", "by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recusal")),
    )
    op.create_index("ix_recusal_society_id", "recusal", ["society_id"])
    live("uq_recusal_live", "recusal", ["round_id", "society_id", "person_id"], "ended_at")


def settled_matters() -> None:
    """Objections of societies and motions of officers."""
    op.create_table(
        "objection",
        key("id"),
        key("entry_id"),
        sa.Column("item", sa.String(), nullable=False),
        text("reason"),
        key("old_score"),
        moment("at"),
        key("person_id"),
        key("inbound_id"),
        key("ordinal"),
        sa.Column("receipt", sa.String(), nullable=False),
        moment("answered_at", nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("new_score", sa.Integer(), nullable=True),
        text("answer", nullable=True),
        sa.CheckConstraint("outcome IN ('upheld','changed')", name=op.f("ck_objection_outcome")),
        refers("objection", "entry_id", "entry"),
        refers("objection", "person_id", "person"),
        refers("objection", "inbound_id", "inbound"),
        refers("objection", "answered_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection")),
        sa.UniqueConstraint("inbound_id", "ordinal", name=op.f("uq_objection_inbound_id_ordinal")),
    )
    op.create_index("ix_objection_entry_id", "objection", ["entry_id"])
    live("uq_objection_open", "objection", ["entry_id", "item"], "answered_at")
    op.create_table(
        "motion",
        key("id"),
        sa.Column("act", sa.String(), nullable=False),
        key("round_id"),
        key("society_id"),
        key("number"),
        text("reason"),
        sa.Column("about", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        key("person_id"),
        moment("at"),
        sa.Column("seconded_by", sa.Integer(), nullable=True),
        moment("ended_at", nullable=True),
        sa.CheckConstraint("seconded_by IS NULL OR seconded_by <> person_id", name=op.f("ck_motion_second_officer")),
        refers("motion", "round_id", "round"),
        refers("motion", "society_id", "society"),
        refers("motion", "person_id", "person"),
        refers("motion", "seconded_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_motion")),
    )
    op.create_index("ix_motion_society_id", "motion", ["society_id"])
    live("uq_motion_open", "motion", ["act", "round_id", "society_id"], "ended_at")


def append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {TABLE}_no_{act.lower()} BEFORE {act} ON {TABLE} "
                f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE OR DELETE ON {TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )
