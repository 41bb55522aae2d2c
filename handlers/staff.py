"""What the association's staff may ask in chat."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from handlers import awaiting, office, staffhelp, stafflost, staffwishes
from handlers.answers import choosing
from handlers.criteria import ending, exchanging
from handlers.late import lateness
from handlers.looking import overview, templating
from handlers.messages import Incoming, Reply
from handlers.notices import attaching, notifying
from handlers.papers import counter
from handlers.phrasebook import phrasebook
from handlers.premises import Premises
from handlers.projects import list_office, plan_office, recognising
from handlers.review import before, reviewing, reviewoffice
from handlers.rights import OFFICE, Actor, authorize
from handlers.rounds import pinned
from handlers.societies import people, registering, roster
from handlers.societies.registrar import Registrar, counted, which
from handlers.standards import awarding, ruling
from handlers.understanding.intents import Plain, Tell
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import fold, number
from storage import queries, seats
from storage.relations import ROUND

OF_KIND: dict[str, Callable[[office.Office, str, dict[str, Any] | None], list[Reply] | None]] = {
    "list": list_office.hear,
    "projects": recognising.hear,
    "work_plan": plan_office.hear,
}


def hear(
    db: sa.Connection,
    actor: Actor,
    words: str,
    now: datetime,
    *,
    files: tuple[Incoming, ...] = (),
    receipt: str = "",
    premises: Premises | None = None,
    channel: str = "",
    inbound: int | None = None,
    seen: int | None = None,
) -> list[Reply]:
    """A member of staff's turn: what was asked to be confirmed, a command about somebody, or a look. `receipt` is for
    what this turn stores."""
    registrar = Registrar(db, actor, now, premises, files, receipt)
    waiting = office.pending(db, actor.person_id)
    if waiting and waiting.get("role", actor.role) != actor.role:  # what she might then she may not now
        registrar.done()
        if awaiting.numbered(words):
            return [phrasebook().reply("number_role", {"role": actor.role})]
        waiting = None
    if awaiting.unseen(waiting, words, seen):
        return [phrasebook().reply("number_unseen", {})]
    if not files and awaiting.nodded(waiting, words):
        return [phrasebook().reply("number_still", {})]
    if waiting and waiting["wish"] in registering.AWAITED:
        answer = registering.awaited(registrar, waiting, words)
        if isinstance(answer, list):
            return answer
        words = answer or words
    chosen, words = choosing.at_work(db, actor, words), choosing.said_there(words)
    row = chosen or awaiting.round_of(db, waiting, words) or queries.newest_open_round(db) or queries.newest_round(db)
    desk = office.Office(db, actor, row, now, files, receipt, channel, inbound, seen) if row else None
    try:
        heard = registering.sent(registrar, words) or _heard(registrar, words, desk)
    except roster.Unsure as unsure:
        return which(registrar, words, unsure)
    return choosing.named(db, desk.round, heard) if desk else heard


def _heard(registrar: Registrar, words: str, desk: office.Office | None) -> list[Reply]:
    db, actor, now = registrar.db, registrar.actor, registrar.now
    waiting = office.pending(db, actor.person_id)
    if desk and awaiting.elsewhere(waiting, desk.round.id, words):
        desk.done()
        return [phrasebook().reply("number_elsewhere", {"round": desk.round})]
    if desk and waiting and waiting["wish"] == "choose":
        if not registering.only_a_look(words):
            desk.done()
        if lexicon().command(words) == Plain("refuse"):
            return [phrasebook().reply("office_dropped", {})]
        words, waiting = counter.chosen(waiting, words), None
    if desk and (answered := _answered(registrar, desk, waiting, words)) is not None:
        return answered
    named = lexicon().staff_command(words)
    if desk and named and named[0] != "review_walk":
        before.leave(desk)
    if desk and (formed := templating.heard(desk, registrar, named[0] if named else "", words, waiting)):
        return formed
    if named and not (named[0] in overview.LOOKS and lexicon().command(words)):  # «看 进度» is no society
        return staffwishes.done(registrar, desk, *named, waiting)
    if registrar.files and (desk is None or authorize(actor, Plain("announce"))):
        return _files(desk, waiting) if desk else _files_first(registrar)
    return _looked(db, actor, desk, words, now)


def _answered(
    registrar: Registrar, desk: office.Office, waiting: dict[str, Any] | None, words: str
) -> list[Reply] | None:
    """What the words do in a round of another kind, or as an answer to what was asked back, or to an item that is open
    for review; None where they are a wish of their own."""
    if (own := _of_kind(registrar.db, desk, words, waiting)) is not None:
        return own
    if waiting and waiting["wish"] == exchanging.WISH and (typed := counted(words)) is not None:
        return exchanging.confirm(desk, waiting, typed, registrar.premises)
    return _confirmed(desk, waiting, words) or reviewing.hear(desk, words) or None


def _of_kind(db: sa.Connection, desk: office.Office, words: str, waiting: dict[str, Any] | None) -> list[Reply] | None:
    """What is said in a round whose document is no questionnaire; None where it is said in every round."""
    own = OF_KIND.get(pinned(db, desk.round.rubric_sha256).kind)
    return own(desk, words, waiting) if own else None


def _confirmed(desk: office.Office, waiting: dict[str, Any] | None, words: str) -> list[Reply] | None:
    """What the words do as the answer to what was asked back; None where they say something else."""
    if waiting is None:
        return None
    if done := reviewoffice.confirmed(desk, waiting, words):
        return done
    counted = number(fold(words).strip(" 。.个家"))
    whole = counted is not None and counted == int(counted) and not desk.files
    if whole and "ids" in waiting:
        return lateness.chosen(desk, waiting, int(counted or 0))
    if whole and waiting["wish"] in CONFIRMED:
        return CONFIRMED[waiting["wish"]](desk, waiting, int(counted or 0))
    if waiting["wish"] not in STAYING and not (waiting["wish"] in KEPT_OPEN and registering.no_command(words)):
        desk.done()
    refused = lexicon().command(words) == Plain("refuse")
    return [phrasebook().reply("office_dropped", {})] if refused else None


def _files(desk: office.Office, waiting: dict[str, Any] | None) -> list[Reply]:
    """Files that came without an announcement: for the one that waits for its number, or for the next."""
    if waiting and waiting["wish"] == "announce":
        return notifying.again(desk, waiting, attaching.brought(desk, None))
    return attaching.keep(desk, attaching.brought(desk, waiting))


def _files_first(registrar: Registrar) -> list[Reply]:
    """Files before there is any round: kept for the word that says what they are."""
    kept = [vars(file) for file in registrar.files[: attaching.MOST_FILES]]
    registrar.wait_for("attach", files=kept)
    return [phrasebook().reply("files_first", {"files": kept})]


def _looked(db: sa.Connection, actor: Actor, desk: office.Office | None, words: str, now: datetime) -> list[Reply]:
    meant = lexicon().command(words)
    if meant in (Tell("account"), Plain("leave")):
        channels = "、".join(people.channels(db, actor.person_id))
        return [phrasebook().reply("account_staff", {"name": actor.name, "channels": channels})]
    if meant == Plain("logout"):
        seats.end_contact(db, actor.contact_id, now)
        return [phrasebook().reply("logged_out", {"society": actor.name})]
    if meant in (Tell("progress"), Plain("staff_progress"), Tell("missing")):
        return overview.progress(desk) if desk else staffhelp.first(db, actor.person_id)
    if desk and lexicon().round_named(words):
        return [choosing.gone_to(db, desk.round, words)]
    if meant == Plain("rounds"):
        return [choosing.rounds(db)]
    if desk and meant == Tell("upload") and authorize(actor, Plain("announce")):
        return [phrasebook().reply("attach_upload", {})]
    if desk and meant == Tell("papers"):
        return counter.overview(desk)
    if desk and meant == Plain("calendar"):
        return office.calendar(desk)
    if desk and meant == Tell("eligibility"):
        return ruling.overview(desk)
    if desk and meant in (Plain("awards"), Tell("benefits")):
        return awarding.look(desk)
    if desk and meant == Plain("undo"):
        kind = pinned(db, desk.round.rubric_sha256).kind
        return notifying.take_back(desk) or [phrasebook().reply("staff_nothing_to_undo", {"kind": kind})]
    return stafflost.answer(db, actor, desk, words)


def welcome(db: sa.Connection, actor: Actor) -> list[Reply]:
    rounds = db.scalar(sa.select(sa.func.count()).select_from(ROUND).where(ROUND.c.closed_at.is_(None)))
    reviewer = actor.role not in OFFICE
    first = (
        staffhelp.first(db, actor.person_id) if not reviewer and not db.scalar(sa.select(ROUND.c.id).limit(1)) else []
    )
    about = {"name": actor.name, "rounds": rounds, "reviewer": reviewer}
    return [phrasebook().reply("welcome_staff", about), *first]


Waiting = dict[str, Any]
STAYING = ("late_list", "listing", *registering.AWAITED)  # a list stays to be pointed at, a question while she looks
# What is confirmed by a number is not dropped by words that mean nothing here.
KEPT_OPEN = ("announce", "extend", awarding.WISH, ending.END, ending.AGAIN, "final", "release", "second")
# By what is wished: what the number typed confirms.
CONFIRMED: dict[str, Callable[[office.Office, Waiting, int], list[Reply]]] = {
    "announce": notifying.confirm,
    "extend": office.confirm,
    awarding.WISH: awarding.confirm,
    ending.END: ending.confirm_end,
    ending.AGAIN: ending.confirm_again,
}
