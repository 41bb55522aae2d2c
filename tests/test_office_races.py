"""Two of the office act on one thing at the same moment, or a society and the office do: it is done once, wholly, and
whoever came second is told why it was not done by her."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.checking import check
from handlers.societies import joining
from rubrics.reading import catalog
from scheduler.announcements import announce_due
from storage.database import Database
from storage.relations import (
    ACT,
    ANNOUNCEMENT,
    APPLICATION,
    CELL_EDIT,
    ENTRY,
    LATE_DECISION,
    MOTION,
    OBJECTION,
    OUTBOX,
    PERSON,
    REVIEW_EVENT,
    ROUND,
    SOCIETY,
)
from tests.overlapping import Deed, Said, overlapped, rows
from tests.season import CLOSES, Season
from tests.test_desk_attacks import given, said
from tests.test_own_tables import begun
from tests.test_programmes import begin
from tests.test_requesting import office

__all__ = ["office"]

STAFF, OTHER = "staff", "吴处长"
ORDERS = [(STAFF, OTHER), (OTHER, STAFF)]
EXAMPLE, TEA = "浙江省示例学会", "浙江省茶叶学会"


@pytest.fixture
def two(office: Season) -> Iterator[Season]:
    """Two officers; one society has handed in and the other is at it."""
    office.join(OTHER)
    yield office
    unbroken(office)


@pytest.fixture
def projects(db: Database, tmp_path: Path) -> Iterator[Season]:
    """Two societies apply for a project of one place, and there are two officers."""
    season = begin(db, tmp_path / "files", "yangzhou")
    officer(season, OTHER)
    for who in (STAFF, "王老师", "赵老师"):
        season.join(who)
    for who in ("王老师", "赵老师"):
        said(season, who, "1", "申报 智库")
    yield season
    unbroken(season)
    season.db.close()


def officer(season: Season, name: str) -> str:
    """One more in the office."""
    season.codes[name] = season.db.write(
        lambda connection: joining.invite(connection, society_id=None, role="officer", name=name, now=season.now)
    )
    season.join(name)
    return name


def unbroken(season: Season) -> None:
    with season.db.read() as connection:
        assert check(connection, season.store) == []


def acts(season: Season, act: str) -> int:
    return len(rows(season, sa.select(ACT.c.id).where(ACT.c.act == act)))


def once(answers: tuple[str, str], done: str, refused: str) -> None:
    """The first of them did it, and the second reads why she did not."""
    assert [done in one for one in answers] == [True, False], answers
    assert refused in answers[1]


# Places.


def test_one_place_is_not_given_to_two(projects: Season) -> None:
    mine, others = (Said(who, f"推荐 扬州市{name}学会 智库") for who, name in ((STAFF, "示例"), (OTHER, "茶叶")))
    once(overlapped(projects, mine, others), "现1/1", "已满")
    assert len(rows(projects, sa.select(APPLICATION.c.project).where(APPLICATION.c.standing == "proposed"))) == 1


@pytest.mark.parametrize(("step", "done"), [("公示", "published"), ("认定", "decided")])
def test_a_list_is_published_and_recognised_once(projects: Season, step: str, done: str) -> None:
    said(projects, STAFF, "推荐 扬州市示例学会 智库")
    if step == "认定":
        said(projects, STAFF, "公示", "1")
    for who in (STAFF, OTHER):
        assert "1" in said(projects, who, step)
    once(overlapped(projects, Said(STAFF, "1"), Said(OTHER, "1")), "回执", f"没有{step}")
    assert acts(projects, f"projects_{done}") == 1
    assert len(rows(projects, sa.select(OUTBOX.c.id).where(OUTBOX.c.cause.like("recognised:%")))) == (step == "认定")


def test_two_places_that_are_not_held_together_are_not_given_at_once(projects: Season) -> None:
    said(projects, "王老师", "申报 科普特色")
    answers = overlapped(projects, Said(STAFF, "推荐 扬州市示例学会 智库"), Said(OTHER, "推荐 扬州市示例学会 科普特色"))
    once(answers, "现1/1", "只能认定一个")
    assert len(rows(projects, sa.select(APPLICATION.c.project).where(APPLICATION.c.standing == "proposed"))) == 1


def test_a_place_that_is_given_to_another_at_that_moment_does_not_come_back(projects: Season) -> None:
    said(projects, STAFF, "推荐 扬州市示例学会 智库", "撤销推荐 扬州市示例学会 智库 报送有误")
    answers = overlapped(projects, Said(OTHER, "推荐 扬州市茶叶学会 智库"), Said(STAFF, "撤销"))
    once(answers, "现1/1", "名额")
    assert len(rows(projects, sa.select(APPLICATION.c.project).where(APPLICATION.c.standing == "proposed"))) == 1


@pytest.mark.parametrize("order", [0, 1])
def test_what_is_withdrawn_at_that_moment_has_no_place(projects: Season, order: int) -> None:
    both = [Said(STAFF, "推荐 扬州市示例学会 智库"), Said("王老师", "撤回申报 智库")]
    overlapped(projects, both[order], both[1 - order])
    [row] = rows(projects, sa.select(APPLICATION).join(ENTRY).where(ENTRY.c.society_id == 1))
    assert (row.state, row.standing) == ("withdrawn", "none")
    assert "现1/1" in said(projects, OTHER, "推荐 扬州市茶叶学会 智库")


# The table and the round.


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("words", ["第1项改成8分", "确认提交", "第2项 3分"])
def test_a_table_is_exchanged_while_a_society_is_at_it(season: Season, order: int, words: str) -> None:
    """Her answer is reckoned by the table that holds when it is stored, whole or not at all."""
    season.join(STAFF)
    begun(season)
    said(season, STAFF, "换用评分表", files=("临江考核更正.xlsx",))
    both = [Said(STAFF, "2"), Said("王老师", f"轮次2，{words}")]
    answers = overlapped(season, both[order], both[1 - order])
    assert "回执" in answers[1 - order]
    assert ("已换用新表" in answers[order]) == bool(acts(season, "rubric_changed"))
    [entry] = rows(season, sa.select(ENTRY).where(ENTRY.c.round_id == 2, ENTRY.c.society_id == 1))
    [now] = rows(season, sa.select(ROUND.c.rubric_sha256).where(ROUND.c.id == 2))
    assert entry.status == "submitted" or entry.own_rubric in (None, now.rubric_sha256)
    unbroken(season)


def corrected(old: str, new: str) -> str:
    """The round's rubric file with other words in it."""
    text = catalog()["zhejiang-2020"]
    assert old in text
    return given(f"{new[:6]}.yaml", text.replace(old, new).encode())


@pytest.mark.parametrize("at_once", [True, False])
def test_a_table_that_a_colleague_has_exchanged_meanwhile_is_compared_anew(two: Season, at_once: bool) -> None:
    """Nobody takes back what she was never shown."""
    said(two, STAFF, "换用评分表", files=(corrected("组织研学工作会。", "组织研学工作会和论坛。"),))
    said(two, OTHER, "换用评分表", files=(corrected("汇编形成论文集、白皮书。", "汇编形成论文集或白皮书。"),))
    if at_once:
        answers = overlapped(two, Said(STAFF, "0"), Said(OTHER, "0"))
    else:
        answers = said(two, STAFF, "0"), said(two, OTHER, "0")
    once(answers, "已换用新表", "被同事换过了")
    assert "2处改动" in answers[1]
    assert acts(two, "rubric_changed") == 1


@pytest.mark.parametrize("order", [0, 1])
def test_a_round_ends_while_a_society_hands_in(two: Season, order: int) -> None:
    """Either she is in time and is none of those who were cut off, or she is late and it is said so."""
    said(two, STAFF, "结束本轮")
    both = [Said(STAFF, "1"), Said("赵老师", "确认提交")]
    answers = overlapped(two, both[order], both[1 - order])
    told = dict(zip((both[order].who, both[1 - order].who), answers, strict=True))
    [entry] = rows(two, sa.select(ENTRY).where(ENTRY.c.society_id == 2))
    [round] = rows(two, sa.select(ROUND.c.closed_at))
    if order == 0:
        assert "已结束" in told[STAFF]
        assert (round.closed_at is not None, entry.status) == (True, "in_progress")
        assert "逾期" in told["赵老师"] or "截止" in told["赵老师"]
    else:
        assert "自评表已提交" in told["赵老师"]
        assert "没有执行" in told[STAFF]
        assert (round.closed_at, entry.status) == (None, "submitted")


@pytest.mark.parametrize("order", [0, 1])
def test_no_time_is_given_in_a_round_that_ends(two: Season, order: int) -> None:
    said(two, STAFF, "结束本轮")
    both = [Said(STAFF, "1"), Said(OTHER, "给茶叶学会延期三天")]
    answers = overlapped(two, both[order], both[1 - order])
    assert ["已结束" in one for one in answers] == ([True, False] if order == 0 else [False, True])
    assert acts(two, "extended") == order
    assert ("延到" in answers[1 - order]) == (order == 1)


def ended(season: Season) -> Season:
    said(season, STAFF, "结束本轮", "1")
    return season


AGAIN = "重开本轮 到1月25日17:30 平台故障"


def test_two_who_ask_at_once_to_begin_a_round_again_are_one_who_asks_and_one_who_may_agree(two: Season) -> None:
    ended(two)
    answers = overlapped(two, Said(STAFF, AGAIN), Said(OTHER, AGAIN))
    once(answers, "已提出", "同意请回复数字 1")
    assert acts(two, "round_reopen_moved") == 1
    assert "已重开" in said(two, OTHER, "1")


def test_a_round_is_begun_again_once_by_two_who_agree_at_once(two: Season) -> None:
    another = officer(ended(two), "郑处长")
    said(two, STAFF, AGAIN)
    for who in (OTHER, another):
        assert "同意请回复数字 1" in said(two, who, "重开本轮")
    once(overlapped(two, Said(OTHER, "1"), Said(another, "1")), "已重开", "没有执行")
    assert acts(two, "round_reopened") == 1


def test_two_dates_settled_at_once_both_stand(projects: Season) -> None:
    stages = [one["title"] for one in rows(projects, sa.select(ROUND.c.stages))[0].stages]
    mine, other = (f"定日期 {stages[at]} 2026年{month}月20日" for at, month in ((0, 5), (-1, 11)))
    answers = overlapped(projects, Said(STAFF, mine), Said(OTHER, other))
    assert ["回执" in one for one in answers] == [True, True], (stages, answers)
    now = [one["closes"] for one in rows(projects, sa.select(ROUND.c.stages))[0].stages]
    assert [now[0], now[-1]] == ["2026-05-20", "2026-11-20"]


# Motions of two officers.


def final(season: Season) -> Season:
    said(season, STAFF, "评审 示例学会", "其余同意", "25", "核定 示例学会", "8")
    return season


MOVED = "复核 示例学会 算错了"


def test_two_who_move_it_at_once_are_one_motion_to_be_seconded(two: Season) -> None:
    final(two)
    once(overlapped(two, Said(STAFF, MOVED), Said(OTHER, MOVED)), "已提出", "同意请回复数字 8")
    assert len(rows(two, sa.select(MOTION.c.id))) == 1
    said(two, OTHER, "8")
    assert acts(two, "review_reopened") == 1


def test_what_is_seconded_by_two_at_once_is_done_once(two: Season) -> None:
    another = officer(final(two), "郑处长")
    said(two, STAFF, MOVED)
    for who in (OTHER, another):
        said(two, who, "复核 示例学会")
    once(overlapped(two, Said(OTHER, "8"), Said(another, "8")), "两位管理人员已确认", "没有执行")
    assert acts(two, "review_reopened") == 1


@pytest.mark.parametrize("words", ["撤回申请", "不同意 1 没有算错"])
@pytest.mark.parametrize("order", [0, 1])
def test_what_ends_while_it_is_seconded_is_done_or_not(two: Season, words: str, order: int) -> None:
    another = officer(final(two), "郑处长")
    said(two, STAFF, MOVED)
    said(two, OTHER, "复核 示例学会")
    both = [Said(OTHER, "8"), Said(STAFF if words == "撤回申请" else another, words)]
    answers = overlapped(two, both[order], both[1 - order])
    [motion] = rows(two, sa.select(MOTION))
    assert (motion.outcome is None) == (motion.seconded_by is not None) == (order == 0)
    assert acts(two, "review_reopened") == (order == 0)
    assert ("没有执行" if order else "没有") in answers[1]


# Review.


def test_an_item_is_judged_by_two_reviewers_at_once(two: Season) -> None:
    two.join("陈评审")
    for who in (STAFF, "陈评审"):
        said(two, who, "评审 示例学会 第1项")
    answers = overlapped(two, Said(STAFF, "7分 少一场"), Said("陈评审", "8"))
    assert ["第1项" in one for one in answers] == [True, True]
    assert len(rows(two, sa.select(REVIEW_EVENT.c.id))) == 2


@pytest.mark.parametrize("order", [0, 1])
def test_a_score_that_comes_while_it_is_made_final(two: Season, order: int) -> None:
    """It is among what was confirmed, or it is told that all is final; never beside it."""
    two.join("陈评审")
    said(two, STAFF, "评审 示例学会", "其余同意", "25", "核定 示例学会")
    said(two, "陈评审", "评审 示例学会 第1项")
    both = [Said(STAFF, "8"), Said("陈评审", "7分 少一场")]
    answers = overlapped(two, both[order], both[1 - order])
    assert ("核定" in answers[1]) if order == 0 else ("看过再确认" in answers[1])
    assert acts(two, "finalized") == (order == 0)


@pytest.mark.parametrize("order", [0, 1])
def test_a_result_is_released_while_it_is_opened_again(two: Season, order: int) -> None:
    final(two)
    said(two, STAFF, MOVED)
    said(two, OTHER, "复核 示例学会")
    said(two, STAFF, "公布核定 全部")
    both = [Said(STAFF, "1"), Said(OTHER, "8")]
    answers = overlapped(two, both[order], both[1 - order])
    [entry] = rows(two, sa.select(ENTRY).where(ENTRY.c.society_id == 1))
    assert (entry.finalized_at, entry.released_at) == (None, None)
    assert acts(two, "released_review") == (order == 0)
    if order:
        assert "没有" in answers[1]


def test_a_result_is_released_once(two: Season) -> None:
    final(two)
    for who in (STAFF, OTHER):
        said(two, who, "公布核定 全部")
    once(overlapped(two, Said(STAFF, "1"), Said(OTHER, "1")), "已向1家公布", "0")
    assert acts(two, "released_review") == 1


@pytest.mark.parametrize(
    ("mine", "other"),
    [("维持 材料不足", "改 7分 有一半"), ("改 7分 有一半", "维持 材料不足"), ("改 7分 甲", "改 6分 乙")],
)
def test_an_objection_is_answered_once(two: Season, mine: str, other: str) -> None:
    final(two)
    said(two, STAFF, "公布核定 全部", "1")
    said(two, "王老师", "申诉 第1项 漏了一场")
    answers = overlapped(two, Said(STAFF, f"申诉 1 {mine}"), Said(OTHER, f"申诉 1 {other}"))
    assert "已经答复过" in answers[1]
    assert acts(two, "objection_answered") == 1
    assert len(rows(two, sa.select(REVIEW_EVENT.c.id).where(REVIEW_EVENT.c.kind == "changed"))) == ("改" in mine)
    assert len(rows(two, sa.select(OUTBOX.c.id).where(OUTBOX.c.cause.like("objection_answered:%")))) == 1
    assert len(rows(two, sa.select(OBJECTION.c.id).where(OBJECTION.c.answered_at.is_not(None)))) == 1


# The roster and announcements.


def test_a_list_is_imported_once_by_two_at_once(two: Season) -> None:
    name = given("名单.csv", "学会名称\n浙江省甲研究会\n浙江省乙研究会\n".encode())
    for who in (STAFF, OTHER):
        assert "2" in said(two, who, "导入名单", files=(name,))
    once(overlapped(two, Said(STAFF, "2"), Said(OTHER, "2")), "回执", "没有执行")
    assert len(rows(two, sa.select(SOCIETY.c.id))) == 4


def test_a_society_is_added_once_by_two_at_once(two: Season) -> None:
    once(overlapped(two, Said(STAFF, "加学会 浙江省甲研究会"), Said(OTHER, "加学会 浙江省甲研究会")), "已加", "已有")
    assert len(rows(two, sa.select(SOCIETY.c.id))) == 3


def test_one_name_is_not_given_to_two(two: Season) -> None:
    mine, other = "改名 浙江省示例学会 -> 浙江省甲学会", "改名 浙江省茶叶学会 -> 浙江省甲学会"
    once(overlapped(two, Said(STAFF, mine), Said(OTHER, other)), "已改名", "没有改")
    assert acts(two, "renamed") == 1


DEEDS = [
    (("给全部发通知：明天停电",), "2", "announced"),
    (("结束本轮",), "1", "round_closed"),
    (("给全部延期三天",), "2", "extended"),
    (("评审 示例学会", "其余同意"), "25", "reviewed"),
]


@pytest.mark.parametrize(("words", "number", "act"), DEEDS, ids=[act for *_, act in DEEDS])
def test_one_officer_confirms_once_by_two_devices(two: Season, words: tuple[str, ...], number: str, act: str) -> None:
    [hers] = rows(two, sa.select(PERSON).where(PERSON.c.name == "周科长"))
    code = two.db.write(
        lambda db: joining.invite(db, society_id=None, role="officer", name=None, now=two.now, person_id=hers.id)
    )
    two.say(STAFF, code, channel="web")
    said(two, STAFF, *words)
    two.seen[STAFF, "web"] = two.seen[STAFF, "dialogue"]
    answers = overlapped(two, Said(STAFF, number), Said(STAFF, number, "web"))
    once(answers, "回执", "没有")
    assert acts(two, act) == (2 if act == "extended" else 1)
    assert len(rows(two, sa.select(ANNOUNCEMENT.c.id))) == (act == "announced")


@pytest.mark.parametrize("order", [0, 1])
def test_what_is_taken_back_at_its_moment_has_gone_out_or_has_not(two: Season, order: int) -> None:
    """Her «撤回» came within its minute, and the minute is over when the ticker looks."""
    said(two, STAFF, "给全部发通知：明天停电", "2")
    two.now += timedelta(seconds=59)
    both: list[Deed] = [Said(STAFF, "撤回"), lambda db: announce_due(db, two.now + timedelta(seconds=2))]
    answers = overlapped(two, both[order], both[1 - order])
    told = rows(two, sa.select(OUTBOX.c.id).where(OUTBOX.c.kind == "announcement"))
    assert (("已撤回" in answers[order]), len(told)) == ((True, 0) if order == 0 else (False, 2))


# Printed lists, late words, points of categories.


@pytest.fixture
def lists(db: Database, tmp_path: Path) -> Iterator[Season]:
    season = begin(db, tmp_path / "files", "hangzhou")
    season.join(STAFF)
    officer(season, OTHER)
    yield season
    unbroken(season)
    season.db.close()


def test_two_rows_that_are_added_at_once_are_both_there(lists: Season) -> None:
    overlapped(lists, Said(STAFF, "加 特色 杭州市甲学会"), Said(OTHER, "加 特色 杭州市乙学会"))
    told = said(lists, STAFF, "名单 特色学会")
    assert "杭州市甲学会" in told
    assert "杭州市乙学会" in told


def test_one_row_is_not_added_by_two(lists: Season) -> None:
    once(overlapped(lists, Said(STAFF, "加 特色 杭州市甲学会"), Said(OTHER, "加 特色 杭州市甲学会")), "回执", "已经")
    assert acts(lists, "cell_edited") == 2  # its number and its name


def test_a_cell_that_two_change_at_once_has_what_stood_there_on_record(lists: Season) -> None:
    cell = "改 杭州市医学会 是否5A"
    overlapped(lists, Said(STAFF, f"{cell} 4A"), Said(OTHER, f"{cell} 3A"))
    changes = rows(lists, sa.select(CELL_EDIT.c.old, CELL_EDIT.c.new).order_by(CELL_EDIT.c.id))
    assert [tuple(one) for one in changes] == [("5A", "4A"), ("4A", "3A")]


def test_late_words_are_decided_once(two: Season) -> None:
    two.now = CLOSES + timedelta(minutes=1)
    said(two, "赵老师", "第2项 3分", "依据：迟到的会")
    yes, no = f"算数 {TEA} 平台故障", f"算数 {TEA} 系统拥堵"
    once(overlapped(two, Said(STAFF, yes), Said(OTHER, no)), "回执", "已经")
    assert len(rows(two, sa.select(LATE_DECISION.c.id))) == 1


@pytest.mark.parametrize("order", [0, 1])
def test_scores_are_final_by_the_rule_that_holds(two: Season, order: int) -> None:
    two.join("陈评审")
    said(two, "陈评审", "评审 示例学会 第1项", "7分 少一场")
    said(two, STAFF, "评审 示例学会", "其余同意", "25", "核定 示例学会")
    both = [Said(STAFF, "8"), Said(OTHER, "评审规则 平均")]
    answers = overlapped(two, both[order], both[1 - order])
    [entry] = rows(two, sa.select(ENTRY).where(ENTRY.c.society_id == 1))
    [rule] = rows(two, sa.select(ROUND.c.review_rule))
    assert (rule.review_rule, entry.finalized_at is None) == (("single", False) if order == 0 else ("mean", True)), (
        answers
    )


def test_a_paper_is_ticked_once(two: Season) -> None:
    tick = f"收到纸质 {EXAMPLE} 总结"
    answers = overlapped(two, Said(STAFF, tick), Said(OTHER, tick))
    assert "已经" in answers[1] or "登记过" in answers[1], answers
    assert acts(two, "paper_ticked") == 1
