"""Ids that stay when a table is read again, and short names that tell items under one heading apart."""

import re
from collections import Counter

from rubrics.importing.draft import Draft, DraftItem
from rubrics.importing.wording import plain
from rubrics.model import Item

LONGEST_NAME = 10
CLAUSE = re.compile(r"[\s，。；：、,;:.!！?？（()）《》“”\"'\[\]【】…—]+")
YEAR = re.compile(r"(?:19|20)[0-9]{2}")
NOUN = re.compile(
    r".*(?:评价表|自评表|考核表|评分表|评估表|打分表|标准|细则|指标体系|指标|办法|评价|自评|考核|表)(?:（.*）|\(.*\))?$"
)
LONGEST_TITLE = 60


def slug(text: str) -> str:
    """The Latin letters and digits of a text as an id; empty where there are none."""
    return re.sub(r"[^a-z0-9]+", "-", plain(text).lower()).strip("-")


def ids(draft: Draft) -> dict[int, str]:
    """An id for every item, by its place in memory: from its printed number, else from its place in its category."""
    found: dict[int, str] = {}
    taken: set[str] = set()
    for number, section in enumerate(draft.sections, 1):
        for place, item in enumerate(section.items, 1):
            labelled = f"item-{slug(item.no)}" if item.no and slug(item.no) else ""
            found[id(item)] = labelled if labelled and labelled not in taken else f"item-s{number}-{place}"
            taken.add(found[id(item)])
    return found


def names(draft: Draft) -> dict[int, str]:
    """A name for every item: its heading, or the first words of its contents where several stand under one."""
    headed = Counter(item.heading for item in draft.items)
    found: dict[int, str] = {}
    taken: set[str] = set()
    for item in draft.items:
        name = item.heading if item.heading and headed[item.heading] == 1 else clue(item)
        found[id(item)] = unused(name or "?", taken)
        taken.add(found[id(item)])
    return found


def clue(item: DraftItem | Item) -> str:
    """The first clause of the contents that says something, cut short."""
    clauses = [one for one in CLAUSE.split(item.text) if one]
    first = next((one for one in clauses if len(one) > 3), clauses[0] if clauses else item.heading or "")
    return first[:LONGEST_NAME]


def unused(name: str, taken: set[str]) -> str:
    """The name itself, else with the first number that makes it one of its own."""
    if name not in taken:
        return name
    number = 2
    while f"{name}（{number}）" in taken:
        number += 1
    return f"{name}（{number}）"


def title_of(lines: tuple[str, ...], stem: str) -> str | None:
    """The title of the table: the line above it that reads like one, else the file's own name in Chinese."""
    for line in reversed(lines):
        bare = line.strip().strip("《》")
        if len(bare) <= LONGEST_TITLE and NOUN.fullmatch(bare):
            return bare
    return stem if re.search("[一-鿿]", stem) else None


def year_of(title: str | None) -> int | None:
    found = YEAR.search(plain(title or ""))
    return int(found[0]) if found else None
