"""The two Hangzhou lists of 2020 are the document's, byte for byte."""

import pytest

from rubrics.model import Rubric
from rubrics.programme import Table
from rubrics.reading import catalog, read
from tests.verbatim import seed

SOURCE = "\n".join(seed("000")).replace("[bookmark: _GoBack]", "")
HEAD = (
    "序号",
    "学会名称",
    "学会党建",
    "是否5A",
    "抗疫先进",
    "双千行动",
    "入选成果汇编",
    "参与学联体",
    "各类荣誉",
    "其他推荐理由",
)


@pytest.fixture(scope="module")
def hangzhou() -> Rubric:
    return read(catalog()["hangzhou-2020"], "hangzhou-2020.yaml")


def printed(table: Table) -> str:
    """A table as it was extracted: every cell behind a tab, an empty line after every row."""
    rows = ["".join(f"\t{cell}\n" for cell in row) for row in (table.columns, *table.rows)]
    return f"{table.title}\n\n" + "\n".join(rows)


def test_both_tables_print_back_as_the_whole_document(hangzhou: Rubric) -> None:
    first, second = map(printed, hangzhou.tables)
    assert f"{first}\n\n\n{second}".rstrip("\n") == SOURCE.rstrip("\n")


def test_ten_columns_ten_rows_in_print_order(hangzhou: Rubric) -> None:
    for table in hangzhou.tables:
        assert tuple(one.replace("\n", "") for one in table.columns) == HEAD
        assert [row[0] for row in table.rows] == [str(number) for number in range(1, 11)]
        assert {len(row) for row in table.rows} == {10}
    assert len({row[1] for table in hangzhou.tables for row in table.rows}) == 20


def test_5a_is_no_yes_or_no(hangzhou: Rubric) -> None:
    """Nine hold 5A; two have applied, one has 4A, and nothing was entered for eight (Q-HZ02, Q-HZ03)."""
    entered = [row[3] for table in hangzhou.tables for row in table.rows]
    assert {one: entered.count(one) for one in set(entered)} == {"5A": 9, "2021年申报5A": 2, "4A": 1, "": 8}


def test_names_keep_or_lack_the_city(hangzhou: Rubric) -> None:
    names = [row[1] for table in hangzhou.tables for row in table.rows]
    assert [name for name in names if not name.startswith("杭州市")] == [
        "杭州数字经济联合会",
        "杭州企业品牌发展促进会",
        "杭州结构与地基处理研究会",
        "杭州青年科技工作者协会",
    ]


def test_what_the_document_does_not_say_is_unknown(hangzhou: Rubric) -> None:
    assert (hangzhou.title, hangzhou.issuer, hangzhou.source.date, hangzhou.points) == (None, None, None, None)
    assert (hangzhou.items, hangzhou.sections, hangzhou.awards) == ((), (), ())
