"""What an officer changes in a brought table by a sentence: «改第3项 分值 4», «删第5项», «改标题 …»; each is kept and undone."""

import re
from collections.abc import Callable
from typing import Any

from handlers.criteria import rubric_drafts, rubric_shown
from handlers.criteria.rubric_drafts import Own, decide
from handlers.criteria.rubric_questions import valued
from handlers.criteria.rubric_shown import asked, opened, together
from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from handlers.societies.registrar import Registrar
from handlers.understanding.numerals import fold
from rubrics.importing.correcting import WHOLE, Correction, Gone
from rubrics.importing.draft import Draft
from rubrics.sums import plain

# A field as people name it, and what it becomes behind it.
FIELDS = (
    ("bonus_above", re.compile(r"(?:改?[为成]|是)?可?以?超过?总?分?的?加分项?[,，:： ]*(.+)", re.DOTALL)),
    ("bonus", re.compile(r"(?:改?[为成]|是)?加分项?[,，:： ]*(.+)", re.DOTALL)),
    ("deduction", re.compile(r"(?:改?[为成]|是)?[扣减]分项?[,，:： ]*(.+)", re.DOTALL)),
    ("points", re.compile(r"(?:分值|满分|分数|分)(?:改?[为成]|是)?[:： ]*(.+)", re.DOTALL)),
    ("text", re.compile(r"(?:评价)?(?:内容|要求)(?:改?[为成]|是)?[:： ]*(.+)", re.DOTALL)),
    ("heading", re.compile(r"(?:项目|名称|标题)(?:改?[为成]|是)?[:： ]*(.+)", re.DOTALL)),
    ("no", re.compile(r"(?:序号|编号)(?:改?[为成]|是)?[:： ]*(.+)", re.DOTALL)),
    ("section", re.compile(r"(?:类别|归类|类|归入|归到)(?:改?[为成]|是)?[:： ]*(.+)", re.DOTALL)),
)
WORTH = ("points", "bonus", "bonus_above", "deduction")
OF_SECTION = {"points": "points", "heading": "title"}


def made(registrar: Registrar, own: Own, decided: Correction) -> list[Reply]:
    """Store a decision, say what it did, and go on."""
    old = _old(own, decided)
    try:
        with registrar.db.begin_nested():
            decide(registrar, own.row.id, decided, old)
            now = opened(registrar, own.row.id)
    except Gone:
        return [phrasebook().reply("table_gone", {})]
    about = {"one": decided, "old": old, "new": _new(own, decided), "position": _position(own, decided)}
    about |= {"receipt": registrar.receipt}
    return together(phrasebook().text("table_decided", about), asked(registrar, now))


def _position(own: Own, decided: Correction) -> int | None:
    draft, (kind, _, number) = own.draft, decided.place.partition(":")
    if draft is None or kind == WHOLE:
        return None
    rows: list[Any] = list(draft.items if kind == "item" else draft.sections)
    return next((place for place, one in enumerate(rows, 1) if one.ordinal == int(number)), None)


def _old(own: Own, decided: Correction) -> str:
    """What stood there before, as it is read back."""
    draft, position = own.draft, _position(own, decided)
    if draft is None:
        return ""
    if position is None:
        held: Any = {"title": draft.title, "points": draft.total, "step": draft.step}.get(decided.field)
        return _said(held)
    if decided.place.startswith("section"):
        section = draft.sections[position - 1]
        return _said(section.category.points if decided.field == "points" else section.category.title)
    item = draft.items[position - 1]
    if decided.field in WORTH:
        return _said(item.points if item.points is not None else item.unread)
    if decided.field == "section":
        return next(one.category.title for one in draft.sections if item in one.items)
    return _said(getattr(item, decided.field, None) or item.text)


def _new(own: Own, decided: Correction) -> str:
    """What it is now, as it is read back."""
    if decided.field != "section" or own.draft is None:
        return decided.value
    return next(one.category.title for one in own.draft.sections if str(one.ordinal) == decided.value)


def _said(held: Any) -> str:
    return "" if held is None else plain(held) if hasattr(held, "normalize") else str(held)


def of_item(registrar: Registrar, number: str, said: str) -> list[Reply]:
    """«改第3项 分值 4», 项目, 内容, 序号, 类别."""
    return of_own(registrar, lambda own, draft: _item(registrar, own, draft, int(number), said))


def _item(registrar: Registrar, own: Own, draft: Draft, number: int, said: str) -> list[Reply]:
    if not 1 <= number <= len(draft.items):
        return _again(registrar, own, "table_no_item", position=number, count=len(draft.items))
    field, value = _field(said)
    if field == "section" and value is not None:
        value = _section(draft, value)
    if field is None or value is None:
        return _again(registrar, own, "table_how", said=said, sections=[one.category.title for one in draft.sections])
    return made(registrar, own, Correction(f"item:{draft.items[number - 1].ordinal}", field, value))


def _field(said: str) -> tuple[str | None, str | None]:
    """The field that is named, and the value that it may have."""
    for field, pattern in FIELDS:
        if match := pattern.fullmatch(said.strip()):
            return field, match[1].strip() if field == "section" else valued(field, match[1])
    return None, None


def _section(draft: Draft, said: str) -> str | None:
    """The category that is named by its label, its place or its title."""
    wanted = fold(said).strip(" 第类、")
    for place, one in enumerate(draft.sections, 1):
        if wanted in (str(place), fold(one.category.label or ""), fold(one.category.title)):
            return str(one.ordinal)
    return None


def of_section(registrar: Registrar, number: str, said: str) -> list[Reply]:
    """«改第2类 分值 20», «改第2类 名称 …»."""
    return of_own(registrar, lambda own, draft: _of_section(registrar, own, draft, int(number), said))


def _of_section(registrar: Registrar, own: Own, draft: Draft, number: int, said: str) -> list[Reply]:
    field, value = _field(said)
    if field not in OF_SECTION or value is None or not 1 <= number <= len(draft.sections):
        return _again(registrar, own, "table_how_section", count=len(draft.sections))
    return made(registrar, own, Correction(f"section:{draft.sections[number - 1].ordinal}", OF_SECTION[field], value))


def of_whole(registrar: Registrar, field: str, said: str) -> list[Reply]:
    """«改标题 …», «改总分 100», «改最小分 1»."""
    value = valued(field, said)
    if value is None:
        return of_own(registrar, lambda own, draft: _again(registrar, own, "table_no_points", said=said))
    return of_own(registrar, lambda own, draft: made(registrar, own, Correction(WHOLE, field, value)))


def dropped(registrar: Registrar, number: str) -> list[Reply]:
    """«删第5项»."""
    return of_own(registrar, lambda own, draft: _dropped(registrar, own, draft, int(number)))


def _dropped(registrar: Registrar, own: Own, draft: Draft, number: int) -> list[Reply]:
    if not 1 <= number <= len(draft.items) or len(draft.items) == 1:
        return _again(registrar, own, "table_no_item", position=number, count=len(draft.items))
    return made(registrar, own, Correction(f"item:{draft.items[number - 1].ordinal}", "dropped", ""))


def looked(registrar: Registrar) -> list[Reply]:
    """«都对»: she has looked at what was put right."""
    return of_own(registrar, lambda own, draft: made(registrar, own, Correction(WHOLE, "looked", "yes")))


def _again(registrar: Registrar, own: Own, name: str, **about: Any) -> list[Reply]:
    """Nothing was changed, and why; what was asked is asked again."""
    return together(phrasebook().text(name, about), asked(registrar, own))


def at_work(registrar: Registrar, act: Callable[[Own], list[Reply]]) -> list[Reply]:
    """Do it to the table that is being made ready; without one she is told how to send one."""
    row = rubric_drafts.current(registrar.db, registrar.actor.person_id)
    if row is None:
        return [phrasebook().reply("table_send", {})]
    return act(rubric_drafts.own(registrar.db, registrar.store, row))


def of_own(registrar: Registrar, act: Callable[[Own, Draft], list[Reply]]) -> list[Reply]:
    """The same for what is decided of a Word or Excel table; a rubric file is changed in the file."""
    return at_work(
        registrar, lambda own: act(own, own.draft) if own.draft else [phrasebook().reply("table_edit_file", {})]
    )


def look(registrar: Registrar, position: str) -> list[Reply]:
    return at_work(registrar, lambda own: rubric_shown.item(registrar, own, int(position)))


def notes(registrar: Registrar) -> list[Reply]:
    return at_work(registrar, lambda own: rubric_shown.notes(registrar, own))


def file(registrar: Registrar) -> list[Reply]:
    return at_work(registrar, lambda own: rubric_shown.file(registrar, own))


COMMANDS: dict[str, Callable[..., list[Reply]]] = {
    "table_item": look,
    "table_notes": notes,
    "table_file": file,
    "table_looked": looked,
    "table_edit": of_item,
    "table_edit_section": of_section,
    "table_drop": dropped,
    "table_title": lambda registrar, said: of_whole(registrar, "title", said),
    "table_total": lambda registrar, said: of_whole(registrar, "points", said),
    "table_step": lambda registrar, said: of_whole(registrar, "step", said),
}
