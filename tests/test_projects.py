"""Projects: what is asked of whom, the printed bounds at, below and above, what goes together, and each delivery once."""

import io
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.answers import choosing
from handlers.checking import check
from handlers.messages import Message
from handlers.projects.applications import awaited, named
from handlers.reports.exporting import export
from handlers.reports.formats import Job, made, write
from handlers.reports.lists import tables, write_lists
from handlers.reports.snapshot import Snapshot
from rubrics.model import Requirement, Rubric
from rubrics.projects import open_to, project, projects, quotas, requirements, standing, together, wanted
from rubrics.reading import catalog, read
from scheduler.drawing import draw_due
from storage import queries
from storage.database import Database
from storage.relations import APPLICATION, APPLICATION_EVENT, ENTRY, OUTBOX, SOCIETY, SUBMISSION
from tests.season import Season
from tests.test_programmes import begin


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return read(catalog()["yangzhou-2020"], "yangzhou-2020.yaml")


def asked(rubric: Rubric, id: str) -> Requirement:
    return next(one for one in rubric.asked() if one.id == id)


GROWTH = {"joined": 3, "net": 3, "members_before": 100}
VISITS = {"schools": 1, "enterprises": 1, "villages": 4, "parks": 1, "offices": 1}


@pytest.mark.parametrize(
    ("id", "facts", "found"),
    [
        ("special-growth", {}, "asked"),
        ("special-growth", GROWTH, "met"),
        ("special-growth", {**GROWTH, "members_before": 101}, "unmet"),
        ("special-growth", {**GROWTH, "net": 4}, "met"),
        ("special-growth", {**GROWTH, "net": 2}, "people"),
        ("special-growth", {"joined": 3, "net": 0, "members_before": 0}, "people"),
        ("outreach-visits", VISITS, "met"),
        ("outreach-visits", {**VISITS, "schools": 0}, "unmet"),
        ("outreach-visits", {**VISITS, "villages": 3, "schools": 3}, "unmet"),
        ("outreach-visits", {"schools": 0, "enterprises": 0, "villages": 7, "parks": 0, "offices": 0}, "unmet"),
        ("outreach-visits", {"schools": 0, "enterprises": 0, "villages": 8, "parks": 0, "offices": 0}, "met"),
        ("special-grade", {}, "pending"),
        ("special-grade", {"grade": "1A"}, "unmet"),
        ("special-grade", {"grade": "2A"}, "met"),
        ("special-grade", {"grade": "3A"}, "met"),
        ("special-grade", {"grade": "无"}, "unmet"),
        ("inspected", {}, "asked"),
        ("inspected", {"inspection": "合格"}, "met"),
        ("inspected", {"inspection": "基本合格"}, "people"),
        ("inspected", {"inspection": "不合格"}, "unmet"),
        ("inspected", {"inspection": "未参加年检"}, "unmet"),
        ("inspected-university", {}, "people"),
        ("excellence-lost", {}, "lost"),
        ("unlawful", {"clean": True}, "met"),
        ("unlawful", {"clean": False, "happened_on": "2001-01-01"}, "people"),
        ("journal-licence", {"public": True, "issn": False, "cn": True}, "met"),
        ("journal-licence", {"public": True, "issn": False, "cn": False}, "unmet"),
        ("journal-licence", {"public": False, "licensed": True, "unbroken": True}, "met"),
        ("journal-licence", {"public": False, "licensed": True, "unbroken": False}, "unmet"),
        ("experts", {"pool": True, "leads": 1}, "met"),
        ("experts", {"pool": True, "leads": 0, "group": 3, "group_senior": True}, "met"),
        ("experts", {"pool": True, "leads": 0, "group": 2, "group_senior": True}, "unmet"),
        ("experts", {"pool": True, "leads": 0, "group": 3, "group_senior": False}, "unmet"),
        ("experts", {"pool": False, "leads": 1}, "unmet"),
        ("online", {"website": False, "wechat": True}, "people"),
        ("online", {"website": False, "wechat": False}, "unmet"),
    ],
)
def test_a_requirement_stands_as_it_is_printed(
    rubric: Rubric, id: str, facts: Mapping[str, object], found: str
) -> None:
    assert standing(asked(rubric, id), facts) == found


@pytest.mark.parametrize(
    ("id", "facts", "names"),
    [
        ("unlawful", {}, ["clean"]),
        ("unlawful", {"clean": True}, []),
        ("unlawful", {"clean": False}, ["happened_on"]),
        ("journal-licence", {}, ["public"]),
        ("journal-licence", {"public": False}, ["licensed", "unbroken"]),
        ("journal-licence", {"public": True, "issn": True}, []),
        ("special-secretary", {"secretary": True}, ["role"]),
        ("special-secretary", {"secretary": False}, []),
        ("experts", {"pool": True, "leads": 1}, ["lead_senior"]),
        ("special-growth", {}, ["joined", "net", "members_before"]),
    ],
)
def test_only_what_matters_is_asked(rubric: Rubric, id: str, facts: Mapping[str, object], names: list[str]) -> None:
    assert [one.name for one in wanted(asked(rubric, id), facts)] == names


@pytest.mark.parametrize(
    ("first", "second", "how"),
    [
        ("functions", "talent", "one"),
        ("think-tank", "outreach", "one"),
        ("forum", "journal", "one"),
        ("regional", "website", "one"),
        ("international", "national", "one"),
        ("excellence", "functions", "undecided"),
        ("stations", "journal", "undecided"),
        ("functions", "journal", "all"),
        ("excellence", "stations", "all"),
        ("outreach", "regional", "all"),
    ],
)
def test_what_is_recognised_together(rubric: Rubric, first: str, second: str, how: str) -> None:
    pair = (project(rubric, first), project(rubric, second))
    assert (together(rubric, *pair), together(rubric, *pair[::-1])) == (how, how)


def test_the_quotas_of_what_can_be_applied_for_are_the_whole(rubric: Rubric) -> None:
    assert sum(one.section.quota or 0 for one in projects(rubric)) == rubric.quota == 48
    assert [one.id for one in quotas(project(rubric, "regional"), None)] == ["regional", "brand", "exchange"]
    assert [one.id for one in quotas(project(rubric, "excellence"), "third-prize")] == ["third-prize", "excellence"]


def test_a_university_is_asked_what_is_its_own(rubric: Rubric) -> None:
    named = {one.id for one in projects(rubric) if open_to(rubric, one, "university")}
    assert {"think-tank", "outreach", "journal", "regional", "stations"} <= named
    assert not {"excellence", "functions", "talent"} & named
    hers = {one.id for one in requirements(rubric, project(rubric, "stations"), "university")}
    assert "inspected-university" in hers
    assert "inspected" not in hers


def test_a_journal_is_not_asked_for_what_is_meant_for_events(rubric: Rubric) -> None:
    journal = {one.id for one in requirements(rubric, project(rubric, "journal"), None)}
    assert {"scientific", "journal-licence"} <= journal
    assert not {"combined", "organiser", "online"} & journal


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("2.4", ["outreach"]),
        ("科普特色", ["outreach"]),
        ("期刊", ["journal"]),
        ("综合示范", ["excellence"]),
        ("学会（高校科协）专家工作站", ["stations"]),
        ("省级学术活动", ["regional"]),
        ("一等奖", ["excellence"]),
        ("学术交流精品", []),
        ("十佳", []),
        ("", []),
    ],
)
def test_a_project_is_known_by_every_name_the_document_uses(rubric: Rubric, said: str, ids: list[str]) -> None:
    assert [one.id for one in named(rubric, [said]).projects] == ids


# Conversations that no text file shows.


@pytest.fixture
def yangzhou(db: Database, tmp_path: Path) -> Iterator[Season]:
    begun = begin(db, tmp_path / "files", "yangzhou", kind="university")
    for person in ("王老师", "赵老师", "staff"):
        begun.join(person)
    for person in ("王老师", "赵老师"):
        begun.say(person, "1")
    yield begun
    with begun.db.read() as connection:
        assert check(connection, begun.store) == []
    begun.db.close()


def told(season: Season, person: str, text: str) -> str:
    return "\n".join(one.text for one in season.say(person, text).replies)


def count(season: Season, table: sa.Table) -> int:
    with season.db.read() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def test_a_repeated_delivery_applies_once_and_has_the_same_receipt(yangzhou: Season) -> None:
    first = yangzhou.say("王老师", "申报 期刊", key="twice")
    message = Message(channel="dialogue", address="王老师", key="twice", text="申报 期刊")
    again = yangzhou.again(message)
    assert again.again
    assert [one.text for one in again.replies] == [one.text for one in first.replies]
    assert (count(yangzhou, APPLICATION), count(yangzhou, APPLICATION_EVENT)) == (1, 1)
    assert "已经申报过" in told(yangzhou, "王老师", "申报 期刊")
    assert count(yangzhou, APPLICATION_EVENT) == 1


def test_a_university_may_apply_for_what_is_not_listed_and_is_warned(yangzhou: Season) -> None:
    assert "没有列出贵单位类型" in told(yangzhou, "赵老师", "申报 承接政府职能")
    assert "原文未列其类型" in told(yangzhou, "staff", "申报情况 2.1")


def test_the_second_click_on_the_number_recognises_nothing_twice(yangzhou: Season) -> None:
    yangzhou.say("王老师", "申报 期刊")
    yangzhou.say("staff", "推荐 扬州市示例学会 期刊")
    for step in ("公示", "认定"):
        yangzhou.say("staff", step)
        assert f"已{step}1项" in told(yangzhou, "staff", "1")
        assert f"已{step}" not in told(yangzhou, "staff", "1")
    with yangzhou.db.read() as connection:
        notices = connection.scalars(sa.select(OUTBOX.c.text).where(OUTBOX.c.cause.like("recognised:%"))).all()
    assert len(notices) == 1
    assert "已认定" in notices[0]


def test_a_list_that_has_changed_since_it_was_shown_is_not_confirmed(yangzhou: Season) -> None:
    yangzhou.say("王老师", "申报 期刊、专家工作站")
    yangzhou.say("staff", "推荐 扬州市示例学会 期刊")
    yangzhou.say("staff", "公示")
    yangzhou.say("王老师", "撤回申报 期刊")
    assert "名单有变动" in told(yangzhou, "staff", "1")


def test_a_withdrawn_application_frees_its_place(yangzhou: Season) -> None:
    for person in ("王老师", "赵老师"):
        yangzhou.say(person, "申报 期刊")
    yangzhou.say("staff", "推荐 扬州市示例学会 期刊")
    assert "已满" in told(yangzhou, "staff", "推荐 扬州市茶叶学会 期刊")
    yangzhou.say("王老师", "撤回申报 期刊")
    assert "现1/1" in told(yangzhou, "staff", "推荐 扬州市茶叶学会 期刊")


def test_nothing_is_handed_in_without_the_councils_word_and_every_change_hands_in_anew(yangzhou: Season) -> None:
    yangzhou.say("王老师", "申报 期刊")
    assert "还不能提交" in told(yangzhou, "王老师", "提交")
    yangzhou.say("王老师", files=("理事会纪要.pdf",))
    yangzhou.say("王老师", files=("立项申报书.pdf",))
    assert "仍要提交" in told(yangzhou, "王老师", "提交")
    assert "已提交（第1次）" in told(yangzhou, "王老师", "确认提交")
    yangzhou.say("王老师", "申报 论坛")
    assert count(yangzhou, SUBMISSION) == 2
    assert "提交前要的材料都齐了" not in told(yangzhou, "王老师", "谢谢")


def test_a_stage_of_its_own_keeps_a_round_in_reach_that_is_over(yangzhou: Season) -> None:
    """The proposal is due in April, the report in December; who was not chosen is not waited for."""
    yangzhou.say("王老师", "申报 期刊")
    yangzhou.say("staff", "推荐 扬州市示例学会 期刊")
    yangzhou.say("staff", "定日期 提交立项申报书 2026年4月30日")
    yangzhou.now += timedelta(days=60)
    assert "已收「学会期刊」验收报告" in told(yangzhou, "王老师", "验收 出版了4期")
    with yangzhou.db.read() as db:
        round = queries.round_of(db, yangzhou.round)
        rows = db.execute(sa.select(ENTRY.c.id, SOCIETY.c.id.label("society")).join(SOCIETY).order_by(ENTRY.c.id)).all()
        reach = [[one.id for one in choosing.open_to(db, row.society, yangzhou.now)] for row in rows]
        assert reach == [[yangzhou.round], []]
        december = yangzhou.now + timedelta(days=200)
        waiting = [awaited(db, round, row.id, at) for row in rows for at in (yangzhou.now, december)]
    assert waiting == [True, False, False, False]


def test_two_officers_never_give_a_place_twice(yangzhou: Season) -> None:
    for person in ("王老师", "赵老师"):
        yangzhou.say(person, "申报 智库")
    said = [told(yangzhou, "staff", f"推荐 {one} 智库") for one in ("扬州市示例学会", "扬州市茶叶学会")]
    assert ["现1/1" in one for one in said] == [True, False]


def test_the_export_has_the_awards_and_each_societys_applications(yangzhou: Season) -> None:
    yangzhou.say("王老师", "申报 期刊、区域级")
    yangzhou.say("王老师", "是")
    yangzhou.say("staff", "推荐 扬州市示例学会 期刊")
    yangzhou.say("staff", "空缺 学会网站 没有申报")
    with yangzhou.db.read() as db:
        whole = export(db, queries.round_of(db, yangzhou.round))
    awards = {one["id"]: one for one in whole["awards"]}
    journal = {"name": "学会期刊", "quota": 1, "proposed": ["扬州市示例学会"], "tied": [], "decided": []}
    assert {name: awards["journal"][name] for name in journal} == journal
    assert awards["website"]["empty_seats"] == "没有申报"
    [entry] = [one for one in whole["entries"] if one["society"] == "扬州市示例学会"]
    applications = {one["project"]: one for one in entry["applications"]}
    assert (applications["journal"]["standing"], applications["regional"]["standing"]) == ("proposed", "none")
    assert [one["kind"] for one in applications["journal"]["events"]] == ["applied", "standing"]
    known = {one["id"]: one["standing"] for one in applications["journal"]["requirements"]}
    assert (known["subordinate"], known["evaluated"]) == ("met", "asked")


@pytest.mark.parametrize("form", ["xlsx", "docx", "csv", "zip", "json"])
def test_every_form_of_the_export_takes_a_round_of_projects(yangzhou: Season, form: str) -> None:
    yangzhou.say("王老师", "申报 期刊")
    yangzhou.say("王老师", files=("照片.jpg",))
    yangzhou.say("王老师", "依据：市科协文件")
    yangzhou.say("王老师", files=("立项申报书.pdf",))
    out = io.BytesIO()
    with yangzhou.db.read() as db:
        snapshot = Snapshot(db, queries.round_of(db, yangzhou.round), yangzhou.now)
        job = Job(form, snapshot, yangzhou.store, out)
        assert (write(job), made(job)) == (0, form)
    assert out.getvalue()


@pytest.mark.parametrize(("words", "ends"), [("导出 Excel", "xlsx"), ("导出 Word", "docx"), ("导出 csv", "csv")])
def test_the_office_gets_the_lists_in_the_chat(hangzhou: Season, words: str, ends: str) -> None:
    assert "导出成什么" in hangzhou.say("staff", "导出").replies[0].text
    taken = hangzhou.say("staff", words)
    assert "名单" in taken.replies[0].text
    assert draw_due(hangzhou.db, hangzhou.store, hangzhou.now) == 1
    with hangzhou.db.read() as db:
        row = db.execute(sa.select(OUTBOX).order_by(OUTBOX.c.id.desc()).limit(1)).one()
    assert "导出好了" in row.text
    assert row.files[0]["name"].endswith(f".{ends}")
    assert "没有逐项填写的表" in hangzhou.say("staff", "模板").replies[0].text


@pytest.mark.parametrize("form", ["xlsx", "docx", "csv"])
def test_a_list_asked_for_in_the_chat_is_the_printed_one(hangzhou: Season, form: str) -> None:
    out = io.BytesIO()
    with hangzhou.db.read() as db:
        snapshot = Snapshot(db, queries.round_of(db, hangzhou.round), hangzhou.now)
        write(Job(form, snapshot, hangzhou.store, out))
    cells = out.getvalue().decode("utf-8-sig") if form == "csv" else ""
    assert cells.startswith("一、2020年度一流学会") == (form == "csv")
    assert len(out.getvalue()) > 3000


def test_a_stranger_to_the_office_recognises_nothing(yangzhou: Season) -> None:
    yangzhou.say("王老师", "申报 期刊")
    yangzhou.join("reviewer")
    assert "管理人员" in told(yangzhou, "reviewer", "推荐 扬州市示例学会 期刊")
    assert "没有看懂" in told(yangzhou, "王老师", "推荐 扬州市示例学会 期刊")
    assert count(yangzhou, APPLICATION_EVENT) == 1


def test_an_impatient_answer_is_not_that_to_a_question_nobody_has_seen(yangzhou: Season) -> None:
    yangzhou.say("王老师", "申报 期刊")
    yangzhou.say("王老师", "是")
    assert "没有记" in "\n".join(one.text for one in yangzhou.say("王老师", "是", hasty=True).replies)


# Lists.


@pytest.fixture
def hangzhou(db: Database, tmp_path: Path) -> Iterator[Season]:
    begun = begin(db, tmp_path / "files", "hangzhou")
    begun.join("staff")
    yield begun
    with begun.db.read() as connection:
        assert check(connection, begun.store) == []
    begun.db.close()


def test_the_lists_go_out_cell_by_cell_as_they_are_printed(hangzhou: Season) -> None:
    printed = read(catalog()["hangzhou-2020"], "hangzhou-2020.yaml").tables
    with hangzhou.db.read() as db:
        made = list(tables(db, queries.round_of(db, hangzhou.round)))
        data = export(db, queries.round_of(db, hangzhou.round))["tables"]
    assert made == [(one.title, [one.columns, *one.rows]) for one in printed]
    assert [one["rows"] for one in data] == [[list(row) for row in one.rows] for one in printed]


def test_an_edit_changes_one_cell_of_this_round_alone(hangzhou: Season) -> None:
    hangzhou.say("staff", "改 杭州市医学会 是否5A 2022年申报")
    hangzhou.say("staff", "改 杭州市医学会 荣誉 =1+1")
    with hangzhou.db.read() as db:
        round = queries.round_of(db, hangzhou.round)
        (_, rows), _ = tables(db, round)
        out = io.StringIO()
        write_lists(db, round, out)
        edits = export(db, round)["tables"][0]["edits"]
    printed = read(catalog()["hangzhou-2020"], "hangzhou-2020.yaml").tables[0]
    changed = [
        (at, column)
        for at, row in enumerate(printed.rows)
        for column, cell in enumerate(row)
        if rows[at + 1][column] != cell
    ]
    assert changed == [(3, 3), (3, 8)]
    assert [(one["old"], one["new"]) for one in edits] == [
        ("5A", "2022年申报"),
        ("1、2020年获杭州品牌社会组织", "=1+1"),
    ]
    assert "'=1+1" in out.getvalue()


def test_workbook_and_document_hold_the_same_cells(hangzhou: Season) -> None:
    from docx import Document
    from python_calamine import CalamineWorkbook

    from handlers.reports.form_lists import write_document
    from handlers.reports.workbook_lists import write_workbook

    book, document = io.BytesIO(), io.BytesIO()
    with hangzhou.db.read() as db:
        round = queries.round_of(db, hangzhou.round)
        made = list(tables(db, round))
        write_workbook(db, round, book)
        write_document(db, round, document)
    opened = CalamineWorkbook.from_filelike(io.BytesIO(book.getvalue()))
    for position, (title, rows) in enumerate(made):
        sheet = opened.get_sheet_by_index(position).to_python()
        assert sheet[0][0] == title
        assert sheet[1:] == [list(row) for row in rows]
    written = Document(io.BytesIO(document.getvalue()))
    found = [[[cell.text for cell in row.cells] for row in table.rows] for table in written.tables]
    assert found == [[list(row) for row in rows] for _, rows in made]
