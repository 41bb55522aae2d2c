"""Who may take part by the document: every gate with its reason, and what only a person can judge."""

from collections.abc import Mapping
from typing import NamedTuple

from rubrics.conditions import Met
from rubrics.model import Requirement, Rubric
from rubrics.suggesting import Criterion, criteria

Known = Mapping[str, Mapping[str, object]]  # the facts told of each requirement, by its id
OPPOSITE: dict[Met, Met] = {"yes": "no", "no": "yes", "open": "open"}
UNKNOWN = "unknown"  # asked, and she does not know: no value of any kind of fact, so that a condition stays open


class Gate(NamedTuple):
    """One printed demand on those who take part, and whether the facts meet it."""

    requirement: Requirement
    met: Met
    criteria: tuple[Criterion, ...]


def gates(rubric: Rubric) -> tuple[Requirement, ...]:
    """What is demanded of every society before anything else, in the order of the document."""
    return tuple(one for one in rubric.requirements if one.role in ("gate", "disqualifier"))


def judged(rubric: Rubric, known: Known) -> tuple[Gate, ...]:
    """Every gate as far as the facts decide it; a disqualifier is passed where it does not hold."""
    return tuple(_judged(one, known.get(one.id, {})) for one in gates(rubric))


def _judged(one: Requirement, facts: Mapping[str, object]) -> Gate:
    met: Met = "open" if one.condition is None else one.condition.met(one.known, facts)
    return Gate(one, OPPOSITE[met] if one.role == "disqualifier" else met, criteria(one, facts))


def eligible(found: tuple[Gate, ...]) -> Met | None:
    """One gate not passed is enough; open ones go to a person (domain.md Q-WZ06); None where there are no gates."""
    if not found:
        return None
    met = {gate.met for gate in found}
    return "no" if "no" in met else "open" if "open" in met else "yes"
