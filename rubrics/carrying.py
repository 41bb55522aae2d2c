"""A corrected table put into the rubric that a round runs on: the same items keep their ids, conditions and questions."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import yaml

from rubrics.document import parse
from rubrics.filled.matching import LIKELY, Match, matched
from rubrics.filled.rows import FilledRow
from rubrics.grafting import grafted
from rubrics.importing.grid import Spot
from rubrics.importing.wording import key
from rubrics.model import Item, Rubric, Section

Node = dict[str, Any]
PRINTED = ("no", "heading", "text", "points")  # what a table says of an item; all else is kept
UNLIKE = ("points_for", "applicants")  # what a person has said of it for kinds of units, where she has


class Deeper(Exception):
    """The round's document is no table of items: only a rubric file can change it."""


def carried(old_text: str, old: Rubric, new: Rubric) -> str:
    """The text of the old rubric with the categories, items, words and points of the new one. Raises Deeper, and
    Unplaced where the old one holds groups and an item might be of several."""
    nested = any(section.sections for section in old.sections)
    if nested and not old.items:
        raise Deeper
    document: Node = mutable(parse(old_text, "old").data)
    nodes = {item["id"]: item for item in _items(document["sections"])}
    same = pairs(old, new)
    taken, names = set(nodes), {one["name"] for one in nodes.values()}
    made = {item.id: _item(item, same, nodes, taken, names) for item in new.items}
    if nested:
        document["sections"] = grafted(document["sections"], old, new, same, made)
    else:
        whole = document["sections"]
        document["sections"] = [
            _section(section, old, whole, [made[item.id] for item in section.items]) for section in new.sections
        ]
    _unique(document["sections"])
    if new.points is not None and "points" in document:
        document["points"] = new.points
    _unlike(document, new)
    _units(document, new)
    document["links"] = [one for one in document.get("links", ()) if one.get("item") in _kept(document)]
    if not document["links"]:
        del document["links"]
    return yaml.dump(document, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=1000)


def pairs(old: Rubric, new: Rubric) -> dict[str, Item]:
    """By the ids of the new items, the old items that they are; what is like none is asked for the first time."""
    rows = [_row(item) for item in new.items]
    found: dict[str, Item] = {}
    for item, match in zip(new.items, matched(rows, old), strict=True):
        if match.item is not None and _sure(match):
            found[item.id] = match.item
    return found


def _sure(match: Match) -> bool:
    """Like enough in its words; what two rows claim is nobody's."""
    return match.doubt is None or (match.doubt == "match" and match.likeness >= LIKELY)


def _row(item: Item) -> FilledRow:
    where = Spot(1, item.position)
    return FilledRow(where, item.no or "", item.heading or "", item.text, item.points, "", "")


def _item(item: Item, same: dict[str, Item], nodes: dict[str, Node], taken: set[str], names: set[str]) -> Node:
    if item.id in same:
        node = nodes[same[item.id].id]
        held = same[item.id]
        for name in PRINTED:
            if getattr(item, name) != getattr(held, name):
                node[name] = getattr(item, name)
        _unlike(node, item)
        return {key: value for key, value in node.items() if value is not None}
    node = {"id": _free(item.id, taken), **{name: getattr(item, name) for name in PRINTED}}
    node["name"] = _free(item.name, names)
    _unlike(node, item)
    return {key: value for key, value in node.items() if value is not None}


def _unlike(node: Node, part: Item | Section | Rubric) -> None:
    """What she has said of kinds of units stands for what was known of them."""
    if part.points_for:
        node["points_for"] = [{"applicant": one.applicant, "points": one.points} for one in part.points_for]
    if not isinstance(part, Rubric) and part.applicants:
        node["applicants"] = list(part.applicants)


def _units(document: Node, new: Rubric) -> None:
    """Kinds that she has named and the document had none of."""
    known = {one["id"] for one in document.get("applicants", ())}
    if added := [{"id": one.id, "title": one.title} for one in new.applicants if one.id not in known]:
        document["applicants"] = [*document.get("applicants", ()), *added]


def _free(wanted: str, taken: set[str]) -> str:
    """The id or name itself, else with the first number that nobody has."""
    found, number = wanted, 2
    while found in taken:
        found, number = f"{wanted}-{number}", number + 1
    taken.add(found)
    return found


def _section(section: Section, old: Rubric, nodes: Sequence[Node], items: list[Node]) -> Node:
    """The category as it was, where it is the same by its title, with what the table prints of it."""
    known = next((at for at, one in enumerate(old.sections) if key(one.title) == key(section.title)), None)
    node = dict(nodes[known]) if known is not None else {"id": section.id}
    was = old.sections[known] if known is not None else None
    for name in ("label", "title", "points"):
        if was is None or getattr(section, name) != getattr(was, name):
            node[name] = getattr(section, name)
    _unlike(node, section)
    node.pop("items", None)
    return {**{name: value for name, value in node.items() if value is not None}, "items": items}


def _unique(nodes: Sequence[Node]) -> None:
    taken: set[str] = set()
    for node in nodes:
        node["id"] = _free(node["id"], taken)


def _kept(document: Node) -> set[str]:
    return {item["id"] for item in _items(document["sections"])}


def _items(nodes: Sequence[Node]) -> Iterator[Node]:
    """Every item below these categories."""
    for node in nodes:
        yield from node.get("items", ())
        yield from _items(node.get("sections", ()))


def mutable(data: Any) -> Any:
    """The data of a rubric file in lists that may be changed."""
    if isinstance(data, dict):
        return {name: mutable(value) for name, value in data.items()}
    return [mutable(one) for one in data] if isinstance(data, tuple) else data


class Dumper(yaml.SafeDumper):
    """Writes decimals as they are and quotes every text that might be read as something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    whole = value == value.to_integral_value()
    tag = "tag:yaml.org,2002:int" if whole else "tag:yaml.org,2002:float"
    return dumper.represent_scalar(tag, f"{value.to_integral_value() if whole else value:f}")


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"')


Dumper.add_representer(Decimal, _decimal)
Dumper.add_representer(str, _text)
