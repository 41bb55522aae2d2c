"""An announcement from the chat: put together with its files and its moment, shown, confirmed by the number, taken back."""

from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.notices import announcing, attaching
from handlers.notices.attaching import File
from handlers.notices.audience import audience
from handlers.notices.quiet import allowed
from handlers.office import Office, doubtful
from handlers.phrasebook import fits, phrasebook
from handlers.understanding import moments
from storage import queries
from storage.relations import ANNOUNCEMENT

LONGEST_TEXT = 1200  # letters of an announcement: what fits every channel in a few parts
SCREEN = 500  # letters of it shown in one message
USUAL_HOUR = time(9, 0)
LISTED = 10


@dataclass(frozen=True)
class Draft:
    """What is to be said to whom; `at` None: as soon as it has been confirmed."""

    whom: str
    text: str
    at: datetime | None = None
    files: list[File] = field(default_factory=list)


def announce(office: Office, whom: str, text: str, files: list[File]) -> list[Reply]:
    """«给没提交的发通知：…»"""
    return shown(office, Draft(whom, text, files=files))


def announce_at(office: Office, whom: str, when: str, text: str, files: list[File]) -> list[Reply]:
    """«明天上午9点给没提交的发通知：…»"""
    at = moments.moment(when, office.now, office.round.timezone, usual=USUAL_HOUR)
    if at is None or at <= office.now:
        return [phrasebook().reply("announce_when", {"said": when, "at": at, "zone": office.round.timezone})]
    return shown(office, Draft(whom, text, at, files))


def shown(office: Office, draft: Draft) -> list[Reply]:
    """The exact words, files, moment and number, to be confirmed by typing the number."""
    if len(draft.text) > LONGEST_TEXT:
        return [phrasebook().reply("announce_too_long", {"length": len(draft.text), "limit": LONGEST_TEXT})]
    if refusal := attaching.too_many(draft.files):
        return refusal
    meant = audience(office.db, office.round, draft.whom)
    if refusal := doubtful(meant):
        return refusal
    found = announcing.reach(office.db, meant.societies)
    if not found.people:
        return [phrasebook().reply("announce_nobody", {"societies": found.societies})]
    at = draft.at.isoformat() if draft.at else None
    kept = {"whom": draft.whom, "text": draft.text, "at": at, "files": draft.files}
    ids = [row.id for row in meant.societies]
    office.wait_for("announce", number=found.societies, societies=ids, **kept)
    goes = draft.at or office.now + announcing.UNDO
    about = {
        "societies": found.societies,
        "people": len(found.people),
        "empty": found.empty,
        "files": draft.files,
        "whom": draft.whom,
        "at": draft.at,
        "zone": office.round.timezone,
        "disturbs": not allowed(goes, office.round.timezone),
    }
    whole = phrasebook().reply("announce_sure", {**about, "text": draft.text, "above": False})
    if fits(whole.text):
        return [whole]
    parts = [Reply(draft.text[start : start + SCREEN]) for start in range(0, len(draft.text), SCREEN)]
    return [*parts, phrasebook().reply("announce_sure", {**about, "text": draft.text, "above": True})]


def again(office: Office, waiting: dict[str, Any], files: list[File]) -> list[Reply]:
    """Files that come while an announcement waits for its number go with it: shown once more."""
    at = datetime.fromisoformat(waiting["at"]) if waiting["at"] else None
    return shown(office, Draft(waiting["whom"], waiting["text"], at, [*waiting["files"], *files]))


def confirm(office: Office, waiting: dict[str, Any], number: int) -> list[Reply]:
    """The number typed: right, and it goes out; not, and nothing does. Who is meant is looked up again."""
    office.done()
    meant = audience(office.db, office.round, waiting["whom"])
    if number != len(meant.societies) or [row.id for row in meant.societies] != waiting["societies"]:
        return [phrasebook().reply("not_the_number", {"number": number, "now": len(meant.societies)})]
    asked = datetime.fromisoformat(waiting["at"]) if waiting["at"] else None
    at = max(asked, office.now + announcing.UNDO) if asked else None
    round, by = office.round.id, office.actor.person_id
    files = attaching.handed_out(office, waiting["files"])
    fixed = (waiting["text"], waiting["whom"], meant.societies, office.now)
    id = announcing.announce(office.db, round, *fixed, by=by, send_at=at, files=files)
    details: dict[str, Any] = {"number": id, "societies": number, "receipt": office.receipt}
    queries.note_act(office.db, office.now, "announced", person=by, round=round, **details)
    about = {"id": id, "societies": number, "at": at, "zone": office.round.timezone, "receipt": office.receipt}
    return [phrasebook().reply("announced", {**about, "seconds": int(announcing.UNDO.total_seconds())})]


def take_back(office: Office) -> list[Reply] | None:
    """«撤回»: her newest announcement; None where there is nothing to take back."""
    mine = sa.select(ANNOUNCEMENT).where(ANNOUNCEMENT.c.person_id == office.actor.person_id)
    newest = office.db.execute(mine.order_by(ANNOUNCEMENT.c.id.desc()).limit(1)).one_or_none()
    return withdraw(office, newest.id) if newest else None


def withdraw(office: Office, number: int) -> list[Reply]:
    """«撤回通知 3», by anybody of the office, as long as it has not gone out."""
    row = announcing.announcement(office.db, number)
    if row is None:
        return [phrasebook().reply("no_announcement", {"number": number})]
    if row.withdrawn_at is not None:
        return [phrasebook().reply("announce_withdrawn_before", {"id": number})]
    if not announcing.withdraw(office.db, number, office.now):
        return [phrasebook().reply("announce_out", {"id": number})]
    done = {"person": office.actor.person_id, "round": row.round_id, "receipt": office.receipt}
    queries.note_act(office.db, office.now, "announcement_withdrawn", number=number, **done)
    return [phrasebook().reply("announce_withdrawn", {"id": number, "receipt": office.receipt})]


def listed(office: Office) -> list[Reply]:
    """«通知列表»: the newest, each with what became of it."""
    newest = sa.select(ANNOUNCEMENT).order_by(ANNOUNCEMENT.c.id.desc()).limit(LISTED)
    lines: list[dict[str, Any]] = []
    for row in office.db.execute(newest).all():
        told = announcing.targets(office.db, row.id)
        counts = {state: sum(one.state == state for one in told) for state in announcing.STATES}
        read = sum(one.acked_at is not None for one in told)
        waits = row.send_at > office.now and not counts["sent"]
        lines.append({"row": row, "counts": counts, "total": len(told), "read": read, "waits": waits})
    return office.paged("announcements", "announcements_line", lines)
