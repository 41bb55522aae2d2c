"""Files that go with an announcement: kept from one message of the office to the next, handed out when it is confirmed."""

from collections.abc import Sequence
from typing import Any

from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from storage import handouts

MOST_FILES = 5

File = dict[str, Any]  # an incoming file as it waits in a conversation


def brought(office: Office, waiting: dict[str, Any] | None) -> list[File]:
    """What came with this message, behind what was kept from the message before."""
    before = list(waiting.get("files", ())) if waiting and waiting["wish"] == "attach" else []
    known = {file["sha256"] for file in before}
    return before + [vars(file) for file in office.files if file.sha256 not in known]


def too_many(files: Sequence[File]) -> list[Reply]:
    """The refusal of more than a message holds; nothing where they are few enough."""
    if len(files) <= MOST_FILES:
        return []
    return [phrasebook().reply("attached_too_many", {"count": len(files), "limit": MOST_FILES})]


def keep(office: Office, files: list[File]) -> list[Reply]:
    """Files without an announcement: kept until the next message says what they are for."""
    if refusal := too_many(files):
        office.done()
        return refusal
    office.wait_for("attach", files=files)
    return [phrasebook().reply("attached", {"files": files})]


def handed_out(office: Office, files: Sequence[File]) -> list[File]:
    """The files as an announcement carries them."""
    by, now = office.actor.person_id, office.now
    return [
        {
            "name": file["name"],
            "size": file["size"],
            "held": handouts.hand_out(
                office.db, file["name"], file["sha256"], file["size"], file["kind"], now, person=by
            ),
        }
        for file in files
    ]
