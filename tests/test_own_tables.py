"""An officer's own table in the chat: what the dialogues do not show of reading, deciding, opening and exchanging it."""

import io
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.checking import check
from handlers.rounds import pinned
from handlers.societies import joining
from rubrics.carrying import Deeper, carried
from rubrics.differences import differences
from rubrics.importing.correcting import Correction, Gone
from rubrics.importing.tables import Imported, imported
from rubrics.reading import catalog, read
from storage import queries
from storage.database import Database
from storage.files import FileStore
from storage.relations import ACT, ENTRY, OUTBOX, ROUND, RUBRIC_CORRECTION, RUBRIC_DRAFT, SUBMISSION
from tests.brought import HEADS, ROWS, TITLE, merged_and_torn
from tests.conftest import NEW_YEAR
from tests.official import LAYOUTS, WHOLE, word
from tests.official import ROWS as OFFICIAL
from tests.season import FILES, Season

ZHEJIANG = catalog()["zhejiang-2020"]


def said(season: Season, who: str, text: str = "", *files: str) -> str:
    return "\n".join(reply.text for reply in season.say(who, text, files=files).replies)


def corrected(*corrections: Correction, data: bytes | None = None) -> Imported:
    return imported(data or merged_and_torn(), file="临江考核.docx", id="own-1", corrections=corrections)


FIVE, EIGHT = Correction("item:5", "points", "15"), Correction("item:8", "points", "15")


def test_what_is_decided_goes_in_before_the_sums_are_doubted() -> None:
    assert [one.code for one in corrected().findings if one.decide] == ["points_unread", "sum_of_section"]
    assert [one.code for one in corrected(FIVE).findings if one.decide] == ["sum_of_section"]
    whole = read(corrected(FIVE, EIGHT).text, "own.yaml")
    assert (whole.title, str(whole.maximum), [str(one.points) for one in whole.sections]) == (
        TITLE,
        "100",
        ["20", "30", "50"],
    )


@pytest.mark.parametrize(
    ("correction", "shape"),
    [
        (Correction("item:2", "no", "22"), [("1", "10"), ("22", "10")]),
        (Correction("item:2", "no", ""), [("1", "10"), (None, "10")]),
        (Correction("item:2", "merged", ""), [("1", "10")]),
        (Correction("item:2", "dropped", ""), [("1", "10")]),
        (Correction("item:3", "section", "1"), [("1", "10"), ("2", "10"), ("3", "8")]),
    ],
)
def test_every_kind_of_decision(correction: Correction, shape: list[tuple[str | None, str]]) -> None:
    first = corrected(correction).draft.sections[0]
    assert [(item.no, str(item.points)) for item in first.items] == shape


def test_words_titles_and_the_step_are_decided_too() -> None:
    found = corrected(
        *(FIVE, EIGHT, Correction("item:1", "text", "新的内容"), Correction("item:1", "heading", "党建")),
        *(Correction("section:1", "title", "党的建设"), Correction("rubric", "title", "2026年度新表")),
        *(Correction("rubric", "step", "1"), Correction("rubric", "looked", "yes")),
    )
    whole = read(found.text, "own.yaml")
    assert (whole.items[0].text, whole.items[0].heading, whole.items[0].section.title) == (
        "新的内容",
        "党建",
        "党的建设",
    )
    assert (whole.title, str(whole.step), found.draft.looked) == ("2026年度新表", "1", True)


def test_a_category_that_is_emptied_is_gone_and_so_is_what_was_dropped() -> None:
    moved = [Correction(f"item:{number}", "section", "2") for number in (1, 2)]
    assert [one.category.title for one in corrected(*moved).draft.sections] == ["规范办会", "服务发展"]
    for again in (Correction("item:1", "points", "3"), Correction("item:1", "dropped", "")):
        with pytest.raises(Gone):
            corrected(Correction("item:1", "dropped", ""), again)
    with pytest.raises(Gone):
        corrected(Correction("section:9", "points", "3"))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_of_the_same_table_changes_nothing_in_a_running_round(layout: str) -> None:
    """Conditions, questions, papers and stages are kept; the eight layouts give the shipped rubric itself."""
    old = read(ZHEJIANG, "old.yaml")
    new = read(imported(LAYOUTS[layout](), file=layout, id="own-1").text, "new.yaml")
    assert read(carried(ZHEJIANG, old, new), "carried.yaml") == old


def test_an_item_is_the_same_by_its_words_and_not_by_its_place() -> None:
    """Without numbers, a new row above the others must not take their answers."""
    rows = [("", *row[1:]) for row in ROWS]
    rows[4] = (*rows[4][:4], "15")
    rows[7] = (*rows[7][:4], "15")
    inserted = [
        rows[0],
        ("", rows[0][1], "清廉建设", "制定廉洁制度，逐级签订责任书。", "5"),
        ("", *rows[1][1:4], "5"),
        *rows[2:],
    ]
    texts = [imported(word([HEADS, *one], above=(TITLE,)), file="表.docx", id="own-1").text for one in (rows, inserted)]
    old, new = (read(text, "x.yaml") for text in texts)
    merged = read(carried(texts[0], old, new), "merged.yaml")
    kept = {item.text: item.id for item in old.items}
    assert [item.id == kept.get(item.text, item.id) for item in merged.items] == [True] * 9
    assert [(one.kind, one.item and one.item.text[:4]) for one in differences(old, merged)] == [
        ("added", "制定廉洁"),
        ("points", "党组织负"),
    ]


def test_a_tree_of_several_storeys_is_not_changed_by_a_flat_table() -> None:
    text = catalog()["yangzhou-2020"]
    with pytest.raises(Deeper):
        carried(text, read(text, "y.yaml"), read(corrected(FIVE, EIGHT).text, "own.yaml"))


@pytest.fixture
def office(season: Season) -> Season:
    season.join("staff")
    return season


def rounds_open(season: Season) -> int:
    with season.db.read() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(ROUND).where(ROUND.c.closed_at.is_(None))) or 0


def test_a_table_whose_sums_disagree_opens_no_round(office: Season) -> None:
    said(office, "staff", "评分表", "临江考核.docx")
    assert "临江市" not in said(office, "staff", "开新一轮").split("「")[0]
    said(office, "staff", "评分表")
    said(office, "staff", "15")
    assert "还没定" in said(office, "staff", "换用评分表") or "没定" in said(office, "staff", "换用评分表")
    assert rounds_open(office) == 1
    said(office, "staff", "评分表")
    said(office, "staff", "以合计45分为准")
    assert "临江市" in said(office, "staff", "开新一轮")


def test_answers_are_kept_and_undone_one_by_one(office: Season) -> None:
    said(office, "staff", "评分表", "临江考核.docx")
    said(office, "staff", "不是一项")
    told = said(office, "staff", "撤销")
    assert "年度报告" in told
    assert "撤销" in said(office, "staff", "撤销")
    with office.db.read() as db:
        made = db.execute(sa.select(RUBRIC_CORRECTION)).one()
    assert (made.field, made.old[:4], made.withdrawn_at is not None) == ("dropped", "年度报告", True)


def test_a_file_that_can_not_be_read_is_kept_nowhere(office: Season) -> None:
    for name in ("扫描.pdf", "照片.png", "没有表头.docx", "旧表.txt"):
        assert "没有读" in said(office, "staff", "评分表", name)
    with office.db.read() as db:
        assert db.execute(sa.select(RUBRIC_DRAFT)).all() == []


def test_a_rubric_file_that_comes_back_is_read_and_its_faults_are_named_by_line(office: Season) -> None:
    told = said(office, "staff", "", "临江写错.yaml")
    assert "第15行第17列" in told
    assert "第19行第9列" in told
    assert "改好后把文件再发一次" in told
    assert "共10分" in said_through(office, "临江.yaml")


def said_through(season: Season, name: str) -> str:
    """The file, chosen for a new round, with its deadline: the last screen before the number."""
    said(season, "staff", "", name)
    said(season, "staff", "开新一轮")
    said(season, "staff", "1")
    return said(season, "staff", "2027年1月15日17:30")


def test_a_rubric_file_is_not_changed_in_the_chat(office: Season) -> None:
    said(office, "staff", "", "临江.yaml")
    assert "在文件里改" in said(office, "staff", "改第1项 分值 4")


@pytest.mark.parametrize("words", ["2026年12月1日17:30", "昨天", "2027年1月15日"])
def test_a_deadline_lies_ahead_and_has_its_hour(office: Season, words: str) -> None:
    said(office, "staff", "", "临江.yaml")
    said(office, "staff", "开新一轮")
    said(office, "staff", "1")
    assert "还没有开始" in said(office, "staff", words)
    said(office, "staff", "2")
    assert rounds_open(office) == 1


def test_a_round_is_opened_once_and_on_record(office: Season) -> None:
    assert "确认请回复数字 2" in said_through(office, "临江.yaml")
    season_number = said(office, "staff", "二家")
    assert "已开始轮次2" in season_number
    said(office, "staff", "2")
    assert rounds_open(office) == 2
    with office.db.read() as db:
        act = db.execute(sa.select(ACT).where(ACT.c.act == "round_opened").order_by(ACT.c.id.desc())).first()
        row = queries.newest_open_round(db)
        assert act is not None
        assert row is not None
        assert (act.round_id, act.person_id is not None) == (row.id, True)
        assert pinned(db, row.rubric_sha256).id == "linjiang"
        assert check(db, office.store) == []


def test_a_shipped_table_is_opened_by_its_own_calendar(office: Season) -> None:
    listed = said(office, "staff", "开新一轮")
    number = next(line.split()[0] for line in listed.split("\n") if "温州市" in line)
    said(office, "staff", number)
    assert "按文件的日程" in said(office, "staff", "按文件")
    assert "已开始轮次2" in said(office, "staff", "2")


def begun(season: Season) -> None:
    """A round on the office's own table; one society has handed in, one has begun."""
    for words, files in (
        ("评分表", ("临江考核.docx",)),
        ("15", ()),
        ("改第8项 分值 15", ()),
        ("开新一轮", ()),
        ("1", ()),
    ):
        said(season, "staff", words, *files)
    said(season, "staff", "2027年1月15日17:30")
    said(season, "staff", "2")
    for who in ("王老师", "赵老师"):
        season.join(who)
        said(season, who, "轮次2，第1项 9分，主题党日6次")
        said(season, who, "第8项 12分，建议2条")
    said(season, "赵老师", "提交")
    said(season, "赵老师", "确认提交")


def test_a_correction_in_mid_season_keeps_answers_and_what_was_handed_in(office: Season) -> None:
    begun(office)
    told = said(office, "staff", "换用评分表", "临江考核更正.xlsx")
    assert "去掉原第8项" in told
    assert "新增第8项" in told
    assert "已换用新表" in said(office, "staff", "2")
    with office.db.read() as db:
        row = queries.round_of(db, 2)
        entries = db.execute(sa.select(ENTRY).where(ENTRY.c.round_id == 2).order_by(ENTRY.c.id)).all()
        handed_in = db.execute(sa.select(SUBMISSION)).one()
        assert [str(one.claimed) for one in entries if one.status == "submitted"] == ["21"]
        assert str(handed_in.claimed) == "21"
        assert {str(one.points) for one in pinned(db, row.rubric_sha256).sections} == {"20", "30", "50"}
        notices = db.scalars(sa.select(OUTBOX.c.cause).where(OUTBOX.c.kind == "notice")).all()
        assert len(notices) == 2
        assert check(db, office.store) == []
    assert "建言献策" in said(office, "王老师", "记录")


def test_another_number_or_another_round_changes_nothing(office: Season) -> None:
    begun(office)
    said(office, "staff", "换用评分表", "临江考核更正.xlsx")
    before = table_of(office, 2)
    assert "没有执行" in said(office, "staff", "7")
    said(office, "staff", "换用评分表")
    said(office, "staff", "取消")
    said(office, "staff", "2")
    assert table_of(office, 2) == before


def table_of(season: Season, round: int) -> str:
    with season.db.read() as db:
        return str(queries.round_of(db, round).rubric_sha256)


def test_a_round_is_ended_by_the_number_of_those_it_cuts_off(office: Season) -> None:
    begun(office)
    assert "还没提交的1家" in said(office, "staff", "结束本轮")
    said(office, "staff", "2")
    assert rounds_open(office) == 2
    said(office, "staff", "结束本轮")
    assert "已结束" in said(office, "staff", "1")
    assert rounds_open(office) == 1
    assert "已经截止" in said(office, "staff", "结束本轮")


def test_one_officer_alone_begins_no_round_again(office: Season) -> None:
    begun(office)
    said(office, "staff", "结束本轮")
    said(office, "staff", "1")
    said(office, "staff", "重开本轮 到2027年1月20日17:30 平台故障")
    said(office, "staff", "重开本轮")
    said(office, "staff", "1")
    assert rounds_open(office) == 1
    office.join("吴处长")
    said(office, "吴处长", "轮次2，重开本轮")
    assert "已重开" in said(office, "吴处长", "1")
    assert rounds_open(office) == 2
    with office.db.read() as db:
        act = db.execute(sa.select(ACT).where(ACT.c.act == "round_reopened")).one()
        assert act.person_id != act.details["moved_by"]


def test_what_was_moved_before_the_round_was_last_open_can_not_be_seconded(office: Season) -> None:
    begun(office)
    office.join("吴处长")
    for opener, second in (("staff", "吴处长"), ("吴处长", "staff")):
        said(office, "staff", "轮次2，结束本轮")
        said(office, "staff", "1")
        office.clock("2026-12-25 09:00" if opener == "staff" else "2026-12-26 09:00")
        assert "已提出" in said(office, opener, "轮次2，重开本轮 到2027年1月20日17:30 平台故障")
        said(office, second, "轮次2，重开本轮")
        assert "已重开" in said(office, second, "1")
    assert rounds_open(office) == 2


def test_a_table_may_be_what_an_announcement_is_to_carry(office: Season) -> None:
    office.join("王老师")
    said(office, "staff", "", "通知.pdf")
    assert "像一份评分表" in said(office, "staff", "", "临江考核.docx")
    told = said(office, "staff", "给全部发通知：请下载附件")
    assert "通知.pdf" in told
    assert "临江考核.docx" in told


def test_a_long_title_or_a_number_that_is_none_changes_nothing(office: Season) -> None:
    said(office, "staff", "评分表", "临江考核.docx")
    for words in (
        f"改标题 {'长' * 101}",
        "改总分 很多",
        "改最小分 -1",
        "改第3项 分值 1001",
        "改第3项 序号 三年级一班同学们",
        "改第9类 分值 3",
    ):
        assert "没有改动" in said(office, "staff", words), words
    with office.db.read() as db:
        assert db.execute(sa.select(RUBRIC_CORRECTION)).all() == []


def test_in_an_empty_house_the_first_round_is_opened_in_the_chat(db: Database, tmp_path: Path) -> None:
    code = db.write(lambda one: joining.invite(one, society_id=None, role="officer", name="周科长", now=NEW_YEAR))
    season = Season(db, FileStore(tmp_path / "files"), NEW_YEAR, 1, {"staff": code})
    season.join("staff")
    assert "还没有学会" in "".join(
        said(season, "staff", words, *files)
        for words, files in (
            ("评分表", ("临江.yaml",)),
            ("结束本轮", ()),
            ("换用评分表", ()),
            ("开新一轮", ()),
            ("1", ()),
            ("2027年1月15日17:30", ()),
            ("0", ()),
        )
    )
    assert rounds_open(season) == 1


def test_a_catalogued_round_keeps_its_conditions_and_says_so(office: Season) -> None:
    rows = [(row.no, row.category, WHOLE.get(row.heading, row.heading), row.text, row.points) for row in OFFICIAL]
    at = next(n for n, row in enumerate(rows) if row[0] == "8")
    rows[at] = (*rows[at][:3], rows[at][3].replace("2期", "3期"), rows[at][4])
    FILES["改过的省表.docx"] = office.store.path(
        office.store.put(io.BytesIO(word([("序号", "类别", "项目", "评价内容", "分值"), *rows]))).sha256
    )
    told = said(office, "staff", "换用评分表", "改过的省表.docx")
    assert "1处改动" in told
    assert "条件和要问的数还照原来的" in told
    said(office, "staff", "0")
    with office.db.read() as db:
        changed = pinned(db, queries.round_of(db, 1).rubric_sha256).numbered("8")
    assert changed is not None
    assert changed.condition == read(ZHEJIANG, "z.yaml").item(changed.id).condition
    assert "3期" in changed.text


def test_in_a_round_of_a_printed_list_a_table_is_changed_and_not_the_list(office: Season) -> None:
    listed = said(office, "staff", "开新一轮")
    said(office, "staff", next(line.split()[0] for line in listed.split("\n") if "杭州市学会名单" in line))
    said(office, "staff", "2")
    said(office, "staff", "评分表", "临江考核.docx")
    assert "已改第5项分值" in said(office, "staff", "改第5项 分值 15")
    assert "已改第8项分值" in said(office, "staff", "改第8项 分值 15")
    assert "已撤销" in said(office, "staff", "撤销")


def test_what_an_item_asks_may_read_like_a_command(office: Season) -> None:
    rows = [
        ("编号", "考核类别", "考核内容", "标准分"),
        ("1", "一、甲（9分）", "办年会。", "4"),
        ("2", "一、甲（9分）", "", "5"),
    ]
    FILES["缺内容.docx"] = office.store.path(office.store.put(io.BytesIO(word(rows))).sha256)
    assert "请把这一项的评价内容发给我" in said(office, "staff", "评分表", "缺内容.docx")
    assert "已改第2项评价内容" in said(office, "staff", "给会员发通知：每季度不少于一次服务公告")
