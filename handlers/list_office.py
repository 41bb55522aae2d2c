"""What the office says about printed lists: shown record by record, counted, and handed on where one is put right."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from handlers import list_edits
from handlers.intents import Plain
from handlers.messages import Reply
from handlers.numerals import fold, number
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.printed_lists import NUMBER, Book, found, listings, record, short
from handlers.rights import authorize
from handlers.rounds import pinned
from handlers.screenful import screenful
from handlers.spoken import spoken

LOOKS = ("show", "counts", "edits")

FEW = 4  # different values that are worth counting one by one


def hear(office: Office, words: str, waiting: dict[str, Any] | None) -> list[Reply] | None:
    """What is said about the lists; None where it is about something else."""
    lists = listings(office.db, office.round.id, pinned(office.db, office.round.rubric_sha256))
    at_hand = waiting.get("listing") if waiting and waiting["wish"] == "listing" else None
    book = Book(office, lists, at_hand)
    counted = number(fold(words).strip(" 第条。."))
    if at_hand and counted is not None:
        return _record(book, str(int(counted)))
    said = spoken("list_staff", words)
    if said is None:
        return None
    name, about = said
    if not authorize(office.actor, Plain("list_look" if name in LOOKS else "list_act")):
        return [phrasebook().reply("not_allowed_staff", {})]
    return COMMANDS[name](book, *about)


def show(book: Book, said: str) -> list[Reply]:
    """«名单 一流学会»: every record with its cells as they are; «名单» the titles."""
    listing = book.named(said) if said else None
    if listing is None:
        about = {
            "titles": [one.table.title for one in book.lists],
            "said": said,
            "names": [short(one) for one in book.lists],
        }
        return [phrasebook().reply("list_which", about)]
    book.office.wait_for("listing", listing=listing.table.id)
    lines = [line for position in range(len(listing.rows)) for line in record(listing, position)]
    return screenful(
        "list_shown",
        "list_shown_end",
        lines,
        {"title": listing.table.title, "count": len(listing.rows), "added": listing.added},
    )


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
    total = sum(len(one.rows) for one in chosen)
    lines = []
    for head in dict.fromkeys(head for one in chosen for head in one.heads[2:]):
        cells = [row[one.heads.index(head)] for one in chosen if head in one.heads for row in one.rows]
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
    "add": list_edits.add,
    "counts": counts,
    "edits": list_edits.edits,
}
