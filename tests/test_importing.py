"""An office's own Word or Excel table becomes a rubric: the same items whatever the layout, and every doubt is asked."""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli import main
from handlers.rounds import evaluated_year
from rubrics.faults import Faulty
from rubrics.importing import wording
from rubrics.importing.findings import Refused, letters
from rubrics.importing.naming import title_of
from rubrics.importing.tables import Imported, imported
from rubrics.model import Rubric
from rubrics.reading import read
from storage.database import Database
from tests.official import HEADS, LAYOUTS, ROWS, RUBRIC, TITLE, excel, fill, once, saved, word
from tests.season import Season

SHORT = ("序号", "类别", "项目", "评价内容", "分值")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Table = Sequence[Sequence[object]]


def brought(data: bytes, file: str = "自评表.docx") -> Imported:
    return imported(data, file=file, id="ours")


def rubric(found: Imported) -> Rubric:
    return read(found.text, "ours.yaml")


def asked(found: Imported) -> list[str]:
    """The codes of what a person has to decide."""
    return [one.code for one in found.findings if one.decide]


def noted(found: Imported) -> list[str]:
    return [one.code for one in found.findings if not one.decide]


def faults(found: Imported) -> list[str]:
    with pytest.raises(Faulty) as caught:
        rubric(found)
    return [f"{one.path} {one.code}" for one in caught.value.faults]


def shape(one: Rubric) -> list[tuple[object, ...]]:
    return [
        (
            item.position,
            item.no,
            item.heading,
            item.text,
            item.points,
            item.section.label,
            item.section.title,
            item.section.points,
        )
        for item in one.items
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_items_of_the_catalog(layout: str) -> None:
    found = brought(LAYOUTS[layout](), layout)
    assert found.complete
    ours = rubric(found)
    assert shape(ours) == shape(RUBRIC)
    assert (ours.title, ours.year, str(ours.maximum), ours.source.file) == (TITLE, 2020, "100", layout)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_reading_again_gives_the_same_file_with_ids_and_names_that_tell_apart(layout: str) -> None:
    data = LAYOUTS[layout]()
    found = brought(data)
    assert found.text == brought(data).text
    items = rubric(found).items
    assert [item.id for item in items] == [f"item-{item.no}" for item in RUBRIC.items]
    assert len({item.name for item in items}) == 25
    assert not any(item.name == item.heading for item in items if item.no in {"1", "4", "5"})


@pytest.mark.parametrize("layout", ["torn_pages.docx", "shifted_rows.docx", "pasted_sheet.xlsx"])
def test_what_a_page_break_tore_is_noted_beside_what_it_was_taken_for(layout: str) -> None:
    found = brought(LAYOUTS[layout]())
    assert noted(found).count("heading_joined") == 1
    assert noted(found).count("lost_category") == 3
    kept = {item.no: [(one.field, one.text) for one in item.printed] for item in rubric(found).items if item.printed}
    assert kept == {
        "18": [("heading", "促进")],
        "20": [("heading", "转化")],
        "48": [("heading", "本职 职能"), ("section", "")],
        "49": [("section", "")],
        "52": [("section", "")],
    }


def test_a_finding_says_where_it_was_read() -> None:
    (joined,) = [one for one in brought(LAYOUTS["pasted_sheet.xlsx"]()).findings if one.code == "heading_joined"]
    assert str(joined).startswith("工作表“自评表”第15行：项目「促进」和换页后的「转化」")
    wrong = [*once(ROWS)[:1], ("2", "", "", "做二", "若干")]
    (unread,) = [one for one in brought(word([HEADS, *wrong])).findings if one.code == "points_unread"]
    assert str(unread).startswith("第1个表第3行第5列：分值一格写的是「若干」")
    assert [letters(column) for column in (1, 26, 27, 703)] == ["A", "Z", "AA", "AAA"]


ONE = ("1", "一、甲（6分）", "办会", "办年会。", "6分")
TWO = ("2", "二、乙（4分）", "科普", "办科普日。", "4分")
DOUBTS: list[tuple[str, Table, list[str], list[str]]] = [
    (
        "the sum of a category",
        [SHORT, ONE, ("3", "", "", "办论坛。", "1分"), TWO],
        ["sum_of_section"],
        ["sections.0.points sum_items"],
    ),
    ("the total", [SHORT, ONE, TWO, ("总计", "", "", "", "100分")], ["sum_of_all"], ["points sum_sections"]),
    (
        "the total where categories have none",
        [SHORT, ("1", "一、甲", "办会", "办年会。", "6分"), ("合计", "", "", "", "7")],
        ["sum_of_all"],
        ["points sum_sections"],
    ),
    (
        "no points",
        [SHORT, ONE, ("2", "", "研讨", "办论坛。", "")],
        ["points_missing"],
        ["sections.0.items.1.points not_number"],
    ),
    (
        "a deduction",
        [SHORT, ONE, ("2", "", "研讨", "办论坛。", "每少一次扣1分")],
        ["points_unread"],
        ["sections.0.items.1.points not_number"],
    ),
    (
        "a negative number",
        [SHORT, ONE, ("2", "", "研讨", "办论坛。", "-2")],
        ["points_unread"],
        ["sections.0.items.1.points not_number"],
    ),
    (
        "a range",
        [SHORT, ONE, ("2", "", "研讨", "办论坛。", "3-5分")],
        ["points_unread"],
        ["sections.0.items.1.points not_number"],
    ),
    (
        "zero",
        [SHORT, ONE, ("2", "", "研讨", "办论坛。", "0分")],
        ["points_odd"],
        ["sections.0.items.1.points not_number"],
    ),
    (
        "one number twice",
        [SHORT, ("1", "一、甲", "办会", "办年会。", "6"), ("1", "", "研讨", "办论坛。", "4")],
        ["number_twice", "number_twice"],
        ["sections.0.items.1.no duplicate_no"],
    ),
    (
        "one number in two categories",
        [SHORT, ONE, TWO, ("2", "", "研讨", "办论坛。", "3分"), ("3", "三、丙（1分）", "丙", "做丙。", "1分")],
        ["number_twice", "sum_of_section", "number_twice"],
        ["sections.1.points sum_items", "sections.1.items.1.no duplicate_no"],
    ),
    (
        "nothing asked",
        [SHORT, ONE, ("2", "二、乙（4分）", "", "", "4分")],
        ["text_missing"],
        ["sections.1.items.0.text empty_text"],
    ),
    (
        "points at some categories only",
        [SHORT[:4], ONE[:4], ("2", "二、乙", "科普", "办科普日。")],
        ["points_nowhere", "section_points_missing"],
        ["kind kind_undecided"],
    ),
]


@pytest.mark.parametrize(("table", "codes", "named"), [one[1:] for one in DOUBTS], ids=[one[0] for one in DOUBTS])
def test_a_doubt_is_asked_and_the_file_is_not_valid_before_it_is_decided(
    table: Sequence[Sequence[str]], codes: list[str], named: list[str]
) -> None:
    found = brought(word(table))
    assert not found.complete
    assert asked(found) == codes
    assert faults(found) == named
    assert found.text.count("# ？ ") == len(codes)


def test_points_shared_by_rows_with_numbers_of_their_own_are_asked_about() -> None:
    document = Document()
    table = fill(document, [SHORT, ONE, ("2", "", "研讨", "办论坛。", "")])
    table.cell(1, 4).merge(table.cell(2, 4)).text = "6分"
    found = brought(saved(document))
    assert asked(found) == ["points_shared"]
    assert faults(found) == ["sections.0.items.1.points not_number"]


def test_rows_that_share_points_without_numbers_are_one_item() -> None:
    document = Document()
    table = fill(document, [SHORT[1:], ONE[1:], ("", "", "办论坛。", ""), TWO[1:]])
    table.cell(1, 3).merge(table.cell(2, 3)).text = "6分"
    found = brought(saved(document))
    assert [item.text for item in rubric(found).items] == ["办年会。\n办论坛。", "办科普日。"]
    assert noted(found) == ["text_joined"]


KINDS: list[tuple[str, Table, list[tuple[str | None, str, Decimal | None, list[tuple[object, ...]]]]]] = [
    (
        "no points anywhere",
        [("类别", "评价项目", "评价指标"), ("一、规范", "党建", "建立党组织"), ("", "办公", "有场所")],
        [("一", "规范", None, [(None, "党建", "建立党组织", None), (None, "办公", "有场所", None)])],
    ),
    (
        "contents and marking rules",
        [
            ("一级指标", "二级指标", "评价内容", "评分标准", "标准分"),
            ("组织（5分）", "换届", "按期换届", "超期不得分", "5"),
        ],
        [(None, "组织", Decimal(5), [(None, "换届", "按期换届\n评分标准：超期不得分", 5)])],
    ),
    (
        "marking rules only",
        [("一级指标", "二级指标", "评分细则", "分值"), ("组织", "换届", "按期换届得满分", "２.５")],
        [(None, "组织", None, [(None, "换届", "按期换届得满分", Decimal("2.5"))])],
    ),
    (
        "projects that are categories",
        [
            ("序号", "考核项目", "考核内容", "满分"),
            ("1", "学术（6分）", "办年会", "6"),
            ("2", "科普（三分）", "科普日", "三分"),
        ],
        [
            (None, "学术", Decimal(6), [("1", None, "办年会", 6)]),
            (None, "科普（三分）", None, [("2", None, "科普日", 3)]),
        ],
    ),
    (
        "no categories at all",
        [("编号", "评价内容", "分值"), ("A-1", "办年会", "十分"), ("A-2", "办论坛", "0～5分")],
        [(None, TITLE, None, [("A-1", None, "办年会", 10), ("A-2", None, "办论坛", 5)])],
    ),
    (
        "a category row with its points",
        [
            ("序号", "评价内容", "分值"),
            ("一、学术", "", "6分"),
            ("1", "办年会", "6分"),
            ("二、科普", "", "4"),
            ("2", "科普日", "4"),
        ],
        [
            ("一", "学术", Decimal(6), [("1", None, "办年会", 6)]),
            ("二", "科普", Decimal(4), [("2", None, "科普日", 4)]),
        ],
    ),
    (
        "numbers that begin again",
        [SHORT, ("1", "一、甲", "会", "办年会", "6"), ("1", "二、乙", "科普", "科普日", "4")],
        [("一", "甲", None, [(None, "会", "办年会", 6)]), ("二", "乙", None, [(None, "科普", "科普日", 4)])],
    ),
]


@pytest.mark.parametrize(("table", "sections"), [one[1:] for one in KINDS], ids=[one[0] for one in KINDS])
def test_other_kinds_of_tables(table: Sequence[Sequence[str]], sections: list[object]) -> None:
    if "三分" in str(table):  # a control sum in hanzi is left in the title, and the other category is counted
        sections = [sections[0], (None, "科普（三分）", Decimal(3), [("2", None, "科普日", 3)])]
    found = brought(word(table))
    ours = read(found.text.replace('kind: "？"', "kind: standard"), "ours.yaml")
    assert found.complete == any(item.points is not None for item in ours.items)
    assert [
        (one.label, one.title, one.points, [(item.no, item.heading, item.text, item.points) for item in one.items])
        for one in ours.sections
    ] == sections


def test_demanded_evidence_and_remarks_are_kept() -> None:
    heads = ("评价内容", "分值", "佐证材料", "备注")
    (item,) = rubric(brought(word([heads, ("办年会", "5分", "会议通知", "不含分会")]))).items
    assert (item.evidence.demanded, item.note) == (("会议通知",), "不含分会")


def test_columns_and_tables_that_are_not_used_are_named() -> None:
    found = brought(word([("序号", "评价内容", "分值", "牵头处室"), ("1", "办年会", "5", "学会部")], [("甲", "乙")]))
    assert [(one.code, str(one)) for one in found.findings] == [
        ("column_unused", "第1个表第1行第4列：「牵头处室」这一列没有采用。"),
        ("table_unused", "第2个表第1行：这个表没有能认出的表头，没有采用。"),
    ]
    assert found.complete


ODD_TEXTS = [
    "a: b # c",
    "- 甲",
    "“引”",
    "true",
    "010",
    "1:30",
    "{{ 7*7 }}",
    "C:\\d",
    "是\u2028否",
    "甲\u0085乙",
    "=1+1",
    "〔甲〕",
    '"',
    "@",
    "?",
]


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_every_text_comes_back_letter_by_letter(text: str) -> None:
    found = brought(excel([("评价内容", "分值", "备注"), (f"做{text}", 5, text.replace("=", "+"))]), f"{text}.xlsx")
    ours = rubric(found)
    assert (ours.items[0].text, ours.items[0].note) == (f"做{text}", text.replace("=", "+"))
    assert ours.source.file == f"{text}.xlsx"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10分", 10),
        (" １０ ", 10),
        ("满分10分", 10),
        ("（５分）", 5),
        ("2.5", "2.5"),
        ("十二分", 12),
        ("二十", 20),
        ("0-10分", 10),
        ("不超过8分", 8),
        ("分值：3", 3),
        ("", None),
        ("若干", None),
        ("10分/次", None),
        ("5-10分", None),
        ("10%", None),
        ("第1", None),
    ],
)
def test_points_as_people_write_them(text: str, value: str | int | None) -> None:
    assert wording.points(text) == (None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("text", "label", "title", "points"),
    [
        ("一、为科技工作者服务\n(35分)", "一", "为科技工作者服务", 35),
        ("三、为提高全民素质服务（12分）", "三", "为提高全民素质服务", 12),
        ("（五）其他 １０分", "五", "其他", 10),
        ("第二部分　科普（满分：20分）", "二", "科普", 20),
        ("十一 自身\n建设", "十一", "自身建设", None),
        ("2.学术引领", "2", "学术引领", None),
        ("A、学术", "A", "学术", None),
        ("四、决策咨询（续）", "四", "决策咨询", None),
        ("科普（含科幻）", None, "科普（含科幻）", None),
    ],
)
def test_categories_in_their_parts(text: str, label: str | None, title: str, points: int | None) -> None:
    assert wording.category(text) == (label, title, None if points is None else Decimal(points))


@pytest.mark.parametrize(
    ("lines", "stem", "title"),
    [
        (("附件", "2026年度学会考核表", "填报单位："), "a", "2026年度学会考核表"),
        (("关于开展自评的通知",), "学会自评2026", "学会自评2026"),
        ((), "table", None),
    ],
)
def test_the_title_stands_above_the_table_or_is_the_name_of_the_file(
    lines: tuple[str, ...], stem: str, title: str | None
) -> None:
    assert title_of(lines, stem) == title


def zipped(**parts: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(f"word/{name}.xml", part)
    return data.getvalue()


def scan() -> bytes:
    document = Document()
    grey = "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    png = bytes.fromhex(f"{grey}0000000a49444154789c636000000002000148afa4710000000049454e44ae426082")
    document.add_picture(io.BytesIO(png))
    return saved(document)


def far_cell() -> bytes:
    book = openpyxl.Workbook()
    book.create_sheet("远")["XFD1048576"] = "远"
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def lying_zip() -> bytes:
    """A part that says it is small and is not."""
    data = zipped(document=b"<a>" + b" " * 100_000 + b"</a>")
    return data.replace((100_007).to_bytes(4, "little"), (7).to_bytes(4, "little"))


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
REFUSALS: list[tuple[str, Callable[[], bytes]]] = [
    ("file_empty", lambda: b""),
    ("is_pdf", lambda: b"%PDF-1.7\n"),
    ("is_picture", lambda: b"\xff\xd8\xff\xe0photo"),
    ("is_picture", lambda: b"\x89PNG\r\n\x1a\n"),
    ("is_old", lambda: OLE + b"\0" * 600),
    ("is_locked", lambda: OLE + "EncryptedPackage".encode("utf-16-le")),
    ("not_office", "序号,评价内容,分值\n".encode),
    ("not_office", lambda: zipped().replace(b"word/", b"wxyz/")),
    ("damaged", lambda: LAYOUTS["merged_cells.docx"]()[:9000]),
    ("damaged", lambda: zipped(document=b"<w:document>")),
    ("damaged", lambda: zipped(document=ENTITIES)),
    ("damaged", lambda: zipped(document=b"<p>" * 5000 + b"</p>" * 5000)),
    ("damaged", lying_zip),
    ("content_too_large", lambda: zipped(document=b" " * (31 << 20))),
    ("content_too_large", lambda: zipped(**{f"a{one}": b"" for one in range(5001)})),
    ("file_too_large", lambda: b"PK" + b"\0" * (20 << 20)),
    ("sheet_too_large", far_cell),
    ("sheet_too_large", lambda: excel([("评价内容", "分值"), *(("做", 1) for _ in range(5000))])),
    ("scanned", scan),
    ("no_table", word),
    ("no_table", lambda: excel([])),
    ("no_heads", lambda: word([("姓名", "电话"), ("甲", "1")])),
    ("no_items", lambda: word([HEADS])),
    ("cell_too_long", lambda: word([HEADS, ("1", "", "", "长" * 20_001, "5")])),
    ("too_many_lines", lambda: excel([("评价内容", "分值"), *(("做", 1) for _ in range(2001))])),
]


@pytest.mark.parametrize(("code", "data"), REFUSALS, ids=[f"{at}-{one[0]}" for at, one in enumerate(REFUSALS)])
def test_what_can_not_be_read_is_refused_by_name(code: str, data: Callable[[], bytes]) -> None:
    with pytest.raises(Refused) as caught:
        brought(data())
    assert caught.value.code == code
    assert str(caught.value).endswith("。")


def test_the_name_of_a_file_does_not_matter() -> None:
    assert rubric(brought(LAYOUTS["merged_sheet.xlsx"](), "自评表.docx")).maximum == 100
    assert rubric(brought(LAYOUTS["merged_cells.docx"](), "自评表")).maximum == 100


def test_a_thousand_rows() -> None:
    rows = [(str(at), "一、甲" if at == 1 else "", f"项目{at}", f"第{at}件事。", 1) for at in range(1, 1001)]
    ours = rubric(brought(excel([SHORT, *rows, ("合计", "", "", "", 1000)])))
    assert (len(ours.items), str(ours.maximum)) == (1000, "1000")


def test_a_formula_counts_as_the_value_saved_with_it_or_is_asked_about() -> None:
    unsaved = excel([SHORT, ("1", "一、甲", "会", "办年会", "=3+3"), TWO])
    assert asked(brought(unsaved)) == ["points_missing"]
    inner = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(unsaved)) as old, zipfile.ZipFile(inner, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<v></v>", b"<v>6</v>").replace(b"<v />", b"<v>6</v>"))
    assert rubric(brought(inner.getvalue())).maximum == 10


def test_tables_within_tables_and_in_text_boxes_are_found() -> None:
    document = Document()
    outer = document.add_table(1, 1)
    inner = outer.cell(0, 0).add_table(2, 2)
    for row, words in zip(inner.rows, (("评价内容", "分值"), ("办年会", "5分")), strict=True):
        for cell, one in zip(row.cells, words, strict=True):
            cell.text = one
    assert rubric(brought(saved(document))).maximum == 5
    table = inner._tbl.xml.split("?>")[-1]
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    box = f"<w:p><w:r><w:pict><w:txbxContent>{table}</w:txbxContent></w:pict></w:r></w:p>"
    part = f'<w:document xmlns:w="{namespace}"><w:body>{box}</w:body></w:document>'
    assert rubric(brought(zipped(document=part.encode()))).maximum == 5


def test_tracked_changes_and_content_controls_are_read_as_they_show() -> None:
    def cell(inner: str) -> str:
        return f"<w:tc><w:p>{inner}</w:p></w:tc>"

    def run(text: str) -> str:
        return f"<w:r><w:t>{text}</w:t></w:r>"

    head = f"<w:tr>{cell(run('评价内容'))}{cell(run('分值'))}</w:tr>"
    text = f"{run('办')}<w:del><w:r><w:delText>论坛</w:delText></w:r></w:del><w:ins>{run('年会')}</w:ins>"
    row = f"<w:sdt><w:sdtContent><w:tr>{cell(text)}{cell(run('5分'))}</w:tr></w:sdtContent></w:sdt>"
    table = f"<w:sdt><w:sdtContent><w:tbl>{head}{row}</w:tbl></w:sdtContent></w:sdt>"
    part = (
        f'<w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"><w:body>{table}</w:body></w:document>'
    )
    (item,) = rubric(brought(zipped(document=part.encode()))).items
    assert (item.text, str(item.points)) == ("办年会", "5")


def test_a_round_is_opened_on_an_imported_table_and_answered(db: Database, tmp_path: Path) -> None:
    text = brought(LAYOUTS["torn_pages.docx"]()).text
    season = Season.begin(db, text, datetime(2026, 12, 20, 1, 0, tzinfo=UTC), tmp_path / "files")
    season.join("王老师")
    assert "【1/25】" in season.say("王老师", "开始").replies[-1].text
    assert "已记" in season.say("王老师", "8分，承办全国年会1场").replies[0].text
    assert "促进转化" in season.say("王老师", "序号20").replies[-1].text


WALK = (
    "开始",
    "说明",
    "20",
    "上万",
    "6分，办年会1场",
    "下一项",
    "跳过",
    "第9项",
    "进度",
    "检查",
    "还缺什么",
    "分数",
    "甲",
    "会",
)


def test_a_table_without_numbers_labels_or_examples_is_walked_without_a_gap(db: Database, tmp_path: Path) -> None:
    table = [
        ("项目类别", "评价内容", "满分", "佐证材料"),
        ("学术", "办年会", "6", "会议通知"),
        ("", "办会刊", "2.5", ""),
        ("科普", "科普日", "4", ""),
    ]
    season = Season.begin(db, brought(word(table)).text, datetime(2026, 12, 20, 1, 0, tzinfo=UTC), tmp_path / "files")
    season.join("王老师")
    told = [reply.text for words in WALK for reply in season.say("王老师", words).replies]
    assert [text for text in told if "None" in text or "序号" in text] == []
    assert "要求提供：会议通知" in "\n".join(told)
    assert "也可以连依据一起说。" in "\n".join(told)


WORDS = st.sampled_from(
    [
        "",
        "",
        "1",
        "2",
        "3.5",
        "5分",
        "10分/次",
        "-1",
        "0",
        "一、甲（5分）",
        "二、乙",
        "会员",
        "其他",
        "办年会。",
        "办\n论坛",
        "总计",
        "小计",
        "评价内容",
        "分值",
        "序号",
        "项目",
        "类别",
        "（续）",
        "：#",
        "\u2028",
        "5分以上",
        "注：见附件",
        "100分",
    ]
)
CELLS = st.lists(st.lists(WORDS, min_size=1, max_size=6), min_size=0, max_size=8)


@settings(max_examples=300, deadline=None)
@given(cells=st.lists(CELLS, min_size=1, max_size=2), heads=st.permutations(SHORT), data=st.data())
def test_whatever_stands_in_a_table_a_complete_import_is_valid_and_an_open_one_is_not(
    cells: list[list[list[str]]], heads: list[str], data: st.DataObject
) -> None:
    kept = heads[: data.draw(st.integers(2, 5))]
    pages = [table([kept, *cells[0]]), *map(table, cells[1:])]
    body = f'<w:document xmlns:w="urn:w"><w:body>{"".join(pages)}</w:body></w:document>'
    try:
        found = brought(zipped(document=body.encode()))
    except Refused:
        return
    try:
        valid = bool(rubric(found).items)
    except Faulty:
        valid = False
    assert valid == found.complete, found.text


def table(rows: list[list[str]]) -> str:
    def cell(text: str) -> str:
        return (
            f"<w:tc><w:p>{'<w:br/>'.join(f'<w:r><w:t>{line}</w:t></w:r>' for line in text.split(chr(10)))}</w:p></w:tc>"
        )

    return f"<w:tbl>{''.join(f'<w:tr>{chr(10).join(map(cell, row))}</w:tr>' for row in rows)}</w:tbl>"


@pytest.mark.parametrize(("closes", "year"), [("2028-01-15", 2027), ("2027-12-20", 2027), ("2029-01-15", 2029)])
def test_a_table_without_a_printed_deadline_keeps_its_year(closes: str, year: int) -> None:
    ours = rubric(brought(word([SHORT, ONE, TWO], above=["2027年度学会考核表"])))
    assert evaluated_year(ours, datetime.fromisoformat(closes)) == year


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command in its own folder: its exit code, what it prints, what it complains of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["xuehui", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        printed = capsys.readouterr()
        return int(stopped.value.code or 0), printed.out, printed.err

    return run


def test_the_command_writes_a_file_that_check_accepts(run: Run) -> None:
    Path("自评表.docx").write_bytes(LAYOUTS["torn_pages.docx"]())
    code, said, doubts = run("rubric", "import", "自评表.docx", "-o", "ours-2020.yaml")
    assert code == 0
    assert "5类25项，合计100分" in said
    assert "· 自评表.docx 第2个表第2行：项目「促进」和换页后的「转化」读作一个「促进转化」。" in doubts
    assert run("rubric", "check", "ours-2020.yaml")[0] == 0
    assert read(Path("ours-2020.yaml").read_text("utf-8"), "ours-2020.yaml").id == "ours-2020"
    assert run("round", "open", "ours-2020.yaml", "--closes", "2099-01-15T17:30")[0] == 0


def test_the_command_lists_what_must_be_decided_and_check_finds_it_in_the_file(run: Run) -> None:
    Path("a.xlsx").write_bytes(excel([SHORT, ONE, ("3", "", "研讨", "办论坛。", "若干"), TWO], sheet="表"))
    code, said, doubts = run("rubric", "import", "a.xlsx", "-o", "a.yaml")
    assert (code, "还有1处要由人决定" in said) == (1, True)
    assert doubts == "？ a.xlsx 工作表“表”E3格：分值一格写的是「若干」，不是一个数。这一项满分几分？\n"
    code, said, _ = run("rubric", "check", "a.yaml")
    assert code == 1
    text = Path("a.yaml").read_text("utf-8").split("\n")
    line = next(number for number, one in enumerate(text, 1) if "若干" in one and "points" in one)
    assert said.startswith(f"a.yaml:{line}:17 ")


def test_the_command_as_json(run: Run) -> None:
    Path("a.docx").write_bytes(word([SHORT, ONE, ("1", "", "研讨", "办论坛。", "")]))
    code, said, _ = run("rubric", "import", "a.docx", "--out", "a.yaml", "--json")
    result = json.loads(said)
    assert (code, result["complete"], result["sections"], result["items"]) == (1, False, 1, 2)
    assert {one["code"] for one in result["findings"]} == {"number_twice", "points_missing"}
    last = result["findings"][-1]
    assert "满分几分" in last.pop("text")
    assert last == {"decide": True, "code": "points_missing", "sheet": None, "table": 1, "row": 3, "column": 5}


def test_the_command_refuses_and_writes_nothing(run: Run) -> None:
    Path("scan.docx").write_bytes(b"%PDF-1.7\n")
    code, _, doubts = run("rubric", "import", "scan.docx", "-o", "a.yaml")
    assert (code, "scan.docx：这是 PDF" in doubts) == (1, True)
    assert run("rubric", "import", "missing.docx", "-o", "a.yaml")[0] == 1
    assert not Path("a.yaml").exists()
    Path("b.docx").write_bytes(word([SHORT, ONE, TWO]))
    assert run("rubric", "import", "b.docx", "-o", "nowhere/a.yaml")[0] == 1


def test_the_command_does_not_overwrite_what_was_edited(run: Run) -> None:
    Path("a.docx").write_bytes(word([SHORT, ONE, TWO]))
    assert run("rubric", "import", "a.docx", "-o", "a.yaml")[0] == 0
    assert run("rubric", "import", "a.docx", "-o", "a.yaml")[0] == 0
    edited = Path("a.yaml").read_text("utf-8").replace("name: 办会", "name: 年会")
    Path("a.yaml").write_text(edited, "utf-8")
    code, _, doubts = run("rubric", "import", "a.docx", "-o", "a.yaml")
    assert (code, "已经存在" in doubts, Path("a.yaml").read_text("utf-8") == edited) == (1, True, True)
    assert run("rubric", "import", "a.docx", "-o", "a.yaml", "--force")[0] == 0
    assert "name: 办会" in Path("a.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04\x14\x00\xff\xfe", "a:1:1 .：这是 Word 或 Excel 文件"),
        ("id: x\ntitle: 评价表\n".encode("gb18030"), "a:2:8 .：不是 UTF-8"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a:1:1 .：这不是文字文件"),
        (b"id: x\x00", "a:1:1 .：这不是文字文件"),
        ("\ufeffid: x\nkind: poem\n".encode(), "a:2:7 kind："),
        ("序号,评价内容,分值\n".encode(), "a:1:1 .：应为「键: 值」"),
        (b"", "a:1:1 .：文件是空的"),
    ],
)
def test_check_names_line_and_column_of_whatever_file(run: Run, data: bytes, said: str) -> None:
    Path("a").write_bytes(data)
    code, printed, _ = run("rubric", "check", "a")
    assert (code, printed[: len(said)]) == (1, said)


def test_check_of_a_folder_is_a_sentence(run: Run) -> None:
    Path("folder").mkdir()
    code, printed, _ = run("rubric", "check", "folder")
    assert (code, "folder：读不出来" in printed) == (1, True)


def test_points_beside_the_total_are_asked_about_and_never_read_as_plain_ones() -> None:
    rows = [
        ("1", "一、管理", "制度", "制度健全。", "10"),
        ("2", "一、管理", "报送", "每迟一天扣2分，扣完为止。", "5"),
        ("3", "二、加分项", "获奖", "获市级奖励。", "3"),
    ]
    found = brought(word([SHORT, *rows]))
    assert asked(found) == ["extra_points"]
    assert "extra_rule" in noted(found)
    assert [(one.points, one.unread) for one in found.draft.items] == [(10, None), (5, None), (None, "3")]
    assert faults(found) == ["sections.1.items.0.points not_number"]


def test_a_column_of_deductions_that_holds_something_is_named() -> None:
    heads = ("序号", "项目", "评价内容", "分值", "扣分")
    empty = brought(word([heads, ("1", "制度", "制度健全。", "10", "")]))
    held = brought(word([heads, ("1", "制度", "制度健全。", "10", "缺一项扣1分")]))
    assert "extra_column" not in noted(empty)
    assert "extra_column" in noted(held)
