"""The Zhejiang table as a society might have filled it in: Word files in several layouts, and what stands in them."""

import io
from collections.abc import Callable, Sequence

from docx import Document

from tests.official import ROWS, RUBRIC, TITLE, Printed, fill, saved, word

# By the printed number: what she wrote into 自评分 and 自评依据; the others are left blank.
WRITTEN: dict[str, tuple[str, str]] = {
    "1": ("8", "承办全国学术年会1场\n组织研学工作会1次"),
    "4": ("5分", "围绕数字经济召开研讨会3次"),
    "5": ("不适用", "本会没有主办期刊"),
    "8": ("２.5", "办了3期培训班，参训210人"),
    "16": ("0", ""),
    "11": ("", "评选第三届茶科技奖"),
    "13": ("四分", "会员日活动3次"),
    "14": ("2.5分", "科普活动12场"),
    "30": ("2", "主题展览1次"),
    "48": ("1.5/2", "网站更新36期"),
    "52": ("2分", "完成交办任务2项"),
}
NUMBERS = [row.no for row in ROWS]
HEAD = ("序号", "类别", "项目", "评价内容", "分值", "自评分", "自评依据(工作实效)", "备注")
Layout = Callable[[], bytes]


def said(row: Printed) -> tuple[str, str]:
    return WRITTEN.get(row.no, ("", ""))


def full(row: Printed) -> tuple[str, ...]:
    score, basis = said(row)
    return (row.no, row.category, row.heading, row.text, row.points, score, basis, "")


def plain() -> bytes:
    """The official table as it is printed."""
    return word([HEAD, *map(full, ROWS), ("总计", "", "", "", "100分", "21.5", "", "")])


def swapped() -> bytes:
    """Another order, with the office's own columns between hers, and the head again in the middle."""
    head = ("项目", "评价内容", "得分", "自评依据", "自评得分", "科协评分", "满分", "编号")
    rows = [(row.heading, row.text, "", said(row)[1], said(row)[0], "9", row.points, row.no) for row in ROWS]
    return word([head, *rows[:12], head, *rows[12:]])


def two_tables() -> bytes:
    """The second table has no head and no category column any more; a word about each stands between them."""
    second = [full(row)[:1] + full(row)[2:] for row in ROWS[12:]]
    return word([HEAD, *map(full, ROWS[:12])], second)


def split_words() -> bytes:
    """Rows cut in two by a page break, words with blanks in them, and a count of their own for numbers."""
    rows: list[Sequence[str]] = [("序号", "评价内容", "分值", "自评分", "工作实效")]
    for number, row in enumerate(ROWS, 1):
        score, basis = said(row)
        half = len(row.text) // 2
        first, *rest = basis.split("\n")
        rows.append((str(number), " ".join(row.text[:half]), row.points, score, first))
        rows.append(("", row.text[half:], "", "", "\n".join(rest)))
    return word(rows)


def two_storeys() -> bytes:
    """One wide head 自评 over its two columns, no numbers and no points."""
    document = Document()
    document.add_paragraph(TITLE)
    rows = [("评价项目", "评价内容", "自评", ""), ("", "", "分数", "依据")]
    table = fill(document, [*rows, *((row.heading, row.text, *said(row)) for row in ROWS)])
    table.cell(0, 2).merge(table.cell(0, 3)).text = "自评"
    for column, words in enumerate(("评价项目", "评价内容")):
        table.cell(0, column).merge(table.cell(1, column)).text = words
    return saved(document)


def by_number() -> bytes:
    """Short: the printed number, the points, and what she says."""
    return word([("序号", "分值", "自评分", "自评理由"), *((row.no, row.points, *said(row)) for row in ROWS)])


LAYOUTS: dict[str, Layout] = {
    one.__name__: one for one in (plain, swapped, two_tables, split_words, two_storeys, by_number)
}


def blank() -> bytes:
    """The form as the office sends it out."""
    return word([HEAD, *((row.no, row.category, row.heading, row.text, row.points, "", "", "") for row in ROWS)])


def doubtful() -> bytes:
    """Rows that a person has to look at: a range, a score too high, one item twice, one that nobody asked."""
    rows = [list(full(row)) for row in ROWS[:9]]
    rows[0][5] = "8-9"
    rows[1][5] = "6"
    rows.append(list(rows[6]))
    rows[-1][5] = "3"
    rows.append(["99", "", "食堂", "食堂饭菜的花样和卫生情况如何", "5分", "5", "天天有鱼", ""])
    return word([HEAD, *rows])


def letter() -> bytes:
    """No table of ours: a report with a table of meetings."""
    return word([("序号", "会议名称", "时间"), *((str(n), f"第{n}次理事会", "3月") for n in range(1, 9))])


def own_form() -> bytes:
    """A form of the office's own, with placeholders."""
    loop = [
        ("{%tr for 行 in 表 %}", "", ""),
        ("{{行.序号}}", "{{行.自评分}}", "{{行.自评依据}}"),
        ("{%tr endfor %}", "", ""),
    ]
    return word([("单位", "{{学会}}", "{{校验}}"), *loop, ("合计", "{{合计}}", "")])


def own_form_faulty() -> bytes:
    """The same with two slips."""
    loop = [
        ("{%tr for 行 in 表 %}", "", ""),
        ("{{行.序}}", "{{行.自评分}}", "{{行.自评依据}}"),
        ("{%tr endfor %}", "", ""),
    ]
    return word([("单位", "{{学会名称}}", "{{校验}}"), *loop, ("合计", "{{合计}}", "")])


FILLED: dict[str, Layout] = {**LAYOUTS, "doubtful": doubtful, "blank": blank, "letter": letter}
FILLED |= {"own_form": own_form, "own_form_faulty": own_form_faulty}


def source(data: bytes) -> io.BytesIO:
    return io.BytesIO(data)


def item(no: str) -> str:
    """Our id of the item with a printed number."""
    found = RUBRIC.numbered(no)
    assert found is not None
    return found.id
