"""The table of a city that does not exist, as its office brings it: its own wording, merged cells, torn rows, one wrong sum."""

import io
from collections.abc import Callable

import openpyxl
from docx import Document
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from tests.official import excel, fill, saved, word

TITLE = "2026年度临江市学会考核评分表"
HEADS = ("编号", "考核类别", "考核项目", "考核内容", "标准分", "自查得分", "备注")
ROWS = (
    ("1", "一、党建引领（20分）", "组织建设", "建立功能型党组织，全年开展主题党日不少于4次。", "10"),
    ("2", "一、党建引领（20分）", "组织建设", "党组织负责人参加理事会议，重大事项先由党组织研究。", "10"),
    ("3", "二、规范办会（30分）", "民主办会", "按章程召开会员代表大会、理事会，会议有纪要。", "8"),
    ("4", "二、规范办会（30分）", "民主办会", "按时足额收取会费，财务每年审计一次。", "7"),
    ("5", "二、规范办会（30分）", "档案年报", "年度报告按时报送，档案齐全。", "酌情"),
    ("6", "三、服务发展（50分）", "学术科普", "举办市级以上学术活动，至少2场。", "20"),
    ("7", "三、服务发展（50分）", "学术科普", "组织会员进社区、进学校开展科普。", "15"),
    ("8", "三、服务发展（50分）", "建言献策", "向党委政府报送建议并被采纳。", "10"),
)
CHECKED = (
    ("1", "一、组织建设", "章程规定的会员代表大会按期召开。"),
    ("2", "一、组织建设", "理事会会议每年不少于2次，有会议纪要。"),
    ("3", "一、组织建设", "建立党组织，开展主题党日活动。"),
    ("4", "二、业务活动", "举办学术会议每年不少于2次。"),
    ("5", "二、业务活动", "开展科普活动，有总结和照片。"),
    ("6", "二、业务活动", "网站或公众号每月更新。"),
    ("7", "二、业务活动", "按时报送年度工作总结。"),
)
NAMES = ("编号", "考核类别", "考核项目", "考核内容", "标准分")


def merged_and_torn() -> bytes:
    """Two pages: categories and projects merged on the first, the category column lost on the second, 三 sums to 45."""
    document = Document()
    for line in ("临科协〔2026〕3号", "附件1", TITLE):
        document.add_paragraph(line)
    first = fill(document, [HEADS, *([row[0], "", "", *row[3:]] for row in ROWS[:6])])
    for column, spans in ((1, ((1, 2), (3, 5), (6, 6))), (2, ((1, 2), (3, 4), (5, 5), (6, 6)))):
        for top, bottom in spans:
            first.cell(top, column).merge(first.cell(bottom, column)).text = ROWS[top - 1][column]
    document.add_paragraph("")
    fill(document, [(row[0], "" if row[2] == "学术科普" else row[2], *row[3:], "", "") for row in ROWS[6:]])
    return saved(document)


def on_a_sheet(*, columns: bool = True) -> bytes:
    """The same in Excel, as an office lays it out: borders, merged cells, sums as formulas, a print set-up, other sheets.
    `columns`: there are two to write in."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = "考核表"
    heads = [*NAMES, *(("自评得分", "自评依据") if columns else ()), "备注"]
    last = get_column_letter(len(heads))
    page.append([TITLE])
    page.append(["填报单位：（盖章）"])
    page.append(heads)
    blank = [None] * (len(heads) - 5)
    for row in ROWS:
        page.append([int(row[0]), *row[1:4], {"5": 15, "8": 15}.get(row[0]) or int(row[4]), *blank])
    page.append(["合计", None, None, None, "=SUM(E4:E11)", "=SUM(F4:F11)" if columns else None])
    for reference in (f"A1:{last}1", f"A2:{last}2", "A12:D12", "B4:B5", "B6:B8", "B9:B11", "C4:C5", "C6:C7", "C9:C10"):
        page.merge_cells(reference)
    thin = Side(style="thin")
    for line in page.iter_rows(min_row=3, max_row=12, max_col=len(heads)):
        for cell in line:
            cell.border = Border(left=thin, right=thin, top=thin, bottom=thin)
            cell.font = Font(name="宋体", size=10.5, bold=cell.row == 3)
            cell.alignment = Alignment(vertical="center", wrap_text=cell.column in (2, 3, 4))
    for width, name in zip((6, 14, 12, 34, 8, 9, 30, 8), "ABCDEFGH", strict=True):
        page.column_dimensions[name].width = width
    for number in range(4, 12):
        page.row_dimensions[number].height = 32
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", 9
    page.print_title_rows, page.print_area, page.freeze_panes = "3:3", f"A1:{last}12", "A4"
    summary = book.create_sheet("汇总")
    summary["A1"], summary["B1"], summary["B2"] = "自评合计", "=考核表!F12*2", "=1+1"
    book.create_sheet("填表说明")["A1"] = "请如实填写。"
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def without_columns(*more: str) -> bytes:
    """In Word, with nothing to write in but the columns named."""
    worth = {"5": "15", "8": "15"}
    rows = [(*row[:4], worth.get(row[0], row[4]), *("" for _ in more)) for row in ROWS]
    return word([(*NAMES, *more), *rows], above=(TITLE,))


def corrected() -> bytes:
    """In mid-season: one item is worth less and one more, one has new words, one is gone and one new."""
    rows = [list(row) for row in ROWS]
    rows[4][4] = "15"
    rows[0][4], rows[1][4] = "8", "12"
    rows[2][3] = "按章程召开会员代表大会、理事会、监事会，会议有纪要。"
    rows[7] = ["9", rows[7][1], "国际交流", "接待境外来访团组或者组团出访。", "15"]
    return excel([(TITLE,), NAMES, *rows])


def doubtful() -> bytes:
    """One cell of points for two rows, a number used twice, a row without words, points of 0, a total that is none."""
    rows = [
        ("1", "一、甲（20分）", "办会", "办年会。", "12"),
        ("2", "一、甲（20分）", "办会", "办论坛。", ""),
        ("2", "一、甲（20分）", "科普", "办科普日。", "8"),
        ("4", "二、乙（10分）", "建家", "", "4"),
        ("5", "二、乙（10分）", "建家", "开展会员日活动。", "0"),
        ("总计", "", "", "", "100"),
    ]
    document = Document()
    document.add_paragraph("2026年度山南县学会评分表")
    table = fill(document, [("序号", "类别", "项目", "评价内容", "分值"), *rows])
    table.cell(1, 4).merge(table.cell(2, 4)).text = "12"
    return saved(document)


def with_extras() -> bytes:
    """Bonuses and deductions beside the total: a plain number, a negative one, one only in words, one never said."""
    rows = [
        ("1", "一、管理（60分）", "制度", "制度健全。", "60"),
        ("2", "二、服务（40分）", "服务", "服务企业。", "40"),
        ("3", "加分项", "获奖", "获省级表彰，每项加2分。", "6"),
        ("4", "加分项", "报道", "省级媒体报道，每篇加1分，最高加3分。", "1分/篇"),
        ("5", "扣分项", "通报", "受到通报批评。", "-5"),
        ("6", "加减分", "其他", "其他情况。", "酌情"),
        ("总计", "", "", "", "100"),
    ]
    document = Document()
    document.add_paragraph("2026年度城南市学会考核表")
    fill(document, [("序号", "类别", "项目", "评价内容", "分值"), *rows])
    return saved(document)


def capped_extras() -> bytes:
    """A category of bonuses with a cap."""
    rows = [
        ("1", "一、管理（100分）", "制度", "制度健全。", "100"),
        ("2", "二、附加（5分）", "加分一", "获省级表彰。", "3"),
        ("3", "二、附加（5分）", "加分二", "省级媒体报道。", "4"),
    ]
    return excel([NAMES, *rows])


def without_points() -> bytes:
    return word([NAMES[:4], *(row[:4] for row in ROWS)], above=(TITLE,))


def checklist() -> bytes:
    """An office's yearly checklist: two categories, seven items, points nowhere."""
    return word([("序号", "类别", "检查内容"), *CHECKED], above=("2026年度临江市学会年检表",))


def without_heads() -> bytes:
    return word([("甲", "乙"), ("一", "二")])


RUBRIC_FILE = f"""id: linjiang
kind: self_evaluation
title: {TITLE}
points: 10
step: 0.5
sections:
  - id: one
    title: 党建引领
    points: 10
    items:
      - id: item-1
        no: "1"
        name: 组织建设
        text: 建立功能型党组织。
        points: 6
      - id: item-2
        no: "2"
        name: 理事会
        text: 党组织负责人参加理事会议。
        points: 4
"""

BROUGHT: dict[str, Callable[[], bytes]] = {
    "临江考核.docx": merged_and_torn,
    "临江考核更正.xlsx": corrected,
    "临江考核.xlsx": on_a_sheet,
    "临江考核无栏.docx": without_columns,
    "临江考核只有分.docx": lambda: without_columns("自评分"),
    "临江考核两栏.docx": lambda: without_columns("自评分", "自评依据"),
    "临江考核无栏.xlsx": lambda: on_a_sheet(columns=False),
    "山南考核.docx": doubtful,
    "城南考核.docx": with_extras,
    "城西考核.xlsx": capped_extras,
    "没有分值.docx": without_points,
    "年检表.docx": checklist,
    "没有表头.docx": without_heads,
    "临江.yaml": RUBRIC_FILE.encode,
    "临江写错.yaml": RUBRIC_FILE.replace("points: 6", "points: 六").replace("text: 党", "txet: 党").encode,
}
