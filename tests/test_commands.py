"""The commands, as scripts use them: what they print, what they store, and how they refuse."""

import io
import json
import resource
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from docx import Document
from python_calamine import CalamineWorkbook

from bot.cli import main
from bot.settings import Settings
from storage.database import Database
from storage.relations import OUTBOX
from tests.filling import own_form
from tests.schema import place

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command in its own data folder; what it prints. A refusal raises SystemExit with its code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    place(tmp_path / "data")

    def run(*words: str, said: str = "") -> str:
        monkeypatch.setattr("sys.argv", ["xuehui", *words])
        monkeypatch.setattr("sys.stdin", io.StringIO(said))
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        printed = capsys.readouterr()
        if stopped.value.code:
            raise SystemExit(f"{stopped.value.code}: {printed.out}{printed.err}")
        return printed.out

    return run


@pytest.fixture
def round(run: Run) -> Any:
    run("society", "add", "浙江省茶叶学会")
    return json.loads(run("round", "open", "zhejiang-2020", "--closes", "2099-01-15T17:30", "--json"))


def code(run: Run, *words: str) -> dict[str, Any]:
    return dict(json.loads(run("invite", *words, "--json")))


def test_a_round_from_nothing_to_an_export(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data" / "xuehui.sqlite3").unlink()
    run("society", "add", "浙江省茶叶学会")
    round = json.loads(run("round", "open", "zhejiang-2020", "--closes", "2099-01-15T17:30", "--json"))
    assert round["closes_at"] == "2099-01-15T17:30:00+08:00"
    invited = code(run, "浙江省茶叶学会", "--name", "王老师")
    assert {"code", "society", "role", "expires_at"} <= invited.keys()
    told = run("talk", "--code", invited["code"], said="开始\n8分，承办年会1场\n下一项\n")
    assert "【2/25】" in told
    run("export", "--format", "json", "--out", "out.json")
    exported = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert [(one["society"], one["claimed"], one["status"]) for one in exported["entries"]] == [
        ("浙江省茶叶学会", "8", "in_progress")
    ]
    person = exported["people"][0]
    assert (person["name"], person["channels"], person["asking"]) == (
        "王老师",
        ["terminal"],
        {"position": 2, "field": "score"},
    )
    assert run("check").strip()
    assert "王老师> 8分，承办年会1场" in run("transcript", "茶叶")


def test_papers_are_listed_and_ticked(run: Run, round: Any, tmp_path: Path) -> None:
    run("society", "add", "浙江能源企业科协", "--kind", "enterprise")
    told = json.loads(run("society", "list", "--json"))
    assert [(one["society"], one["kind"]) for one in told] == [
        ("浙江省茶叶学会", None),
        ("浙江能源企业科协", "enterprise"),
    ]
    assert "浙江能源企业科协（省属企业科协）" in run("society", "list")
    (tmp_path / "总结.pdf").write_bytes(b"%PDF-1.7")
    invited = code(run, "浙江省茶叶学会", "--name", "王老师")
    run("talk", "--code", invited["code"], said="[总结.pdf] 总结和计划\n提交\n确认提交\n")
    made = json.loads(run("papers", "tick", "浙江省茶叶学会", "--what", "summary, plan", "--json"))
    assert (made["papers"], made["all_in"]) == (["本年度工作总结", "下一年度工作计划"], False)
    assert json.loads(run("papers", "tick", "--code", "w9dsac", "--json"))["all_in"] is True
    run("papers", "tick", "浙江能源企业科协", "--what", "all")
    tea, energy = json.loads(run("papers", "list", "--json"))
    assert tea["all_in"] is True
    assert {(one["id"], one["form"]): one["state"] for one in energy["deliverables"]} == {
        ("summary", "electronic"): "missing",
        ("summary", "stamped_paper"): "in",
        ("plan", "electronic"): "missing",
        ("plan", "stamped_paper"): "in",
    }
    run("papers", "tick", "浙江能源企业科协", "--what", "plan", "--undo")
    assert "交齐" in run("papers", "list")
    piece = next(one for one in tea["deliverables"] if one["sha256"])
    run("evidence", piece["sha256"], "--out", "back.pdf")
    assert Path("back.pdf").read_bytes() == b"%PDF-1.7"
    assert run("check").strip()


def test_a_review_by_command(run: Run, round: Any) -> None:
    invited, officer = code(run, "浙江省茶叶学会", "--name", "王老师"), code(run, "--staff", "周科长")
    run("talk", "--code", officer["code"], said="进度\n")
    tea = "浙江省茶叶学会"
    with pytest.raises(SystemExit, match="还没有提交"):
        run("review", "show", tea)
    run("talk", "--code", invited["code"], said="会话第1项 8分，承办年会1场\n确认提交\n")
    assert json.loads(run("round", "review-rule", "1", "mean", "--days", "3", "--json"))["review_rule"] == "mean"
    given = ("--item", "1", "--points", "6.5", "--reason", "只有1场", "--by", "周科长", "--json")
    assert json.loads(run("review", "score", tea, *given)) == {"society": tea, "count": 1, "receipt": "R-1-1"}
    with pytest.raises(SystemExit, match="满分10分"):
        run("review", "score", tea, "--item", "1", "--points", "11", "--by", "周科长")
    with pytest.raises(SystemExit, match="没有叫"):
        run("review", "accept", tea, "--by", "王老师")
    assert json.loads(run("review", "accept", tea, "--by", "周科长", "--json"))["count"] == 24
    with pytest.raises(SystemExit, match=r"合计是6\.5分"):
        run("review", "final", tea, "--by", "周科长", "--number", "8")
    assert json.loads(run("review", "final", tea, "--by", "周科长", "--number", "6.5", "--json"))["reviewed"] == "6.5"
    released = json.loads(run("review", "release", "all", "--by", "周科长", "--number", "1", "--json"))
    assert released["societies"] == [tea]
    assert released["receipt"].startswith("P-1-")
    shown = json.loads(run("review", "show", tea, "--json"))
    assert (shown["rule"], shown["reviewed"], shown["items"][0]["agreed"]) == ("mean", "6.5", "6.5")
    assert "只有1场" in run("talk", "--code", invited["code"], said="核定分\n")
    run("check")


def test_a_review_without_points_by_command(run: Run) -> None:
    tea = "浙江省茶叶学会"
    run("society", "add", tea)
    run("round", "open", "wenzhou-2022")
    invited, officer = code(run, tea, "--name", "王老师"), code(run, "--staff", "周科长")
    run("talk", "--code", officer["code"], said="进度\n")
    run("talk", "--code", invited["code"], said="1\n跳过\n第1-4项都达到\n确认提交\n")
    given = ("review", "score", tea, "--item", "1", "--by", "周科长")
    with pytest.raises(SystemExit, match="不打分"):
        run(*given, "--points", "5")
    with pytest.raises(SystemExit, match="请带上理由"):
        run(*given, "--finding", "unmet")
    run(*given, "--finding", "unmet", "--reason", "章程没有附")
    assert json.loads(run("review", "accept", tea, "--by", "周科长", "--json"))["count"] == 52
    with pytest.raises(SystemExit, match="现在达到的是3项"):
        run("review", "final", tea, "--by", "周科长", "--number", "4")
    made = json.loads(run("review", "final", tea, "--by", "周科长", "--number", "3", "--json"))
    assert (made["reviewed"], made["found"]) == (None, {"met": 3, "unmet": 50, "excused": 0})
    run("review", "release", "all", "--by", "周科长", "--number", "1")
    shown = json.loads(run("review", "show", tea, "--json"))
    assert (shown["reviewed"], shown["items"][0]["finding"], shown["items"][0]["found"]) == (None, "unmet", "unmet")
    assert "没达到（自评达到）：章程没有附" in run("talk", "--code", invited["code"], said="核定结果\n")
    run("export", "--format", "json", "--out", "out.json")
    [entry] = json.loads(Path("out.json").read_text(encoding="utf-8"))["entries"]
    assert (entry["reviewed"], entry["answers"][0]["reviewed"], entry["answers"][0]["finding"]) == (None, None, "unmet")
    assert "没达到" in run("export", "--format", "csv", "--out", "-")
    assert run("check").strip()


def test_more_time_by_command_is_no_way_around_the_second_officer(run: Run, round: Any) -> None:
    officer = code(run, "--staff", "周科长")
    run("talk", "--code", officer["code"], said="进度\n")
    tea = ("extend", "浙江省茶叶学会", "--until", "2099-02-01T17:30")
    with pytest.raises(SystemExit, match="没有叫"):
        run(*tea, "--by", "王老师")
    given = json.loads(run(*tea, "--by", "周科长", "--reason", "搬家", "--json"))
    assert given["receipt"].startswith("E-1-")
    run("society", "add", "浙江省气象学会")
    run("round", "close", "1")
    with pytest.raises(SystemExit, match=r"两位管理人员.*重新开放 浙江省气象学会"):
        run("extend", "浙江省气象学会", "--until", "2099-03-01T17:30")
    with pytest.raises(SystemExit, match="没有叫"):
        run("late", "accept", "浙江省茶叶学会", "--reason", "故障", "--by", "王老师")


def test_a_round_that_a_command_opens_again_is_told_to_the_office(run: Run, round: Any) -> None:
    officer = code(run, "--staff", "周科长")
    run("talk", "--code", officer["code"], said="进度\n")
    run("round", "close", "1")
    run("round", "reopen", "1", "--closes", "2099-03-01T17:30")
    opened = Database(Settings().database)
    with opened.read() as db:
        told = list(db.scalars(sa.select(OUTBOX.c.text).where(OUTBOX.c.kind == "notice")))
    opened.close()
    assert ["用命令重新开放，到3月1日" in text for text in told] == [True]


def test_talk_goes_on_with_the_same_code_and_sends_files(run: Run, round: Any, tmp_path: Path) -> None:
    invited = code(run, "浙江省茶叶学会")
    (tmp_path / "会场.jpg").write_bytes(b"\xff\xd8\xff\xe0picture")
    run("talk", "--code", invited["code"], said="开始\n8\n")
    told = run("talk", "--code", invited["code"].lower(), said="[会场.jpg]\n[没有.pdf]\n")
    assert "已收：会场.jpg" in told
    assert "没有.pdf" in told
    run("export", "--format", "json", "--out", "out.json")
    (piece,) = json.loads(Path("out.json").read_text(encoding="utf-8"))["entries"][0]["answers"][0]["evidence"]
    run("evidence", piece["sha256"], "--out", "back.jpg")
    assert Path("back.jpg").read_bytes() == b"\xff\xd8\xff\xe0picture"


def test_late_input_is_listed_counted_and_refused(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = tmp_path / "clock"
    monkeypatch.setenv("BOT_TEST_MODE", "1")
    monkeypatch.setenv("BOT_CLOCK_FILE", str(clock))
    clock.write_text("2027-01-15T17:00:00+08:00", encoding="ascii")
    run("society", "add", "浙江省茶叶学会")
    run("round", "open", "zhejiang-2020", "--closes", "2027-01-15T17:30")
    invited = code(run, "浙江省茶叶学会", "--name", "王老师")
    run("talk", "--code", invited["code"], said="会话第1项 8分，承办年会1场\n")
    assert json.loads(run("late", "list", "--json")) == []
    clock.write_text("2027-01-15T17:30:00+08:00", encoding="ascii")
    run("talk", "--code", invited["code"], said="会话第1项 9分\n")
    (one,) = json.loads(run("late", "list", "--json"))
    assert (one["society"], one["positions"], one["undecided"], one["late_decision"]) == (
        "浙江省茶叶学会",
        [1],
        1,
        None,
    )
    with pytest.raises(SystemExit, match="1: "):
        run("late", "accept", "茶叶", "--reason", "平台故障")
    made = json.loads(run("late", "accept", "浙江省茶叶学会", "--reason", "平台故障", "--json"))
    assert (made["old"]["claimed"], made["new"]["claimed"], made["counts"]) == ("8", "9", True)
    assert "9→8" in run("late", "refuse", "浙江省茶叶学会", "--reason", "复核")
    with pytest.raises(SystemExit, match="没有改动"):
        run("late", "refuse", "浙江省茶叶学会", "--reason", "复核")
    assert "不算" in run("late", "list")
    assert json.loads(run("late", "list", "--json"))[0]["late_decision"]["reason"] == "复核"
    assert run("check").strip()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("talk", "--code", "AAAA-AAAA"), "1: "),
        (("invite", "没有的学会"), "1: "),
        (("society", "add", "新学会", "--kind", "nonsense"), "enterprise"),
        (("papers", "tick"), "1: "),
        (("papers", "tick", "浙江省茶叶学会"), "1: "),
        (("papers", "tick", "浙江省茶叶学会", "--what", "poem"), "poem"),
        (("papers", "tick", "--code", "W0DSAC"), "W0DSAC"),
        (("invite",), "1: "),
        (("invite", "--staff", "周", "--role", "king"), "1: "),
        (("round", "open", "nowhere-1999"), "zhejiang-2020"),
        (("round", "open", "zhejiang-2020", "--closes", "2001-01-01"), "1: "),
        (("round", "open", "zhejiang-2020", "--closes", "明天"), "明天"),
        (("round", "close", "99"), "1: "),
        (("export", "--format", "pdf", "--out", "x"), "pdf"),
        (("evidence", "../../etc/passwd", "--out", "x"), "1: "),
        (("evidence", "0" * 64, "--out", "x"), "1: "),
        (("society", "add", "  "), "1: "),
        (("society", "import", "missing.csv"), "missing.csv"),
        (("rubric", "check", "missing.yaml"), "missing.yaml"),
        (("demo", "reset"), "1: "),
        (("transcript", "没有"), "1: "),
    ],
)
def test_refusals_say_why_and_store_nothing(run: Run, round: Any, words: tuple[str, ...], why: str) -> None:
    before = run("export", "--format", "json", "--out", "-")
    with pytest.raises(SystemExit, match=why):
        run(*words)
    assert run("export", "--format", "json", "--out", "-") == before
    assert not Path("x").exists()


def test_rubric_show_has_the_shape_of_the_contract(run: Run) -> None:
    shown = json.loads(run("rubric", "show", "zhejiang-2020", "--json"))
    assert {"id", "title", "issuer", "region", "year", "points", "sections"} <= shown.keys()
    items = [item for section in shown["sections"] for item in section["items"]]
    assert (shown["points"], len(items), [section["points"] for section in shown["sections"]]) == (
        "100",
        25,
        ["35", "15", "12", "10", "28"],
    )
    assert items[3]["criteria"] == [{"fact": "courses", "op": ">=", "value": "2", "unit": "期"}]
    assert {"position", "no", "section", "heading", "text", "max", "criteria", "source_line"} == items[0].keys()


@pytest.mark.parametrize(
    ("id", "items", "said"),
    [
        ("zhejiang-2020", 25, "zhejiang-2020  2020年度省级学会工作自评表  25项"),
        ("wenzhou-2022", 53, "wenzhou-2022  温州市科协品牌学会创建标准  53项"),
        ("yangzhou-2020", 0, "yangzhou-2020  2020 年扬州市科协学会创新和服务能力提升计划实施方案  48个名额"),
        ("hangzhou-2020", 0, "hangzhou-2020  标题不详  20家"),
        ("zhejiang-work-plan-2020", 15, "zhejiang-work-plan-2020  2020年浙江省科协学会学术工作要点  15项"),
    ],
)
def test_every_shipped_rubric_is_listed_and_shown(run: Run, id: str, items: int, said: str) -> None:
    assert said in run("rubric", "list").splitlines()
    listed = {one["id"]: one for one in json.loads(run("rubric", "list", "--json"))}
    assert listed[id]["items"] == items
    for words in (run("rubric", "show", id), run("rubric", "show", id, "--json")):
        assert "None" not in words


def test_a_figure_that_is_not_printed_is_null(run: Run) -> None:
    wenzhou, yangzhou, hangzhou = (
        json.loads(run("rubric", "show", id, "--json")) for id in ("wenzhou-2022", "yangzhou-2020", "hangzhou-2020")
    )
    assert [one["points"] for one in wenzhou["sections"]] == ["25", "15", "10", "35", "15"]
    items = [item for section in wenzhou["sections"] for item in section["items"]]
    assert {(item["max"], item["no"]) for item in items} == {(None, None)}
    assert items[4]["criteria"][0] == {"fact": "area", "op": ">=", "value": "80", "unit": "平米"}
    assert [one["quota"] for one in wenzhou["awards"]] == [6, None]
    assert (yangzhou["points"], yangzhou["quota"], [one["quota"] for one in yangzhou["sections"]]) == (
        None,
        48,
        [6, 13, 19, 10],
    )
    assert [one["title"] for one in yangzhou["sections"][2]["sections"][1]["sections"]] == [
        "国际级",
        "国家级",
        "区域级",
    ]
    assert (hangzhou["title"], hangzhou["issuer"], hangzhou["points"], hangzhou["sections"]) == (None, None, None, [])
    assert [len(one["rows"]) for one in hangzhou["tables"]] == [10, 10]


def test_a_show_for_people_says_what_is_open(run: Run) -> None:
    wenzhou, yangzhou = run("rubric", "show", "wenzhou-2022"), run("rubric", "show", "yangzhou-2020")
    assert "时间：申报阶段 2022-10至2022-11（具体日期另行通知）" in wenzhou.splitlines()
    assert "评定：品牌学会创建单位（若干个）" in wenzhou.splitlines()
    assert "时间：提交立项申报书 2020-04-20（与文件自身日期矛盾，请向发布单位核实）" in yangzhou.splitlines()
    assert "（1）承接政府职能示范学会（名额5个）" in yangzhou.splitlines()
    assert "条件（高校科协）：且上一年度经市民政局年检合格；" in yangzhou.splitlines()
    rows = [line for line in run("rubric", "show", "hangzhou-2020").splitlines() if line.startswith("　序号：")]
    assert len(rows) == 20
    assert rows[5].startswith(
        "　序号：6 | 学会名称：杭州市护理学会 | 学会党建：较好 | 是否5A：5A | 抗疫先进：抗疫先进学会 | 参与学联体："
    )


def test_rubric_check_names_line_and_column(run: Run) -> None:
    Path("bad.yaml").write_text("id: x\nkind: self_evaluation\npoints: 十分\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"bad\.yaml:3:9"):
        run("rubric", "check", "bad.yaml")


def test_a_roster_is_read_from_csv_in_either_encoding(run: Run) -> None:
    Path("a.csv").write_bytes("序号,学会名称\n1,甲学会\n2,乙协会\n3,甲学会\n".encode("gb18030"))
    result = json.loads(run("society", "import", "a.csv", "--json"))
    assert (result["new"], result["repeated"]) == (["甲学会", "乙协会"], ["甲学会"])
    assert [one["society"] for one in json.loads(run("society", "list", "--json"))] == ["甲学会", "乙协会"]
    assert json.loads(run("society", "import", "a.csv", "--json"))["new"] == []


def test_rounds_close_once_and_reopen_with_a_later_deadline(run: Run, round: Any) -> None:
    closed = json.loads(run("round", "close", round["id"], "--json"))
    assert closed["closed_at"]
    assert json.loads(run("round", "close", round["id"], "--json")) == closed
    run("round", "reopen", round["id"], "--closes", "2099-02-01T12:00")
    assert json.loads(run("round", "list", "--json"))[0]["closed_at"] is None


def test_invite_draws_a_qr_picture(run: Run, round: Any) -> None:
    run("invite", "浙江省茶叶学会", "--qr", "card.png")
    assert Path("card.png").read_bytes().startswith(b"\x89PNG")


def test_doctor_finds_a_misspelt_setting(run: Run) -> None:
    Path(".env").write_text("RATE_PER_MINUTES=3\nPORT=8001\n", encoding="utf-8")
    findings = json.loads(run("doctor", "--json"))
    assert [one["name"] for one in findings if one["mark"] == "!"] == ["unknown"]
    assert "RATE_PER_MINUTES" in findings[-1]["text"]


@pytest.mark.parametrize("setting", ["PORT=many", "BOT_CLOCK_FILE=x", "PUBLIC_URL=ftp://x", "RATE_PER_MINUTE=0"])
def test_bad_settings_refuse_a_start_with_2(run: Run, setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(*setting.split("="))
    with pytest.raises(SystemExit, match=f"(?s)2: .*{setting.split('=', maxsplit=1)[0]}"):
        run("society", "list")


def test_export_to_the_screen_is_nothing_but_json(run: Run, round: Any) -> None:
    assert json.loads(run("export", "--format", "json", "--out", "-"))["entries"][0]["society"] == "浙江省茶叶学会"


def test_export_that_can_not_be_written_says_so(run: Run, round: Any) -> None:
    with pytest.raises(SystemExit, match=r"1: /nowhere/out\.json"):
        run("export", "--format", "json", "--out", "/nowhere/out.json")


@pytest.mark.parametrize(
    ("format", "name", "head"),
    [
        ("xlsx", "o.xlsx", b"PK"),
        ("docx", "o.docx", b"PK"),
        ("docx", "o.zip", b"PK"),
        ("csv", "o.csv", b"\xef\xbb\xbf"),
        ("zip", "o.zip", b"PK"),
        ("json", "o.json", b"{"),
    ],
)
def test_export_writes_every_format(run: Run, round: Any, format: str, name: str, head: bytes) -> None:
    Path(name).write_bytes(b"older")
    assert name in run("export", "--format", format, "--out", name, "--society", "茶叶")
    assert Path(name).read_bytes().startswith(head)
    assert {path.name for path in Path().iterdir()} == {"data", name}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--format", "xlsx", "--out", "none/o.xlsx"), "none"),
        (("--format", "xlsx", "--out", "-"), "xlsx"),
        (("--format", "csv", "--out", "data"), "data"),
        (("--format", "docx", "--out", "o.docx", "--society", "没有的学会"), "没有的学会"),
        (("--format", "csv", "--out", "o.csv", "--template", "own.docx"), "--template"),
        (("--format", "docx", "--out", "o.docx", "--template", "missing.docx"), "missing.docx"),
        (("--format", "docx", "--out", "o.docx", "--template", "own.docx"), "own.docx"),
    ],
)
def test_export_refuses_and_leaves_no_half_file(run: Run, round: Any, words: tuple[str, ...], why: str) -> None:
    Path("o.docx").write_bytes(b"older")
    Path("own.docx").write_bytes(b"no document")
    with pytest.raises(SystemExit, match=f"1: .*{why}"):
        run("export", *words)
    assert Path("o.docx").read_bytes() == b"older"
    assert {path.name for path in Path().iterdir()} == {"data", "o.docx", "own.docx"}


def test_a_workbook_has_more_sheets_than_files_may_usually_be_open(run: Run, round: Any) -> None:
    Path("a.csv").write_text("学会名称\n" + "\n".join(f"第{n}号学会" for n in range(160)), encoding="utf-8")
    run("society", "import", "a.csv")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    try:
        run("export", "--format", "xlsx", "--out", "o.xlsx")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    book = CalamineWorkbook.from_path("o.xlsx")
    assert len(book.sheet_names) == 162
    assert book.get_sheet_by_name("第159号学会").to_python()[1][0] == "填报单位：第159号学会（盖章）"


def test_a_workbook_of_many_societies_has_its_volumes_beside_it_or_none_of_it_is_there(run: Run, round: Any) -> None:
    Path("a.csv").write_text("学会名称\n" + "\n".join(f"第{n}号学会" for n in range(300)), encoding="utf-8")
    run("society", "import", "a.csv")
    volumes = {"o_001-300.xlsx", "o_301-301.xlsx"}
    Path("o_301-301.xlsx").mkdir()  # where a file can't take its place
    with pytest.raises(SystemExit, match=r"(?s)1: .*o_301-301\.xlsx"):
        run("export", "--format", "xlsx", "--out", "o.xlsx")
    assert {path.name for path in Path().iterdir()} == {"data", "a.csv", "o_301-301.xlsx"}
    Path("o_301-301.xlsx").rmdir()
    told = run("export", "--format", "xlsx", "--out", "o.xlsx")
    assert {path.name for path in Path().iterdir()} == {"data", "a.csv", "o.xlsx", *volumes}
    assert all(name in told for name in volumes)
    assert CalamineWorkbook.from_path("o.xlsx").sheet_names == ["汇总"]
    assert CalamineWorkbook.from_path("o_301-301.xlsx").sheet_names == ["第299号学会"]


def test_the_rounds_own_template_is_used_until_the_official_layout_is_asked_for(
    run: Run, round: Any, tmp_path: Path
) -> None:
    (tmp_path / "版式.docx").write_bytes(own_form())
    staff = code(run, "--staff", "周科长")
    assert "已启用" in run("talk", "--code", staff["code"], said="模板\n[版式.docx]\n")
    run("export", "--format", "docx", "--out", "o.docx", "--society", "茶叶")
    assert Document("o.docx").tables[0].rows[0].cells[1].text == "浙江省茶叶学会"
    run("export", "--format", "docx", "--out", "o.docx", "--society", "茶叶", "--official")
    assert Document("o.docx").tables[0].rows[0].cells[1].text == "类别"


def test_an_export_without_a_lost_file_is_written_and_says_so(run: Run, round: Any, tmp_path: Path) -> None:
    invited = code(run, "浙江省茶叶学会")
    (tmp_path / "会场.jpg").write_bytes(b"\xff\xd8\xff\xe0picture")
    run("talk", "--code", invited["code"], said="开始\n8\n[会场.jpg]\n")
    (stored,) = [path for path in (tmp_path / "data" / "files").rglob("*") if len(path.name) == 64]
    stored.unlink()
    with pytest.raises(SystemExit, match=r"1: .*1份"):
        run("export", "--format", "zip", "--out", "o.zip")
    assert Path("o.zip").read_bytes().startswith(b"PK")


def test_a_long_export_says_how_far_it_is_beside_its_output(
    run: Run, round: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.csv").write_text("学会名称\n" + "\n".join(f"第{n}号学会" for n in range(59)), encoding="utf-8")
    run("society", "import", "a.csv")
    monkeypatch.setattr("sys.argv", ["xuehui", "export", "--format", "csv", "--out", "-"])
    with pytest.raises(SystemExit):
        main()
    printed = capsys.readouterr()
    assert "60/60" in printed.err
    assert "60/60" not in printed.out
    assert printed.out.startswith("\ufeff学会,")


def test_a_port_that_is_taken_refuses_the_start(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        monkeypatch.setenv("PORT", str(held.getsockname()[1]))
        with pytest.raises(SystemExit, match=f"1: 127.0.0.1:{held.getsockname()[1]}"):
            run("serve")


def test_ranking_as_the_contract_has_it_and_as_a_picture(run: Run, round: Any) -> None:
    assert json.loads(run("ranking", "--json")) == []
    invited = code(run, "浙江省茶叶学会")
    run("talk", "--code", invited["code"], said="开始\n8.5分，承办年会1场\n序号18：2分\n提交\n确认提交\n")
    run("society", "add", "浙江省示例学会")
    tea = {"rank": 1, "society": "浙江省茶叶学会", "claimed": "10.5", "supported": "8.5", "reviewed": None}
    nobody = {"rank": None, "society": "浙江省示例学会", "claimed": None, "supported": None, "reviewed": None}
    first = [{**tea, "status": "submitted"}]
    assert json.loads(run("ranking", "--json")) == first
    assert json.loads(run("ranking", "--all", "--json")) == [*first, {**nobody, "status": "not_started"}]
    assert json.loads(run("ranking", "--all", "--top", "1", "--json")) == first
    part = json.loads(run("ranking", "--section", "一", "--json"))
    assert [(one["claimed"], one["supported"]) for one in part] == [("8.5", "8.5")]
    assert "文件未规定排名，仅供内部参考" in run("ranking", "--picture", "排名.png")
    assert Path("排名.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(SystemExit, match="没有「九」这一类"):
        run("ranking", "--section", "九")
    with pytest.raises(SystemExit, match="写不进去"):
        run("ranking", "--picture", "没有/排名.png")


def test_talk_shows_the_pictures_that_were_promised(run: Run, round: Any) -> None:
    staff = code(run, "--staff", "周科长")
    told = run("talk", "--code", staff["code"], said="进度\n")
    assert "图片随后发来" in told
    assert "[进度-" in told.split("图片随后发来")[1]


def test_an_announcement_with_files_at_a_moment(run: Run, round: Any, tmp_path: Path) -> None:
    (tmp_path / "名单.pdf").write_bytes(b"%PDF-1.7\nlist")
    whom = ("announce", "请看附件", "--to", "全部", "--number", "1")
    made = json.loads(run(*whom, "--file", "名单.pdf", "--at", "2098-12-20T09:00", "--json"))
    assert made == {"id": 1, "societies": 1, "send_at": "2098-12-20T01:00:00+00:00", "files": ["名单.pdf"]}
    run("export", "--format", "json", "--out", "out.json")
    [told] = json.loads(Path("out.json").read_text(encoding="utf-8"))["announcements"]
    assert (told["send_at"], told["files"]) == ("2098-12-20T09:00:00+08:00", ["名单.pdf"])
    for refused in (("--at", "2001-01-01"), ("--at", "soon"), ("--file", "没有.pdf"), ("--file", "名单.pdf") * 6):
        with pytest.raises(SystemExit, match="1: "):
            run(*whom, *refused)
    assert run("check").strip()


def test_the_plan_of_the_reminders(run: Run, round: Any) -> None:
    run("talk", "--code", code(run, "浙江省茶叶学会")["code"], said="开始\n")
    run("society", "add", "浙江省空学会")
    plan = json.loads(run("reminders", "--json"))
    assert [(one["stage"], one["societies"], one["people"]) for one in plan["coming"]][-1] == ("4h", 1, 1)
    assert (plan["went"], plan["unreached"]) == ([], ["浙江省空学会"])
    assert "截止前4小时）：1家1人" in run("reminders")


def test_a_roster_leaves_what_is_doubtful_until_it_is_asked_for(run: Run) -> None:
    Path("a.csv").write_text("学会名称,联系人\n杭州市医学会,王老师\n杭州医学会,\n杭州市护理学会,\n", encoding="utf-8")
    result = json.loads(run("society", "import", "a.csv", "--json"))
    assert result["doubtful"] == [{"society": "杭州医学会", "near": "杭州市医学会"}]
    assert json.loads(run("society", "import", "a.csv", "--also", "1", "--json"))["new"] == ["杭州医学会"]
    told = json.loads(run("society", "list", "--json"))
    assert [(one["society"], one["people"], one["contact"]) for one in told] == [
        ("杭州市医学会", 0, "王老师"),
        ("杭州市护理学会", 0, None),
        ("杭州医学会", 0, None),
    ]


def test_a_society_is_renamed_and_its_old_name_kept(run: Run, round: Any) -> None:
    run("society", "rename", "茶叶", "浙江省茶学会")
    assert json.loads(run("society", "list", "--json"))[0]["former_names"] == ["浙江省茶叶学会"]
    (entry,) = json.loads(run("export", "--format", "json", "--out", "-"))["entries"]
    assert (entry["society"], entry["former_names"]) == ("浙江省茶学会", ["浙江省茶叶学会"])
    with pytest.raises(SystemExit, match="浙江省茶学会"):
        run("society", "rename", "茶", "浙江省茶学会")


def test_cards_are_written_and_their_codes_open(run: Run, round: Any) -> None:
    for wrong in ("cards.pdf", "nowhere/cards.docx"):
        with pytest.raises(SystemExit, match="--out"):
            run("invite", "--all", "--out", wrong)
    (told,) = json.loads(run("invite", "--unbound", "--out", "cards.docx", "--json"))
    assert Path("cards.docx").read_bytes().startswith(b"PK")
    assert "欢迎" in run("talk", "--code", told["code"])
    with pytest.raises(SystemExit, match="1: "):
        run("invite", "--unbound", "--out", "cards.docx")


def test_a_society_is_handed_over(run: Run, round: Any) -> None:
    first = code(run, "浙江省茶叶学会", "--name", "王老师")["code"]
    run("talk", "--code", first)
    told = json.loads(run("handover", "茶叶", "张三", "--json"))
    assert told["replaces"] == ["王老师"]
    run("talk", "--code", told["code"], said="开始\n")
    people = json.loads(run("person", "list", "茶叶", "--json"))
    assert [(one["name"], one["revoked"]) for one in people] == [("王老师", True), ("张三", False)]
    with pytest.raises(SystemExit, match="张三"):
        run("handover", "茶叶", "张三")


def test_the_office_is_told_of_dates_that_contradict_each_other(run: Run, round: Any) -> None:
    staff = json.loads(run("invite", "--staff", "周科长", "--json"))["code"]
    run("talk", "--code", staff)
    told = run("round", "open", "yangzhou-2020")
    assert "⚠" in told
    said = json.loads(run("outbox", "list", "--state", "sent", "--json"))["messages"]
    assert [one["kind"] for one in said if "矛盾" in one["text"]] == ["notice"]


@pytest.mark.parametrize("closes", ["2099-01-15", "20990115"])
def test_a_day_without_an_hour_is_meant_whole(run: Run, closes: str) -> None:
    opened = json.loads(run("round", "open", "zhejiang-2020", "--closes", closes, "--json"))
    assert opened["closes_at"] == "2099-01-16T00:00:00+08:00"
    with pytest.raises(SystemExit, match="T17:30"):
        run("announce", "请抓紧", "--to", "全部", "--number", "1", "--at", closes)
