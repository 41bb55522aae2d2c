"""Tables that an office never made: bombs, endless faults, numbers and letters that no database keeps."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest
import xlsxwriter

from rubrics.faults import Faulty
from rubrics.importing.findings import Refused
from rubrics.importing.tables import imported
from rubrics.reading import read
from tests.brought import NAMES, ROWS, TITLE
from tests.official import excel, word

ITEM = "      - {{id: {id}, name: {name}, text: 年会, points: {points}}}\n"


def rubric(*, points: str = "10", step: str = "0.5", name: str = "年会", count: int = 1) -> str:
    head = f"id: own\nkind: self_evaluation\nstep: {step}\nsections:\n  - id: one\n    title: 甲\n    items:\n"
    return head + "".join(ITEM.format(id=f"i{number}", name=name, points=points) for number in range(count))


def codes(text: str) -> list[str]:
    with pytest.raises(Faulty) as raised:
        read(text, "own.yaml")
    return [one.code for one in raised.value.faults]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (rubric(points="0.0005", step="0.0005"), "too_fine"),
        (rubric(points="999999999999999"), "out_of_range"),
        (rubric(points="100000", count=11), "too_many_points"),
        (rubric(name='"年\\0会"'), "character"),
        (rubric(name='"\\x1b[31m年会"'), "character"),
        ("x" * 400_001, "too_large"),
    ],
)
def test_what_no_database_keeps_is_a_fault(text: str, code: str) -> None:
    assert code in codes(text)


@pytest.mark.parametrize("text", ["id: a\n" * 60_000, rubric() + "      - {x: 1}\n" * 20_000])
def test_faults_without_end_are_told_up_to_an_end(text: str) -> None:
    assert 0 < len(codes(text)) <= 1000


def changed(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for name in given.namelist():
            out.writestr(name, change(given.read(name)) if name == part else given.read(name))
    return made.getvalue()


def sheet_merged(times: int) -> bytes:
    """Small in bytes, and without a bound a quarter of an hour to read."""
    held = io.BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([NAMES, *(row[:5] for row in ROWS)]):
            sheet.write_row(number, 0, row)
        sheet.write(4999, 198, "x")
    merges = b"<mergeCells>" + b'<mergeCell ref="A20:GP5000"/>' * times + b"</mergeCells>"
    return changed(
        held.getvalue(), "xl/worksheets/sheet1.xml", lambda it: it.replace(b"</sheetData>", b"</sheetData>" + merges)
    )


def test_cells_merged_over_each_other_are_refused() -> None:
    assert len(imported(sheet_merged(1), file="a.xlsx", id="own").draft.items) == len(ROWS)
    with pytest.raises(Refused, match="打不开"):
        imported(sheet_merged(50_000), file="a.xlsx", id="own")


def document() -> bytes:
    return word([NAMES, *(row[:5] for row in ROWS)], above=(TITLE,))


def test_a_document_of_too_many_rows_is_refused_before_it_is_built() -> None:
    row = b"<w:tr><w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc></w:tr>"
    grown = changed(document(), "word/document.xml", lambda it: it.replace(b"</w:tbl>", row * 5001 + b"</w:tbl>", 1))
    with pytest.raises(Refused, match="5000"):
        imported(grown, file="a.docx", id="own")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_any_encoding(encoding: str) -> None:
    def entities(part: bytes) -> bytes:
        bare = re.sub(r"<\?xml[^>]*\?>", "", part.decode()).replace("党建", "&x;", 1)
        return f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE d [<!ENTITY x "y">]>{bare}'.encode(encoding)

    with pytest.raises(Refused, match="打不开"):
        imported(changed(document(), "word/document.xml", entities), file="a.docx", id="own")


def test_an_ordinary_table_is_still_read() -> None:
    for data, name in ((document(), "a.docx"), (excel([NAMES, *(row[:5] for row in ROWS)]), "a.xlsx")):
        assert len(imported(data, file=name, id="own").draft.items) == len(ROWS)
