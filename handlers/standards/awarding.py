"""From the experts' points to an award: proposed, on public display, recognised; each step is an officer's (Q-WZ26)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from handlers.messages import Reply
from handlers.notices.calling import Call, call, secretaries
from handlers.office import Office
from handlers.phrasebook import pages, phrasebook
from handlers.review import judging
from handlers.rounds import pinned, version
from handlers.societies import roster
from handlers.standards import grading, qualifying
from rubrics.awards import Proposal, propose
from rubrics.programme import Award
from storage import queries
from storage.relations import AWARDING, ENTRY, ROUND, SOCIETY, Row

WISH = "award"
STEPS = {"拟定": "proposed", "公示": "displayed", "认定": "recognised", "撤下": "dropped"}
# A step is taken by those who stand on the one before; dropping ends every state but the last.
BEFORE = {"displayed": ("proposed",), "recognised": ("displayed",), "dropped": ("proposed", "displayed")}
HELD = ("proposed", "displayed", "recognised")


@dataclass(frozen=True)
class Standings:
    """An award as it stands: what the points propose, and what people have decided, by society."""

    award: Award
    proposal: Proposal
    states: dict[int, str]
    names: dict[int, str]

    def of(self, *states: str) -> list[str]:
        return [self.names[id] for id, state in self.states.items() if state in states]

    def named(self, ids: Iterable[str]) -> list[str]:
        return [self.names[int(id)] for id in ids]


def standings(db: sa.Connection, round: Row) -> list[Standings]:
    """Every award of the document, in its order."""
    rubric = pinned(db, round.rubric_sha256)
    if not rubric.awards:
        return []
    sums = grading.sums(db, round)
    barred = _barred(db, round, [int(id) for id in sums])
    open_to = {id: total for id, total in sums.items() if int(id) not in barred}
    names = grading.names(db)
    states = _states(db, round.id)
    return [
        Standings(
            one, propose(open_to, one.quota) if one.quota else Proposal((), (), (), 0), states.get(one.id, {}), names
        )
        for one in rubric.awards
    ]


def _barred(db: sa.Connection, round: Row, societies: Sequence[int]) -> set[int]:
    """Who may not take part; who can't be judged yet may, until somebody says no."""
    chosen = sa.select(ENTRY.c.id, ENTRY.c.society_id, ENTRY.c.own_rubric, SOCIETY.c.kind).select_from(
        ENTRY.join(SOCIETY)
    )
    rows = db.execute(chosen.where(ENTRY.c.round_id == round.id, ENTRY.c.society_id.in_(societies))).all()
    asked = {row.id: pinned(db, version(round, row), row.kind) for row in rows}
    found = qualifying.of_entries(db, asked)
    return {row.society_id for row in rows if found[row.id].met == "no"}


def _states(db: sa.Connection, round: int) -> dict[str, dict[int, str]]:
    """The last step of every society towards every award."""
    made: dict[str, dict[int, str]] = {}
    for row in db.execute(sa.select(AWARDING).where(AWARDING.c.round_id == round).order_by(AWARDING.c.id)):
        made.setdefault(row.award, {})[row.society_id] = row.state
    return made


def look(office: Office) -> list[Reply]:
    """«评定»: the order of the points, the cut, ties at it, and how far each award has come."""
    found = standings(office.db, office.round)
    if not found:
        return [phrasebook().reply("no_awards", {})]
    barred = judging.avoided(office.db, office.round.id, office.actor.person_id)
    return [Reply(text) for one in found for text in _page(one, barred)]


def _page(one: Standings, barred: set[int]) -> list[str]:
    about = {"one": one, "proposed": one.named(one.proposal.proposed), "tied": _still_tied(one)}
    lines = [
        phrasebook().text("award_line", {"ranked": ranked, "name": one.names[int(ranked.unit)], "barred": out})
        for out in (False, True)  # whoever is recused reads its name alone, last
        for ranked in one.proposal.ranked
        if (int(ranked.unit) in barred) == out
    ]
    return pages([*lines, phrasebook().text("award_end", about)], phrasebook().text("award_head", about))


def _still_tied(one: Standings) -> list[str]:
    """Who ties for a place that nobody has decided about."""
    held = one.of(*HELD)
    full = one.award.quota is not None and len(held) >= one.award.quota
    return [] if full else [name for name in one.named(one.proposal.tied) if name not in held]


def step(office: Office, act: str, said: str, listed: str = "") -> list[Reply]:
    """«拟定 品牌学会», «公示 品牌学会», «认定 品牌学会», «撤下 品牌学会 茶叶学会»: who it will be, and the number to type."""
    chosen = _award(standings(office.db, office.round), said)
    if isinstance(chosen, list):
        titles = [one.award.title for one in chosen]
        return [phrasebook().reply("which_award", {"said": said, "titles": titles, "act": act})]
    state = STEPS[act]
    meant = _listed(office, listed) if listed else _next(chosen, state)
    refusal = _refused(chosen, state, meant, act)
    if refusal:
        return [refusal]
    office.wait_for(WISH, act=act, award=chosen.award.id, societies=meant, number=len(meant))
    about = {"act": act, "title": chosen.award.title, "names": [chosen.names[id] for id in meant], "number": len(meant)}
    tied = chosen.named(chosen.proposal.tied) if state == "proposed" and not listed else []
    return [phrasebook().reply("award_sure", {**about, "tied": tied, "places": chosen.proposal.places})]


def _award(found: list[Standings], said: str) -> Standings | list[Standings]:
    """The award that the words name; else those they may mean."""
    for fits in (str.__eq__, str.endswith, str.__contains__):
        hits = [one for one in found if fits(one.award.title, said)]
        if len(hits) == 1:
            return hits[0]
    return found


def _listed(office: Office, listed: str) -> list[int]:
    """Societies by name, for what people decide themselves: ties, nominees. Raises roster.Unsure."""
    names = [one for one in re.split(r"[、，,\s]+", listed) if one]
    return list(dict.fromkeys(int(roster.one(office.db, name).id) for name in names))


def _next(one: Standings, state: str) -> list[int]:
    """Who takes this step unless others are named: those above the cut, or those who stand one step before."""
    if state == "proposed":
        return [int(id) for id in one.proposal.proposed if one.states.get(int(id), "dropped") == "dropped"]
    return [id for id, now in one.states.items() if now in BEFORE[state]] if state != "dropped" else []


def _refused(one: Standings, state: str, meant: list[int], act: str) -> Reply | None:
    """Why it can't be done: nobody, more than the quota, or a step left out."""
    if not meant:
        return phrasebook().reply("award_nobody", {"title": one.award.title, "act": act})
    wrong = [id for id in meant if state != "proposed" and one.states.get(id) not in BEFORE[state]]
    if wrong:
        names = [one.names[id] for id in wrong]
        return phrasebook().reply("award_out_of_turn", {"names": names, "act": act, "title": one.award.title})
    held = {id for id, now in one.states.items() if now in HELD}
    count = len(held | set(meant))
    if state == "proposed" and one.award.quota is not None and count > one.award.quota:
        about = {"quota": one.award.quota, "count": count, "title": one.award.title}
        return phrasebook().reply("award_too_many", about)
    return None


def confirm(office: Office, waiting: dict[str, Any], number: int) -> list[Reply]:
    """The number typed; who stands where is looked up again."""
    office.done()
    office.db.execute(
        sa.select(ROUND.c.id).where(ROUND.c.id == office.round.id).with_for_update()
    )  # one step at a time
    chosen = next(one for one in standings(office.db, office.round) if one.award.id == waiting["award"])
    meant, act = list(waiting["societies"]), str(waiting["act"])
    if number != waiting["number"]:
        return [phrasebook().reply("not_the_number", {"number": number, "now": len(meant)})]
    refusal = _refused(chosen, STEPS[act], meant, act)
    if refusal:
        return [refusal]
    _take(office, chosen.award, meant, STEPS[act])
    about = {"act": act, "title": chosen.award.title, "names": [chosen.names[id] for id in meant]}
    return [phrasebook().reply("award_taken", {**about, "state": STEPS[act], "receipt": office.receipt})]


def _take(office: Office, award: Award, societies: list[int], state: str) -> None:
    by = office.actor.person_id
    trace = {"round_id": office.round.id, "award": award.id, "state": state, "at": office.now, "person_id": by}
    rows = [{**trace, "society_id": id, "receipt": office.receipt} for id in societies]
    office.db.execute(sa.insert(AWARDING), rows)
    for id in societies:
        where = {"round": office.round.id, "society": id, "receipt": office.receipt}
        queries.note_act(office.db, office.now, f"award_{state}", person=by, **where, award=award.id)
        if state == "recognised":  # not a word to anybody before (Q-WZ04, Q-WZ26)
            _congratulate(office, award, id)


def _congratulate(office: Office, award: Award, society: int) -> None:
    reply = phrasebook().reply("award_for_you", {"title": award.title, "round": office.round.title, "award": award})
    for person in secretaries(office.db, society):
        cause = f"award:{office.round.id}:{award.id}:{society}:{office.receipt}:{person.id}"
        call(office.db, person.id, Call(cause, "notice"), reply, office.now)


def exported(db: sa.Connection, round: Row) -> list[dict[str, Any]]:
    """The awards in the shape of the export; what nobody has put forward yet is what the points propose."""
    return [
        {
            "name": one.award.title,
            "quota": one.award.quota,
            "proposed": one.of("proposed", "displayed")
            or ([] if one.of("recognised") else one.named(one.proposal.proposed)),
            "tied": [name for name in one.named(one.proposal.tied) if name not in one.of(*HELD)],
            "decided": one.of("recognised"),
            "id": one.award.id,
            "displayed": one.of("displayed"),
        }
        for one in standings(db, round)
    ]
