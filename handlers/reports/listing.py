"""The round as CSV: a row for every item of every society, for programs and pivot tables."""

import csv
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from handlers.cleaning import clean
from handlers.phrasebook import phrasebook, second
from handlers.reports.celltext import guarded
from handlers.reports.snapshot import Snapshot
from handlers.reports.table import heads, labels, lines


def write_listing(snapshot: Snapshot, out: TextIO) -> None:
    """RFC 4180: CRLF, quotes doubled; Excel reads UTF-8 by its mark, and no cell is run as a formula."""
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(heads("export_list_heads"))
    for entry in snapshot.entries():
        writer.writerows([guarded(clean(cell)) for cell in row] for row in _rows(snapshot, entry))


def _rows(snapshot: Snapshot, entry: Mapping[str, Any]) -> Iterator[list[str]]:
    words, head = labels(), snapshot.head
    states = {one: phrasebook().text("export_state", {"state": one}) for one in STATES}
    society = [
        entry["society"],
        words[f"status_{entry['status']}"],
        entry["submitted_at"] or "",
        words["late"] if entry["late"] else "",
    ]
    version = [head.title, head.rubric, head.version, second(head.at, head.zone)]
    for line, answer in zip(lines(snapshot.rubric_of(entry), entry), entry["answers"], strict=True):
        yield [
            *society,
            str(answer["position"]),
            line.no,
            line.section.replace("\n", ""),
            line.heading,
            line.text,
            answer["max"] or "",
            states[answer["state"]],
            answer["self_score"] or (str(line.score) if answer["met"] is not None else ""),
            line.basis,
            str(len(answer["evidence"])),
            words["late"] if answer["late"] else "",
            answer["reviewed"] or phrasebook().text("judged", {"score": None, "finding": answer["finding"]}),
            answer["comment"] or "",
            *version,
        ]


STATES = ("unanswered", "answered", "not_applicable")
