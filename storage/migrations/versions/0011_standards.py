"""Items without points are met or not; rulings on who may take part, category scores and the steps of awards."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

APPEND_ONLY = ("ruling", "category_score", "awarding")


def upgrade() -> None:
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("met", sa.Boolean(), nullable=True))
        batch_op.drop_constraint(op.f("ck_answer_score_when_answered"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_answer_judged_when_answered"),
            "(state = 'answered') = (self_score IS NOT NULL OR met IS NOT NULL)",
        )
    _ruling()
    _category_score()
    _awarding()
    for table in APPEND_ONLY:
        _append_only(table)


def _ruling() -> None:
    op.create_table(
        "ruling",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("eligible", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *_trace("ruling"),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_ruling_entry_id")),
    )
    op.create_index("ix_ruling_entry_id", "ruling", ["entry_id"])


def _category_score() -> None:
    op.create_table(
        "category_score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        *_trace("category_score"),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_category_score_entry_id")),
    )
    op.create_index("ix_category_score_entry_id_section", "category_score", ["entry_id", "section"])


def _awarding() -> None:
    op.create_table(
        "awarding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("award", sa.String(), nullable=False),
        sa.Column("society_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        *_trace("awarding"),
        sa.CheckConstraint("state IN ('proposed','displayed','recognised','dropped')", name=op.f("ck_awarding_state")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_awarding_round_id")),
        sa.ForeignKeyConstraint(["society_id"], ["society.id"], name=op.f("fk_awarding_society_id")),
    )
    op.create_index("ix_awarding_round_id_award", "awarding", ["round_id", "award"])


def _trace(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _append_only(table: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
    )
