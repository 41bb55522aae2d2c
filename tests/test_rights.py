"""Who may do what: every name that anybody can say, by role; and every command of the office said by everybody."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from handlers.answers.wishes import WISHES
from handlers.phrasebook import phrasebook
from handlers.rights import ROLES, Actor, authorize
from handlers.understanding.intents import (
    DropEvidence,
    Excuse,
    Explain,
    Go,
    Intent,
    Move,
    Place,
    Plain,
    Score,
    ShowEvidence,
    Tell,
    Words,
)
from handlers.understanding.lexicon import intent, lexicon
from storage.relations import ACT, OUTBOX
from tests.season import Season

OWN, OTHER = 1, 2
ALL = ("secretary", "reviewer", "officer", "administrator")
# s a secretary, r a reviewer, o an officer or administrator.
TABLE = """
s     next skip back submit supplement missing progress score begin pause undo submit_now recall agree refuse
s     another_device all_missing more deadline review papers reminders_rest reminders_off reminders_on upload record
s     consent consent_end consent_refuse
s     outcome postponing explain evidence mistaken object dispute export_sheet export_form export_layout export_evidence
s     eligibility benefits read_table show_table confirm_table refuse_table table_evidence
ro    projects_look list_look
o     projects_act list_act
ro    awards qualify contents
o     consent_ask
o     award grade rule
sro   help account greet thanks leave logout rounds
ro    staff_progress staff_help calendar people report unread unjoined late papers_of
ro    review_walk review_list review_agree review_rest review_back recuse objections review_met review_unmet review_excused rechecks
o     revoke_now revoke stage nudge late_accept late_refuse extend announce papers_in papers_out unit_kind
ro    announcements plan plan_of group ranking progress_list society_look roster_list
o     export template template_away announce_at announce_then withdraw telephone contacted roster_send society_add society_add_now
o     society_rename invite_many invite hand_over
o     motions motion_back motion_decline
o     table_send table_item table_notes table_file table_looked table_edit table_edit_section table_asked table_asked_section table_unit table_drop table_title
o     table_total table_step table_change round_new round_end round_again
o     review_rule recuse_end release final reopen_review reopen_table objection_answer on_behalf
"""
MAY = {name: row.split()[0] for row in TABLE.strip().splitlines() for name in row.split()[1:]}
HERS: tuple[Intent, ...] = (
    *(Score(Decimal(8)), Words("依据"), Excuse("没有"), Move("next"), Go(Place(("a",), "")), Explain()),
    *(ShowEvidence(), DropEvidence(1)),
)


def spoken() -> set[str]:
    """Every name in the words that people can say, and every wish."""
    known = lexicon()
    names = {*known.whole.values(), *WISHES, *ROLES}
    names |= {name for group in (known.patterns, known.staff, known.walked, known.society) for name, _ in group}
    return {name.removesuffix("_first") for name in names}


def actor(role: str) -> Actor:
    society = OWN if role == "secretary" else None
    return Actor(1, 1, "某", role, society, None)


def test_every_name_has_a_row() -> None:
    assert spoken() == set(MAY)


@pytest.mark.parametrize("role", ALL)
def test_allowed_or_refused(role: str) -> None:
    letter = {"secretary": "s", "reviewer": "r"}.get(role, "o")
    for name, letters in MAY.items():
        meant = intent(name)
        named = meant if isinstance(meant, Plain | Tell) else Plain(name)
        assert authorize(actor(role), named) == (letter in letters), name
        assert authorize(actor(role), named, society=OWN) == (letter in letters), name
        assert authorize(actor(role), named, society=OTHER) == (letter in letters and role != "secretary"), name


@pytest.mark.parametrize("role", ALL)
def test_only_a_secretary_fills_in_and_only_her_own(role: str) -> None:
    for one in HERS:
        assert authorize(actor(role), one, society=OWN) == (role == "secretary"), one
        assert not authorize(actor(role), one, society=OTHER), one


# One sentence for each command that speaks of somebody; a new command needs one.
SENTENCES = {
    "staff_help": "帮助 评审",
    "review_rule": "评审规则 平均",
    "review_walk": "评审 茶叶学会",
    "review_list": "下一家",
    "recuse_end": "取消回避 茶叶学会 陈评审",
    "recuse": "回避 茶叶学会 亲属",
    "release": "公布核定 茶叶学会",
    "final": "核定 茶叶学会",
    "reopen_review": "复核 茶叶学会 算错",
    "reopen_table": "重新开放 茶叶学会 到1月20日 故障",
    "motions": "待确认",
    "rechecks": "需复核",
    "motion_back": "撤回申请 茶叶学会",
    "motion_decline": "不同意 茶叶学会 没有算错",
    "objection_answer": "申诉 1 维持 材料不足",
    "objections": "申诉",
    "on_behalf": "代填 茶叶学会 会话第5项 4分",
    "table_send": "评分表",
    "table_item": "看第3项",
    "table_notes": "看处理",
    "table_file": "评分表文件",
    "table_looked": "都对",
    "table_edit": "改第3项 分值 4",
    "table_edit_section": "改第2类 分值 20",
    "table_asked": "第5项只问学会",
    "table_asked_section": "第2类不问企业科协",
    "table_unit": "加类型 企业科协",
    "table_drop": "删第3项",
    "table_title": "改标题 2027年度评分表",
    "table_total": "改总分 100",
    "table_step": "改最小分 1",
    "table_change": "换用评分表",
    "round_new": "开新一轮",
    "round_end": "结束本轮",
    "round_again": "重开本轮 到1月20日17:30 故障",
    "people": "联系人 茶叶学会",
    "revoke_now": "确认停用 1",
    "revoke": "停用 赵老师",
    "stage": "定日期 报送 2027年1月20日",
    "report": "通知 1",
    "unjoined": "没加入 1",
    "unread": "未读 1",
    "nudge": "催读 1",
    "late": "逾期",
    "late_accept": "算数 浙江省茶叶学会 故障",
    "late_refuse": "不算 浙江省茶叶学会 故障",
    "extend": "给茶叶学会延期三天",
    "announce": "给全部发通知：请抓紧",
    "papers_in": "收到纸质 浙江省茶叶学会 总结",
    "papers_out": "撤销纸质 浙江省茶叶学会 总结",
    "papers_of": "材料 茶叶学会",
    "unit_kind": "类型 浙江省茶叶学会 省属企业科协",
    "export": "导出 Excel",
    "template": "模板",
    "template_away": "不用模板",
    "grade": "评分 茶叶学会 一 30分",
    "award": "拟定 一流学会 茶叶学会",
    "rule": "资格 茶叶学会 不通过 未满年限",
    "qualify": "资格 茶叶学会",
    "announcements": "通知列表",
    "withdraw": "撤回通知 1",
    "telephone": "联系不上",
    "contacted": "已联系 茶叶学会",
    "plan": "提醒计划",
    "plan_of": "提醒 茶叶学会",
    "group": "群进度",
    "roster_send": "导入名册",
    "roster_list": "学会名单",
    "society_add_now": "确认加学会 浙江省气象学会",
    "society_add": "加学会 浙江省气象学会",
    "society_rename": "改名 浙江省茶叶学会 -> 浙江省茶学会",
    "invite_many": "邀请 全部",
    "invite": "邀请 茶叶学会",
    "hand_over": "交接 茶叶学会 钱老师",
    "ranking": "排名",
    "progress_list": "谁还没交",
    "society_look": "看 茶叶学会",
    "contents": "看内容 茶叶学会",
    "consent_ask": "请她同意 茶叶学会",
    "announce_at": "明天9点给全部发通知：请抓紧",
    "announce_then": "给全部明天9点发通知：请抓紧",
}


def test_every_command_has_a_sentence() -> None:
    named = {name.removesuffix("_first") for name, _ in lexicon().staff}
    assert named == set(SENTENCES)
    assert {name: (lexicon().staff_command(said) or ("",))[0] for name, said in SENTENCES.items()} == {
        name: name for name in SENTENCES
    }


def acts(season: Season) -> int:
    with season.db.read() as connection:
        told = connection.scalar(sa.select(sa.func.count()).select_from(OUTBOX).where(OUTBOX.c.kind != "reply")) or 0
        return told + (connection.scalar(sa.select(sa.func.count()).select_from(ACT)) or 0)


def test_a_secretary_can_do_nothing_of_it(season: Season) -> None:
    season.join("王老师")
    before = acts(season)
    for said in SENTENCES.values():
        heard = "\n".join(reply.text for reply in season.say("王老师", said).replies)
        assert "赵老师" not in heard.replace(said, ""), said
    assert acts(season) == before


def test_a_reviewer_is_refused_what_the_office_does(season: Season) -> None:
    season.join("陈评审")
    refusal = phrasebook().text("not_allowed_staff", {})
    refused = {name for name, said in SENTENCES.items() if season.say("陈评审", said).replies[0].text == refusal}
    assert refused == {name for name in SENTENCES if MAY[name] == "o"}
