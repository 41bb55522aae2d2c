"""The roster in the chat: looked at page by page, added to, and put right."""

from handlers.cleaning import clean
from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from handlers.societies import likeness, roster
from handlers.societies.registrar import Registrar
from handlers.societies.roster_file import LONGEST_NAME

ON_A_PAGE = 10


def listed(registrar: Registrar, which: str, page: str) -> list[Reply]:
    """«学会名单», «学会名单 2», «学会名单 没绑定的»: who is on the roster, and who has somebody in."""
    rows, bound = roster.societies(registrar.db), roster.bound(registrar.db)
    shown = [row for row in rows if row.id not in bound] if which else rows
    last = max(-(-len(shown) // ON_A_PAGE), 1)
    at = min(max(int(page or 1), 1), last)
    lines = [
        {"number": number, "name": row.name, "people": bound.get(row.id, 0)}
        for number, row in enumerate(shown, 1)
        if (number - 1) // ON_A_PAGE == at - 1
    ]
    counts = {"all": len(rows), "bound": len(bound), "shown": len(shown)}
    return [phrasebook().reply("roster_list", {**counts, "lines": lines, "page": at, "last": last, "which": which})]


def added(registrar: Registrar, said: str, *, sure: bool = False) -> list[Reply]:
    """«加学会 名称»; a name that may be a slip for one that is there wants «确认加学会»."""
    name = likeness.tidy(clean(said))
    if not 2 <= len(name) <= LONGEST_NAME:
        return [phrasebook().reply("society_bad_name", {"limit": LONGEST_NAME})]
    names = [row.name for row in roster.societies(registrar.db)]
    near = likeness.Neighbours(names, likeness.places([*names, name])).of(name)
    if near and name not in names and not sure:
        return [phrasebook().reply("society_near", {"name": name, "near": near})]
    new = roster.add_society(registrar.db, name, registrar.now)
    return [phrasebook().reply("society_now_there", {"name": name, "new": new, "receipt": registrar.receipt})]


def added_surely(registrar: Registrar, said: str) -> list[Reply]:
    """«确认加学会 名称»."""
    return added(registrar, said, sure=True)


def renamed(registrar: Registrar, old: str, new: str) -> list[Reply]:
    """«改名 旧名 -> 新名». Raises roster.Unsure."""
    row, name = roster.one(registrar.db, old), likeness.tidy(clean(new))
    about = {"old": row.name, "new": name, "receipt": registrar.receipt}
    try:
        roster.rename(registrar.db, row, name, registrar.now, by=registrar.actor.person_id)
    except roster.Taken:
        return [phrasebook().reply("society_not_renamed", about)]
    return [phrasebook().reply("society_renamed", about)]
