"""A corrected table for a round that runs: what changes and whom it touches is shown, and the number typed makes it so."""

import hashlib
from typing import Any

from handlers.criteria import amending, rubric_drafts
from handlers.criteria.amending import Amendment, NotAmended, change_line, touch_line
from handlers.criteria.rubric_drafts import Own
from handlers.criteria.rubric_received import received
from handlers.criteria.rubric_shown import asked, together
from handlers.messages import Reply
from handlers.office import Office
from handlers.phrasebook import pages, phrasebook
from handlers.premises import Premises
from handlers.review import judging
from handlers.rounds import pinned
from handlers.societies.registrar import Registrar
from rubrics.carrying import Deeper, carried
from rubrics.faults import Faulty
from rubrics.grafting import Unplaced
from rubrics.importing.findings import Refused
from storage import queries

WISH = "table_change"
REFUSED = {
    "rubric_change_closed": "exchange_closed",
    "rubric_change_same": "exchange_same",
    "rubric_change_other": "exchange_other",
    "rubric_change_unscored": "exchange_unscored",
}
MOST_CHANGES, MOST_TOUCHED = 40, 40
MOST_FAULTS = 5
MOST_LOST = 4


def called(office: Office, registrar: Registrar) -> list[Reply]:
    """«换用评分表», alone or beside the file."""
    if registrar.files:
        replies = received(registrar, vars(registrar.files[0]))
        row = rubric_drafts.current(office.db, office.actor.person_id)
        if row is None or row.receipt != registrar.receipt:
            return replies
    row = rubric_drafts.current(office.db, office.actor.person_id)
    if row is None:
        return [phrasebook().reply("table_send", {})]
    own = rubric_drafts.own(office.db, registrar.store, row)
    if own.rubric is None:
        told = phrasebook().text("exchange_unfinished", {"name": row.name})
        return together(told, asked(registrar, own))
    return _shown(office, own)


def _shown(office: Office, own: Own) -> list[Reply]:
    """What it would change, and whom it touches by name."""
    try:
        text = merged(office, own)
        found = amending.amend(office.db, office.round.id, text, own.row.name, office.now, yes=None)
    except Deeper:
        return [phrasebook().reply("exchange_deeper", {"title": office.round.title})]
    except Unplaced as lost:
        about = {"items": lost.items[:MOST_LOST], "more": len(lost.items) - MOST_LOST, "groups": lost.groups}
        return [phrasebook().reply("exchange_where", about)]
    except Faulty as faulty:
        return [phrasebook().reply("exchange_faulty", {"faults": faulty.faults[:MOST_FAULTS]})]
    except NotAmended as refused:
        if refused.why == "rubric_change_same" and own.found is not None:
            return _same(office, own)
        return [phrasebook().reply(REFUSED[refused.why], {**refused.about, "receipt": None})]
    if not found.changes and own.found is not None:
        return _same(office, own)
    about = {"draft": own.row.id, "round": office.round.id, "sha256": found.sha256, "base": office.round.rubric_sha256}
    office.wait_for(WISH, **about, touched=_touched(found))
    return _told(office, own, found)


def _same(office: Office, own: Own) -> list[Reply]:
    """The same items in another file: nobody is asked anything else, and the answers go back into this one."""
    rubric_drafts.used(office.db, own.row.id, office.round.id)
    return [phrasebook().reply("exchange_same", {"title": office.round.title, "receipt": office.receipt})]


def _touched(found: Amendment) -> list[list[Any]]:
    return [[one.society.id, [[touch.kind, touch.item.id] for touch in one.touches]] for one in found.touched]


def merged(office: Office, own: Own) -> str:
    """The text that the round would run on. Raises Deeper and Unplaced."""
    assert own.rubric is not None, "it is ready"
    if own.found is None:
        return own.text
    old = queries.rubric_text(office.db, office.round.rubric_sha256)
    return carried(old.source, pinned(office.db, office.round.rubric_sha256), own.rubric)


def _told(office: Office, own: Own, found: Amendment) -> list[Reply]:
    lines = [change_line(one) for one in found.changes[:MOST_CHANGES]]
    kept = [one.new.position for one in found.changes if one.kind == "text" and one.new and one.new.condition]
    lines.append(phrasebook().text("exchange_conditions", {"kept": kept}))
    lines.append(phrasebook().text("exchange_touched", {"count": len(found.touched)}))
    barred = judging.barred_names(office)
    for one in found.touched[:MOST_TOUCHED]:
        if one.society.name in barred:
            lines.append(phrasebook().text("exchange_recused", {"society": one.society.name}))
            continue
        lines.append(
            phrasebook().text("rubric_change_touched", {"society": one.society.name, "submitted": one.submitted})
        )
        lines += [touch_line(touch) for touch in one.touches]
    about = {
        "count": len(found.touched),
        "changes": len(found.changes),
        "title": office.round.title,
        "name": own.row.name,
        "hidden": max(len(found.changes) - MOST_CHANGES, 0) + max(len(found.touched) - MOST_TOUCHED, 0),
    }
    end = phrasebook().reply("exchange_sure", about)
    texts = pages([*lines, end.text], phrasebook().text("exchange_changes", about))
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], end.choices)]


def confirm(office: Office, waiting: dict[str, Any], typed: int, premises: Premises) -> list[Reply]:
    """The number typed: the round runs on the new table, and whoever is touched is told."""
    office.done()
    office = office.held()
    row = rubric_drafts.numbered(office.db, waiting["draft"])
    try:
        own = rubric_drafts.own(office.db, premises.store, row)
        if own.rubric is None or office.round.id != waiting["round"]:
            return [phrasebook().reply("exchange_gone", {})]
        text = merged(office, own)
        if office.round.rubric_sha256 != waiting.get("base", office.round.rubric_sha256):  # by a colleague
            return [phrasebook().reply("exchange_moved", {"title": office.round.title}), *_shown(office, own)]
        if hashlib.sha256(text.encode()).hexdigest() != waiting["sha256"]:
            return _shown(office, own)
        before = amending.amend(office.db, office.round.id, text, own.row.name, office.now, yes=None)
        if _touched(before) != waiting.get("touched", _touched(before)):
            return _shown(office, own)
        about = {"yes": typed, "by": office.actor.person_id}
        made = amending.amend(office.db, office.round.id, text, own.row.name, office.now, **about)
    except (Refused, Faulty, Deeper, Unplaced):
        return [phrasebook().reply("exchange_gone", {})]
    except NotAmended as refused:
        if refused.why == "rubric_change_number":
            return [phrasebook().reply("not_the_number", {"number": typed, "now": refused.about["count"]})]
        return [phrasebook().reply(REFUSED[refused.why], {**refused.about, "receipt": None})]
    rubric_drafts.used(office.db, row.id, office.round.id)
    said = {"changes": len(made.changes), "count": len(made.touched), "receipt": made.receipt}
    return [phrasebook().reply("rubric_changed", said)]
