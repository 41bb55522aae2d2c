"""Pictures follow an answer: what is to be drawn waits here until it is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drawing",
        sa.Column("inbound_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"], name=op.f("fk_drawing_inbound_id")),
        sa.PrimaryKeyConstraint("inbound_id", name=op.f("pk_drawing")),
    )
    with op.batch_alter_table("drawing", schema=None) as batch_op:
        batch_op.create_index(
            "ix_drawing_waiting",
            ["inbound_id"],
            unique=False,
            sqlite_where=sa.text("drawn_at IS NULL"),
            postgresql_where=sa.text("drawn_at IS NULL"),
        )
