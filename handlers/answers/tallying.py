"""Where a society stands in a programme without points: met, not met, open and unproved, never a total (Q-WZ01)."""

from collections.abc import Iterable, Mapping
from typing import Any

from handlers.desk import Desk
from handlers.messages import Reply
from handlers.phrasebook import pages, phrasebook
from rubrics.missing import Gap
from rubrics.model import Item, Section
from rubrics.unscored import Tally, tally

About = Mapping[str, Any]
KINDS = ("fact", "evidence", "conflict")


def whole(desk: Desk) -> Tally:
    return _tally(desk, desk.season.rubric.items)


def _tally(desk: Desk, items: Iterable[Item]) -> Tally:
    return tally(tuple(items), {item: held.answer for item, held in desk.scene.held.items()})


def _parts(desk: Desk) -> list[tuple[Section, Tally]]:
    return [(one, _tally(desk, one.items)) for one in desk.season.rubric.walk() if one.items]


def progress(desk: Desk, about: About) -> list[Reply]:
    said = {**about, "tally": whole(desk), "parts": _parts(desk)}
    return [phrasebook().reply("progress_unscored", said)]


def score(desk: Desk, about: About) -> list[Reply]:
    """«多少分»: the document gives none here; what there is instead."""
    return [phrasebook().reply("score_unscored", {**about, "tally": whole(desk), "parts": _parts(desk)})]


def missing(desk: Desk, about: About, *, everything: bool) -> list[Reply]:
    """What is unsaid, unproved or contradicted; by category in numbers, or (everything) line by line."""
    gaps: tuple[Gap, ...] = about["standing"].gaps
    if not gaps:
        return [phrasebook().reply("nothing_missing_unscored", {**about, "tally": whole(desk)})]
    positions = {kind: [gap.item.position for gap in gaps if gap.kind == kind] for kind in KINDS}
    said = {**about, "positions": positions, "parts": _parts(desk), "everything": everything}
    said["first"] = min([*positions["fact"], *positions["evidence"]] or positions["conflict"])
    head = phrasebook().text("missing_unscored", said)
    if not everything:
        return [Reply(head, phrasebook().choices("missing_unscored", said))]
    lines = [phrasebook().text("missing_line_unscored", {"gap": gap}) for gap in sorted(gaps, key=_position)]
    return _paged(lines, head, "missing_unscored", said)


def _position(gap: Gap) -> int:
    return gap.item.position


def review(desk: Desk, about: About) -> list[Reply]:
    """The whole table, category by category."""
    lines: list[str] = []
    for section, counted in _parts(desk):
        lines.append(phrasebook().text("review_part_unscored", {"section": section, "tally": counted}))
        lines += [
            phrasebook().text("review_line_unscored", {"item": item, "held": desk.scene.of(item.id)})
            for item in section.items
        ]
    said = {**about, "tally": whole(desk)}
    end = phrasebook().text("review_end_unscored", said)
    return _paged([*lines, end], phrasebook().text("review_unscored", said), "review_end_unscored", said)


def _paged(lines: list[str], head: str, name: str, about: About) -> list[Reply]:
    texts = pages(lines, head)
    return [*(Reply(text) for text in texts[:-1]), Reply(texts[-1], phrasebook().choices(name, about))]
