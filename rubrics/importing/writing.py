"""A draft as a rubric file: the catalog's own format, with every open point as a comment at its place."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from rubrics.importing import naming
from rubrics.importing.draft import Draft, DraftItem, DraftSection
from rubrics.importing.findings import Finding, sentences
from rubrics.importing.grid import Spot
from rubrics.sums import plain
from rubrics.terms import UNDECIDED

# Words that YAML can't take for anything but words; all else is quoted.
BARE = re.compile(r"[一-鿿A-Za-z《〔（][^\n\r\t#:\"'{}\[\]&*!|>%@`\\\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff]*")
RESERVED = {"null", "true", "false", "yes", "no", "on", "off"}
UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
STEPS = ("0.5", "0.1", "0.01", "0.001")


def written(draft: Draft, *, id: str, file: str) -> str:
    """The text of the rubric file."""
    return "\n".join([*head(draft, id, draft.title, file), "sections:", *sections(draft)]) + "\n"


def head(draft: Draft, id: str, title: str | None, file: str) -> Iterator[str]:
    for code in ("head_source", "head_check", *(("head_step",) if draft.scored else ())):
        yield f"# {Finding(code, None, {'file': file}).said}"
    yield from comments(sorted(draft.findings, key=lambda one: spot_order(one.spot)), "")
    yield ""
    yield f"id: {id}"
    yield f"kind: {draft.kind or json.dumps(UNDECIDED, ensure_ascii=False)}"
    if title:
        yield f"title: {words(title)}"
    if year := naming.year_of(title):
        yield f"year: {year}"
    yield "source:"
    yield f"  file: {words(file)}"
    if draft.total is not None:
        yield f"points: {plain(draft.total)}"
    if draft.points_for:
        yield f"points_for: {by_kind(draft.points_for)}"
    if draft.pointed:
        yield f"step: {step(draft)}"
    if draft.units:
        yield "applicants:"
        for unit in draft.units:
            yield f"  - {{id: {unit.id}, title: {json.dumps(unit.title, ensure_ascii=False)}}}"
    yield ""


def spot_order(spot: Spot | None) -> tuple[int, int]:
    return (spot.table, spot.row) if spot else (0, 0)


def step(draft: Draft) -> str:
    """Half points where they divide everything that is printed, else the largest step that does; or what a person said."""
    printed = [item.points for item in draft.items if item.points is not None]
    printed += [points for item in draft.items for points in item.points_for.values()]
    if draft.step is not None:
        return plain(draft.step)
    return next(one for one in STEPS if not any(points % Decimal(one) for points in printed))


def sections(draft: Draft) -> Iterator[str]:
    ids, names = naming.ids(draft), naming.names(draft)
    for number, section in enumerate(draft.sections, 1):
        yield from comments(section.findings, "  ")
        yield f"  - id: section-{number}"
        yield from pairs(section_head(section), "    ")
        yield "    items:"
        for item in section.items:
            yield from comments(item.findings, "      ")
            yield f"      - id: {ids[id(item)]}"
            yield from item_lines(item, names[id(item)])


def section_head(section: DraftSection) -> Iterator[tuple[str, str]]:
    found = section.category
    if found.label:
        yield "label", words(found.label)
    yield "title", words(found.title)
    if found.points is not None:
        yield "most" if section.beside else "points", plain(found.points)
    if section.points_for and not section.beside:
        yield "points_for", by_kind(section.points_for)
    if all(item.applicants for item in section.items):
        asked = dict.fromkeys(kind for item in section.items for kind in item.applicants)
        yield "applicants", f"[{', '.join(asked)}]"


def item_lines(item: DraftItem, name: str) -> Iterator[str]:
    indent = "        "
    yield from pairs(item_head(item, name), indent)
    if item.demanded:
        yield f"{indent}evidence:"
        yield f"{indent}  demanded:"
        yield f"{indent}    - {words(item.demanded)}"
    if item.note:
        yield f"{indent}note: {words(item.note)}"
    if item.printed:
        yield f"{indent}printed:"
    for one in item.printed:
        yield f"{indent}  - field: {one.field}"
        note = str(sentences()[f"note_{one.code}"]["says"])
        said = {"text": words(one.text), "confidence": str(one.confidence), "note": words(note)}
        yield from pairs(iter(said.items()), f"{indent}    ")


def item_head(item: DraftItem, name: str) -> Iterator[tuple[str, str]]:
    if item.no:
        yield "no", json.dumps(item.no, ensure_ascii=False)
    if item.heading:
        yield "heading", words(item.heading)
    yield "name", words(name)
    yield "text", words(item.text)
    if item.counts is not None and item.beside:
        yield "counts", item.counts
    if item.above:
        yield "above", "true"
    if item.points is not None:
        yield "points", plain(item.points)
    elif item.unread is not None:
        yield "points", json.dumps(" ".join(item.unread.split()), ensure_ascii=False)
    if item.points_for and item.points is not None:
        yield "points_for", by_kind(item.points_for)
    if item.applicants:
        yield "applicants", f"[{', '.join(item.applicants)}]"


def by_kind(worth: Mapping[str, Decimal]) -> str:
    """Other maxima, each for its kind of unit."""
    return "[" + ", ".join(f"{{applicant: {kind}, points: {plain(points)}}}" for kind, points in worth.items()) + "]"


def pairs(found: Iterator[tuple[str, str]], indent: str) -> Iterator[str]:
    for key, value in found:
        yield f"{indent}{key}: {value}"


def comments(findings: list[Finding], indent: str) -> Iterator[str]:
    for one in findings:
        said = UNPRINTABLE.sub("", " ".join(str(one).split()))
        yield f"{indent}# {'？' if one.decide else '·'} {said}"


def words(text: str) -> str:
    """A text as YAML reads it back letter by letter."""
    if BARE.fullmatch(text) and text == text.strip() and text.lower() not in RESERVED:
        return text
    return UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
