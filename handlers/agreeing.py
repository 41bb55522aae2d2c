"""How the scores of several reviewers become one, and how far they lie apart. Pure; exact."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from storage.columns import plain

RULES = ("single", "mean", "trimmed")  # the last decides · mean · mean without highest and lowest
TRIMMED_FROM = 3
HUNDREDTH = Decimal("0.01")


def agreed(scores: Sequence[Decimal], rule: str) -> Decimal:
    """One score out of several, the newest last. No document says how a mean is rounded: to two decimals, half up."""
    if rule == "single":
        return scores[-1]
    counted = sorted(scores)
    if rule == "trimmed" and len(counted) >= TRIMMED_FROM:
        counted = counted[1:-1]
    mean = sum(counted, Decimal(0)) / len(counted)
    return plain(mean.quantize(HUNDREDTH, ROUND_HALF_UP))


def apart(scores: Sequence[Decimal], maximum: Decimal, percent: int) -> Decimal | None:
    """How far the scores lie apart where that is more than so much of the maximum; else None."""
    between = max(scores) - min(scores) if scores else Decimal(0)
    return between if between * 100 > maximum * percent else None
