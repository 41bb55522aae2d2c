"""How values of a round are written in an export: exact decimals, moments with their offset."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from rubrics.model import Rubric
from storage.relations import Row


class Written:
    """How values of one round are written."""

    def __init__(self, round: Row, rubric: Rubric) -> None:
        self.round = round
        self.rubric = rubric
        self.zone = ZoneInfo(round.timezone)

    def moment(self, at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(self.zone).isoformat()


def exact(value: Decimal | None) -> str | None:
    """A decimal as it is said: 8, 8.5."""
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
