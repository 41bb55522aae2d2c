"""回避: who takes no part in a society's review reads its name, and neither its figures nor its place, wherever it is named."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.looking.ranking import ranking
from scheduler.drawing import draw_due
from storage import queries
from storage.database import Database
from storage.relations import ACT, DRAWING
from tests.season import CLOSES, Season
from tests.test_desk_attacks import said
from tests.test_own_tables import begun
from tests.test_programmes import begin
from tests.test_requesting import office

__all__ = ["office"]

EXAMPLE, TEA = "浙江省示例学会", "浙江省茶叶学会"


@pytest.fixture
def barred(office: Season) -> Season:
    """Both have handed in, 8 and 5 points; this officer has recused herself from the first."""
    said(office, "赵老师", "确认提交")
    said(office, "staff", "回避 示例学会 亲属")
    office.join("吴处长")
    return office


def line_of(text: str, society: str) -> str:
    return next(line for line in text.splitlines() if society in line)


def test_one_society_is_withheld_with_a_sentence(barred: Season) -> None:
    for words in ("看 示例学会", "材料 示例学会"):
        told = said(barred, "staff", words)
        assert "您已回避这家学会" in told
        assert not any(figure in told for figure in ("8", "/25", "已提交", "电子版", "未收到"))
    assert "自评8" in said(barred, "吴处长", "看 示例学会")
    assert "自评5" in said(barred, "staff", "看 茶叶学会")


def test_in_lists_its_name_stands_without_how_far_it_is(barred: Season) -> None:
    told = said(barred, "staff", "已提交的有哪些")
    assert line_of(told, EXAMPLE) == f"· {EXAMPLE}：您已回避，不显示进度"
    assert "已提交" in line_of(told, TEA)
    assert "已提交" in line_of(said(barred, "吴处长", "已提交的有哪些"), EXAMPLE)


@pytest.mark.parametrize("words", ["排名", "排名 1", "排名 全部", "排名 一"])
def test_in_the_ranking_it_stands_last_and_the_others_keep_their_ranks(barred: Season, words: str) -> None:
    barred.say("陈评审", barred.codes["陈评审"])
    told = said(barred, "staff", words)
    assert line_of(told, EXAMPLE) == f"{EXAMPLE}：您已回避，不显示名次和得分"
    assert "已提交2家" in told
    if words != "排名 1":
        assert line_of(told, TEA).startswith("2. ")
    assert line_of(said(barred, "陈评审", words), EXAMPLE).startswith("1. ")


def test_the_picture_of_the_ranking_has_no_figure_of_it(barred: Season) -> None:
    said(barred, "staff", "排名")
    with barred.db.read() as db:
        about = db.scalars(sa.select(DRAWING.c.about).order_by(DRAWING.c.inbound_id.desc())).first()
    assert about is not None
    other, hers = about["sheets"][0]["rows"]
    assert (other["society"], other["rank"], other["supported"]) == (TEA, "2", "5")
    assert (hers["society"], hers["rank"], hers["mark"]) == (EXAMPLE, "", "您已回避")
    assert (hers["claimed"], hers["supported"], hers["claimed_share"], hers["supported_share"]) == ("—", "—", 0, 0)
    assert draw_due(barred.db, barred.store, barred.now) == 1


def test_by_what_a_ranking_goes_is_said_of_the_whole(barred: Season) -> None:
    """The one that is not reviewed yet is hers not to see; the order is not by the others' reviewed points for that."""
    said(barred, "吴处长", "评审 茶叶学会", "其余同意", "25", "核定 茶叶学会", "5")
    told = said(barred, "staff", "排名")
    assert "按有依据的分排" in told
    with barred.db.read() as db:
        whole = ranking(db, queries.round_of(db, barred.round))
    assert not whole.reviewed
    assert not whole.first(1).veiled(whole, {EXAMPLE}).reviewed


def test_who_is_recused_no_more_sees_it_again(barred: Season) -> None:
    said(barred, "吴处长", "取消回避 示例学会 周科长")
    assert "自评8" in said(barred, "staff", "看 示例学会")
    assert line_of(said(barred, "staff", "排名"), EXAMPLE).startswith("1. ")


def test_results_are_released_by_others(barred: Season) -> None:
    for name, total in (("示例学会", "8"), ("茶叶学会", "5")):
        said(barred, "吴处长", f"评审 {name}", "其余同意", "25", f"核定 {name}", total)
    assert "您已回避" in said(barred, "staff", "公布核定 示例学会")
    told = said(barred, "staff", "公布核定 全部")
    assert "您回避的1家不在里面" in told
    assert EXAMPLE not in told
    assert "已向1家公布" in said(barred, "staff", "1")
    assert "您回避的1家" in said(barred, "staff", "公布核定 全部")
    assert "已向1家公布" in said(barred, "吴处长", "公布核定 全部", "1")


def test_late_matter_is_withheld_in_the_round_that_it_came_late_in(office: Season) -> None:
    """Also once another round is open, of which nobody is recused."""
    office.join("吴处长")
    said(office, "staff", "回避 茶叶学会 亲属")
    office.now = CLOSES + timedelta(minutes=1)
    said(office, "赵老师", "第2项 3分", "依据：迟到的秘密")
    said(office, "吴处长", "开新一轮", "4", "2028年1月15日17:30", "2")
    told = said(office, "staff", "逾期")
    assert line_of(told, TEA) == f"1. {TEA}：您已回避，不显示"
    assert "您已回避" in said(office, "staff", "1")
    assert "您已回避" in said(office, "staff", f"算数 {TEA} 平台故障")


def test_a_table_that_is_exchanged_names_it_and_not_its_items(season: Season) -> None:
    for who in ("staff", "吴处长"):
        season.join(who)
    begun(season)
    said(season, "staff", "轮次2，回避 示例学会 亲属")
    told = said(season, "staff", "轮次2，换用评分表", files=("临江考核更正.xlsx",))
    after = told.split(EXAMPLE, 1)[1]
    assert after.startswith("：您已回避")
    assert "12分" not in after.split(TEA)[0]


@pytest.fixture
def projects(db: Database, tmp_path: Path) -> Iterator[Season]:
    season = begin(db, tmp_path / "files", "yangzhou")
    for who in ("staff", "王老师", "赵老师"):
        season.join(who)
    for who in ("王老师", "赵老师"):
        said(season, who, "1", "申报 智库")
    yield season
    season.db.close()


def test_an_application_is_neither_seen_nor_decided(projects: Season) -> None:
    said(projects, "staff", "回避 示例学会 亲属")
    told = said(projects, "staff", "申报情况 智库")
    assert line_of(told, "扬州市示例学会") == "1. 扬州市示例学会：您已回避，不显示"
    assert "条件已答0/" in line_of(told, "扬州市茶叶学会")
    for words in ("推荐 扬州市示例学会 智库", "撤销推荐 扬州市示例学会 智库 原因", "验收 扬州市示例学会 智库 通过"):
        assert "您已回避扬州市示例学会" in said(projects, "staff", words)
    with projects.db.read() as db:
        assert (
            db.scalars(sa.select(ACT.c.id).where(ACT.c.act.like("project_%"), ACT.c.act != "project_applied")).all()
            == []
        )
