"""Who is to be invited for a society, who made an invitation, and whom it takes over from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("society") as society:
        society.add_column(sa.Column("contact", sa.String(), nullable=True))
    replaces = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    with op.batch_alter_table("invitation") as invitation:
        invitation.add_column(sa.Column("made_by", sa.Integer(), nullable=True))
        invitation.add_column(sa.Column("replaces", replaces, nullable=True))
        invitation.create_foreign_key(op.f("fk_invitation_made_by"), "person", ["made_by"], ["id"])
