"""What was said of projects and key points can be taken back; what came late of an application is decided by the office."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

EVENT = "application_event"
KINDS = "kind IN ('applied','withdrawn','standing','report','taken_back','acceptance','ruled')"


def upgrade() -> None:
    op.add_column("application", sa.Column("counts", sa.Boolean(), nullable=True))
    op.add_column("late_decision", sa.Column("applications_to", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("key_note", sa.Column("undoes", sa.Integer(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _anew()
        return
    op.drop_constraint(op.f("ck_application_event_kind"), EVENT, type_="check")
    op.create_check_constraint(op.f("ck_application_event_kind"), EVENT, KINDS)
    op.alter_column(EVENT, "person_id", existing_type=sa.Integer(), nullable=True)


def _anew() -> None:
    """SQLite changes a check by making the table anew, which loses its triggers."""
    with op.batch_alter_table(EVENT, schema=None, recreate="always") as batch_op:
        batch_op.create_check_constraint(op.f("ck_application_event_kind"), KINDS)
        batch_op.alter_column("person_id", existing_type=sa.Integer(), nullable=True)
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {EVENT}_no_{act.lower()} BEFORE {act} ON {EVENT} "
            f"BEGIN SELECT RAISE(ABORT, '{EVENT} is append-only'); END"
        )
