"""The key points of a work plan and the items of a self-evaluation that they are about (domain.md Q-WP01, Q-WP06)."""

from decimal import Decimal
from functools import cache

from rubrics.model import Item, Rubric
from rubrics.reading import catalog, read

STRONG = Decimal("0.8")  # a weaker link is a guess and is not shown


@cache
def plans() -> tuple[Rubric, ...]:
    """The work plans that are shipped."""
    found = [(name, text) for name, text in catalog().items() if "\nkind: work_plan\n" in text]
    return tuple(read(text, f"{name}.yaml") for name, text in found)


def plan_for(rubric: Rubric) -> Rubric | None:
    """The work plan itself, or the one that is about this self-evaluation."""
    if rubric.kind == "work_plan":
        return rubric
    return next((plan for plan in plans() if any(link.rubric == rubric.id for link in plan.links)), None)


def serving(rubric: Rubric, item: Item) -> tuple[Item, ...]:
    """The key points that an item of a self-evaluation serves, as far as we are sure."""
    plan = plan_for(rubric) if rubric.kind == "self_evaluation" else None
    if plan is None:
        return ()
    sure = (link for link in plan.links if link.confidence >= STRONG)
    return tuple(plan.item(link.item) for link in sure if link.rubric == rubric.id and link.to == item.id)


def served(plan: Rubric, point: Item, rubric: Rubric) -> tuple[Item, ...]:
    """The items of this self-evaluation that a key point is about; of another rubric none."""
    known = {item.id: item for item in rubric.items}
    sure = (link for link in plan.links if link.confidence >= STRONG and link.rubric == rubric.id)
    return tuple(known[link.to] for link in sure if link.item == point.id and link.to in known)
