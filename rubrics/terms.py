"""The words every part of a rubric file is written in: exact numbers, texts that say something, ids."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema


class Strict(BaseModel):
    """Read once, never changed; a key we do not know is a fault, and 10 is not "10"."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


def exact(value: object) -> object:
    """A whole number as a Decimal; everything else is left for the validator to judge (true is no number)."""
    return Decimal(value) if type(value) is int else value


FINEST = 3  # decimals that are kept of points
MOST_POINTS = 100_000  # of anything; real documents have 100 or 1000
Points = Annotated[
    Decimal,
    Field(gt=0, le=MOST_POINTS, decimal_places=FINEST),
    BeforeValidator(exact),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": MOST_POINTS, "multipleOf": 10**-FINEST}),
]
Confidence = Annotated[
    Decimal,
    Field(ge=0, le=1),
    BeforeValidator(exact),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]
UNDECIDED = "？"  # stands for what a person has to decide in a table that was imported
SLUG = r"^[a-z0-9]+([-_][a-z0-9]+)*$"
Count = Annotated[int, Field(ge=1)]
Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]
Slug = Annotated[str, StringConstraints(pattern=SLUG)]


class PointsFor(Strict):
    """Another maximum for one kind of unit: 省级学会40分，企业科协20分."""

    applicant: Slug
    points: Points
