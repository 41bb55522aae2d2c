"""What the office says about reviews, by name; and what a number typed then confirms."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from handlers.answers import behalf
from handlers.messages import Reply
from handlers.office import Office
from handlers.review import (
    finalizing,
    marking,
    motions,
    overruling,
    rechecking,
    recusing,
    releasing,
    reopening,
    reviewing,
    reviewrule,
    unmoved,
    walked,
)
from handlers.understanding.numerals import fold, number

WISHES: dict[str, Callable[..., list[Reply]]] = {
    "review_walk": reviewing.start,
    "review_list": walked.listed,
    "review_rule": reviewrule.rule,
    "recuse": recusing.recuse,
    "recuse_end": recusing.end,
    "final": finalizing.propose,
    "release": releasing.propose,
    "reopen_review": reopening.review,
    "reopen_table": reopening.table,
    "rechecks": rechecking.listed,
    "motion_back": unmoved.take_back,
    "motion_decline": unmoved.decline,
    "objections": overruling.listed,
    "objection_answer": overruling.answer,
    "on_behalf": behalf.fill_in,
}
CONFIRMED: dict[str, Callable[[Office, dict[str, Any], Decimal], list[Reply]]] = {
    "accept_rest": marking.accept_rest,
    "final": finalizing.confirm,
    "release": releasing.confirm,
    "second": lambda office, waiting, counted: motions.second(office, waiting, counted, reopening.DEEDS),
}


def confirmed(office: Office, waiting: dict[str, Any] | None, words: str) -> list[Reply] | None:
    """What is done where the words are the number that was asked for; None where they are none."""
    counted = number(fold(words).strip(" 。.个家项分"))
    if waiting is None or waiting["wish"] not in CONFIRMED or counted is None:
        return None
    office.done()
    return CONFIRMED[waiting["wish"]](office, waiting, counted)
