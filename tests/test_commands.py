"""The commands, as scripts use them: what they print, what they store, and how they refuse."""

import io
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command in its own data folder; what it prints. A refusal raises SystemExit with its code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))

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


def test_a_round_from_nothing_to_an_export(run: Run, round: Any) -> None:
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


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("talk", "--code", "AAAA-AAAA"), "1: "),
        (("invite", "没有的学会"), "1: "),
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
    assert {"id", "title", "issuer", "region", "year", "points", "sections"} == shown.keys()
    items = [item for section in shown["sections"] for item in section["items"]]
    assert (shown["points"], len(items), [section["points"] for section in shown["sections"]]) == (
        "100",
        25,
        ["35", "15", "12", "10", "28"],
    )
    assert items[3]["criteria"] == [{"fact": "courses", "op": ">=", "value": "2", "unit": "期"}]
    assert {"position", "no", "section", "heading", "text", "max", "criteria", "source_line"} == items[0].keys()


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


def test_a_port_that_is_taken_refuses_the_start(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        monkeypatch.setenv("PORT", str(held.getsockname()[1]))
        with pytest.raises(SystemExit, match=f"1: 127.0.0.1:{held.getsockname()[1]}"):
            run("serve")


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
