"""The head of a table: which column is the number, the category, the project, the contents, the points."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rubrics.importing.grid import Grid, Row
from rubrics.importing.wording import flowing, key, plain

# What offices print above their columns, without blanks and brackets. Ours when it is the whole head.
WORDS = {
    "no": "序号 编号 指标序号 项目编号 指标编号 题号 号",
    "category": "类别 分类 类 大类 类型 一级指标 评价类别 考核类别 评估类别 项目类别 板块 模块 部分 维度 评价维度 一级项目 指标类别",
    "heading": "项目 评价项目 考核项目 评估项目 自评项目 工作项目 二级指标 二级项目 评价要素 考核要素 指标 指标名称 项目名称 考评项目 测评项目 检查项目",
    "text": "评价内容 评价指标 考核内容 考核指标 评估内容 评估指标 自评内容 三级指标 内容 具体内容 工作内容 指标内容 工作要求 考评内容 "
    "评价要点 考核要点 指标说明 主要内容 内容要求 创建内容 创建指标 测评内容 测评指标 工作任务 检查内容 四级指标 考评指标 评价内容及要求",
    "standard": "评分标准 评分细则 评价标准 考核标准 评估标准 计分标准 计分办法 评分办法 打分标准 得分标准 赋分标准 评分说明 评分规则 "
    "计分方法 评分方法 标准 扣分标准 考评标准 评价内容及评分标准 考核内容及评分标准",
    "points": "分值 满分 标准分 标准分值 分数 最高分 配分 基准分 基本分 赋分 满分值 分值分 参考分值 指标分值 项目分值 权重分 总分值 应得分",
    "evidence": "佐证材料 证明材料 支撑材料 需提供材料 提供材料 备查材料 材料要求 佐证材料要求 所需材料 印证材料 相关材料 资料要求",
    "note": "备注 说明 注",
    "kept": "自评分 自评得分 自评 自评分值 自评分数 自评情况 自评依据 依据 工作实效 自评依据及工作实效 自评说明 完成情况 得分 实得分 评审分 考核得分 "
    "复核分 复核得分 审核分 审核得分 评审得分 专家评分 专家打分 考评得分 评价得分 核定分 扣分 扣分原因 责任部门 责任人 责任单位 自查情况 "
    "自评得分理由 得分理由 自评理由 加减分 初审 复审 评分 打分 科协评分 评定分 自查得分 测评得分 工作成效 填报单位自评 复评分",
}
ROLES = {word: role for role, words in WORDS.items() for word in words.split()}
LONGEST_HEAD = 20
ENOUGH = 2


@dataclass(frozen=True, slots=True)
class Heads:
    """The roles of the columns, each role's columns from left to right; `unknown` are heads we make nothing of."""

    columns: tuple[str | None, ...]
    words: tuple[str, ...]
    first: int
    last: int

    def of(self, role: str) -> tuple[int, ...]:
        return tuple(column for column, one in enumerate(self.columns) if one == role)

    @property
    def unknown(self) -> Iterator[tuple[int, str]]:
        for column, (role, word) in enumerate(zip(self.columns, self.words, strict=True)):
            if role is None and word:
                yield column, word


def role(words: str) -> str | None:
    return ROLES.get(key(words))


def heads(grid: Grid) -> Heads | None:
    """The first row, with the one below where heads have two storeys, that names columns enough to read the table."""
    for at, row in enumerate(grid.rows):
        if naming(row) >= ENOUGH:
            return settled(grid, at)
    return None


def naming(row: Row) -> int:
    """How many different roles a row names; 0 where a cell is too long for a head."""
    if any(len(cell.text) > LONGEST_HEAD * 3 for cell in row.cells):
        return 0
    return len({found for cell in set(row.cells) if (found := role(cell.text))})


def settled(grid: Grid, first: int) -> Heads | None:
    """The columns of a head that begins at this row; None where nothing in it could be a question."""
    last = first
    while last + 1 < len(grid.rows) and lower_storey(grid.rows[last], grid.rows[last + 1]):
        last += 1
    width = max(len(row.cells) for row in grid.rows[first : last + 1])
    columns: list[str | None] = []
    words: list[str] = []
    for column in range(width):
        column_words = [row.cells[column].text for row in grid.rows[first : last + 1] if column < len(row.cells)]
        deepest_first = [role(one) for one in reversed(column_words)]
        columns.append(next(filter(None, deepest_first), None))
        words.append(plain(flowing(column_words[-1])).replace("\n", "") if column_words else "")
    spread(columns, grid.rows[last])
    arranged = arrange(columns)
    return Heads(tuple(arranged), tuple(words), first, last) if arranged and "text" in arranged else None


def lower_storey(upper: Row, lower: Row) -> bool:
    """Whether a row belongs to the head above it: it shares a merged cell with it and says nothing but heads."""
    shared = {cell for cell in upper.cells if role(cell.text)} & set(lower.cells)
    return bool(shared) and all(len(cell.text) <= LONGEST_HEAD for cell in lower.fresh)


def spread(columns: list[str | None], row: Row) -> None:
    """Of columns under one wide head only the first is meant, but for the contents, which may be split further."""
    for column in range(1, min(len(columns), len(row.cells))):
        if row.cells[column] is row.cells[column - 1] and columns[column] not in {None, "text", "heading", "category"}:
            columns[column] = "kept"


def arrange(columns: Sequence[str | None]) -> list[str | None] | None:
    """Make do with the columns there are: without contents the finest column left is the contents."""
    found = list(columns)
    for instead in ("standard", "heading", "category"):
        if "text" not in found and instead in found and len(set(found) & {"points", "no", "category", "heading"}) > 0:
            found = ["text" if one == instead else one for one in found]
    if "heading" not in found and found.count("text") > 1:
        found[found.index("text")] = "heading"
    if "category" not in found and found.count("heading") > 1:
        found[found.index("heading")] = "category"
    worth = [column for column, one in enumerate(found) if one == "points"]
    if len(worth) > 1:
        for column in worth[:-1]:
            found[column] = "category_points" if "text" in found[column:] else "kept"
    return found


def repeats(heads: Heads, row: Row) -> bool:
    """Whether a row is the head again, at the top of a page."""
    return naming(row) >= max(ENOUGH, len({one for one in heads.columns if one}) - 2)
