"""Lists of societies as offices keep them: every layout that is read, and every file that is refused with a sentence."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook

from handlers.phrasebook import phrasebook
from handlers.societies.roster_file import Line, Roster, SeveralSheets, read_roster
from handlers.societies.tabular import Unreadable
from handlers.societies.workbooks import MOST_UNPACKED

THREE = ("杭州市医学会", "杭州市护理学会", "杭州数字经济联合会")
Fill = Callable[[Any], None]


def book(*sheets: Fill, names: tuple[str, ...] = ()) -> bytes:
    made = Workbook()
    made.remove(made.worksheets[0])
    for number, fill in enumerate(sheets):
        fill(made.create_sheet(names[number] if names else f"表{number + 1}"))
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def rows(*lines: tuple[Any, ...]) -> Fill:
    def fill(sheet: Any) -> None:
        for line in lines:
            sheet.append(line)

    return fill


def plain(sheet: Any) -> None:
    rows(("序号", "学会名称"), *enumerate(THREE, 1))(sheet)


def titled(sheet: Any) -> None:
    """A title over all columns, a date, a heading with blanks; numbers kept as floats; what follows the list."""
    rows(("市科协所属学会名单",), (None, "2026年12月"), (), ("序 号", "单 位 名 称", "秘书长", "手机", "备注"))(sheet)
    sheet.merge_cells("A1:E1")
    for number, name in enumerate(THREE, 1):
        sheet.append((float(number), name, "张三", 13800000000.0, "　"))
    rows((), ("合计", "合计", 3.0), (None, "填表人：李四"), (None, "　　"))(sheet)


def kinds(sheet: Any) -> None:
    """The kind is one merged cell for several societies; a society with two people is one merged cell too."""
    rows(("类型", "名称", "联系人"), ("学会", THREE[0], "王老师"), (None, None, "李老师"), (None, THREE[1], "赵老师"))(
        sheet
    )
    rows(("企业科协", THREE[2], "钱老师 13800000000"))(sheet)
    sheet.merge_cells("A2:A4")
    sheet.merge_cells("B2:B3")


def filled_out(sheet: Any) -> None:
    """Blanks to fill a column, a line end in a cell, a heading again on the next page, empty rows between."""
    rows(("序号", "社会组织名称（必填）"), (1, "杭州市 医学会 "), (), (2, "杭 州 市\n护 理 学 会"))(sheet)
    rows(("序号", "社会组织名称（必填）"), (), (3, "\u3000杭州数字经济联合会\u200b"))(sheet)


def far_down(sheet: Any) -> None:
    plain(sheet)
    sheet["XFD1048576"] = "不看"


def reckoned(sheet: Any) -> None:
    rows(("学会名称",), ("杭州市医学会",), ('=CONCAT("杭州市","护理学会")',))(sheet)


@pytest.mark.parametrize("fill", [plain, titled, kinds, filled_out, far_down])
def test_layouts_are_read(fill: Fill) -> None:
    assert read_roster(book(fill), "名单.xlsx").names == THREE


def test_what_stands_beside_a_name_is_read_and_numbers_to_call_are_not() -> None:
    found = read_roster(book(kinds), "名单.xlsx")
    assert found.lines == (
        Line(THREE[0], "王老师", "学会", 2),
        Line(THREE[1], "赵老师", "学会", 4),
        Line(THREE[2], "钱老师", "企业科协", 5),
    )
    assert {line.contact for line in read_roster(book(titled), "名单.xlsx").lines} == {"张三"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("comma", [",", ";", "\t", "，"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text_in_any_dress_is_read(encoding: str, comma: str, end: str) -> None:
    lines = [
        "名单",
        comma.join(("序号", "学会名称", "备注")),
        *(comma.join((str(n), name, "")) for n, name in enumerate(THREE)),
    ]
    assert read_roster(end.join([*lines, ""]).encode(encoding), "名单.csv").names == THREE


def test_a_name_that_comes_twice_is_one_society() -> None:
    found = read_roster("学会名称\n甲学会\n乙学会\n甲学会 \n".encode(), "a.csv")
    assert (found.names, found.repeated) == (("甲学会", "乙学会"), ("甲学会",))


def test_of_several_sheets_the_one_with_the_heading_is_read() -> None:
    other = rows(("说明",), ("请填写",))
    assert read_roster(book(other, plain), "名单.xlsx").names == THREE


def test_several_lists_are_asked_about() -> None:
    data = book(plain, titled, names=("2025", "2026"))
    with pytest.raises(SeveralSheets) as several:
        read_roster(data, "名单.xlsx")
    assert several.value.names == ("2025", "2026")
    assert read_roster(data, "名单.xlsx", sheet="2026").lines[0].contact == "张三"


def test_hidden_sheets_are_not_looked_at() -> None:
    def hidden(sheet: Any) -> None:
        titled(sheet)
        sheet.sheet_state = "hidden"

    assert read_roster(book(plain, hidden), "名单.xlsx").sheet == "表1"


SPREADSHEET = "http://purl.oclc.org/ooxml/spreadsheetml/main"


def by_hand() -> bytes:
    """As programs other than Excel write it: a numbered workbook, parts by their full path, texts in the cells, cells
    and rows that do not say where they stand, pinyin above a name, a formula with its value."""
    workbook = (
        f'''<workbook xmlns="{SPREADSHEET}" xmlns:r="r"><sheets><sheet name="一" r:id="r1"/></sheets></workbook>'''
    )
    links = '<Relationships><Relationship Id="r1" Target="/xl/worksheets/one.xml"/></Relationships>'
    told = "<si><r><t>杭州市</t></r><r><t>医学会</t></r><rPh><t>yixuehui</t></rPh></si>"
    cells = (
        '<c t="inlineStr"><is><t>学会名称</t></is></c><c t="inlineStr"><is><t>备注</t></is></c>',
        '<c t="s"><v>0</v></c><c><f>1+1</f></c>',
        '<c t="str"><f>A1</f><v>杭州市护理学会</v></c>',
        '<c t="e"><v>#N/A</v></c>',
        "<c/><c t='inlineStr'/>",
        '<c r="A9" t="inlineStr"><is><t xml:space="preserve"> 杭州数字经济联合会 </t></is></c>',
    )
    rows = "".join(f"<row>{one}</row>" for one in cells)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("xl/workbook22.xml", workbook)
        archive.writestr("xl/_rels/workbook22.xml.rels", links)
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{SPREADSHEET}">{told}</sst>')
        archive.writestr(
            "xl/worksheets/one.xml", f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{rows}</sheetData></worksheet>'
        )
    return made.getvalue()


def test_what_other_programs_write_is_read() -> None:
    assert read_roster(by_hand(), "名单.xlsx").names == THREE


def packed(**parts: bytes) -> bytes:
    """A workbook with some of its parts replaced."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(plain))) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, next((data for part, data in parts.items() if f"/{part}." in name), old.read(name)))
    return made.getvalue()


def lying() -> bytes:
    """A sheet of 65 MB of blanks whose directory says that it is small."""
    data = bytearray(packed(sheet1=b" " * (MOST_UNPACKED + 1)))
    size = (MOST_UNPACKED + 1).to_bytes(4, "little")
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = (100).to_bytes(4, "little")
    return bytes(data)


def overlapping() -> bytes:
    """Many merged cells over the same rows."""
    row = b'<row><c t="inlineStr"><is><t>x</t></is></c></row>'
    return b"<worksheet>%b%b</worksheet>" % (row * 5000, b'<mergeCell ref="A1:CV5000"/>' * 50)


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (OLE, "名单.xls", "sheet_old"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "名单.xlsx", "sheet_locked"),
        (b"\xff\xd8\xff\xe0scan", "名单.xlsx", "sheet_picture"),
        (b"%PDF-1.7", "名单.xlsx", "sheet_picture"),
        (b"hello", "名单.xlsx", "sheet_unknown"),
        (b"PK\x03\x04broken", "名单.xlsx", "sheet_damaged"),
        (book(plain)[:-200], "名单.xlsx", "sheet_damaged"),
        (packed(sheet1=b"<worksheet><row>"), "名单.xlsx", "sheet_damaged"),
        (packed(sheet1=ENTITIES), "名单.xlsx", "sheet_bomb"),
        (packed(sheet1=b" " * (MOST_UNPACKED + 1)), "名单.xlsx", "sheet_bomb"),
        (
            packed(sheet1=b"<worksheet><row>" + b"<c/>" * 600_001 + b"</row></worksheet>"),
            "名单.xlsx",
            "sheet_too_long",
        ),
        (packed(sheet1=overlapping()), "名单.xlsx", "sheet_damaged"),
        (lying(), "名单.xlsx", "sheet_bomb"),
        (book(rows(("说明",), ("没有名单",))), "名单.xlsx", "roster_no_column"),
        (book(rows(("序号", "学会名称"), (1, None), (2, "  "), ("合计", "合计"))), "名单.xlsx", "roster_empty"),
        (book(reckoned), "名单.xlsx", "roster_formulas"),
        (b"x" * ((20 << 20) + 1), "名单.csv", "sheet_too_big"),
        ("学会名称\n".encode() + "".join(f"{n}号学会\n" for n in range(5001)).encode(), "名单.csv", "roster_too_many"),
        ("学会名称\n".encode() + "".join(f"{n}号学会\n" for n in range(6001)).encode(), "名单.csv", "sheet_too_long"),
        (b"\xff\xfe\x00\xd8a", "名单.csv", "sheet_letters"),
        (b"\x80\xff\xfa\x81", "名单.csv", "sheet_letters"),
        (b"a\x00b\n", "名单.csv", "sheet_unknown"),
        ("学会名称\n".encode() + "会".encode() * 101, "名单.csv", "roster_long_name"),
        (b"", "名单.csv", "roster_no_column"),
    ],
)
def test_what_can_not_be_read_is_refused_with_a_sentence(data: bytes, name: str, why: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_roster(data, name)
    assert refused.value.why == why
    assert phrasebook().text(why, refused.value.about).endswith("。")


def test_the_largest_list_is_read() -> None:
    found: Roster = read_roster(book(rows(("学会名称",), *((f"{n}号学会",) for n in range(5000)))), "名单.xlsx")
    assert len(found.lines) == 5000
