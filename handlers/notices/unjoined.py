"""The societies of an announcement that nobody has joined for: counted in its report, and named page by page."""

from handlers.messages import Reply
from handlers.notices import announcing
from handlers.office import Office
from handlers.phrasebook import phrasebook

ON_A_PAGE = 12


def listed(office: Office, number: str, page: str = "") -> list[Reply]:
    """«没加入 3», «没加入 3 第2页»: all of them."""
    if announcing.announcement(office.db, int(number)) is None:
        return [phrasebook().reply("no_announcement", {"number": int(number)})]
    found = announcing.nobody_joined(announcing.targets(office.db, int(number)))
    last = max(-(-len(found) // ON_A_PAGE), 1)
    at = min(max(int(page or 1), 1), last)
    shown = list(enumerate(found, 1))[(at - 1) * ON_A_PAGE : at * ON_A_PAGE]
    about = {"number": int(number), "count": len(found), "shown": shown, "page": at, "last": last}
    return [phrasebook().reply("unjoined", about)]
