"""Files that we hand out; what a message carries says where it is held."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_handout_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handout")),
    )
    db = op.get_bind()
    outbox = sa.table(
        "outbox", sa.column("id", sa.Integer), sa.column("files", sa.JSON().with_variant(JSONB(), "postgresql"))
    )
    for row in db.execute(sa.select(outbox).where(sa.cast(outbox.c.files, sa.String) != "[]")).all():
        told = [{"name": one["name"], "held": f"evidence:{one['evidence']}"} for one in row.files]
        db.execute(sa.update(outbox).where(outbox.c.id == row.id).values(files=told))
