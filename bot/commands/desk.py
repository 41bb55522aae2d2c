"""What every command needs: the house opened and closed, a result shown, a refusal said."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import sqlalchemy as sa
import typer

from bot.house import House, open_house
from bot.settings import Settings
from handlers.phrasebook import phrasebook
from handlers.rights import Actor, authorize
from handlers.societies import roster
from handlers.understanding.intents import Plain
from storage import queries
from storage.relations import PERSON, ROUND, Row


def words(phrase: str, **about: Any) -> str:
    """A line to print."""
    return phrasebook().text(phrase, about)


AsJson = Annotated[bool, typer.Option("--json", help=words("help_json"))]
InRound = Annotated[int | None, typer.Option("--round", help=words("help_in_round"))]

By = Annotated[str | None, typer.Option(help=words("help_review_by"))]


class Stop(Exception):
    """The command can't do what was asked; the text says why and what to do."""


@contextmanager
def house() -> Iterator[House]:
    opened = open_house(Settings())
    try:
        yield opened
    finally:
        opened.db.close()


def show(value: Any, lines: Callable[[], list[str]], *, as_json: bool) -> None:
    """A result: as JSON for scripts, else as lines to read."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2) if as_json else "\n".join(lines()))


def round_row(opened: House, id: int | None) -> Row:
    """The round of that id, else the newest open one, else the newest."""
    with opened.db.read() as db:
        if id is not None:
            row = db.execute(sa.select(ROUND).where(ROUND.c.id == id)).one_or_none()
        else:
            row = queries.newest_open_round(db) or queries.newest_round(db)
    if row is None:
        raise Stop(words("no_such_round"))
    return row


def one_society(opened: House, said: str) -> Row:
    """Exactly one society; several candidates are listed, never guessed."""
    with opened.db.read() as db:
        try:
            return roster.one(db, said.strip())
        except roster.Unsure as unsure:
            raise Stop(words("which_society", said=said, names=unsure.names)) from None


def staff(db: sa.Connection, name: str, wish: str) -> Actor:
    """The one member of staff of that name who may do this. Raises Stop."""
    live = (PERSON.c.role != "secretary", PERSON.c.revoked_at.is_(None), PERSON.c.name == name)
    found = db.execute(sa.select(PERSON).where(*live)).all()
    actors = [Actor(row.id, 0, row.name, row.role, None, None) for row in found]
    if len(actors) != 1 or not authorize(actors[0], Plain(wish)):
        raise Stop(words("review_no_person", said=name))
    return actors[0]
