"""What staff wish by a command: each by its name, with whatever part of the office does it."""

from collections.abc import Callable
from typing import Any

from handlers import office, staffhelp
from handlers.criteria import ending, exchanging, seconding
from handlers.late import lateness
from handlers.looking import contents, overview, requesting, standings
from handlers.messages import Reply
from handlers.notices import attaching, foretelling, notifying, telephoning, unjoined
from handlers.papers import counter
from handlers.phrasebook import phrasebook
from handlers.review import reviewoffice
from handlers.rights import authorize
from handlers.societies import kinds, people, registering
from handlers.societies.registrar import Registrar
from handlers.standards import awarding, grading, ruling
from handlers.understanding.intents import Plain

ANNOUNCED: dict[str, Callable[[office.Office, tuple[str, ...], list[attaching.File]], list[Reply]]] = {
    "announce": lambda desk, said, files: notifying.announce(desk, said[0], said[1], files),
    "announce_at": lambda desk, said, files: notifying.announce_at(desk, said[1], said[0], said[2], files),
    "announce_then": lambda desk, said, files: notifying.announce_at(desk, said[0], said[1], said[2], files),
}
# In a round, with what the words say besides.
WISHES: dict[str, Callable[..., list[Reply]]] = {
    "papers_in": counter.ticked,
    "papers_out": counter.unticked,
    "papers_of": counter.looked,
    "unit_kind": kinds.said,
    "rule": ruling.rule,
    "qualify": ruling.look,
    "grade": grading.grade,
    "award": awarding.step,
    ending.END: ending.end,
    ending.AGAIN: ending.again,
    "motions": seconding.listed,
    "stage": office.settle_stage,
    "extend": office.extend,
    "announcements": notifying.listed,
    "withdraw": lambda desk, number: notifying.withdraw(desk, int(number)),
    "unjoined": unjoined.listed,
    "telephone": telephoning.listed,
    "contacted": telephoning.tick,
    "plan": foretelling.plan,
    "plan_of": foretelling.of_society,
    "group": foretelling.for_group,
    "ranking": standings.shown,
    "export": requesting.asked,
    "contents": contents.read,
    "consent_ask": contents.ask,
    **overview.LOOKS,
    **lateness.WISHES,
    **reviewoffice.WISHES,
    **{wish: lambda desk, number, act=act: act(desk, int(number)) for wish, act in office.NUMBERED.items()},
}


def done(
    registrar: Registrar,
    desk: office.Office | None,
    wish: str,
    about: tuple[str, ...],
    waiting: dict[str, Any] | None,
) -> list[Reply]:
    """What comes of a command; a sentence for who may not give it, and before the first round what comes first."""
    if not authorize(registrar.actor, Plain(wish)):
        return [phrasebook().reply("not_allowed_staff", {})]
    if wish in registering.COMMANDS:
        return registering.COMMANDS[wish](registrar, *about)
    if wish in PEOPLE:
        return PEOPLE[wish](registrar, about)
    if wish == "staff_help":
        return staffhelp.page(desk, *about)
    if desk is None:
        return staffhelp.first(registrar.db, registrar.actor.person_id)
    if wish in ANNOUNCED:
        return ANNOUNCED[wish](desk, about, attaching.brought(desk, waiting))
    if wish == exchanging.WISH:
        return exchanging.called(desk, registrar)
    return WISHES[wish](desk, *about)


PEOPLE: dict[str, Callable[[Registrar, tuple[str, ...]], list[Reply]]] = {
    "people": lambda registrar, about: people.listed(registrar.db, about[0]),
    "revoke": lambda registrar, about: people.doubted(registrar.db, about[0]),
    "revoke_now": lambda registrar, about: people.put_out(
        registrar.db, registrar.actor, int(about[0][:9]), registrar.now
    ),
}
