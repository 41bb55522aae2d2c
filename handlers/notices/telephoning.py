"""The telephone list of the office: who can't be reached, why, what to say, and the tick when somebody has called."""

from handlers.messages import Choice, Reply
from handlers.notices.unreached import Silent, unreached
from handlers.office import Office
from handlers.phrasebook import pages, phrasebook
from handlers.societies import roster
from storage import queries

ON_A_PAGE = 3  # societies


def listed(office: Office, page: str = "1") -> list[Reply]:
    """«联系不上», «联系不上 2»: the societies to telephone, some at a time."""
    found = unreached(office.db, office.round, office.now)
    last = max(-(-len(found) // ON_A_PAGE), 1)
    number = min(max(int(page), 1), last)
    first = (number - 1) * ON_A_PAGE
    shown = found[first : first + ON_A_PAGE]
    about = {"count": len(found), "page": number, "pages": last, "round": office.round}
    lines = [_society(office, first + place, one) for place, one in enumerate(shown, 1)]
    texts = pages(lines, phrasebook().text("unreached", about))
    ticks = [_tick(first + place, one) for place, one in enumerate(shown, 1)]
    ways = (*ticks, *phrasebook().choices("unreached", about))
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], ways)]


def _society(office: Office, number: int, one: Silent) -> str:
    about = {"number": number, "society": one, "title": office.round.title, "zone": office.round.timezone}
    return phrasebook().text("unreached_society", about)


def _tick(number: int, one: Silent) -> Choice:
    [choice] = phrasebook().choices("unreached_society", {"number": number, "society": one})
    return choice


def tick(office: Office, said: str, note: str = "") -> list[Reply]:
    """«已联系 医学会»: it leaves the list until a later message can't reach it."""
    society = roster.one(office.db, said)
    open_ones = unreached(office.db, office.round, office.now)
    if all(one.id != society.id for one in open_ones):
        return [phrasebook().reply("contacted_needless", {"society": society.name})]
    by, round = office.actor.person_id, office.round.id
    details = {"note": note, "receipt": office.receipt}
    queries.note_act(office.db, office.now, "contacted", person=by, round=round, society=society.id, **details)
    about = {"society": society.name, "note": note, "left": len(open_ones) - 1, "receipt": office.receipt}
    return [phrasebook().reply("contacted", about)]
