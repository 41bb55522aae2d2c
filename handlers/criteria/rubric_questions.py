"""What a brought table leaves open, one question after the other: what may be answered, and what an answer decides."""

import re
from dataclasses import dataclass
from decimal import Decimal

from handlers.phrasebook import phrasebook
from handlers.societies.registrar import counted
from handlers.understanding.numerals import fold
from rubrics.importing.correcting import WHOLE, Correction, holder
from rubrics.importing.draft import SCORED, UNSCORED, Draft, DraftItem, DraftSection
from rubrics.importing.extras import likely, most
from rubrics.importing.findings import Finding
from rubrics.importing.wording import is_number, points
from rubrics.sums import plain

MOST_POINTS = 1000
NUMBERED = "points_nowhere"  # its ways are told by their numbers; what else is asked depends on it
EXTRA = "extra_points"  # a bonus, a deduction or an item like the others
EXTRA_KINDS = {"加分": "bonus", "扣分": "deduction", "减分": "deduction", "普通": "points"}
KINDS = {"bonus": ("bonus", "bonus_above"), "deduction": ("deduction",)}
# What is typed to it: «加分 最多6分», «可超过总分的加分», «扣分», «普通项 6分»; a bare number where only one kind is likely.
TYPED_EXTRA = re.compile(
    r"(?:是|算)?(可以?超过?总?分?的?)?(加分|扣分|减分|普通)?项?[,，、:： ]*(.*?)[,，、 ]*(可以?超过?总分)?"
)
LONGEST = {"text": 2000}
LONGEST_LABEL = 100  # of a heading, a category or the whole table
# What may be typed as an answer, by the finding; of the others only the ways offered.
POINTS = ("points", "step", "bonus", "bonus_above", "deduction")
TYPED = {
    "points_missing": "points",
    "points_unread": "points",
    "points_odd": "points",
    "points_shared": "points",
    "section_points_missing": "points",
    "number_twice": "no",
    "text_missing": "text",
}
# The ways that are offered besides: the name of the words for each, and the field that it decides.
OFFERED = {
    "points_missing": ("dropped",),
    "points_unread": ("dropped",),
    "points_odd": ("dropped",),
    "points_shared": ("merged", "dropped"),
    "number_twice": ("no",),
    "text_missing": ("dropped",),
    "sum_of_section": ("points",),
    "sum_of_all": ("points",),
    "extra_mixed": ("above", "within"),
    "sum_for_section": ("points_for",),
    "sum_for_all": ("points_for",),
}
SUMS_FOR = ("sum_for_section", "sum_for_all")  # of one kind of unit


@dataclass(frozen=True)
class Question:
    """Something that she has to decide, and where it stands in the table."""

    finding: Finding
    item: DraftItem | None = None
    section: DraftSection | None = None

    @property
    def code(self) -> str:
        return self.finding.code

    @property
    def place(self) -> str:
        if self.item is not None:
            return f"item:{self.item.ordinal}"
        return f"section:{self.section.ordinal}" if self.section is not None else WHOLE


def questions(draft: Draft) -> list[Question]:
    """All that is open, items before the sums that follow from them."""
    found = [
        Question(one, item, section) for section in draft.sections for item in section.items for one in item.findings
    ]
    found += [Question(one, None, section) for section in draft.sections for one in section.findings]
    found += [Question(one) for one in draft.findings]
    return sorted((one for one in found if one.finding.decide), key=lambda one: one.code != NUMBERED)


def ways(draft: Draft, question: Question) -> dict[str, Correction]:
    """By the words that choose it, what each offered way decides."""
    if question.code == NUMBERED:
        kinds = (UNSCORED, SCORED)
        return {phrasebook().text("table_filled_how", {"kind": one}): Correction(WHOLE, "kind", one) for one in kinds}
    if question.code == EXTRA:
        return _kinds(draft, question)
    made: dict[str, Correction] = {}
    for field in OFFERED.get(question.code, ()):
        if field == "merged" and draft.items[0] is question.item:
            continue
        value = _counted(draft, question) if field == "points" else _counted_for(question)
        words = phrasebook().text("table_way", {"field": field, "value": value.partition(" ")[0]})
        made[words] = Correction(question.place, field, value)
    return made


def _kinds(draft: Draft, question: Question) -> dict[str, Correction]:
    """The kinds of points that it may have, each with as many as its cell or its contents print; none without those."""
    assert question.item is not None
    value = most(question.item)
    fields = [field for kind in likely(holder(draft, question.item), question.item) for field in KINDS[kind]]
    if value is None:
        return {}
    made = {phrasebook().text("table_way", {"field": one, "value": value}): one for one in fields}
    made[phrasebook().text("table_way", {"field": "score", "value": value})] = "points"
    return {words: Correction(question.place, field, value) for words, field in made.items()}


def _extra(draft: Draft, question: Question, words: str) -> Correction | None:
    """What she types to the question whether points are added, taken off or counted like all others."""
    assert question.item is not None
    match = TYPED_EXTRA.fullmatch(fold(words).strip(" 。."))
    if match is None:
        return None
    if 0 < (counted(words) or 0) <= len(ways(draft, question)):
        return None  # «1» may be the first of the ways offered as well as one point
    printed = most(question.item)
    value = valued("points", match[3]) if match[3] else printed
    guessed = likely(holder(draft, question.item), question.item)
    kind = EXTRA_KINDS.get(match[2] or "") or (guessed[0] if len(guessed) == 1 else None)
    if value is None or kind is None:
        return None
    above = kind == "bonus" and bool(match[1] or match[4])
    return Correction(question.place, "bonus_above" if above else kind, value)


def _counted(draft: Draft, question: Question) -> str:
    if question.section is not None:
        return plain(question.section.sum)
    return plain(sum((one.category.points for one in draft.counted if one.category.points is not None), Decimal(0)))


def _counted_for(question: Question) -> str:
    """The sum for one kind of unit, with that kind; nothing where it is no question of one."""
    about = question.finding.details
    return f"{about['sum']} {about['id']}" if question.code in SUMS_FOR else ""


def remainder(draft: Draft, question: Question) -> str | None:
    """What the item must be worth if its category's printed sum is right and it alone is open."""
    if question.item is None or TYPED.get(question.code) != "points":
        return None
    section = holder(draft, question.item)
    unknown = [one for one in section.items if one.points is None]
    if section.category.points is None or unknown != [question.item]:
        return None
    left = section.category.points - section.sum
    return plain(left) if left > 0 else None


def answered(draft: Draft, question: Question, words: str) -> Correction | None:
    """What her words decide; None where they are no answer to this question."""
    said, offered = fold(words).strip(" 。."), ways(draft, question)
    chosen = next((one for way, one in offered.items() if fold(way) == said), None)
    if question.code == NUMBERED and (number := counted(words)) is not None:
        chosen = next((one for at, one in enumerate(offered.values(), 1) if at == number), None)
    if chosen is None and question.code == EXTRA:
        return _extra(draft, question, words)
    if chosen is None and question.code in SUMS_FOR and (worth := valued("points", words)) is not None:
        return Correction(question.place, "points_for", f"{worth} {question.finding.details['id']}")
    if chosen is not None or question.code not in TYPED:
        return chosen
    field = TYPED[question.code]
    value = valued(field, words)
    return Correction(question.place, field, value) if value is not None else None


def valued(field: str, words: str) -> str | None:
    """A value for a field as it is kept; None where it can be none."""
    said = words.strip()
    if field in POINTS:
        worth = points(said)
        return plain(worth) if worth is not None and 0 < worth <= MOST_POINTS else None
    if field == "no":
        bare = re.sub(r"^序号\s*", "", said).strip()
        return bare if bare and is_number(bare) else None
    if field != "text":
        said = " ".join(said.split())
    return said if 0 < len(said) <= LONGEST.get(field, LONGEST_LABEL) else None
