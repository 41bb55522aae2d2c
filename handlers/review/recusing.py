"""回避: somebody of the office neither sees nor scores a society; her scores of it count no more."""

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import phrasebook
from handlers.review import judging
from handlers.rights import OFFICE
from handlers.societies import whose
from storage.relations import INSERT, PERSON, RECUSAL, Row


def recuse(office: Office, said: str) -> list[Reply]:
    """«回避 医学会 原因» of herself, «回避 医学会 陈评审 原因» by an officer."""
    return _meant(office, said, over=False)


def end(office: Office, said: str) -> list[Reply]:
    """«取消回避 医学会 陈评审»: by an officer who is not herself the one."""
    return _meant(office, said, over=True)


def _meant(office: Office, said: str, *, over: bool) -> list[Reply]:
    society, rest = whose.one(office, said)
    named = _colleague(office, rest)
    person, reason = named or (None, rest)
    if person is not None and office.actor.role not in OFFICE and person.id != office.actor.person_id:
        return [phrasebook().reply("not_allowed_staff", {})]
    if over and (person is None or person.id == office.actor.person_id):
        return [phrasebook().reply("recusal_end_how", {"society": society.name})]
    whom, name = (person.id, person.name) if person is not None else (office.actor.person_id, office.actor.name)
    about = {"society": society.name, "name": name, "own": whom == office.actor.person_id, "over": over}
    changed = _end(office, society, whom) if over else _begin(office, society, whom, reason)
    if changed:
        act = "recusal_ended" if over else "recused"
        judging.on_record(office, act, society.id, whom=whom, reason=reason, receipt=office.receipt)
    return [phrasebook().reply("recused", {**about, "changed": changed, "receipt": office.receipt})]


def _colleague(office: Office, said: str) -> tuple[Row, str] | None:
    """Somebody of the office whose name the words begin with, and what is said behind it."""
    staff = sa.select(PERSON).where(PERSON.c.role != "secretary", PERSON.c.revoked_at.is_(None))
    rows = [row for row in office.db.execute(staff) if said.startswith(row.name)]
    best = max(rows, key=lambda row: len(row.name), default=None)
    return (best, said[len(best.name) :].strip(" ,，:：;；、")) if best is not None else None


def _begin(office: Office, society: Row, whom: int, reason: str) -> bool:
    values = {"round_id": office.round.id, "society_id": society.id, "person_id": whom, "reason": reason}
    insert = INSERT[office.db.dialect.name](RECUSAL).values(**values, by_id=office.actor.person_id, at=office.now)
    made = office.db.execute(insert.on_conflict_do_nothing().returning(RECUSAL.c.id))
    return made.one_or_none() is not None


def _end(office: Office, society: Row, whom: int) -> bool:
    live = (RECUSAL.c.round_id == office.round.id, RECUSAL.c.society_id == society.id, RECUSAL.c.ended_at.is_(None))
    mine = sa.update(RECUSAL).where(*live, RECUSAL.c.person_id == whom)
    return bool(office.db.execute(mine.values(ended_at=office.now)).rowcount)
