"""The export by receipt: what each confirmed message is seen to have stored."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Stored:
    """The change set that the export shows under one receipt."""

    scores: list[tuple[int, str | None]] = field(default_factory=list)  # position, new value
    evidence: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    submissions: list[dict[str, Any]] = field(default_factory=list)
    by: set[tuple[str, str]] = field(default_factory=set)  # society, person
    at: set[str] = field(default_factory=set)


def stored(export: dict[str, Any]) -> dict[str, Stored]:
    """The export, by receipt."""
    found: dict[str, Stored] = defaultdict(Stored)
    for entry in export["entries"]:
        for answer in entry["answers"]:
            for event in answer["events"]:
                _trace(found, entry, event).scores.append((answer["position"], event["new"]))
            for piece in answer["evidence"]:
                _trace(found, entry, piece).evidence.append((answer["position"], piece))
        for submission in entry["submissions"]:
            _trace(found, entry, submission).submissions.append(submission)
    return dict(found)


def _trace(found: dict[str, Stored], entry: dict[str, Any], row: dict[str, Any]) -> Stored:
    one = found[row["receipt"]]
    one.by.add((entry["society"], row["by"]))
    one.at.add(row["at"])
    return one


def what(piece: dict[str, Any]) -> str:
    """A piece by its bytes, or by the token that its text begins with."""
    return str(piece["sha256"] or token_of(piece))


def token_of(piece: dict[str, Any]) -> str:
    """The token in its name or at the head of its text."""
    return str(piece["name"] or piece["text"])[:7]
