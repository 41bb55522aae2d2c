"""The official table of one society, line by line: what is printed in each of its columns."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from handlers.cleaning import clean
from handlers.phrasebook import phrasebook
from rubrics.asked import Asked
from rubrics.model import Item, Rubric, Section

NO, SECTION, HEADING, TEXT, POINTS, SCORE, BASIS, REMARK = range(8)  # the printed columns


@dataclass(frozen=True)
class Line:
    """One item as it is printed; `score` is a number, the word for 不适用, 达到 or 未达到, or None where nothing was answered."""

    item: Item
    section: str
    heading: str
    no: str
    text: str
    points: Decimal | None
    score: Decimal | str | None
    basis: str


@cache
def labels() -> Mapping[str, str]:
    """Words of one cell each, by name."""
    return dict(line.split(" ", 1) for line in phrasebook().text("export_labels", {}).splitlines())


@cache
def heads(name: str) -> tuple[str, ...]:
    """The heads of a table's columns."""
    return tuple(phrasebook().text(name, {}).split("|"))


def columns(rubric: Rubric) -> tuple[int, ...]:
    """The printed columns that this document fills: some print no numbers, some no points."""
    empty = {NO} if not any(item.no for item in rubric.items) else set()
    if all(item.points is None for item in rubric.items):
        empty.add(POINTS)
    return tuple(one for one in range(REMARK + 1) if one not in empty)


def table_heads(rubric: Rubric) -> tuple[str, ...]:
    """The heads of all printed columns; where there are no points, nobody gives himself any."""
    named = heads("export_table_heads")
    if POINTS in columns(rubric):
        return named
    return tuple(labels()["said"] if column == SCORE else one for column, one in enumerate(named))


def lines(rubric: Rubric, entry: Mapping[str, Any]) -> Iterator[Line]:
    """The printed lines of one society's part in a round, as whole_entry gives it."""
    if not entry["answers"]:
        return  # a unit that owes no table
    for item, answer in zip(rubric.items, entry["answers"], strict=True):
        yield Line(
            item=item,
            section=section_title(item.section),
            heading=item.heading or item.name,
            no=item.no or "",
            text=item.text,
            points=item.points,
            score=score(answer),
            basis=basis(item, answer),
        )


def section_title(section: Section) -> str:
    """一、为科技工作者服务, its points on a line of their own."""
    return _section_title(section.label, section.title, section.points)


@lru_cache(maxsize=256)
def _section_title(label: str | None, title: str, points: Decimal | None) -> str:
    return phrasebook().text("export_section", {"label": label, "title": title, "points": points})


def score(answer: Mapping[str, Any]) -> Decimal | str | None:
    """Unanswered, 0 and 不适用 stay apart (design R11)."""
    if answer["state"] == "not_applicable":
        return labels()["not_applicable"]
    if answer["met"] is not None:
        return labels()["met" if answer["met"] else "not_met"]
    return None if answer["self_score"] is None else Decimal(answer["self_score"])


def basis(item: Item, answer: Mapping[str, Any]) -> str:
    """自评依据: her reason, her words and links, the names of her files, and the figures she gave."""
    said = [_piece(one) for one in answer["evidence"]]
    if len(said) > 1:
        said = [f"{number}. {one}" for number, one in enumerate(said, 1)]
    reason = clean(answer["reason"] or "")
    figures = [_figure(item.known[name], value) for name, value in answer["facts"].items() if name in item.known]
    return "\n".join(
        [*([reason] if reason else []), *said, *([labels()["semicolon"].join(figures)] if figures else [])]
    )


def _piece(piece: Mapping[str, Any]) -> str:
    words = labels()
    text = clean(piece["text"] or "")
    named = (
        f"{words['open']}{words[piece['kind']]}{words['close']}{clean(piece['name'] or '')}" if piece["sha256"] else ""
    )
    late = words["late_piece"] if piece["late"] else ""
    return "\n".join(filter(None, (named, text))) + late


def _figure(fact: Asked, value: object) -> str:
    words = labels()
    if isinstance(value, bool):
        said = words["yes" if value else "no"]
    elif isinstance(value, list):
        said = words["comma"].join(_named(one) for one in value)
    else:
        said = f"{value}{fact.unit or ''}"
    return clean(f"{fact.label}{words['colon']}{said}")


def _named(one: object) -> str:
    """An event, or one of several choices."""
    return " ".join(str(part) for part in one.values()) if isinstance(one, Mapping) else str(one)
