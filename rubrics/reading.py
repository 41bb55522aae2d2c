"""From a rubric file to a Rubric, or to every fault in it with its line and column."""

import difflib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from rubrics.checks import problems
from rubrics.document import MOST_FAULTS, Document, parse
from rubrics.faults import Fault, Faulty, fault
from rubrics.model import Rubric
from rubrics.terms import SLUG, UNDECIDED

# pydantic's error types by our fault codes; a type not listed is reported in pydantic's own words.
CODES = {
    "missing": "missing_key",
    "extra_forbidden": "unknown_key",
    "is_instance_of": "not_number",
    "int_type": "not_whole",
    "string_type": "not_text",
    "bool_type": "not_true_false",
    "tuple_type": "not_list",
    "model_type": "not_mapping",
    "model_attributes_type": "not_mapping",
    "not_a_mapping": "not_mapping",
    "not_a_bound": "not_a_bound",
    "literal_error": "not_one_of",
    "union_tag_invalid": "not_one_of",
    "union_tag_not_found": "missing_key",
    "too_short": "too_short",
    "string_too_short": "empty_text",
    "string_pattern_mismatch": "empty_text",
    "greater_than": "out_of_range",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "decimal_max_places": "too_fine",
}
BOUNDS = {"gt": ">", "ge": "≥", "le": "≤"}


@lru_cache(maxsize=32)  # a catalogue, its rounds and what the office tries; reading one again takes as long as 30 turns
def read(text: str, name: str) -> Rubric:
    """The rubric in `text`. Raises Faulty with all faults of letters and shape, or else all faults of meaning."""
    document = parse(text, name)
    try:
        rubric = Rubric.model_validate(document.data)
    except ValidationError as error:
        found = [misshapen(document, detail) for detail in islice(error.errors(), MOST_FAULTS)]
        raise Faulty(document.faults + found) from None
    meant = islice(problems(rubric), MOST_FAULTS)
    found = [document.fault(path, code, **details) for path, code, details in meant]
    if document.faults or found:
        raise Faulty(document.faults + found)
    return rubric


def decoded(data: bytes, name: str) -> str:
    """The text of a rubric file, with or without a byte order mark. Raises Faulty where it is no text in UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, len(before[before.rfind(b"\n") + 1 :].decode()) + 1
        code = "is_binary" if b"\0" in data else "not_utf8"
        if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            line, column, code = 1, 1, "is_office"
        raise Faulty([fault(name, line, column, "", code, {})]) from None
    if "\0" in text:
        raise Faulty([fault(name, 1, 1, "", "is_binary", {})])
    return text


def catalog() -> dict[str, str]:
    """The texts of the shipped rubrics by their ids."""
    shipped = [one for one in files("rubrics").joinpath("catalog").iterdir() if one.name.endswith(".yaml")]
    return {one.name.removesuffix(".yaml"): one.read_text("utf-8") for one in sorted(shipped, key=lambda one: one.name)}


def misshapen(document: Document, detail: ErrorDetails) -> Fault:
    """pydantic's finding as a fault of ours."""
    path, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    code, found = CODES.get(kind, "unfit"), shown(detail["input"])
    if kind.startswith("union_tag"):
        path, found = (*path, "kind"), shown(context.get("tag"))
    if kind == "string_pattern_mismatch" and context["pattern"] == SLUG:
        code = "not_slug"
    if path == ("kind",) and detail["input"] == UNDECIDED:
        code = "kind_undecided"
    key = str(path[-1]) if path else ""
    near = difflib.get_close_matches(key, keys(), 1) if code == "unknown_key" and key not in keys() else []
    return document.fault(
        path,
        "unknown_key_near" if near else code,
        key=key,
        near=near[0] if near else None,
        found=found,
        expected=context.get("expected", context.get("expected_tags")),
        least=context.get("min_length"),
        bound=" ".join(f"{BOUNDS[name]} {limit}" for name, limit in context.items() if name in BOUNDS),
        problem=detail["msg"],
    )


@cache
def keys() -> tuple[str, ...]:
    """Every key a rubric file may use."""
    schema = Rubric.model_json_schema()
    parts = [schema, *schema["$defs"].values()]
    return tuple(sorted({key for part in parts for key in part.get("properties", {})}))


def shown(value: object) -> str:
    """A value as it stands in the file, cut short."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return "{…}"
    if isinstance(value, tuple):
        return "[…]"
    text = str(value) if isinstance(value, int | Decimal) else repr(value)
    return text if len(text) <= 40 else text[:39] + "…"
