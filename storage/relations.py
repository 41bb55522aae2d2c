"""The tables as Core sees them, by the names that statements are written with."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import SQLModel

from storage import (
    applications,
    consents,
    decisions,
    entries,
    notices,
    post,
    proposals,
    reviews,
    rubric_drafts,
    standards,
    tables,
)

Row = sa.Row[*tuple[Any, ...]]


def table(model: type[SQLModel]) -> sa.Table:
    """The Core table of a model."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


ACCOUNT = table(post.Account)
ACT = table(tables.Act)
ALLOWANCE = table(post.Allowance)
ANNOUNCEMENT = table(notices.Announcement)
ANSWER = table(entries.Answer)
ANSWER_EVENT = table(entries.AnswerEvent)
APPLICATION = table(applications.Application)
APPLICATION_EVENT = table(applications.ApplicationEvent)
ARRIVAL = table(post.Arrival)
AWARDING = table(standards.Awarding)
CATEGORY_SCORE = table(standards.CategoryScore)
CELL_EDIT = table(applications.CellEdit)
CONSENT = table(consents.Consent)
CONSENT_REQUEST = table(consents.ConsentRequest)
CONTACT = table(tables.Contact)
CONVERSATION = table(tables.Conversation)
DRAWING = table(post.Drawing)
ENTRY = table(entries.Entry)
EVIDENCE = table(entries.Evidence)
HANDOUT = table(post.Handout)
INBOUND = table(post.Inbound)
INVITATION = table(tables.Invitation)
KEY_NOTE = table(applications.KeyNote)
LATE_DECISION = table(decisions.LateDecision)
MOTION = table(reviews.Motion)
OBJECTION = table(reviews.Objection)
OUTBOX = table(post.Outbox)
PAPER = table(notices.Paper)
PERSON = table(tables.Person)
PROPOSAL = table(proposals.Proposal)
PROPOSAL_SHOWN = table(proposals.ProposalShown)
RECHECK = table(reviews.Recheck)
RECUSAL = table(reviews.Recusal)
REMINDER = table(notices.Reminder)
REVIEW = table(reviews.Review)
REVIEW_EVENT = table(reviews.ReviewEvent)
ROUND = table(tables.Round)
RUBRIC_CORRECTION = table(rubric_drafts.RubricCorrection)
RUBRIC_DRAFT = table(rubric_drafts.RubricDraft)
RUBRIC_TEXT = table(tables.RubricText)
RULING = table(standards.Ruling)
SENT_BACK = table(reviews.SentBack)
SOCIETY = table(tables.Society)
SUBMISSION = table(entries.Submission)
TARGET = table(notices.Target)
VERDICT = table(reviews.Verdict)
WRONG_CODE = table(tables.WrongCode)

INSERT: dict[str, Any] = {"sqlite": sqlite_insert, "postgresql": pg_insert}
