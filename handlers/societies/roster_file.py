"""The societies in a table that somebody sent: which column is which, and what each row says of a society."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from handlers.societies.likeness import tidy
from handlers.societies.sheets import sheets
from handlers.societies.tabular import NoNames, Sheet, Unreadable
from handlers.understanding.numerals import fold

HEADINGS = (
    *("学会名称", "单位名称", "社会组织名称", "组织名称", "名称", "学会", "单位", "社团名称", "协会名称", "学会全称"),
    *("单位全称", "全称", "社会组织", "社团", "填报单位", "所属学会", "所属单位", "学会(协会)名称", "科技社团名称"),
)
CONTACT = ("联系人", "填报人", "秘书长", "联系人姓名", "填报人姓名", "经办人", "联络员", "姓名", "负责人")
BESIDE = ("序号", "编号", "备注", "手机", "手机号", "手机号码", "电话", "联系电话", "联系方式", "职务", "地址", "邮箱")
KIND = ("类型", "单位类型", "类别", "学会类型", "单位类别", "性质")
HEADER_WITHIN = 10  # rows with something in them
MOST_SOCIETIES = 5_000
LONGEST_NAME = 100
LONGEST_CONTACT = 20
NO_NAME = re.compile(r"[\d\s.,:/\-]*|(?:合计|总计|小计|共计|备注|注|说明|制表|填表)(?:[:：].*|人.*)?|以下空白|无")


@dataclass(frozen=True)
class Line:
    """What one row says."""

    name: str
    contact: str | None = None
    kind: str | None = None
    row: int = 0


@dataclass(frozen=True)
class Roster:
    lines: tuple[Line, ...]  # each society once
    repeated: tuple[str, ...]  # named more than once; kept once
    column: str  # the heading under which the names were found
    sheet: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(line.name for line in self.lines)


class SeveralSheets(Exception):
    """More than one sheet has a list of societies; somebody must say which."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__("sheet_which")
        self.names = names


def read_roster(data: bytes, name: str, *, sheet: str | None = None) -> Roster:
    """The societies in an .xlsx or a .csv. Raises Unreadable and SeveralSheets."""
    found = [(one, head) for one in sheets(data, name) if sheet in (None, one.name) and (head := _header(one))]
    if not found:
        raise NoNames("roster_no_column", headings=HEADINGS[:5])
    if len(found) > 1:
        raise SeveralSheets(tuple(one.name for one, _ in found))
    return _roster(*found[0])


@dataclass(frozen=True)
class _Header:
    row: int
    name: int
    contact: int | None
    kind: int | None


def _header(sheet: Sheet) -> _Header | None:
    """The row with the most headings, a column of names among them; the first of several."""
    found: list[tuple[int, _Header]] = []
    for number in sorted(sheet.rows)[:HEADER_WITHIN]:
        heads = {column: _heading(text) for column, text in sheet.rows[number].items()}
        name = _which(heads, HEADINGS)
        if name is not None:
            known = sum(said in (*HEADINGS, *CONTACT, *KIND, *BESIDE) for said in set(heads.values()))
            found.append((-known, _Header(number, name, _which(heads, CONTACT), _which(heads, KIND))))
    return min(found, key=lambda one: one[0])[1] if found else None


def _heading(text: str) -> str:
    return re.sub(r"[\s*:：]|\([^()]*必填[^()]*\)", "", fold(text))


def _which(heads: dict[int, str], known: Iterable[str]) -> int | None:
    return next((column for wanted in known for column, said in sorted(heads.items()) if said == wanted), None)


def _roster(sheet: Sheet, header: _Header) -> Roster:
    lines: dict[str, Line] = {}
    repeated: dict[str, None] = {}
    for number in sorted(one for one in sheet.rows if one > header.row):
        line = _line(sheet, header, number)
        if line is None or (number, header.name) in sheet.repeated:
            continue
        if line.name in lines:
            repeated[line.name] = None
        else:
            lines[line.name] = line
    unreckoned = tuple(sorted(row for row, column in sheet.unreckoned if column == header.name and row > header.row))
    if unreckoned:
        raise Unreadable("roster_formulas", rows=unreckoned)
    if not lines:
        raise Unreadable("roster_empty", column=sheet.rows[header.row][header.name])
    if len(lines) > MOST_SOCIETIES:
        raise Unreadable("roster_too_many", count=len(lines), limit=MOST_SOCIETIES)
    column = tidy(sheet.rows[header.row][header.name])
    return Roster(tuple(lines.values()), tuple(repeated), column, sheet.name)


def _line(sheet: Sheet, header: _Header, number: int) -> Line | None:
    cells = sheet.rows[number]
    name = tidy(cells.get(header.name, ""))
    if NO_NAME.fullmatch(name) or _heading(name) in HEADINGS:  # a heading again on the next page
        return None
    if len(name) > LONGEST_NAME:
        raise Unreadable("roster_long_name", row=number, limit=LONGEST_NAME)
    return Line(name, _contact(cells, header.contact), _said(cells, header.kind), number)


def _contact(cells: dict[int, str], column: int | None) -> str | None:
    """A person's name only: numbers to call are not kept."""
    said = re.sub(r"[\d\s()（）+\-、,，;；/]+$", "", _said(cells, column) or "")
    return said if said and len(said) <= LONGEST_CONTACT and not re.search(r"\d|@", said) else None


def _said(cells: dict[int, str], column: int | None) -> str | None:
    return None if column is None else tidy(cells.get(column, "")) or None
