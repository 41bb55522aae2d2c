"""What we write, opened by a real LibreOffice: pages, heads, sums and every word; and one that hangs, fails or is absent."""

import io
import os
import re
import select
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from handlers.reports import pdf
from handlers.reports.formats import Job, write
from handlers.reports.snapshot import Snapshot
from scheduler.drawing import draw_due
from storage import queries
from storage.relations import OUTBOX
from tests.proving import NOW, hand_in, lived, prove
from tests.season import Season

there = all(map(shutil.which, ("soffice", "pdftotext", "pdfinfo")))
office = pytest.mark.skipif(not there, reason="no LibreOffice with poppler's tools on this machine")
one_by_one = pytest.mark.xdist_group("soffice")  # each start of it takes a processor for seconds
LONG = "".join(f"第{n}次理事会审议年度计划；" for n in range(1, 160))


@dataclass
class Printed:
    """A PDF, read back."""

    pages: list[str]
    sizes: set[str]

    @property
    def words(self) -> str:
        """Everything on all pages without blanks, which stand between any two letters of a narrow column."""
        return re.sub(r"\s+", "", "".join(self.pages))


def printed(folder: Path, data: bytes) -> Printed:
    place = folder / "read.pdf"
    place.write_bytes(data)
    text = _said("pdftotext", "-raw", str(place), "-")
    sizes = set(re.findall(r"size:\s+([\d.]+ x [\d.]+)", _said("pdfinfo", "-l", "999", str(place))))
    return Printed(text.split("\f")[:-1], sizes)


def _said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Printed, Printed]:
    """The stamped form and the workbook of the same round, converted at the same moment: neither takes the other's job."""
    folder = tmp_path_factory.mktemp("office")
    season = lived(folder)
    prove(season, "news", text=LONG, key=50)
    hand_in(season)
    workbook, forms = io.BytesIO(), io.BytesIO()
    with season.db.read() as db:
        snapshot = Snapshot(db, queries.round_of(db, season.round), NOW)
        write(Job("xlsx", snapshot, season.store, workbook))
        with ThreadPoolExecutor() as beside:
            sheets = beside.submit(pdf.convert, workbook.getvalue(), ending="xlsx")
            write(Job("pdf", snapshot, season.store, forms))
            made = forms.getvalue(), sheets.result()
    season.db.close()
    return printed(folder, made[0]), printed(folder, made[1])


@office
@one_by_one
def test_the_form_prints_on_a4_across_with_heads_on_every_page_and_pages_counted_by_society(
    both: tuple[Printed, Printed],
) -> None:
    form, _ = both
    assert {one.split(".")[0] for one in form.sizes} == {"841"}
    numbers = [re.search(r"第\s*(\d+)\s*页，共\s*(\d+)\s*页", page) for page in form.pages]
    counted = [(int(one[1]), int(one[2])) for one in numbers if one]
    first = counted.index((1, counted[-1][1]), 1)
    assert counted == [(n, first) for n in range(1, first + 1)] + [
        (n, len(counted) - first) for n in range(1, len(counted) - first + 1)
    ]
    assert all("自评依据(工作实效)" in page and "评价内容" in page for page in form.pages)
    assert "填报单位：浙江省示例学会（盖章）" in form.pages[0]
    assert "填报单位：浙江省茶叶学会（盖章）" in form.pages[first]
    assert all("校验码" in page and "内容" in page for page in form.pages[:first])
    assert all("草稿，未提交" in page for page in form.pages[first:])
    assert "总计100分17.5" in form.words


@office
@one_by_one
def test_no_word_of_a_long_answer_is_cut_in_either(both: tuple[Printed, Printed]) -> None:
    for one in both:
        missing = [n for n in range(1, 160) if f"第{n}次理事会" not in one.words]
        assert len(missing) < len(one.pages), "the end of a page tears one at most"
        assert all(text in one.words for text in ("=1+1", "https://example.org/?a=1&b=2", "<b>&amp;</b>]]>"))


@office
@one_by_one
def test_the_workbook_prints_its_summary_on_one_page_and_the_heads_on_all(both: tuple[Printed, Printed]) -> None:
    _, book = both
    assert {one.split(".")[0] for one in book.sizes} == {"841"}
    assert "共2家，已提交1家" in book.pages[0]
    assert all(head in re.sub(r"\s+", "", book.pages[0]) for head in ("1学术交流(10分)", "52年检(2分)"))
    assert "填报单位：浙江省示例学会（盖章）" in book.pages[1]
    assert all("自评依据(工作实效)" in page for page in book.pages[1:])
    assert any(all(word in page for word in ("总计", "100分", "17.5")) for page in book.pages[1:])


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for soffice before everything else on the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder / "soffice"


def write_script(program: Path, script: str) -> None:
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


def test_one_that_hangs_is_ended_with_what_it_started(program: Path, tmp_path: Path) -> None:
    write_script(program, f"sleep 600 &\necho $! > {tmp_path}/child\nwait")
    with pytest.raises(pdf.OfficeFailed, match="> 2 s"):
        pdf.convert(b"", seconds=2)
    assert ended(int((tmp_path / "child").read_text(encoding="ascii")))


def ended(process: int) -> bool:
    """Whether it is gone, or goes at last."""
    try:
        file = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([file], [], [], 30)[0])
    finally:
        os.close(file)


def test_one_that_makes_nothing_says_why_without_our_paths(program: Path) -> None:
    write_script(program, 'echo "Error: source file $8 could not be loaded"')
    with pytest.raises(pdf.OfficeFailed) as failed:
        pdf.convert(b"")
    assert str(failed.value).startswith("Error: source file")
    assert "xuehui-pdf" not in str(failed.value)


def test_in_the_chat_a_failure_is_told_with_what_to_do_instead(
    program: Path, season: Season, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_script(program, "exit 1")
    season.join("王老师")
    season.say("王老师", "开始")
    season.join("staff")
    taken = season.say("staff", "导出 pdf")
    assert "正在准备PDF 盖章表" in taken.replies[0].text
    draw_due(season.db, season.store, season.now)
    with season.db.read() as db:
        [row] = db.execute(OUTBOX.select().where(OUTBOX.c.id > taken.replies[-1].id)).all()
    assert "PDF 没有做成" in row.text
    assert "可以导出 Word" in row.text
    monkeypatch.setenv("PATH", str(program.parent / "nothing"))
    assert "没有装 LibreOffice" in season.say("staff", "导出 pdf").replies[0].text


def test_without_it_there_is_no_pdf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pdf.NoOffice):
        pdf.convert(b"")
