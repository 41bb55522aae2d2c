"""Tables of criteria that the office brings in the chat, and what it decides of them."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rubric_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('table','yaml')", name=op.f("ck_rubric_draft_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rubric_draft_person_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_rubric_draft_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_draft")),
    )
    with op.batch_alter_table("rubric_draft", schema=None) as batch_op:
        batch_op.create_index("ix_rubric_draft_person_id", ["person_id"], unique=False)
    op.create_table(
        "rubric_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["draft_id"], ["rubric_draft.id"], name=op.f("fk_rubric_correction_draft_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rubric_correction_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rubric_correction")),
    )
    with op.batch_alter_table("rubric_correction", schema=None) as batch_op:
        batch_op.create_index("ix_rubric_correction_draft_id", ["draft_id"], unique=False)
