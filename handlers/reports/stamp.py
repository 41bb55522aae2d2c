"""What ties a printed form to what is stored: which submission it shows, its short code, and a hash of its content."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from handlers.papers.shortcode import code

HASH_LETTERS = 12
ANSWERED = ("item", "state", "self_score", "met", "reason", "facts")
PROVED = ("kind", "text", "name", "sha256", "late")


@dataclass(frozen=True)
class Stamp:
    """A draft and a late paper have a hash but no code: no submission in time stands behind them."""

    kind: Literal["submitted", "late", "draft"]
    number: int  # how often it was handed in up to this one
    code: str | None
    hash: str


def stamp(entry: Mapping[str, Any], rubric_sha256: str) -> Stamp:
    """The stamp of one society's part in a round, as whole_entry gives it."""
    handed_in = entry["submissions"]
    timely = [one for one in handed_in if not one["late"]]
    current = next((one for one in reversed(timely) if one["withdrawn_at"] is None), None)
    printed = fingerprint(entry, rubric_sha256)
    if entry["status"] == "submitted" and current is not None:
        number = timely.index(current) + 1
        return Stamp("submitted", number, code(current["number"]), printed)
    late = any(one["late"] and one["withdrawn_at"] is None for one in handed_in)
    return Stamp("late" if late else "draft", len(timely), None, printed)


def fingerprint(entry: Mapping[str, Any], rubric_sha256: str) -> str:
    """The first letters of the sha256 of everything that she answered: one changed sign is another hash."""
    content = {
        "society": entry["society"],
        "rubric": rubric_sha256,
        "answers": [
            {
                **{key: one[key] for key in ANSWERED},
                "evidence": [{key: piece[key] for key in PROVED} for piece in one["evidence"]],
            }
            for one in entry["answers"]
        ],
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:HASH_LETTERS]
