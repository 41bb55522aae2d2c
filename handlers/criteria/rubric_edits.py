"""What an officer changes in a brought table by a sentence: «改第3项 分值 4», «删第5项», «改标题 …»; each is kept and undone."""

import re
from collections.abc import Callable
from typing import Any

from handlers.criteria import rubric_drafts, rubric_kinds, rubric_preview, rubric_shown, rubric_told
from handlers.criteria.rubric_drafts import Own, decide
from handlers.criteria.rubric_questions import valued
from handlers.criteria.rubric_shown import asked, opened, together
from handlers.messages import Reply
from handlers.phrasebook import phrasebook
from handlers.societies.registrar import Registrar
from handlers.understanding.numerals import fold
from rubrics.importing.correcting import WHOLE, Correction, Gone
from rubrics.importing.draft import Draft

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
OF_SECTION = {"points": "points", "heading": "title"}


def made(registrar: Registrar, own: Own, *decisions: Correction) -> list[Reply]:
    """Store what was decided, say what the last of it did, and go on."""
    decided = decisions[-1]
    old = rubric_told.old(own, decided)
    try:
        with registrar.db.begin_nested():
            for one in decisions:
                decide(registrar, own.row.id, one, rubric_told.old(own, one))
            now = opened(registrar, own.row.id)
    except Gone:
        return [phrasebook().reply("table_gone", {})]
    about = {"one": decided, "old": old, "new": rubric_told.new(own, decided), "receipt": registrar.receipt}
    about |= {"position": rubric_told.position(own, decided), "units": rubric_told.units(now, decided)}
    return together(phrasebook().text("table_decided", about), asked(registrar, now))


def of_item(registrar: Registrar, number: str, said: str) -> list[Reply]:
    """«改第3项 分值 4», 项目, 内容, 序号, 类别."""
    return of_own(registrar, lambda own, draft: _item(registrar, own, draft, int(number), said))


def _item(registrar: Registrar, own: Own, draft: Draft, number: int, said: str) -> list[Reply]:
    if not 1 <= number <= len(draft.items):
        return _again(registrar, own, "table_no_item", position=number, count=len(draft.items))
    field, value = _field(said)
    if field is None:
        return _unlike(registrar, own, f"item:{draft.items[number - 1].ordinal}", said)
    if field == "section" and value is not None:
        value = _section(draft, value)
    if value is None:
        return _how(registrar, own, said)
    return made(registrar, own, Correction(f"item:{draft.items[number - 1].ordinal}", field, value))


def _how(registrar: Registrar, own: Own, said: str) -> list[Reply]:
    sections = [one.category.title for one in own.draft.sections] if own.draft else []
    return _again(registrar, own, "table_how", said=said, sections=sections)


def _unlike(registrar: Registrar, own: Own, place: str, said: str) -> list[Reply]:
    """What is said of one kind of unit: «企业科协 5分», «只问学会»."""
    assert own.draft is not None, "a rubric file is changed in the file"
    try:
        decided = rubric_kinds.decisions(registrar.db, own.draft, place, said)
    except rubric_kinds.Unfit as unfit:
        return _again(registrar, own, unfit.why, **unfit.about)
    return made(registrar, own, *decided) if decided else _how(registrar, own, said)


def unit(registrar: Registrar, said: str) -> list[Reply]:
    """«加类型 企业科协»."""
    return of_own(registrar, lambda own, draft: _unit(registrar, own, draft, said))


def _unit(registrar: Registrar, own: Own, draft: Draft, said: str) -> list[Reply]:
    try:
        return made(registrar, own, *rubric_kinds.added(registrar.db, draft, said))
    except rubric_kinds.Unfit as unfit:
        return _again(registrar, own, unfit.why, **unfit.about)


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
    if field is None and 1 <= number <= len(draft.sections):
        return _unlike(registrar, own, f"section:{draft.sections[number - 1].ordinal}", said)
    if field not in OF_SECTION or value is None or not 1 <= number <= len(draft.sections):
        return _again(registrar, own, "table_how_section", count=len(draft.sections))
    return made(registrar, own, Correction(f"section:{draft.sections[number - 1].ordinal}", OF_SECTION[field], value))


def of_whole(registrar: Registrar, field: str, said: str) -> list[Reply]:
    """«改标题 …», «改总分 100», «改最小分 1»."""
    value = valued(field, said)
    if value is None and field == "points" and re.search("[^\\d.分 ]", said):
        return of_own(registrar, lambda own, draft: _unlike(registrar, own, WHOLE, said))
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
    return at_work(registrar, lambda own: rubric_preview.item(registrar, own, int(position)))


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
    "table_asked": of_item,
    "table_asked_section": of_section,
    "table_unit": unit,
    "table_drop": dropped,
    "table_title": lambda registrar, said: of_whole(registrar, "title", said),
    "table_total": lambda registrar, said: of_whole(registrar, "points", said),
    "table_step": lambda registrar, said: of_whole(registrar, "step", said),
}
