"""Whether a round has a Word template of its own is found without reading everything that people did."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MEANT = sa.text("act IN ('template','template_away')")


def upgrade() -> None:
    op.create_index("ix_act_template", "act", ["round_id", "id"], sqlite_where=MEANT, postgresql_where=MEANT)
