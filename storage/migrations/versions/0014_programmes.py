"""Applications for projects, notes on the key points of a work plan, and edits of a printed list."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

DATA = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "application",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('applied','withdrawn')", name=op.f("ck_application_state")),
        sa.CheckConstraint(
            "standing IN ('none','proposed','published','decided')", name=op.f("ck_application_standing")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_application_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", "project", name=op.f("pk_application")),
    )
    op.create_table(
        "application_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("old", DATA, nullable=True),
        sa.Column("new", DATA, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("inbound_id", sa.Integer(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('applied','withdrawn','standing','report','acceptance')", name=op.f("ck_application_event_kind")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_application_event_entry_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_application_event_person_id")),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name=op.f("fk_application_event_inbound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_event")),
        sa.UniqueConstraint(
            "entry_id", "project", "version", name=op.f("uq_application_event_entry_id_project_version")
        ),
        sa.UniqueConstraint("inbound_id", "ordinal", name=op.f("uq_application_event_inbound_id_ordinal")),
    )
    op.create_table(
        "key_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("point", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("inbound_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_key_note_entry_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_key_note_person_id")),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name=op.f("fk_key_note_inbound_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_note")),
        sa.UniqueConstraint("inbound_id", "ordinal", name=op.f("uq_key_note_inbound_id_ordinal")),
    )
    with op.batch_alter_table("key_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_key_note_entry_id"), ["entry_id"], unique=False)
    op.create_table(
        "cell_edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("listing", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_cell_edit_round_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_cell_edit_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell_edit")),
        sa.UniqueConstraint(
            "round_id",
            "listing",
            "row",
            "column",
            "version",
            name=op.f("uq_cell_edit_round_id_listing_row_column_version"),
        ),
    )
    with op.batch_alter_table("cell_edit", schema=None) as batch_op:
        batch_op.create_index("ix_cell_edit_receipt", ["receipt"], unique=False)
    for table in ("application_event", "key_note", "cell_edit"):
        append_only(table)


def append_only(table: str) -> None:
    """What people did is not rewritten, not even by a mistake of our own."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )
