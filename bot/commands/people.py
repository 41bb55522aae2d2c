"""person list, revoke: who comes for a society, by which channels, and putting somebody out."""

from typing import Annotated

import typer

from bot.commands.desk import AsJson, Stop, house, one_society, show, words
from handlers.societies import people

app = typer.Typer(no_args_is_help=True, help=words("help_person"))


@app.command("list", help=words("help_person_list"))
def list_people(
    society: Annotated[str | None, typer.Argument(help=words("help_person_society"))] = None, as_json: AsJson = False
) -> None:
    with house() as opened:
        row = one_society(opened, society) if society else None

        with opened.db.read() as db:
            known = people.of_society(db, row.id if row else None, out=True)
            result = [people.told(db, one) for one in known]
    show(result, lambda: [words("person_line", **one) for one in result] or [words("nobody")], as_json=as_json)


@app.command("revoke", help=words("help_person_revoke"))
def revoke(person: int, as_json: AsJson = False) -> None:
    with house() as opened:
        now = opened.now()
        row = opened.db.write(lambda db: people.revoke(db, person, now, by=None))
    if row is None:
        raise Stop(words("person_revoked", number=person, name=None))
    said = words("person_revoked", number=person, name=row.name)
    show({"person": person, "name": row.name}, lambda: [said], as_json=as_json)
