"""The parts of an office file that is filled in: what is changed is taken apart, every other part stays as it was."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from lxml import etree

from rubrics.importing.findings import Refused

Element = Any  # of lxml, which keeps the prefixes that Word insists on and has no types
RULES = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)


def parsed(part: bytes) -> Element:
    """Its root. A real one has no document type, so one that has can only mean harm. Raises Refused."""
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
        raise Refused("damaged")
    try:
        return etree.fromstring(part, RULES)
    except (etree.XMLSyntaxError, ValueError):
        raise Refused("damaged") from None


def packed(parts: Mapping[str, bytes], changed: Mapping[str, Element]) -> bytes:
    """The file again, with these parts in the place of what they were."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, _written(changed[name]) if name in changed else part)
    return held.getvalue()


def _written(root: Element) -> bytes:
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return data
