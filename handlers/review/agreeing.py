"""How the scores or findings of several reviewers become one, and how far they lie apart. Pure; exact."""

from collections import Counter
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


def concord(findings: Sequence[str], rule: str) -> str | None:
    """One finding out of several, the newest last; None where as many find otherwise: that is for people to decide."""
    if rule == "single":
        return findings[-1] if findings else None
    counted = Counter(findings).most_common(2)
    tied = len(counted) > 1 and counted[0][1] == counted[1][1]
    return counted[0][0] if counted and not tied else None


def apart(scores: Sequence[Decimal], maximum: Decimal, percent: int) -> Decimal | None:
    """How far the scores lie apart where that is more than so much of the maximum; else None."""
    between = max(scores) - min(scores) if scores else Decimal(0)
    return between if between * 100 > maximum * percent else None
