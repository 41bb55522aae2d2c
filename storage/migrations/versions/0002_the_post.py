"""What is owed gets states and leases; what arrives may wait; platform accounts and their allowances."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATES = "'pending','on_wire','held','sent','uncertain','failed','unreachable','cancelled','expired'"


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("handle", sa.String(), nullable=True),
        sa.Column("token", sa.String(), nullable=True),
        sa.Column("token_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refreshing_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("channel", "account", name=op.f("pk_account")),
    )
    op.create_table(
        "allowance",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", "account", "address", name=op.f("pk_allowance")),
    )
    op.create_table(
        "arrival",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("group", sa.String(), nullable=True),
        sa.Column("content", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('waiting','taken')", name=op.f("ck_arrival_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
        sa.UniqueConstraint("channel", "account", "key", name=op.f("uq_arrival_channel_account_key")),
    )
    with op.batch_alter_table("arrival", schema=None) as batch_op:
        batch_op.create_index(
            "ix_arrival_waiting",
            ["channel", "account", "address", "id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unreachable_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(), nullable=False, server_default="reply"))
        batch_op.add_column(sa.Column("not_before", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("lease", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("done", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("error", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("fronted", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(op.f("ck_outbox_state"), f"state IN ({STATES})")
        batch_op.create_check_constraint(op.f("ck_outbox_kind"), "kind IN ('reply','notice','reminder','announcement')")
        batch_op.create_index(
            "ix_outbox_fronted",
            ["fronted"],
            unique=False,
            sqlite_where=sa.text("fronted > 0"),
            postgresql_where=sa.text("fronted > 0"),
        )
        batch_op.create_index(
            "ix_outbox_owed",
            ["channel", "account", "address", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('pending','on_wire')"),
            postgresql_where=sa.text("state IN ('pending','on_wire')"),
        )
        batch_op.create_index(
            "ix_outbox_waiting",
            ["person_id"],
            unique=False,
            sqlite_where=sa.text("state IN ('held','unreachable')"),
            postgresql_where=sa.text("state IN ('held','unreachable')"),
        )
    with op.batch_alter_table("act", schema=None) as batch_op:
        batch_op.create_index(
            "ix_act_paused",
            ["id"],
            unique=False,
            sqlite_where=sa.text("act IN ('restored','released')"),
            postgresql_where=sa.text("act IN ('restored','released')"),
        )
