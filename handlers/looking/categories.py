"""What societies claim and can show for one category: read without a word of theirs, each different answer reckoned once."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

import sqlalchemy as sa

from rubrics import counting
from rubrics.answers import Answer
from rubrics.model import Section
from rubrics.scoring import of_item
from storage import overviews
from storage.relations import Row

Worth = tuple[Decimal | None, Decimal]  # what is claimed, and what of it can be shown


class Category:
    """A category as one rubric has it. Many societies give the same answer to an item, and it is worth the same."""

    def __init__(self, part: Section) -> None:
        self.part = part
        self.items = {item.id: item for item in part.within}
        self.known: dict[tuple[object, ...], Worth] = {}

    def points(self, said: Iterable[Row]) -> tuple[Decimal, Decimal]:
        """Claimed and supported, of what one society has said."""
        claimed, supported = {}, {}
        for row in said:
            if row[1] in self.items:
                claim, supported[row[1]] = self.known.get(row[1:]) or self._worth(row)
                if claim is not None:
                    claimed[row[1]] = claim
        return counting.of_section(self.part, claimed).total, counting.of_section(self.part, supported).total

    def _worth(self, row: Row) -> Worth:
        answer = Answer(row.state, row.self_score, row.evidence, json.loads(row.facts), None, row.met)
        self.known[row[1:]] = worth = of_item(self.items[row.item], answer)
        return worth


def points(db: sa.Connection, round: int, parts: Mapping[int, Section]) -> dict[int, tuple[Decimal, Decimal]]:
    """What each of these entries claims and can show for its part of the rubric that it answers."""
    # By identity: equal parts of two rubrics are as good as one, but comparing them takes longer than reckoning.
    categories = {id(part): Category(part) for part in parts.values()}
    items = {item for one in categories.values() for item in one.items}
    said: dict[int, list[Row]] = defaultdict(list)
    for row in overviews.scores(db, round, items):
        said[row[0]].append(row)
    return {entry: categories[id(part)].points(said[entry]) for entry, part in parts.items()}
