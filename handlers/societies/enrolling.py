"""A list of societies that staff send: shown as it was understood, and added once the number is typed."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from handlers.messages import Choice, Reply
from handlers.phrasebook import excerpt, pages, phrasebook
from handlers.societies.comparing import Comparison, compare, enrol
from handlers.societies.registrar import Registrar, counted
from handlers.societies.roster_file import MOST_SOCIETIES, Roster, SeveralSheets, read_roster
from handlers.societies.tabular import NoNames, Unreadable
from handlers.understanding.numerals import NUMBER, fold, number

LISTS = ("xlsx", "xls", "et", "txt")
CAPTION = re.compile(r"(?:导入|加入|更新)?(?:学会)?(?:名册|名单|花名册)?(?:导入)?")
ALSO = re.compile(r"(?:也|再|还)(?:要)?加[:： ]*(.+)|(.+?)也加")
EXAMPLES = 6


def sent(registrar: Registrar, words: str) -> list[Reply] | None:
    """A table that came without words, or with «导入名单»; None where it is no list for us."""
    tables = [file for file in registrar.files if file.kind in LISTS]
    if len(tables) != 1 or len(registrar.files) != 1 or not CAPTION.fullmatch(fold(words).strip(" 。.")):
        return None
    if not words.strip() and not _lists_names(registrar, tables[0].sha256, tables[0].name):
        return None  # without a word it may as well be what an announcement is to carry
    return _shown(registrar, tables[0].sha256, tables[0].name, None, set())


def _lists_names(registrar: Registrar, sha256: str, name: str) -> bool:
    try:
        _read(registrar, sha256, name, None)
    except NoNames:
        return False
    except (SeveralSheets, Unreadable):
        return True
    return True


def _shown(
    registrar: Registrar, sha256: str, name: str, sheet: str | None, also: set[str], more: Iterable[int] = ()
) -> list[Reply]:
    file = {"sha256": sha256, "name": name}
    try:
        found = _read(registrar, sha256, name, sheet)
    except SeveralSheets as several:
        registrar.wait_for("roster_sheet", **file, sheets=list(several.names))
        choices = tuple(Choice(f"{n} {one}"[:20], str(n)) for n, one in enumerate(several.names, 1))
        return [Reply(phrasebook().text("sheet_which", {"name": name, "sheets": several.names}), choices)]
    except Unreadable as error:
        return [phrasebook().reply("roster_refused", {"name": name, "why": phrasebook().text(error.why, error.about)})]
    compared = compare(registrar.db, found)
    also = also | compared.taken(more)
    if compared.count(also) or compared.doubtful:
        registrar.wait_for("roster", **file, sheet=sheet, also=sorted(also))
    return understood(name, found, compared, also)


def _read(registrar: Registrar, sha256: str, name: str, sheet: str | None) -> Roster:
    return read_roster(registrar.store.path(sha256).read_bytes(), name, sheet=sheet)


def understood(name: str, found: Roster, compared: Comparison, also: set[str]) -> list[Reply]:
    """What importing would do, with the doubtful ones numbered."""
    about = {
        "name": name,
        "found": found,
        "compared": compared,
        "new": [line.name for line in compared.new[:EXAMPLES]],
        "kinds": Counter(line.kind for line in found.lines if line.kind).most_common(4),
        "contacts": sum(line.contact is not None for line in found.lines),
        "also": len(also),
        "count": compared.count(also),
        "adding": len(compared.adding(also)),
    }
    doubts = [
        phrasebook().text("roster_doubt", {"number": n, "doubt": one, "taken": one.line.name in also})
        for n, one in enumerate(compared.doubtful, 1)
    ]
    texts = pages([*doubts, phrasebook().text("roster_sure", about)], phrasebook().text("roster_understood", about))
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], phrasebook().choices("roster_sure", about))]


def picked_sheet(registrar: Registrar, waiting: dict[str, Any], words: str) -> list[Reply] | None:
    """The sheet of this number."""
    picked = counted(words)
    if picked is None or not 1 <= picked <= len(waiting["sheets"]):
        return None
    return _shown(registrar, waiting["sha256"], waiting["name"], waiting["sheets"][picked - 1], set())


def confirmed(registrar: Registrar, waiting: dict[str, Any], words: str) -> list[Reply] | None:
    """The number typed, or one more of the doubtful ones taken; the list is read and compared again."""
    also = set(waiting["also"])
    if match := ALSO.fullmatch(fold(words).strip(" 。.")):
        more = numbers(match[1] or match[2])
        return _shown(registrar, waiting["sha256"], waiting["name"], waiting["sheet"], also, more)
    typed = counted(words)
    if typed is None:
        return None
    compared = compare(registrar.db, _read(registrar, waiting["sha256"], waiting["name"], waiting["sheet"]))
    if typed != compared.count(also):
        return [phrasebook().reply("not_the_number", {"number": typed, "now": compared.count(also)})]
    added = enrol(registrar.db, compared, also, registrar.now, by=registrar.actor.person_id)
    about = {"added": added, "changed": len(compared.changed), "receipt": registrar.receipt}
    left = len(compared.doubtful) - len(compared.adding(also)) + len(compared.new)
    return [phrasebook().reply("roster_enrolled", {**about, "left": left, "names": excerpt("、".join(added), 80)})]


def numbers(said: str) -> set[int]:
    """«3», «1、3», «1-4», «全部» (every number there may be)."""
    if re.fullmatch("(?:全部|所有|都)的?(?:要)?", said.strip()):
        return set(range(1, MOST_SOCIETIES + 1))
    found: set[int] = set()
    for first, last in re.findall(rf"({NUMBER})(?:\s*[-~到至]\s*({NUMBER}))?", said):
        start, end = number(first), number(last or first)
        if start is not None and end is not None and end < 10_000:
            found |= set(range(int(start), min(int(end), int(start) + MOST_SOCIETIES) + 1))
    return found


def called(registrar: Registrar) -> list[Reply]:
    """«导入名单» without a file."""
    return [phrasebook().reply("roster_send", {})]
