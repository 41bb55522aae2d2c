"""What was said unasked in a round, for the export: announcements with every recipient, reminders with their fate."""

from typing import Any

import sqlalchemy as sa

from handlers.notices.announcing import READ_AS, targets
from handlers.reports.writing import Written
from storage.relations import ANNOUNCEMENT, OUTBOX, PERSON, REMINDER, SOCIETY, TARGET


def announcements(db: sa.Connection, write: Written, round: int) -> list[dict[str, Any]]:
    chosen = sa.select(ANNOUNCEMENT).where(ANNOUNCEMENT.c.round_id == round).order_by(ANNOUNCEMENT.c.id)
    channels = {row.id: row.channel for row in db.execute(sa.select(TARGET.c.id, TARGET.c.channel))}
    return [
        {
            "id": row.id,
            "text": row.text,
            "files": [one["name"] for one in row.files],
            "audience": row.audience,
            "send_at": write.moment(row.send_at),
            "withdrawn_at": write.moment(row.withdrawn_at),
            "targets": [
                {
                    "society": one.society,
                    "contact": " ".join(filter(None, (one.person, channels[one.id]))),
                    "state": one.state,
                    "acked_at": write.moment(one.acked_at),
                }
                for one in targets(db, row.id)
            ],
        }
        for row in db.execute(chosen).all()
    ]


def reminders(db: sa.Connection, write: Written, round: int) -> list[dict[str, Any]]:
    cause = sa.literal("reminder:") + sa.cast(REMINDER.c.id, sa.String)
    chosen = (
        sa.select(
            REMINDER, SOCIETY.c.name.label("society"), PERSON.c.name, OUTBOX.c.state.label("fate"), OUTBOX.c.channel
        )
        .select_from(
            REMINDER.join(SOCIETY, SOCIETY.c.id == REMINDER.c.society_id)
            .join(PERSON, PERSON.c.id == REMINDER.c.person_id)
            .outerjoin(OUTBOX, OUTBOX.c.cause == cause)
        )
        .where(REMINDER.c.round_id == round)
        .order_by(REMINDER.c.id)
    )
    return [
        {
            "society": row.society,
            "contact": " ".join(filter(None, (row.name, row.channel))),
            "stage": row.stage,
            "due_at": write.moment(row.due_at),
            "state": READ_AS.get(row.fate, row.fate) if row.fate else row.state,
        }
        for row in db.execute(chosen)
    ]
