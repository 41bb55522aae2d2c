"""What a kind of unit owes by the document, and whether it is asked the table at all (domain.md Q-ZJ17, Q-ZJ18)."""

from rubrics.model import Rubric
from rubrics.programme import Applicant, Deliverable

# The deliverable that is the questionnaire itself: it is in electronically once it has been handed in by chat.
TABLE = "table"


def unit(rubric: Rubric, kind: str | None) -> Applicant | None:
    """The kind of unit; the document's first where none is known. None where the document names no kinds."""
    return next((one for one in rubric.applicants if one.id == kind), next(iter(rubric.applicants), None))


def owed(rubric: Rubric, kind: str | None) -> tuple[Deliverable, ...]:
    """The papers that this kind of unit owes, in printed order."""
    one = unit(rubric, kind)
    return tuple(paper for paper in rubric.deliverables if _owes(one, paper))


def _owes(unit: Applicant | None, paper: Deliverable) -> bool:
    return unit is None or not paper.applicants or unit.id in paper.applicants


def answers_table(rubric: Rubric, kind: str | None) -> bool:
    """Whether the items are asked: only a table that others owe and this kind does not excuses from them."""
    named = any(paper.id == TABLE for paper in rubric.deliverables)
    return not named or any(paper.id == TABLE for paper in owed(rubric, kind))


def fitted(rubric: Rubric, kind: str | None) -> Rubric:
    """The rubric as this kind of unit is asked it: without any item where it owes no table, so that it has no totals."""
    if answers_table(rubric, kind):
        return rubric
    kept = {name: getattr(rubric, name) for name in Rubric.model_fields}
    return Rubric.model_validate({**kept, "sections": (), "links": ()})
