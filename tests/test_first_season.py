"""An office's first season: before there is a round, a round's year, a template sent first, a reopening that waits."""

from datetime import datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from handlers.criteria.opening import shipped
from handlers.phrasebook import phrasebook
from handlers.rounds import evaluated_year, titled
from rubrics.importing.correcting import Correction
from rubrics.importing.tables import imported
from rubrics.reading import catalog, read
from storage.relations import ACT, ROUND, SOCIETY
from tests.brought import with_extras
from tests.season import CLOSES, ZONE, Season

DECIDED = (
    Correction("item:3", "bonus", "6"),
    Correction("item:4", "bonus_above", "3"),
    Correction("item:5", "deduction", "5"),
    Correction("item:6", "points", "2"),
)


def before_any_round(season: Season) -> None:
    def empty(db: sa.Connection) -> None:
        db.execute(sa.delete(ACT))
        db.execute(sa.delete(ROUND))

    season.db.write(empty)
    season.join("staff")


@pytest.mark.parametrize(
    ("said", "lost"),
    [("帮助", False), ("你好", False), ("进度", False), ("谁还没交", False), ("我想让学会自评", True), ("31", True)],
)
def test_before_any_round_an_officer_is_told_what_comes_first(season: Season, said: str, lost: bool) -> None:
    before_any_round(season)
    with season.db.read() as db:
        count = db.scalar(sa.select(sa.func.count()).select_from(SOCIETY))
    about = {"societies": count, "said": said if lost else "", "draft": None, "asked": False}
    assert season.say("staff", said).replies[-1].text == phrasebook().text("staff_first", about)


def test_before_any_round_the_pages_of_help_open(season: Season) -> None:
    before_any_round(season)
    assert season.say("staff", "帮助 轮次").replies[-1].text == phrasebook().text("staff_help_rounds", {})
    assert "开新一轮" in season.say("staff", "轮次").replies[-1].text


@pytest.mark.parametrize(
    ("closes", "year"),
    [((2027, 1, 15), 2026), ((2027, 6, 30), 2026), ((2026, 12, 31), 2026), ((2026, 7, 1), 2026)],
)
def test_a_table_closed_before_its_year_is_over_is_of_that_year(closes: tuple[int, int, int], year: int) -> None:
    rubric = read(catalog()["zhejiang-2020"], "zhejiang-2020.yaml")
    assert evaluated_year(rubric, datetime(*closes, 17, 30, tzinfo=ZONE)) == year


def test_a_round_without_an_exact_deadline_is_of_the_year_its_papers_are_due_in(season: Season) -> None:
    season.join("staff")
    season.say("staff", "开新一轮")
    number = 1 + next(place for place, one in enumerate(shipped()) if one.key == "yangzhou-2020")
    season.say("staff", str(number))
    text = season.say("staff", "按文件").replies[-1].text
    assert "标题：2027 年扬州市科协" in text
    assert "提交立项申报书 2027-04-20" in text


def test_a_list_without_a_title_is_offered_by_its_region(season: Season) -> None:
    season.join("staff")
    hangzhou = read(catalog()["hangzhou-2020"], "hangzhou-2020.yaml")
    assert titled(hangzhou, 2020) in season.say("staff", "开新一轮").replies[-1].text


def test_what_was_said_of_extras_makes_a_rubric_that_holds() -> None:
    found = imported(with_extras(), file="城南考核.docx", id="own", corrections=DECIDED[:3])
    assert [one.code for one in found.findings if one.decide] == ["extra_points"]
    whole = imported(with_extras(), file="城南考核.docx", id="own", corrections=DECIDED)
    assert [one.code for one in whole.findings if one.decide] == ["sum_of_all"]  # 2 points beside the printed 100
    dropped = Correction("item:6", "dropped", "")
    rubric = read(imported(with_extras(), file="x.docx", id="own", corrections=(*DECIDED, dropped)).text, "own.yaml")
    assert rubric.maximum == Decimal(100)
    assert [(one.counts, one.above, one.points) for one in rubric.items[2:]] == [
        ("bonus", False, Decimal(6)),
        ("bonus", True, Decimal(3)),
        ("deduction", False, Decimal(5)),
    ]


def test_a_template_may_be_named_after_it_was_sent(season: Season) -> None:
    season.join("staff")
    kept = season.say("staff", "", files=("没有表头.docx",)).replies[-1].text
    assert "请回「模板」" in kept
    assert "《没有表头.docx》还不能用" in season.say("staff", "模板").replies[-1].text


def test_a_reopening_waits_in_sight_of_the_other_officer_whatever_round_she_looks_at(season: Season) -> None:
    season.join("staff")
    season.join("吴处长")
    season.now = CLOSES
    closed = season.db.write(lambda db: db.execute(sa.update(ROUND).values(closed_at=CLOSES)).rowcount)
    season.say("staff", "重开本轮 到2月20日17:30 雪灾停电")
    seen = season.say("吴处长", "待确认").replies[-1].text
    assert (closed, "同意发「轮次1，重开本轮」" in seen, "雪灾停电" in seen) == (1, True, True)
    assert "等另一位管理人员" in season.say("staff", "待确认").replies[-1].text


def test_a_wrong_number_for_the_rest_of_a_review_is_asked_again_and_the_next_is_no_score(season: Season) -> None:
    season.join("王老师")
    for said in ("第1项 8分，承办全国年会1场", "提交", "确认提交"):
        season.say("王老师", said)
    season.join("陈评审")
    for said in ("评审 浙江省示例学会", "其余同意", "24"):
        season.say("陈评审", said)
    done = season.say("陈评审", "25").replies[-1].text
    assert "共25项，按自评" in done


@pytest.mark.parametrize("look", ["帮助", "帮助 轮次", "进度", "我的账号"])
def test_a_look_in_between_leaves_the_question_open(season: Season, look: str) -> None:
    season.join("staff")
    season.say("staff", "评分表", files=("城南考核.docx",))
    season.say("staff", look)
    assert season.say("staff", "加分 最多5分").replies[-1].text.startswith("第3项是加分项，最多加5分")


def test_words_that_are_no_wish_leave_the_question_open(season: Season) -> None:
    before_any_round(season)
    season.say("staff", "开新一轮")
    lost = season.say("staff", "嗯这个那个").replies[-1].text
    assert "嗯这个那个" in lost
    assert "还等着" in lost
    assert "截止到哪天" in season.say("staff", "第四个").replies[-1].text


def test_another_deed_in_between_ends_the_question_and_the_number_is_told_so(season: Season) -> None:
    season.join("staff")
    season.say("staff", "开新一轮")
    season.say("staff", "学会名单")
    idle = phrasebook().text("staff_number_idle", {"said": "2", "reviewer": False})
    assert season.say("staff", "2").replies[-1].text == idle


def test_a_button_may_be_typed_as_well(season: Season) -> None:
    season.join("staff")
    for number in range(12):
        season.say("staff", f"加学会 浙江省第{number}试验学会")
    first = season.say("staff", "学会名单").replies[-1].text
    second = season.say("staff", "下一页").replies[-1].text
    assert ("第1/2页" in first, "第2/2页" in second) == (True, True)
    season.say("staff", "浙江省茶叶学会")
    assert season.say("staff", "看这一家").replies[-1].text.startswith("浙江省茶叶学会")


def test_one_cap_for_two_kinds_of_bonus_is_asked_about(season: Season) -> None:
    season.join("staff")
    season.say("staff", "评分表", files=("城西考核.xlsx",))
    season.say("staff", "加分 最多3分")
    asked = season.say("staff", "可超过总分的加分，最多4分").replies[-1].text
    assert "「附加」最多 5 分，里面的加分有的可以超过总分、有的不可以" in asked
    said = season.say("staff", "都不超过总分").replies[-1].text
    assert "里的加分都不超过总分" in said
    assert "可以用了" in said
    undone = season.say("staff", "撤销").replies[-1].text
    assert "有的不可以" in undone
    assert "可以用了" in season.say("staff", "都可以超过总分").replies[-1].text
