"""A corrected flat table put into a rubric whose categories hold groups: every item keeps its group, or it is asked which."""

from collections.abc import Mapping, Sequence
from typing import Any

from rubrics.importing.naming import clue
from rubrics.importing.wording import key
from rubrics.model import Item, Rubric, Section

Node = dict[str, Any]


class Unplaced(Exception):
    """Of these items of the new table nothing says into which group they go; `groups` are the titles there are."""

    def __init__(self, items: Sequence[Item], groups: Sequence[str]) -> None:
        super().__init__(", ".join(item.id for item in items))
        self.items = tuple(items)
        self.groups = tuple(groups)


def homes(old: Rubric, new: Rubric, same: Mapping[str, Item]) -> dict[str, Section]:
    """By the ids of the new items, the group that holds each: the one it names, the one it was in, or that of both its
    neighbours. Raises Unplaced."""
    found: dict[str, Section] = {}
    for section in new.sections:
        top = _top(section, old, same)
        mine = {item.id: home for item in section.items if (home := _home(item, top, same.get(item.id)))}
        found |= mine | _between(section.items, mine)
    if lost := [item for item in new.items if item.id not in found]:
        raise Unplaced(lost, [one.title for one in old.walk() if one.items])
    return {item.id: found[item.id] for item in new.items}


def _top(section: Section, old: Rubric, same: Mapping[str, Item]) -> Section | None:
    """The old category that it is: by its title, else by what all its known items were in."""
    named = next((one for one in old.sections if key(one.title) == key(section.title)), None)
    known = [same[item.id] for item in section.items if item.id in same]
    holding = [one for one in old.sections if known and all(_within(item, one) for item in known)]
    return named or (holding[0] if len(holding) == 1 else None)


def _within(item: Item, section: Section) -> bool:
    return any(item.section.id == one.id for one in section.walk())


def _home(item: Item, top: Section | None, was: Item | None) -> Section | None:
    groups = [one for one in top.walk() if one.items] if top else []
    named = [one for one in groups if item.heading and key(one.title) == key(item.heading)]
    if len(named) == 1:
        return named[0]
    if was is not None:
        return was.section if top is None or _within(was, top) else None
    return groups[0] if len(groups) == 1 else None


def _between(items: Sequence[Item], known: Mapping[str, Section]) -> dict[str, Section]:
    """What stands between two items of one group is of that group."""
    found: dict[str, Section] = {}
    for at, item in enumerate(items):
        before = next((known[one.id] for one in reversed(items[:at]) if one.id in known), None)
        after = next((known[one.id] for one in items[at + 1 :] if one.id in known), None)
        if item.id not in known and before is not None and after is not None and before.id == after.id:
            found[item.id] = before
    return found


def grafted(
    nodes: Sequence[Node], old: Rubric, new: Rubric, same: Mapping[str, Item], made: Mapping[str, Node]
) -> list[Node]:
    """The categories as they were, each group with the items that are its own now; `made` are the new items' nodes.
    Raises Unplaced."""
    found = homes(old, new, same)
    for item in new.items:
        if item.heading and key(item.heading) == key(found[item.id].title):
            _headed(made[item.id], item, same.get(item.id))
    named = {top.id: one for one in new.sections if (top := _top(one, old, same))}
    kept = (_kept(node, {id: home.id for id, home in found.items()}, made) for node in nodes)
    return [_printed(node, named.get(node["id"])) for node in kept if node is not None]


def _headed(node: Node, item: Item, was: Item | None) -> None:
    """The group's own title in the project's column is no heading of the item, and no name of a new one."""
    if was is not None and was.heading:
        node["heading"] = was.heading
    else:
        node.pop("heading", None)
    if was is None and item.name == item.heading:
        node["name"] = clue(item)


def _kept(node: Node, found: Mapping[str, str], made: Mapping[str, Node]) -> Node | None:
    """A category or group with what is left in it; None where that is nothing."""
    items = [made[id] for id, home in found.items() if home == node["id"]]
    below = [one for each in node.get("sections", ()) if (one := _kept(each, found, made))]
    bare = {name: value for name, value in node.items() if name not in ("items", "sections")}
    parts = {name: part for name, part in (("items", items), ("sections", below)) if part}
    return {**bare, **parts} if parts else None


def _printed(node: Node, section: Section | None) -> Node:
    """What the table prints of a category stands for what was there."""
    for name in ("label", "title", "points"):
        if section is not None and (value := getattr(section, name)) is not None:
            node[name] = value
    return node
