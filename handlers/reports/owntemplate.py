"""A Word template of the office's own, filled for one society: {{学会}}, {{合计}}, and {%tr for 行 in 表 %} for the table."""

from collections.abc import Mapping
from decimal import Decimal
from io import BytesIO
from typing import Any, BinaryIO
from zipfile import BadZipFile

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml.etree import XMLSyntaxError

from handlers.cleaning import clean
from handlers.phrasebook import phrasebook, points, second
from handlers.reports.snapshot import Snapshot, version
from handlers.reports.stamp import stamp
from handlers.reports.table import labels, lines
from handlers.reports.templatecheck import checked
from handlers.reports.templatefaults import PLACEHOLDERS, BadTemplate, Fault, line_names


def write_own(snapshot: Snapshot, entry: Mapping[str, Any], out: BinaryIO, *, template: bytes) -> None:
    """Fill the template for one society. User text is only ever a value, never a part of the template. Raises
    BadTemplate."""
    checked(template)
    # Escaping is not the default of docxtpl, and without it an ampersand in a name breaks the table.
    rules = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    try:
        paper = DocxTemplate(BytesIO(template))
        paper.render(_values(snapshot, entry), jinja_env=rules, autoescape=True)
        held = BytesIO()
        paper.save(held)
    except (TemplateError, PackageNotFoundError, BadZipFile, XMLSyntaxError, KeyError, ValueError) as error:
        raise BadTemplate(
            [Fault("template_unfilled", details={"why": (str(error) or type(error).__name__)[:120]})]
        ) from None
    out.write(held.getbuffer())


def _values(snapshot: Snapshot, entry: Mapping[str, Any]) -> dict[str, object]:
    head, printed = snapshot.head, stamp(entry, entry["rubric_sha256"])
    values = (
        clean(head.title),
        clean(entry["society"]),
        labels()[f"status_{entry['status']}"],
        entry["claimed"] or "",
        entry["supported"] or "",
        entry["maximum"] or "",
        phrasebook().text("export_stamp", {"stamp": printed}),
        printed.code or "",
        (entry["submitted_at"] or "")[:16].replace("T", " "),
        second(head.at, head.zone),
        version(head),
        _table(snapshot, entry),
    )
    return dict(zip(PLACEHOLDERS, values, strict=True))


def _table(snapshot: Snapshot, entry: Mapping[str, Any]) -> list[dict[str, str]]:
    """The lines, by line_names."""
    return [
        dict(
            zip(
                line_names(),
                (
                    line.no,
                    line.section,
                    line.heading,
                    line.text,
                    "" if line.points is None else labels().get(line.item.counts, "") + points(line.points),
                    points(line.score) if isinstance(line.score, Decimal) else line.score or "",
                    line.basis,
                    "",
                ),
                strict=True,
            )
        )
        for line in lines(snapshot.rubric_of(entry), entry)
    ]
