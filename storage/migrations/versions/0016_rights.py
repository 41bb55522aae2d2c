"""Consent of a society, items judged without points, motions that end, marks to look again, and which list was shown."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

EVENTS = "review_event"
FOUND = "finding IN ('met', 'unmet', 'excused')"


def key(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=False)


def whole(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), nullable=True)


def moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def word(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=nullable)


def refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def live(name: str, table: str, columns: list[str], ended: str) -> None:
    still = sa.text(f"{ended} IS NULL")
    op.create_index(name, table, columns, unique=True, sqlite_where=still, postgresql_where=still)


def upgrade() -> None:
    judged_without_points()
    motions_that_end()
    rechecks()
    consents()
    op.create_table(
        "proposal_shown",
        key("proposal_id"),
        key("person_id"),
        key("reply_id"),
        refers("proposal_shown", "proposal_id", "proposal"),
        refers("proposal_shown", "person_id", "person"),
        sa.PrimaryKeyConstraint("proposal_id", "person_id", name=op.f("pk_proposal_shown")),
    )


def judged_without_points() -> None:
    """SQLite makes a table anew to change it, which it may not while another refers to it: the folds are put aside."""
    for fold in ("review", "verdict"):
        op.execute(f"CREATE TABLE put_aside_{fold} AS SELECT * FROM {fold}")
        op.drop_table(fold)
    with op.batch_alter_table(EVENTS, schema=None) as batch_op:
        batch_op.add_column(word("finding", nullable=True))
        batch_op.drop_constraint(op.f("ck_review_event_score_unless_reopened"), type_="check")
        batch_op.create_check_constraint(op.f("ck_review_event_finding"), FOUND)
        batch_op.create_check_constraint(
            op.f("ck_review_event_judged_unless_reopened"),
            "(kind = 'reopened') = (score IS NULL AND finding IS NULL)",
        )
    for fold, whose in (("review", ["person_id"]), ("verdict", [])):
        _fold(fold, whose)
        kept = ", ".join(
            ["entry_id", "item", *whose, "score", "reason", *(["answer_event"] * len(whose)), "event_id", "at"]
        )
        op.execute(f"INSERT INTO {fold} ({kept}) SELECT {kept} FROM put_aside_{fold}")
        op.execute(f"DROP TABLE put_aside_{fold}")
    with op.batch_alter_table("objection", schema=None) as batch_op:
        batch_op.alter_column("old_score", existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(word("old_finding", nullable=True))
        batch_op.add_column(word("new_finding", nullable=True))
    if op.get_bind().dialect.name == "sqlite":  # a table made anew has lost its triggers
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {EVENTS}_no_{act.lower()} BEFORE {act} ON {EVENTS} "
                f"BEGIN SELECT RAISE(ABORT, '{EVENTS} is append-only'); END"
            )


def _fold(table: str, whose: list[str]) -> None:
    op.create_table(
        table,
        key("entry_id"),
        word("item"),
        *(key(name) for name in whose),
        whole("score"),
        word("finding", nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        *(key("answer_event") for _ in whose),
        key("event_id"),
        moment("at"),
        refers(table, "entry_id", "entry"),
        *(refers(table, name, "person") for name in whose),
        refers(table, "event_id", EVENTS),
        sa.PrimaryKeyConstraint("entry_id", "item", *whose, name=op.f(f"pk_{table}")),
    )


def motions_that_end() -> None:
    with op.batch_alter_table("motion", schema=None) as batch_op:
        batch_op.add_column(word("outcome", nullable=True))
        batch_op.add_column(whole("ended_by"))
        batch_op.add_column(sa.Column("why", sa.Text(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_motion_ended_by"), "person", ["ended_by"], ["id"])
        batch_op.create_check_constraint(
            op.f("ck_motion_outcome"), "outcome IN ('withdrawn','declined','expired','overtaken')"
        )


def rechecks() -> None:
    op.create_table(
        "recheck",
        key("id"),
        key("entry_id"),
        word("item"),
        word("cause"),
        sa.Column("reason", sa.Text(), nullable=False),
        word("receipt"),
        key("after_event"),
        moment("at"),
        moment("cleared_at", nullable=True),
        whole("cleared_by"),
        sa.CheckConstraint("cause IN ('late','rubric')", name=op.f("ck_recheck_cause")),
        refers("recheck", "entry_id", "entry"),
        refers("recheck", "cleared_by", EVENTS),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recheck")),
    )
    op.create_index("ix_recheck_entry_id", "recheck", ["entry_id"])
    live("uq_recheck_open", "recheck", ["entry_id", "item"], "cleared_at")


def consents() -> None:
    op.create_table(
        "consent",
        key("id"),
        key("round_id"),
        key("society_id"),
        key("person_id"),
        moment("at"),
        word("receipt"),
        moment("ended_at", nullable=True),
        whole("ended_by"),
        word("ended_receipt", nullable=True),
        *(
            refers("consent", name, to)
            for name, to in (
                ("round_id", "round"),
                ("society_id", "society"),
                ("person_id", "person"),
                ("ended_by", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_society_id", "consent", ["society_id"])
    live("uq_consent_live", "consent", ["round_id", "society_id"], "ended_at")
    op.create_table(
        "consent_request",
        key("id"),
        key("round_id"),
        key("society_id"),
        sa.Column("day", sa.Date(), nullable=False),
        key("person_id"),
        moment("at"),
        word("receipt"),
        word("answer", nullable=True),
        whole("answered_by"),
        moment("answered_at", nullable=True),
        sa.CheckConstraint("answer IN ('given','refused')", name=op.f("ck_consent_request_answer")),
        refers("consent_request", "round_id", "round"),
        refers("consent_request", "society_id", "society"),
        refers("consent_request", "person_id", "person"),
        refers("consent_request", "answered_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_request")),
        sa.UniqueConstraint("round_id", "society_id", "day", name=op.f("uq_consent_request_round_id_society_id_day")),
    )
