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
from handlers.reports.table import heads, labels, lines

PLACEHOLDERS = (
    "标题",
    "学会",
    "状态",
    "合计",
    "有依据",
    "满分",
    "校验",
    "校验码",
    "提交时间",
    "导出时间",
    "版本",
    "表",
)


class BadTemplate(Exception):
    """The file is no Word template that can be filled; the text says where it stumbled."""


def write_own(snapshot: Snapshot, entry: Mapping[str, Any], template: bytes, out: BinaryIO) -> None:
    """Fill the template for one society. User text is only ever a value, never a part of the template. Raises
    BadTemplate."""
    # Escaping is not the default of docxtpl, and without it an ampersand in a name breaks the table.
    rules = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    try:
        paper = DocxTemplate(BytesIO(template))
        paper.render(_values(snapshot, entry), jinja_env=rules, autoescape=True)
        held = BytesIO()
        paper.save(held)
    except (TemplateError, PackageNotFoundError, BadZipFile, XMLSyntaxError, KeyError, ValueError) as error:
        raise BadTemplate(str(error) or type(error).__name__) from None
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
    """The lines by the first word of the printed heads: 行.序号, 行.类别 … 行.自评依据."""
    names = [head.partition("(")[0] for head in heads("export_table_heads")]
    return [
        dict(
            zip(
                names,
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
