"""Which columns of a society's own table hold the number, the words, the self-score and what it rests on."""

import re

from rubrics.importing import heads as heading
from rubrics.importing.grid import Grid, Row
from rubrics.importing.heads import Heads
from rubrics.importing.wording import flowing, key, plain

SELF = r"(?:学会|本会|单位|本单位|填报单位)?(?:自评|自查|自测)"
SCORE = re.compile(rf"{SELF}(?:得分|打分|评分|分数|分值|成绩|分)?")
BASIS = re.compile(
    rf"{SELF}?(?:得分|评分|打分)?(?:的)?(?:依据|理由|说明|情况)(?:[及和与、]?(?:工作实效|工作成效|佐证材料|证明材料|说明))?"
    r"|工作实效|工作成效|完成情况|工作完成情况|落实情况|实际完成情况"
)
# Under a wide head that says 自评, these are the society's own; elsewhere they are the office's.
LOWER_SCORES = {"分数", "得分", "分值", "分", "评分", "打分"}
LOWER_BASES = {"说明", "理由", "情况", "依据", "内容", "佐证材料", "证明材料", "备注"}
UNSIGNED = {"得分", "实得分", "评分", "打分"}
WIDEST = 60


def columns(grid: Grid) -> Heads | None:
    """The head of a table in which a society has written; None where it has no column for that."""
    for at, row in enumerate(grid.rows):
        if len(row.cells) <= WIDEST and heading.naming(row) >= heading.ENOUGH and (found := _settled(grid, at)):
            return found
    return None


def _settled(grid: Grid, first: int) -> Heads | None:
    last = first
    while last + 1 < len(grid.rows) and heading.lower_storey(grid.rows[last], grid.rows[last + 1]):
        last += 1
    storeys = grid.rows[first : last + 1]
    width = max(len(row.cells) for row in storeys)
    words = [_words(storeys, column) for column in range(width)]
    roles = [_role(one) for one in words]
    if "score" not in roles:
        unsigned = next((n for n, one in enumerate(words) if one and one[-1] in UNSIGNED), None)
        roles = ["score" if n == unsigned else one for n, one in enumerate(roles)]
    roles = [_alone(one, roles[:n]) for n, one in enumerate(roles)]
    if "text" not in roles and "standard" in roles:
        roles = ["text" if one == "standard" else one for one in roles]
    named = {"no", "text", "heading"} & set(roles)
    printed = tuple(one[-1] if one else "" for one in words)
    return Heads(tuple(roles), printed, first, last) if named and {"score", "basis"} & set(roles) else None


def _words(storeys: tuple[Row, ...], column: int) -> list[str]:
    """The heads above a column from top to bottom, a merged one once."""
    cells = dict.fromkeys(row.cells[column] for row in storeys if column < len(row.cells))
    return [found for cell in cells if (found := key(plain(flowing(cell.text)).replace("\n", "")))]


def _role(words: list[str]) -> str | None:
    if not words:
        return None
    lowest, above = words[-1], "".join(words[:-1])
    if re.search(SELF, above):
        return "score" if lowest in LOWER_SCORES else "basis" if lowest in LOWER_BASES else _role([lowest])
    known = heading.role(lowest)
    if known in {None, "kept"}:
        return "score" if SCORE.fullmatch(lowest) else "basis" if BASIS.fullmatch(lowest) else known
    return known


def _alone(role: str | None, before: list[str | None]) -> str | None:
    """One score and one number; of several bases, headings and contents all are read."""
    return "kept" if role in {"score", "no", "points"} and role in before else role
