"""What ended so that a person has to look is found without reading everything."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    where = sa.text("state IN ('uncertain','failed')")
    op.create_index("ix_outbox_trouble", "outbox", ["settled_at"], sqlite_where=where, postgresql_where=where)
