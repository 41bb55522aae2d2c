"""What the office says about printed lists: shown record by record, counted, and handed on where one is put right."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.projects import list_edits
from handlers.projects.printed_lists import NAME, NUMBER, Book, Listing, found, listings, record, short
from handlers.rights import authorize
from handlers.rounds import pinned
from handlers.screenful import screenful
from handlers.understanding.intents import Plain, Tell
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import fold, number
from handlers.understanding.spoken import spoken
from storage.relations import CELL_EDIT, ENTRY

LOOKS = ("show", "counts", "count_said", "edits")

WHOLE = re.compile(r"\s*(?:全部|全文|详细)\s*$")
FEW = 4  # different values that are worth counting one by one


def hear(office: Office, words: str, waiting: dict[str, Any] | None) -> list[Reply] | None:
    """What is said about the lists; None where it is about something else."""
    lists = listings(office.db, office.round.id, pinned(office.db, office.round.rubric_sha256))
    at_hand = waiting.get("listing") if waiting and waiting["wish"] == "listing" else None
    book = Book(office, lists, at_hand)
    counted = number(fold(words).strip(" 第条。."))
    if at_hand and counted is not None:
        return _record(book, str(int(counted)))
    meant = lexicon().command(words)
    if meant == Plain("undo"):
        return list_edits.take_back(book) if authorize(office.actor, Plain("list_act")) else None
    if meant in (Tell("progress"), Plain("staff_progress"), Tell("missing")):
        return overview(book)
    if (lexicon().staff_command(words) or ("",))[0] == "progress_list":
        return [phrasebook().reply("staff_nothing_due", {"title": office.round.title}), *overview(book)]
    said = spoken("list_staff", words)
    if said is None:
        return None
    name, about = said
    if not authorize(office.actor, Plain("list_look" if name in LOOKS else "list_act")):
        return [phrasebook().reply("not_allowed_staff", {})]
    return COMMANDS[name](book, *about)


def show(book: Book, said: str) -> list[Reply]:
    """«名单 一流学会»: every record by its name; «名单 一流学会 全部» with its cells as they are; «名单» the titles."""
    whole = WHOLE.search(said) is not None
    listing = book.named(WHOLE.sub("", said)) if said else None
    if listing is None:
        titles = [one.table.title for one in book.lists]
        known = {"titles": titles, "said": said, "names": [short(one) for one in book.lists]}
        return [phrasebook().reply("list_which", known)]
    book.office.wait_for("listing", listing=listing.table.id)
    each = [record(listing, position) for position in listing.positions] if whole else names(listing)
    lines = [line for one in each for line in one]
    about = {"title": listing.table.title, "count": len(each), "added": listing.added}
    return screenful("list_shown", "list_shown_end", lines, {**about, "whole": whole, "name": short(listing)})


def names(listing: Listing) -> list[list[str]]:
    """A line for each record: its printed number and its name."""
    rows = [[cell.replace("\n", "") for cell in row] for row in listing.standing]
    return [[phrasebook().text("list_name", {"number": row[NUMBER], "name": row[NAME]})] for row in rows]


def overview(book: Book) -> list[Reply]:
    """«进度»: nothing is filled in here and nothing is due; what stands and what was changed."""
    office = book.office
    edits = sa.select(sa.func.count()).where(CELL_EDIT.c.round_id == office.round.id)
    looked = sa.select(sa.func.count()).where(ENTRY.c.round_id == office.round.id)
    lists: list[dict[str, Any]] = [
        {"name": short(one), "count": len(one.positions), "added": one.added, "blank": blank(one)} for one in book.lists
    ]
    about = {"title": office.round.title, "lists": lists, "edits": office.db.scalar(edits) or 0}
    return [phrasebook().reply("list_progress", {**about, "looked": office.db.scalar(looked) or 0})]


def blank(listing: Listing) -> int:
    """Records with a cell in which nothing is entered."""
    return sum(any(not cell.strip() for cell in row) for row in listing.standing)


def _record(book: Book, said: str) -> list[Reply]:
    listing = book.named("")
    position = found(listing, said) if listing else None
    if listing is None or position is None:
        return [phrasebook().reply("list_no_row", {"said": said})]
    lines = record(listing, position)
    return screenful(
        "list_one", "list_one_end", lines, {"title": listing.table.title, "said": listing.rows[position][NUMBER]}
    )


def counts(book: Book, said: str) -> list[Reply]:
    """How many cells are filled in, and with what: a blank one is not «none» (Q-HZ02, Q-HZ03)."""
    chosen = [one for one in [book.named(said)] if one] if said else list(book.lists)
    if not chosen:
        return show(book, said)
    total = sum(len(one.positions) for one in chosen)
    lines = []
    for head in dict.fromkeys(head for one in chosen for head in one.heads[2:]):
        cells = [row[one.heads.index(head)] for one in chosen if head in one.heads for row in one.standing]
        filled = [cell.replace("\n", "").strip() for cell in cells if cell.strip()]
        values = Counter(filled).most_common()
        line = {"head": head, "filled": len(filled), "values": values if len(values) <= FEW else []}
        lines.append(phrasebook().text("list_count", line))
    return screenful(
        "list_counts", "list_counts_end", lines, {"titles": [short(one) for one in chosen], "count": total}
    )


COMMANDS: dict[str, Callable[..., list[Reply]]] = {
    "show": show,
    "edit": list_edits.edit,
    "edit_said": list_edits.edit,
    "drop": list_edits.drop,
    "count_said": lambda book: counts(book, ""),
    "add": list_edits.add,
    "counts": counts,
    "edits": list_edits.edits,
}
