"""What staff say before a round begins, of the roster and of tables, and which part of the house answers it."""

from collections.abc import Callable
from typing import Any

from handlers.criteria import opening, rubric_edits, rubric_received, rubric_shown
from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from handlers.rights import authorize
from handlers.societies import enrolling, handing_over, inviting, listing
from handlers.societies.registrar import CHOOSING, Registrar, chosen
from handlers.understanding.intents import Plain, Tell
from handlers.understanding.lexicon import lexicon

COMMANDS: dict[str, Callable[..., list[Reply]]] = {
    "roster_send": enrolling.called,
    "roster_list": listing.listed,
    "society_add": listing.added,
    "society_add_now": listing.added_surely,
    "society_rename": listing.renamed,
    "invite_many": inviting.many,
    "invite": inviting.one,
    "hand_over": handing_over.hand_over,
    "table_send": rubric_received.called,
    **rubric_edits.COMMANDS,
    "round_new": opening.start,
}
# What the message behind may answer: with replies, with other words to be heard, or (None) it says something else.
AWAITED: dict[str, Callable[[Registrar, dict[str, Any], str], list[Reply] | str | None]] = {
    CHOOSING: chosen,
    "roster": enrolling.confirmed,
    "roster_sheet": enrolling.picked_sheet,
    "cards": inviting.cards_made,
    rubric_shown.ASKED: rubric_received.answer,
    rubric_shown.READY: rubric_received.ready,
    opening.WISH: opening.answer,
}


def awaited(registrar: Registrar, waiting: dict[str, Any], words: str) -> list[Reply] | str | None:
    """What she answers to what was asked about the roster; nothing waits any more unless it is asked again, she only
    looked something up, or what she said was no wish at all."""
    registrar.done()
    heard = AWAITED[waiting["wish"]](registrar, waiting, words)
    if heard is None and not registrar.files and (only_a_look(words) or no_command(words)):
        registrar.wait_for(**waiting)
    if heard is None and lexicon().command(words) == Plain("refuse"):
        return [phrasebook().reply("office_dropped", {})]
    return heard


def only_a_look(words: str) -> bool:
    """Whether she looks something up in between («帮助 轮次», «进度»), and what was asked stays open."""
    named = lexicon().staff_command(words)
    return named[0] == "staff_help" if named else isinstance(lexicon().command(words), Tell)


def no_command(words: str) -> bool:
    """Whether the words wish for nothing that is known: what was asked stays open for an answer that is understood."""
    return lexicon().staff_command(words) is None and lexicon().command(words) in (None, Plain("begin"))


def sent(registrar: Registrar, words: str) -> list[Reply] | None:
    """A file that may be a list of societies or a table of criteria, or the word on one that came before; None where it
    is not for us."""
    if not authorize(registrar.actor, Plain("roster_send")):
        return None
    if not registrar.files:
        return rubric_received.meant(registrar, words)
    ways = (rubric_received.sent, enrolling.sent, rubric_received.looks_like_one)
    return next((found for way in ways if (found := way(registrar, words))), None)
