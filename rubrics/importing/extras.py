"""Points beside the total: items that look like bonuses or deductions are asked about, never read as plain ones."""

import re
from decimal import Decimal

from rubrics.importing.draft import UNSCORED, Draft, DraftItem, DraftSection
from rubrics.importing.findings import Finding
from rubrics.importing.wording import plain as half_width
from rubrics.importing.wording import points
from rubrics.sums import plain

BONUS, DEDUCTION = "bonus", "deduction"
EXTRA = re.compile("[加扣减]分")
RULE = re.compile(r"每[^，。,;；]{0,12}[加扣减]\s*\d+(?:\.\d+)?\s*分|[加扣减]\s*\d+(?:\.\d+)?\s*分/[次项个]")
MOST = re.compile(r"(?:最[高多]|不超过|上限|累计|封顶)[^，。,;；\d]{0,6}(\d+(?:\.\d+)?)\s*分")
SIGN = re.compile(r"^\s*[+＋\-－−–—]\s*")
UNREAD = ("points_missing", "points_unread", "points_odd")  # what a cell of such an item would be asked otherwise


def extras(draft: Draft) -> None:
    """Ask about every item that a heading or a category calls so; a rule in the contents is only named."""
    for section in draft.sections:
        for item in section.items:
            if item.counts is not None:
                continue
            named = called(section, item)
            rule = RULE.search(item.text)
            if named is not None and (item.points is not None or item.unread is not None):
                _ask(item, named)
            elif rule is not None and draft.kind != UNSCORED:
                item.findings.append(Finding("extra_rule", item.spot, {"found": rule[0]}))


def called(section: DraftSection, item: DraftItem) -> str | None:
    """The words that call an item one of points beside the total."""
    return next((one for one in (item.heading, section.category.title) if one and EXTRA.search(one)), None)


def _ask(item: DraftItem, named: str) -> None:
    if item.points is not None:
        item.unread, item.points = plain(item.points), None
    item.findings = [one for one in item.findings if one.code not in UNREAD]
    item.findings.append(Finding("extra_points", item.spot, {"found": named, "points": item.unread}))


def likely(section: DraftSection, item: DraftItem) -> tuple[str, ...]:
    """What it may be, the likelier first; one alone where the words leave no doubt."""
    said = called(section, item) or ""
    more, less = "加" in said, bool(re.search("[扣减]", said))
    if more and not less:
        return (BONUS,)
    return (DEDUCTION,) if less and not more else (BONUS, DEDUCTION)


def most(item: DraftItem) -> str | None:
    """How many points at most, as its cell or else its contents print it; None where a person has to say."""
    printed = points(SIGN.sub("", item.unread or ""))
    if printed is None or printed <= 0:
        found = MOST.search(half_width(item.text))
        printed = Decimal(found[1]) if found else None
    return plain(printed) if printed else None
