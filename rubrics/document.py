"""YAML without its surprises: only null, true, false, whole numbers and decimals mean something, and all is located."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from rubrics.faults import Fault, Faulty, fault

LARGEST = 400_000  # characters; the longest of the catalog has 40,000
MOST_FAULTS = 500  # of one file; whoever mends so many sends it again
DEEPEST = 40
PLAIN = {
    "!null": (r"^(?:null|)$", ["n", ""]),
    "!true": (r"^true$", ["t"]),
    "!false": (r"^false$", ["f"]),
    "!int": (r"^-?(?:0|[1-9][0-9]{0,14})$", list("-0123456789")),
    "!decimal": (r"^-?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,6}$", list("-0123456789")),
    "!octal": (r"^-?0[0-9]{1,14}$", list("-0")),
}
# What XML forbids, and so no page or document holds, and no PostgreSQL.
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
TEXT = "tag:yaml.org,2002:str"
CONSTANTS = {"!null": None, "!true": True, "!false": False}


class Refused(yaml.MarkedYAMLError):
    """A part of YAML that a rubric has no use for; the problem is a fault code."""

    def __init__(self, code: str, event: yaml.Event, **details: object) -> None:
        super().__init__(None, None, code, event.start_mark)  # type: ignore[arg-type]  # the stub's two kinds of mark
        self.details = details


class Loader(yaml.SafeLoader):
    """Composes nodes; `no`, dates, 1:30 and 1e3 stay what they look like."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[object]]] = {}  # type: ignore[misc]  # the stub's mistake
    depth = 0

    def compose_node(self, parent: Node | None, index: object) -> Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            raise Refused("alias", event)
        if event.anchor:
            raise Refused("anchor", event, anchor=event.anchor)
        if event.tag:
            raise Refused("tag", event, tag=event.tag)
        if self.depth >= DEEPEST:
            raise Refused("too_deep", event, limit=DEEPEST)
        self.depth += 1
        node = super().compose_node(parent, index)  # type: ignore[arg-type]
        self.depth -= 1
        return node


for tag, (pattern, first) in PLAIN.items():
    Loader.add_implicit_resolver(tag, re.compile(pattern), first)


@dataclass(frozen=True)
class Document:
    """The plain data of a file, the nodes it came from, and the faults that did not stop the reading."""

    name: str
    root: Node
    data: object
    faults: list[Fault]

    def fault(self, path: tuple[str | int, ...], code: str, **details: object) -> Fault:
        """A fault at the place a path leads to: a key's own place for a wrong key, its value's otherwise."""
        node, walked = self.root, ""
        for number, step in enumerate(path, 1):
            key, value = child(node, step)
            if value is None and not (code == "missing_key" and number == len(path)):
                continue  # pydantic's paths also name the kind of a fact or condition, which is no key
            walked = joined(walked, step)
            at_key = number == len(path) and code.startswith("unknown_key")
            node = (key if at_key else value) or node
        mark = node.start_mark
        return fault(self.name, mark.line + 1, mark.column + 1, walked, code, details)


def child(node: Node, step: str | int) -> tuple[Node | None, Node | None]:
    """The key and value one step below, or nothing where the step is not a part of the file."""
    if isinstance(node, MappingNode):
        return next(((key, value) for key, value in node.value if key.value == step), (None, None))
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return None, node.value[step]
    return None, None


def parse(text: str, name: str) -> Document:
    """The file as plain data: dict, tuple, str, int, Decimal, bool, None. Raises Faulty where it can't go on."""
    if len(text) > LARGEST:
        raise Faulty([fault(name, 1, 1, "", "too_large", {"size": len(text), "limit": LARGEST})])
    root = compose(text, name)
    if root is None:
        raise Faulty([fault(name, 1, 1, "", "empty_file", {})])
    reader = Reader(name)
    data = reader.data(root, "")
    return Document(name, root, data, reader.faults)


def compose(text: str, name: str) -> Node | None:
    """The nodes of the one document in the file."""
    try:
        return yaml.compose(text, Loader=Loader)
    except Refused as refused:
        mark = refused.problem_mark
        code, details = str(refused.problem), refused.details
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        code, details = "syntax", {"problem": error.problem or error.context}
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        details = {"character": f"U+{ord(text[error.position]):04X}"}
        raise Faulty([fault(name, line, column, "", "character", details)]) from None
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    raise Faulty([fault(name, line, column, "", code, details)])


@dataclass
class Reader:
    """Turns nodes into data and notes what is doubtful on the way."""

    name: str
    faults: list[Fault] = field(default_factory=list)

    def note(self, node: Node, path: str, code: str, **details: object) -> None:
        mark = node.start_mark
        self.faults.append(fault(self.name, mark.line + 1, mark.column + 1, path, code, details))
        if len(self.faults) >= MOST_FAULTS:
            raise Faulty(self.faults)

    def data(self, node: Node, path: str) -> object:
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            return tuple(self.data(one, joined(path, number)) for number, one in enumerate(node.value))
        return self.scalar(node, path)

    def mapping(self, node: MappingNode, path: str) -> dict[str, object]:
        found: dict[str, object] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.note(key, path, "odd_key")
            elif key.value in found:
                self.note(key, joined(path, key.value), "duplicate_key", key=key.value, first=lines[key.value])
            else:
                found[key.value] = self.data(value, joined(path, key.value))
                lines[key.value] = key.start_mark.line + 1
        return found

    def scalar(self, node: Node, path: str) -> object:
        if node.tag == TEXT:
            if odd := UNFIT.search(node.value):  # written as an escape, which the letters of the file do not show
                self.note(node, path, "character", character=f"U+{ord(odd[0]):04X}")
            return node.value
        if node.tag == "!octal":
            self.note(node, path, "octal", value=node.value)
            return int(node.value, 10)
        if node.tag in CONSTANTS:
            return CONSTANTS[node.tag]
        return int(node.value) if node.tag == "!int" else Decimal(node.value)


def joined(path: str, step: str | int) -> str:
    return f"{path}.{step}" if path else str(step)
