"""A printed list in the round's own copy: shown cell by cell, edited in chat with old and new on record, and counted."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from handlers import telling
from handlers.desk import Desk
from handlers.intents import Plain, Tell
from handlers.lexicon import lexicon
from handlers.messages import Reply
from handlers.numerals import fold, number
from handlers.office import Office
from handlers.paperwork import GRANTED
from handlers.phrasebook import phrasebook
from handlers.rights import authorize
from handlers.rounds import pinned
from handlers.screenful import screenful
from handlers.spoken import spoken
from handlers.wishes import WISHES, Granted
from rubrics.model import Rubric
from rubrics.programme import Table
from storage import queries
from storage.queries import CELL_EDIT, PERSON, ROUND, Row

NUMBER, NAME = 0, 1  # the columns by which a row is known: 序号 is a print number and no rank (Q-HZ01)
LOOKS = ("show", "counts", "edits")
CLEARED = ("清空", "空", "删除")
SHORT = 12  # letters: cells that share a line
FEW = 4  # different values that are worth counting one by one


@dataclass(frozen=True)
class Listing:
    """One table as it stands now: the printed rows in their order, then the added ones."""

    table: Table
    rows: tuple[tuple[str, ...], ...]
    added: int = 0

    @property
    def heads(self) -> tuple[str, ...]:
        return tuple(one.replace("\n", "") for one in self.table.columns)


def listings(db: sa.Connection, round: int, rubric: Rubric) -> list[Listing]:
    """The round's own copy: what was printed, and every edit since."""
    edits = list(db.execute(sa.select(CELL_EDIT).where(CELL_EDIT.c.round_id == round).order_by(CELL_EDIT.c.id)))
    return [_folded(table, [one for one in edits if one.listing == table.id]) for table in rubric.tables]


def _folded(table: Table, edits: Sequence[Row]) -> Listing:
    rows = [list(row) for row in table.rows]
    for edit in edits:
        while len(rows) <= edit.row:
            rows.append([""] * len(table.columns))
        rows[edit.row][edit.column] = edit.new
    return Listing(table, tuple(map(tuple, rows)), len(rows) - len(table.rows))


@dataclass(frozen=True)
class Book:
    """The lists of a round, before a member of the office."""

    office: Office
    lists: Sequence[Listing]
    at_hand: str | None  # the list that was looked at last

    def named(self, said: str) -> Listing | None:
        """By its title or a part of it; without a word the one at hand."""
        bare = fold(said).strip()
        return next(
            (one for one in self.lists if (bare in fold(one.table.title) if bare else one.table.id == self.at_hand)),
            None,
        )


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
            "titles": [_plain(one) for one in book.lists],
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
        {"title": _plain(listing), "count": len(listing.rows), "added": listing.added},
    )


def _plain(listing: Listing) -> str:
    return listing.table.title


def short(listing: Listing) -> str:
    """What is enough to name a list by: what stands between its number and its bracket."""
    return listing.table.title.split("、")[-1].split("（")[0].removeprefix("2020年度")


def record(listing: Listing, position: int) -> list[str]:
    """A record: its number and name, its short cells together, each long one on a line of its own; a blank cell says
    nothing (Q-HZ03). Line breaks within a cell are the paper's."""
    row = [cell.replace("\n", "") for cell in listing.rows[position]]
    cells = [(head, cell) for head, cell in zip(listing.heads[2:], row[2:], strict=True) if cell]
    brief = [(head, cell) for head, cell in cells if len(cell.strip()) <= SHORT]
    long = [(head, cell) for head, cell in cells if len(cell.strip()) > SHORT]
    about = {"number": row[NUMBER], "name": row[NAME], "brief": brief}
    lines = [phrasebook().text("list_record", about)]
    return lines + [phrasebook().text("list_cell", {"head": head, "cell": cell}) for head, cell in long]


def _found(listing: Listing, said: str) -> int | None:
    """The row by its printed number or its full name: names are never evened out (Q-HZ09)."""
    plain = fold(said).strip(" 第条")
    return next(
        (at for at, row in enumerate(listing.rows) if row[NAME].strip() == said.strip() or row[NUMBER] == plain), None
    )


def _record(book: Book, said: str) -> list[Reply]:
    listing = book.named("")
    position = _found(listing, said) if listing else None
    if listing is None or position is None:
        return [phrasebook().reply("list_no_row", {"said": said})]
    lines = record(listing, position)
    return screenful(
        "list_one", "list_one_end", lines, {"title": _plain(listing), "said": listing.rows[position][NUMBER]}
    )


def edit(book: Book, whom: str, head: str, value: str) -> list[Reply]:
    """«改 3 是否5A 2021年申报5A»: one cell, old → new; «清空» empties it."""
    _lock(book)
    hits = [(one, at) for one in book.lists if (at := _found(one, whom)) is not None]
    chosen = next((hit for hit in hits if hit[0].table.id == book.at_hand), hits[0] if len(hits) == 1 else None)
    if chosen is None:
        names = [short(one) for one, _ in hits]
        return [phrasebook().reply("list_which_row" if hits else "list_no_row", {"said": whom, "names": names})]
    listing, row = chosen
    column = _column(listing, head)
    if column is None:
        return [phrasebook().reply("list_no_column", {"said": head, "heads": listing.heads[1:]})]
    if not value:
        return [phrasebook().reply("list_no_value", {"whom": whom, "head": listing.heads[column]})]
    old, new = listing.rows[row][column], "" if value in CLEARED else value
    about = {"title": short(listing), "number": listing.rows[row][NUMBER], "name": listing.rows[row][NAME]}
    about |= {"head": listing.heads[column], "old": old, "new": new, "receipt": book.office.receipt}
    if old == new:
        return [phrasebook().reply("list_same", about)]
    _store(book, listing, row, column, old, new)
    return [phrasebook().reply("list_edited", about)]


def _column(listing: Listing, said: str) -> int | None:
    heads = [fold(one) for one in listing.heads]
    plain = fold(said).strip()
    exact = [at for at, head in enumerate(heads) if head == plain]
    found = exact or [at for at, head in enumerate(heads) if plain in head]
    return found[0] if len(found) == 1 and found[0] != NUMBER else None


def _lock(book: Book) -> None:
    book.office.db.execute(sa.select(ROUND.c.id).where(ROUND.c.id == book.office.round.id).with_for_update())


def _store(book: Book, listing: Listing, row: int, column: int, old: str | None, new: str) -> None:
    here = {"round_id": book.office.round.id, "listing": listing.table.id, "row": row, "column": column}
    before = sa.select(sa.func.count()).where(*(CELL_EDIT.c[name] == value for name, value in here.items()))
    version = int(book.office.db.scalar(before) or 0) + 1
    by = {"at": book.office.now, "person_id": book.office.actor.person_id, "receipt": book.office.receipt}
    book.office.db.execute(sa.insert(CELL_EDIT).values(**here, **by, version=version, old=old, new=new))
    act: dict[str, Any] = {"listing": listing.table.id, "row": row, "column": column, "old": old, "new": new}
    at: dict[str, Any] = {"person": book.office.actor.person_id, "round": book.office.round.id}
    act["receipt"] = book.office.receipt
    queries.note_act(book.office.db, book.office.now, "cell_edited", **at, **act)


def add(book: Book, which: str, name: str) -> list[Reply]:
    """«加 特色 杭州市示例学会»: a row behind the printed ones; a name that is there is not added twice."""
    _lock(book)
    listing = book.named(which)
    names = [short(one) for one in book.lists]
    if listing is None:
        return [phrasebook().reply("list_add_where", {"name": name, "names": names})]
    known = _found(listing, name)
    about = {"title": short(listing), "name": name, "receipt": book.office.receipt}
    if known is not None:
        return [phrasebook().reply("list_there", {**about, "number": listing.rows[known][NUMBER]})]
    row, printed = len(listing.rows), str(len(listing.rows) + 1)
    _store(book, listing, row, NUMBER, None, printed)
    _store(book, listing, row, NAME, None, name)
    book.office.wait_for("listing", listing=listing.table.id)
    return [phrasebook().reply("list_added", {**about, "number": printed, "heads": listing.heads[2:]})]


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


def edits(book: Book) -> list[Reply]:
    """What was changed in the round's copy, the newest first."""
    joined = sa.select(CELL_EDIT, PERSON.c.name.label("by")).join(PERSON, PERSON.c.id == CELL_EDIT.c.person_id)
    rows = book.office.db.execute(
        joined.where(CELL_EDIT.c.round_id == book.office.round.id).order_by(CELL_EDIT.c.id.desc()).limit(30)
    ).all()
    by_id = {one.table.id: one for one in book.lists}
    lines = [
        phrasebook().text(
            "list_edit_line",
            {
                "row": row,
                "title": short(by_id[row.listing]),
                "name": by_id[row.listing].rows[row.row][NAME],
                "head": by_id[row.listing].heads[row.column],
                "zone": book.office.round.timezone,
            },
        )
        for row in rows
    ]
    return screenful("list_edits", "list_edits_end", lines, {"count": len(rows)})


COMMANDS: dict[str, Callable[..., list[Reply]]] = {
    "show": show,
    "edit": edit,
    "add": add,
    "counts": counts,
    "edits": edits,
}


def look(desk: Desk, words: str) -> Granted:
    """A society in such a round: its own records as they are; whatever is not right the office puts right."""
    meant = lexicon().command(words)
    if isinstance(meant, Plain) and meant.wish in GRANTED:
        return WISHES[meant.wish](desk)
    if meant == Tell("account"):
        return telling.tell(desk, "account"), None
    return opening(desk), None


def opening(desk: Desk) -> list[Reply]:
    lines = []
    for listing in listings(desk.db, desk.season.id, desk.season.rubric):
        position = _found(listing, desk.actor.society or "")
        if position is not None:
            lines += [phrasebook().text("list_own", {"title": _plain(listing)}), *record(listing, position)]
    return screenful(
        "list_mine",
        "list_mine_end",
        lines,
        {"society": desk.actor.society, "found": bool(lines), "title": desk.season.title},
    )
