"""What may be wrong with a Word template of the office's own, each fault with its place, in words for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handlers.phrasebook import phrasebook
from handlers.reports.table import heads

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
TABLE = "表"


@dataclass(frozen=True)
class Fault:
    """`code` is the name of its sentence; `place` is a paragraph or a cell of the document, empty where there is none."""

    code: str
    place: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        about = {"place": self.place, "known": "、".join(PLACEHOLDERS), **self.details}
        return phrasebook().text(self.code, about)


class BadTemplate(Exception):
    """The document can't be filled."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(faults)


def line_names() -> tuple[str, ...]:
    """What a line of the table has: the first word of each printed head, 行.序号, 行.类别 … 行.自评依据."""
    return tuple(head.partition("(")[0] for head in heads("export_table_heads"))
