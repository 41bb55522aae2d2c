"""By which version of the rubric an entry is answered, and by which it was handed in."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (("entry", "own_rubric"), ("submission", "rubric_sha256")):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column(column, sa.String(), nullable=True))
    op.execute(
        "UPDATE submission SET rubric_sha256 = (SELECT round.rubric_sha256 FROM entry JOIN round "
        "ON round.id = entry.round_id WHERE entry.id = submission.entry_id)"
    )
