"""What kind of unit a society is: set by the office, it decides which papers are owed and whether the table is asked."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.office import Office
from handlers.papers import papers
from handlers.phrasebook import phrasebook
from handlers.rounds import pinned, version
from handlers.societies import roster
from rubrics.answers import Answer
from rubrics.model import Rubric
from rubrics.programme import Applicant
from rubrics.reading import catalog, read
from rubrics.scoring import standing
from rubrics.units import answers_table, differs, owed, unit
from storage import queries, relations
from storage.relations import CONVERSATION, ENTRY, PERSON, ROUND, SOCIETY, Row


class NoSuchKind(Exception):
    """The kind can't be set; `why` is the message that says so, and `about` what it speaks of."""

    def __init__(self, why: str, **about: Any) -> None:
        super().__init__(why)
        self.why = why
        self.about = about


def known(db: sa.Connection) -> tuple[Applicant, ...]:
    """The kinds of the newest round's document; before any round those of all shipped documents."""
    row = queries.newest_open_round(db) or queries.newest_round(db)
    if row is not None:
        return pinned(db, row.rubric_sha256).applicants
    shipped = (read(source, name) for name, source in catalog().items())
    return tuple(one for rubric in shipped for one in rubric.applicants)


def kind_of(db: sa.Connection, said: str) -> str | None:
    """The kind meant by its id or its title; None for the usual one. Raises NoSuchKind."""
    kinds = known(db)
    plain = said.strip().lower()
    found = next(
        (one for one in kinds if plain == one.id or said.strip() in (one.title, one.title.split("（")[0])), None
    )
    if found is None:
        raise NoSuchKind("unit_kind_unknown", said=said, kinds=kinds)
    return None if found.id == kinds[0].id else found.id


def set_kind(db: sa.Connection, society: Row, kind: str | None, now: datetime, *, by: int | None) -> str:
    """Make the society a unit of this kind; its answers stay, its totals follow. The receipt. Raises NoSuchKind where it
    has handed a table in that this kind is not asked."""
    rounds = {row.id: row for row in db.execute(sa.select(ROUND))}
    entries = db.execute(sa.select(ENTRY).where(ENTRY.c.society_id == society.id).with_for_update()).all()
    for entry in entries:
        round = rounds[entry.round_id]
        rubric = pinned(db, version(round, entry))
        if entry.submission_id is not None and (differs(rubric) or not answers_table(rubric, kind)):
            raise NoSuchKind("unit_kind_submitted", society=society.name, title=round.title)
    db.execute(sa.update(SOCIETY).where(SOCIETY.c.id == society.id).values(kind=kind))
    for entry in entries:
        _follow(db, entry, version(rounds[entry.round_id], entry), society.kind, kind)
    queries.note_act(db, now, "kind_set", person=by, society=society.id, old=society.kind, new=kind)
    return f"S-{society.id}-{_times(db, society.id)}"


def _times(db: sa.Connection, society: int) -> int:
    mine = (relations.ACT.c.society_id == society, relations.ACT.c.act == "kind_set")
    return db.scalar(sa.select(sa.func.count()).select_from(relations.ACT).where(*mine)) or 0


def _follow(db: sa.Connection, entry: Row, sha256: str, before: str | None, kind: str | None) -> None:
    """The totals and the state as this kind has them; nobody is left with a question that is not hers."""
    rubric = pinned(db, sha256)
    if answers_table(rubric, before) == answers_table(rubric, kind) and not differs(rubric):
        return
    rows = queries.answers(db, entry.id)
    answers = {row.item: Answer(row.state, row.self_score, row.evidence, row.facts, None, row.met) for row in rows}
    asked = answers_table(rubric, kind)
    totals = standing(pinned(db, sha256, kind), answers)
    state = papers.status(papers.of_entry(db, rubric, kind, entry.id))
    if asked:
        state = "submitted" if entry.submission_id else "in_progress" if answers else "not_started"
    values = {"claimed": totals.claimed, "supported": totals.supported, "suggested": totals.suggested}
    at = entry.submitted_at if state == "submitted" else None
    kept = {"complete": totals.complete, "status": state, "submitted_at": at}
    db.execute(sa.update(ENTRY).where(ENTRY.c.id == entry.id).values(**values, **kept))
    people = sa.select(PERSON.c.id).where(PERSON.c.society_id == entry.society_id)
    nothing = {"item": None, "field": None, "fact": None, "last_item": None, "pending": None}
    db.execute(sa.update(CONVERSATION).where(CONVERSATION.c.person_id.in_(people)).values(**nothing))


def said(office: Office, whom: str, words: str) -> list[Reply]:
    """«类型 浙江能源企业科协 省属企业科协»."""
    found = [row for row in roster.find(office.db, whom) if row.name == whom]
    if not found:
        return _offered(office, whom, words)
    [society] = found
    try:
        kind = kind_of(office.db, words)
        rubric = pinned(office.db, office.round.rubric_sha256)
        titles = [one.title if one else "" for one in (unit(rubric, society.kind), unit(rubric, kind))]
        if kind == society.kind:
            return [phrasebook().reply("unit_kind_same", {"society": whom, "kind": titles[1]})]
        receipt = set_kind(office.db, society, kind, office.now, by=office.actor.person_id)
    except NoSuchKind as refused:
        return [phrasebook().reply(refused.why, refused.about)]
    about = {"society": whom, "before": titles[0], "kind": titles[1], "receipt": receipt}
    return [phrasebook().reply("unit_kind_set", {**about, **_consequences(office, society, rubric, kind)})]


def _consequences(office: Office, society: Row, rubric: Rubric, kind: str | None) -> dict[str, Any]:
    mine = sa.select(ENTRY.c.id).where(ENTRY.c.round_id == office.round.id, ENTRY.c.society_id == society.id)
    entry = office.db.scalar(mine)
    asks = answers_table(rubric, kind)
    answers = 0 if asks or entry is None else len(queries.answers(office.db, entry))
    return {"asks": asks, "papers": [paper.title for paper in owed(rubric, kind)], "answers": answers}


def _offered(office: Office, whom: str, words: str) -> list[Reply]:
    names = [row.name for row in roster.find(office.db, whom)[:8]]
    ways = [f"类型 {name} {words}" for name in names]
    if ways:
        office.wait_for("choose", ways=ways)
    return [phrasebook().reply("papers_whose", {"said": whom, "names": names, "exact": len(names) > 1, "ways": ways})]
