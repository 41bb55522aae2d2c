"""A new round, opened in the chat: a table out of a list, a deadline to the minute, all shown, the number typed."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from handlers import stages
from handlers.criteria import rubric_drafts
from handlers.messages import Choice, Reply
from handlers.notices.alarming import officers
from handlers.notices.calling import Call, call
from handlers.office import USUAL_CLOSING
from handlers.phrasebook import phrasebook
from handlers.rounds import VOLUNTARY, evaluated_year, open_round, titled
from handlers.societies.registrar import Registrar, counted
from handlers.understanding import moments
from handlers.understanding.intents import Plain
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import fold
from rubrics.importing.findings import Refused
from rubrics.model import Rubric
from rubrics.programme import Stage
from rubrics.reading import catalog, read
from storage import queries
from storage.relations import CONVERSATION, ROUND, SOCIETY

WISH = "round_new"
MOST_OWN = 4  # tables of the office's own on the list
UNTIMED = ("list", "work_plan")  # nobody hands anything in, so nothing is late
CHOOSABLE = ("standard",)  # an office may expect everybody to answer it
LONGEST_TITLE = 60
EXPECTED = re.compile(r"(?:所有|全部)?(?:学会)?都要?填|都要填报|不自愿")
FREE = re.compile(r"自愿(?:参加)?")
TITLE = re.compile(r"(?:改?标题|名称)(?:改?[为成]|是)?[:： ]*(.+)")
BY_CALENDAR = re.compile(r"按(?:文件|原文|日程|文件日程)(?:的日程)?")


@dataclass(frozen=True)
class Table:
    """A rubric that a round may be opened on: of the office's own (draft), or shipped."""

    key: str
    name: str
    text: str
    rubric: Rubric
    draft: int | None = None


def tables(registrar: Registrar) -> list[Table]:
    """The office's own that are ready, the newest first, then the shipped ones."""
    found: list[Table] = []
    for row in rubric_drafts.newest(registrar.db, MOST_OWN):
        try:
            own = rubric_drafts.own(registrar.db, registrar.store, row)
        except Refused:
            continue
        if own.ready and own.rubric is not None:
            found.append(Table(f"draft:{row.id}", row.name, own.text, own.rubric, row.id))
    return [*found, *shipped()]


@cache
def shipped() -> tuple[Table, ...]:
    """The tables of the catalog."""
    return tuple(Table(id, f"{id}.yaml", text, read(text, f"{id}.yaml")) for id, text in catalog().items())


def start(registrar: Registrar) -> list[Reply]:
    """«开新一轮»: the tables to choose from; one that is not finished is named, and can't be chosen yet."""
    row = rubric_drafts.current(registrar.db, registrar.actor.person_id)
    found = tables(registrar)
    unfinished = row.name if row and f"draft:{row.id}" not in {one.key for one in found} else None
    registrar.wait_for(WISH, step="table", tables=[one.key for one in found])
    text = phrasebook().text(
        "round_new_table", {"tables": [(one, _called(one)) for one in found], "unfinished": unfinished}
    )
    return [Reply(text, tuple(Choice(f"{n} {_called(one)}"[:20], str(n)) for n, one in enumerate(found, 1)))]


def _called(table: Table) -> str:
    """Its title; what has none by its region, its kind and its year."""
    rubric = table.rubric
    return rubric.title or (titled(rubric, rubric.year) if rubric.year else rubric.id)


def answer(registrar: Registrar, waiting: dict[str, Any], words: str) -> list[Reply] | None:
    """The next thing she says of the round that is being made; None for another command."""
    if registrar.files or lexicon().command(words) == Plain("refuse"):
        return None
    if waiting["step"] == "table":
        return _chosen(registrar, waiting, words)
    table = next((one for one in tables(registrar) if one.key == waiting["table"]), None)
    if table is None:
        return [phrasebook().reply("round_new_gone", {})]
    if (typed := counted(words)) is not None and waiting["step"] == "sure":
        return _opened(registrar, waiting, table, typed)
    if match := TITLE.fullmatch(fold(words).strip()):
        title = words.strip()[match.start(1) : match.end(1)].strip()
        return _shown(registrar, {**waiting, "title": title[:LONGEST_TITLE]}, table)
    if table.rubric.stages and BY_CALENDAR.fullmatch(fold(words).strip()):
        return _shown(registrar, {**waiting, "closes": None, "step": "sure"}, table)
    if waiting["step"] == "sure" and table.rubric.kind in CHOOSABLE and (who := _who(words)) is not None:
        return _shown(registrar, {**waiting, "voluntary": who}, table)
    if table.rubric.kind in UNTIMED:
        said = moments.moment(words, registrar.now, registrar.premises.zone, usual=USUAL_CLOSING)
        return _shown(registrar, waiting, table) if said else None  # there is nothing to be handed in by then
    return _timed(registrar, waiting, table, words)


def _who(words: str) -> bool | None:
    """Whether societies join by choice, where she says so."""
    said = fold(words).strip(" 。.")
    return True if FREE.fullmatch(said) else False if EXPECTED.fullmatch(said) else None


def _chosen(registrar: Registrar, waiting: dict[str, Any], words: str) -> list[Reply] | None:
    """The number of a table."""
    picked = counted(words)
    if picked is None:
        return None
    if not 1 <= picked <= len(waiting["tables"]):
        registrar.wait_for(**waiting)
        return [phrasebook().reply("not_on_the_list", {"number": picked, "count": len(waiting["tables"])})]
    key = waiting["tables"][picked - 1]
    table = next((one for one in tables(registrar) if one.key == key), None)
    if table is None:
        return [phrasebook().reply("round_new_gone", {})]
    made = {"wish": WISH, "step": "sure", "table": key, "title": None, "closes": None}
    made["voluntary"] = table.rubric.kind in VOLUNTARY
    return _shown(registrar, made, table) if table.rubric.kind in UNTIMED else _ask_when(registrar, made, table)


def _ask_when(registrar: Registrar, made: dict[str, Any], table: Table, name: str = "round_new_when") -> list[Reply]:
    registrar.wait_for(**{**made, "step": "closes"})
    about = {"table": table, "called": _called(table), "example": registrar.now + timedelta(days=30)}
    return [phrasebook().reply(name, {**about, "zone": registrar.premises.zone})]


def _timed(registrar: Registrar, made: dict[str, Any], table: Table, words: str) -> list[Reply] | None:
    """The deadline, which needs its hour; what is no moment is another command or not understood."""
    zone = registrar.premises.zone
    closes = moments.moment(words, registrar.now, zone, usual=USUAL_CLOSING)
    if closes is None or lexicon().staff_command(words):
        heard = lexicon().staff_command(words) or lexicon().command(words)
        return None if heard else _ask_when(registrar, made, table, "round_new_when_again")
    if closes <= registrar.now:
        registrar.wait_for(**made)
        return [phrasebook().reply("round_new_past", {"closes": closes, "zone": zone})]
    if not moments.timed(words):
        registrar.wait_for(**made)
        return [phrasebook().reply("round_new_hour", {"closes": closes, "midnight": _midnight(closes), "zone": zone})]
    return _shown(registrar, {**made, "closes": closes.isoformat(), "step": "sure"}, table)


def _midnight(day: datetime) -> datetime:
    """The first instant after that day."""
    return day.replace(hour=0, minute=0) + timedelta(days=1)


def _title(made: dict[str, Any], table: Table, now: datetime, zone: str) -> str:
    rubric = table.rubric
    closes = datetime.fromisoformat(made["closes"]) if made["closes"] else None
    closes = closes or stages.about(stages.coming(rubric, now, zone), rubric) or now
    return made["title"] or titled(rubric, evaluated_year(rubric, closes))


def _shown(registrar: Registrar, made: dict[str, Any], table: Table, *, again: bool = False) -> list[Reply]:
    """All of it, to be confirmed by the number of societies."""
    registrar.wait_for(**{**made, "newest": _newest(registrar.db)})
    zone = registrar.premises.zone
    calendar = stages.coming(table.rubric, registrar.now, zone)
    about = {
        "table": table,
        "called": _called(table),
        "title": _title(made, table, registrar.now, registrar.premises.zone),
        "closes": datetime.fromisoformat(made["closes"]) if made["closes"] else None,
        "zone": zone,
        "count": _societies(registrar.db),
        "calendar": _calendar(registrar, made, table),
        "certain": stages.deadline(calendar, table.rubric) is not None,
        "besides": queries.newest_open_round(registrar.db),
        "again": again,
        "timed": table.rubric.kind not in UNTIMED,
        "voluntary": made.get("voluntary") if table.rubric.kind in CHOOSABLE else None,
    }
    return [phrasebook().reply("round_new_sure", about)]


def _calendar(registrar: Registrar, made: dict[str, Any], table: Table) -> list[Stage]:
    """The document's dates, but for the one that she has said."""
    calendar = stages.coming(table.rubric, registrar.now, registrar.premises.zone)
    said = stages.driving(calendar, table.rubric) if calendar and made["closes"] else None
    return [one for one in calendar if one.id != said]


def _newest(db: sa.Connection) -> int:
    """The round that was opened last; whoever opens one besides waits for her who is at it."""
    db.execute(sa.select(ROUND.c.id).order_by(ROUND.c.id.desc()).limit(1).with_for_update())
    return db.scalar(sa.select(sa.func.max(ROUND.c.id))) or 0


def _societies(db: sa.Connection) -> int:
    return db.scalar(sa.select(sa.func.count()).select_from(SOCIETY)) or 0


def _opened(registrar: Registrar, made: dict[str, Any], table: Table, typed: int) -> list[Reply]:
    """The number typed: the round is open."""
    count = _societies(registrar.db)
    closes = datetime.fromisoformat(made["closes"]) if made["closes"] else None
    if typed != count:
        registrar.wait_for(**made)
        return [phrasebook().reply("round_new_number", {"number": typed, "now": count})]
    if _newest(registrar.db) != made.get("newest", 0):  # a colleague was faster
        return _shown(registrar, made, table, again=True)
    if closes is not None and closes <= registrar.now:
        return _ask_when(registrar, made, table, "round_new_when_again")
    about: dict[str, Any] = {
        "title": _title(made, table, registrar.now, registrar.premises.zone),
        "closes_at": closes,
        "zone": registrar.premises.zone,
        "voluntary": made.get("voluntary"),
    }
    by = registrar.actor.person_id
    id = open_round(registrar.db, table.text, table.name, **about, now=registrar.now, by=by)
    told_of_doubts(registrar.db, id, registrar.now)
    if table.draft is not None:
        rubric_drafts.used(registrar.db, table.draft, id)
    hers = sa.update(CONVERSATION).where(CONVERSATION.c.person_id == by)
    registrar.db.execute(hers.values(round_id=id))  # what she says next is said there
    row = queries.round_of(registrar.db, id)
    chosen = table.rubric.kind in CHOOSABLE
    said = {"round": row, "count": count, "chosen": chosen, "receipt": registrar.receipt}
    return [phrasebook().reply("round_new_opened", said)]


def told_of_doubts(db: sa.Connection, id: int, now: datetime) -> None:
    """The office is told of dates that contradict each other: they drive nothing until somebody confirms them."""
    row = queries.round_of(db, id)
    doubtful = [one.title for one in stages.stored(row.stages) if one.status == "contradictory"]
    if doubtful:
        reply = phrasebook().reply("round_doubtful", {"round": row, "stages": doubtful})
        for person in officers(db):
            call(db, person, Call(f"doubtful:{id}:{person}", "notice"), reply, now)
