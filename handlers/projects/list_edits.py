"""Edits of a printed list in the round's own copy, old and new on record."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from handlers.projects.printed_lists import NAME, NUMBER, Book, Listing, found, listings, short
from handlers.rounds import pinned
from handlers.screenful import screenful
from handlers.societies import likeness
from handlers.understanding.numerals import fold
from storage import queries
from storage.relations import CELL_EDIT, PERSON

CLEARED = ("清空", "空", "删除")


def edit(book: Book, whom: str, head: str, value: str) -> list[Reply]:
    """«改 3 是否5A 2021年申报5A»: one cell, old → new; «清空» empties it."""
    book = _held(book)
    hits = [(one, at) for one in book.lists if (at := found(one, whom)) is not None] or _called(book, whom)
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


def _called(book: Book, whom: str) -> list[tuple[Listing, int]]:
    """The rows that a short form names, over all lists: one alone is certain, and what it is called stays as printed."""
    rows = [(one, at, one.rows[at][NAME]) for one in book.lists for at in one.positions]
    known = likeness.places(name for _, _, name in rows)
    wanted = likeness.key(whom)
    return [(one, at) for one, at, name in rows if wanted and wanted in likeness.short_forms(name, known)]


def drop(book: Book, whom: str) -> list[Reply]:
    """«删除 茶叶学会»: a row is never taken off a printed list; what can be done is said."""
    return [phrasebook().reply("list_no_dropping", {"said": whom})]


def _column(listing: Listing, said: str) -> int | None:
    heads = [fold(one) for one in listing.heads]
    plain = fold(said).strip()
    exact = [at for at, head in enumerate(heads) if head == plain]
    found = exact or [at for at, head in enumerate(heads) if plain in head]
    return found[0] if len(found) == 1 and found[0] != NUMBER else None


def _held(book: Book) -> Book:
    """The lists as they stand once no colleague is at them; she waits until this turn ends."""
    office = book.office.held()
    rubric = pinned(office.db, office.round.rubric_sha256)
    return replace(book, office=office, lists=listings(office.db, office.round.id, rubric))


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
    book = _held(book)
    listing = book.named(which)
    names = [short(one) for one in book.lists]
    if listing is None:
        return [phrasebook().reply("list_add_where", {"name": name, "names": names})]
    known = found(listing, name)
    about = {"title": short(listing), "name": name, "receipt": book.office.receipt}
    if known is not None:
        return [phrasebook().reply("list_there", {**about, "number": listing.rows[known][NUMBER]})]
    row, printed = len(listing.rows), str(len(listing.rows) + 1)  # a row that was taken back keeps its place
    _store(book, listing, row, NUMBER, None, printed)
    _store(book, listing, row, NAME, None, name)
    book.office.wait_for("listing", listing=listing.table.id)
    return [phrasebook().reply("list_added", {**about, "number": printed, "heads": listing.heads[2:]})]


def take_back(book: Book) -> list[Reply]:
    """«撤销»: this officer's last edit, where nobody has changed the same cell since."""
    book = _held(book)
    db, lists = book.office.db, {one.table.id: one for one in book.lists}
    here = sa.select(CELL_EDIT).where(CELL_EDIT.c.round_id == book.office.round.id).order_by(CELL_EDIT.c.id)
    every = list(db.execute(here))
    mine = [row for row in every if row.person_id == book.office.actor.person_id]
    if not mine:
        return [phrasebook().reply("list_undo_none", {"why": "nothing"})]
    rows = [row for row in mine if row.receipt == mine[-1].receipt]
    newest = {(row.listing, row.row, row.column): row.id for row in every}
    if any(newest[row.listing, row.row, row.column] != row.id for row in rows):
        return [phrasebook().reply("list_undo_none", {"why": "changed"})]
    for row in rows:
        _store(book, lists[row.listing], row.row, row.column, row.new, row.old or "")
    last, listing = rows[-1], lists[rows[-1].listing]
    name, whole = listing.rows[last.row][NAME], len(rows) > 1
    number = listing.rows[last.row][NUMBER] or next((row.old for row in rows if row.column == NUMBER), "")
    about = {
        "title": short(listing),
        "number": number,
        "name": name or last.old or "",
        "head": listing.heads[last.column],
    }
    told = {"new": last.old or "", "added": whole and not last.old, "back": whole and bool(last.old)}
    return [phrasebook().reply("list_undone", {**about, **told, "receipt": book.office.receipt})]


def edits(book: Book) -> list[Reply]:
    """What was changed in the round's copy, the newest first."""
    joined = sa.select(CELL_EDIT, PERSON.c.name.label("by")).join(PERSON, PERSON.c.id == CELL_EDIT.c.person_id)
    rows = book.office.db.execute(
        joined.where(CELL_EDIT.c.round_id == book.office.round.id, CELL_EDIT.c.column != NUMBER)
        .order_by(CELL_EDIT.c.id.desc())
        .limit(30)
    ).all()
    by_id = {one.table.id: one for one in book.lists}
    lines = [
        phrasebook().text(
            "list_edit_line",
            {
                "row": row,
                "title": short(by_id[row.listing]),
                "name": by_id[row.listing].rows[row.row][NAME] or row.old or "",
                "head": by_id[row.listing].heads[row.column],
                "zone": book.office.round.timezone,
            },
        )
        for row in rows
    ]
    return screenful("list_edits", "list_edits_end", lines, {"count": len(rows)})
