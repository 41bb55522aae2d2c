"""Somebody unknown at the door: only a code opens it; and the first words to somebody who has just come in."""

from dataclasses import replace

from handlers import secretary, staff, wording
from handlers.answers import choosing, lasthours, telling
from handlers.desk import take_seat
from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from handlers.receipts import receipt
from handlers.rights import Actor
from handlers.societies import handing_over, joining
from handlers.turn import Taken, Turn, settle
from storage import queries


def received(turn: Turn) -> Taken:
    """What somebody unknown says, answered; with a code she is known from here on."""
    message = turn.message
    source = message.source or f"{message.channel}:{message.address}"
    at = joining.Address(message.channel, message.address, source, message.account)
    code = joining.plain_code(turn.words)
    if code is None:
        return replace(settle(turn, None, [phrasebook().reply("ask_code", {})]), refused="ask_code")
    turn = replace(turn, said=phrasebook().text("code", {}))
    try:
        actor = joining.redeem(turn.db, code, at, turn.now, name=message.name)
    except joining.Refused as refused:
        if refused.why == "wrong_code":
            queries.note_wrong_code(turn.db, source, turn.now)
        minutes = int(joining.WITHIN.total_seconds() // 60)
        return replace(settle(turn, None, [phrasebook().reply(refused.why, {"minutes": minutes})]), refused=refused.why)
    handing_over.complete(turn.db, actor, turn.now)
    return settle(turn, actor, _welcome(turn, actor))


def _welcome(turn: Turn, actor: Actor) -> list[Reply]:
    """The first words to somebody who has just come in."""
    if actor.role != "secretary":
        return staff.welcome(turn.db, actor)
    try:
        desk = take_seat(turn.db, actor, turn.message, turn.inbound, receipt(turn.inbound), turn.now)
    except choosing.Which as which:
        return [choosing.ask(turn.db, actor, which, (), turn.now)]
    if desk is None:
        return [phrasebook().reply("no_round", {"name": actor.name})]
    if opening := secretary.OPENINGS.get(desk.season.rubric.kind):
        return opening(desk)
    if not desk.season.rubric.items:
        return [phrasebook().reply("welcome_papers", telling.common(desk))]
    name = "welcome_closed" if desk.season.late else "welcome"
    welcome = wording.reply(name, desk.season.rubric, telling.common(desk))
    return lasthours.offered(desk, [welcome])
