"""A round may have no certain deadline yet, has a calendar, and may be joined freely; staff may choose among several."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    db = op.get_bind()
    if db.dialect.name == "sqlite":
        _nullable_in_place(db)
    else:
        op.alter_column("round", "closes_at", existing_type=sa.DateTime(timezone=True), nullable=True)
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("stages", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False, server_default="[]")
        )
        batch_op.add_column(sa.Column("voluntary", sa.Boolean(), nullable=False, server_default="0"))
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("round_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_conversation_round_id"), "round", ["round_id"], ["id"])


def _nullable_in_place(db: sa.Connection) -> None:
    """Taking a NOT NULL away changes no row: SQLite's own way for that (lang_altertable, section 7), because a table
    that others refer to can't be made anew while foreign keys are watched."""
    version = int(db.exec_driver_sql("PRAGMA schema_version").scalar_one())
    db.exec_driver_sql("PRAGMA writable_schema=ON")
    db.exec_driver_sql(
        "UPDATE sqlite_schema SET sql = replace(sql, 'closes_at DATETIME NOT NULL', 'closes_at DATETIME') "
        "WHERE type = 'table' AND name = 'round'"
    )
    db.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    db.exec_driver_sql("PRAGMA writable_schema=OFF")
