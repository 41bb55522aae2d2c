"""She confirms what was read out of her Word table, all at once or item by item; only then it counts, as her answer."""

import re
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from handlers.answers import composing, listed, proposing
from handlers.answers.beside import (
    CONFIRMABLE,
    Group,
    conflicts,
    fresh,
    groups,
    judgement,
    look,
    offered,
    same_judgement,
    seen,
    waiting,
)
from handlers.answers.proposing import Granted, line
from handlers.answers.scene import Added, Change, Judged, Step, changed
from handlers.answers.stepping import refuse as refused
from handlers.desk import Desk
from handlers.messages import Reply
from handlers.phrasebook import pages, phrasebook
from handlers.understanding.intents import Plain
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import fold, number
from rubrics.answers import complete, current
from rubrics.model import Rubric
from storage.relations import PROPOSAL, Row

CONFIRMING = ("确认", "确定")
PART = re.compile(r"[\s,、;和及跟与.。!]+")
ONE = re.compile(r"(?P<printed>序号)?第?\s*(?P<n>[\d一二三四五六七八九十]{1,3})\s*[项号]?")
RANGE = re.compile(r"第?\s*(\d{1,3})\s*项?\s*[-–—~至到]\s*第?\s*(\d{1,3})\s*项?")


def everything(desk: Desk) -> Granted:
    """«全部确认»: all that she was shown, is sure and differs from nothing she said; the rest is shown and waits."""
    rows = waiting(desk)
    if not rows:
        return [phrasebook().reply("filled_nothing", {})], "short"
    return _confirm(desk, [one for one in groups(desk, rows) if one.sure], others=groups(desk, rows))


def by_words(desk: Desk, words: str) -> Granted | None:
    """«确认第3项», «不要第5项», while something waits; None for anything else."""
    spoken = lexicon().filled_command(words)
    if spoken is None and (plain := _plain_yes(desk, words)):
        return plain
    rows = waiting(desk) if spoken else []
    if spoken is None or not rows:
        return None
    wish, said = spoken
    wanted = _items(said, desk.season.rubric)
    if wanted is None:
        return None
    found = {one.item.id: one for one in groups(desk, rows) if one.item}
    chosen = [found[id] for id in wanted if id in found]
    if not chosen:
        return [phrasebook().reply("filled_not_there", {"said": said})], None
    return _confirm(desk, chosen) if wish == "confirm" else _refuse(desk, chosen)


def _plain_yes(desk: Desk, words: str) -> Granted | None:
    """«是的» where it was asked whether to read her table, which stores nothing; «确认» where what was read waits: that
    is no «全部确认» yet, and she is told so."""
    yes = lexicon().command(words) == Plain("agree")
    asked = any(lexicon().name(one.words) == "read_table" for one in desk.scene.asking.options)
    if asked and (yes or lexicon().means_table(words)) and offered(desk):
        return proposing.read(desk)
    if not yes or desk.scene.asking.options or not fold(words).startswith(CONFIRMING):
        return None
    left = groups(desk, waiting(desk))
    if not left:
        return None
    about = {"count": len(left), "sure": sum(one.sure for one in left), "groups": left}
    return [Reply(phrasebook().text("filled_still", about), phrasebook().choices("filled_rest_end", about))], None


def _items(said: str, rubric: Rubric) -> list[str] | None:
    """The items named by their position, as the list shows them, or by 序号; None where it names anything else."""
    found: list[str] = []
    for part in filter(None, PART.split(fold(said).strip())):
        one, span = ONE.fullmatch(part), RANGE.fullmatch(part)
        if span and int(span[1]) <= int(span[2]) <= len(rubric.items):
            found += [item.id for item in rubric.items[int(span[1]) - 1 : int(span[2])] if int(span[1]) > 0]
            continue
        counted = number(one["n"]) if one else None
        if one is None or counted is None:
            return None
        item = rubric.numbered(str(counted)) if one["printed"] else rubric.at(int(counted))
        found += [item.id] if item else []
    return found


def _confirm(desk: Desk, chosen: Sequence[Group], *, others: Sequence[Group] = ()) -> Granted:
    """What of these was on her screen is recorded; what was not is shown, with what came in besides."""
    if desk.scene.mode == "submitted":
        step = refused(desk.scene, "locked")
        return composing.after(desk, step), None
    known = listed.seen(desk)
    unseen = [one for one in (*chosen, *others) if not all(row.id in known for row in one.rows)]
    unseen = [one for n, one in enumerate(unseen) if one.rows[0].id not in {other.rows[0].id for other in unseen[:n]}]
    hidden = {one.rows[0].id for one in unseen}
    chosen = [one for one in chosen if one.rows[0].id not in hidden]
    rows = [row for one in chosen for row in one.rows]
    look(desk, rows)
    overtaken = [one for one in chosen if _overtaken(desk, one)]
    rows = [row for one in chosen if one not in overtaken for row in one.rows]
    taken = [row for row in rows if _takes(row)]
    changes = [change for row in taken if (change := _change(desk, row))]
    composing.after(desk, Step(changed(desk.scene, tuple(changes)), tuple(changes)))
    _settle(desk, [row.id for row in taken], "confirmed")
    _settle(desk, [row.id for row in rows if row not in taken], "dropped")
    desk.scene = replace(desk.scene, skips=True)
    unsaid = [one.item for one in chosen if one.item and any(row in rows and not _takes(row) for row in one.rows)]
    return _after(desk, overtaken, [item.position for item in unsaid], unseen)


def _overtaken(desk: Desk, group: Group) -> bool:
    """Whether somebody has answered the item otherwise since this list was shown (R5)."""
    held = desk.scene.of(group.item.id) if group.item else None
    moved = held is not None and any(row.version != held.version for row in group.rows)
    return moved and any(conflicts(desk, row) for row in group.rows)


def _takes(row: Row) -> bool:
    return bool(row.value) and (row.doubt in CONFIRMABLE or (row.doubt == "twice" and row.kind == "evidence"))


def _change(desk: Desk, row: Row) -> Change | None:
    """What the row changes; nothing where she has said just that meanwhile."""
    held = desk.scene.of(row.item).answer
    if row.kind == "score":
        score, met = judgement(row)
        same = same_judgement(held, row) and desk.scene.mode == "open"
        return None if same else Judged(row.item, "answered", score, met=met)
    if row.kind == "excuse":
        return None if held.state == "not_applicable" else Judged(row.item, "not_applicable", None, row.value)
    words = fresh(desk, row)
    return Added(row.item, "text", words) if words else None


def _settle(desk: Desk, ids: Sequence[int], state: str) -> None:
    if ids:
        by = desk.inbound_id if state == "confirmed" else None
        values = {"state": state, "settled_at": desk.now, "settled_by": by}
        desk.db.execute(sa.update(PROPOSAL).where(PROPOSAL.c.id.in_(ids)).values(**values))


def _after(desk: Desk, overtaken: Sequence[Group], unsaid: Sequence[int], unseen: Sequence[Group] = ()) -> Granted:
    """What is left to be looked at; else on to the first gap."""
    left = groups(desk, waiting(desk))
    sure = sum(one.sure for one in left)
    about = {"overtaken": len(overtaken), "unsaid": unsaid, "unseen": len(unseen), "count": len(left), "sure": sure}
    if left:
        look(desk, [row for one in left for row in one.rows])
        shown = left if not sure else [*overtaken, *unseen]
        seen(desk, shown)
        lines = [*(line(desk, one) for one in shown), phrasebook().text("filled_rest_end", about)]
        texts = pages(lines, phrasebook().text("filled_rest", about))
        choices = phrasebook().choices("filled_rest_end", {**about, "groups": left})
        return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], choices)], None
    gap = next(
        (item for item in desk.season.rubric.items if not complete(item, current(item, desk.scene.of(item.id).answer))),
        None,
    )
    desk.scene = desk.scene.at(gap.id) if gap else desk.scene.at(None)
    return [phrasebook().reply("filled_done", {**about, "gap": gap})], "full" if gap else None


def _refuse(desk: Desk, chosen: Sequence[Group]) -> Granted:
    _settle(desk, [row.id for one in chosen for row in one.rows], "dropped")
    items = [one.item for one in chosen if one.item]
    reply = phrasebook().reply("filled_dropped", {"count": len(chosen), "items": items})
    return [reply, *_after(desk, (), ())[0]], "short"
