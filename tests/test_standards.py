"""A programme without points in the conversation: met or not, bounds, the gate, stages, and never a point (Q-WZ01)."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from docx import Document

from handlers import rounds
from handlers.checking import check
from handlers.reports.exporting import export
from handlers.reports.form import write_form
from handlers.reports.snapshot import Snapshot
from handlers.societies import joining
from handlers.standards import qualifying
from handlers.understanding import claims, facts
from handlers.understanding.intents import Asking, Claim, Excuse, Fact, Go, Intent, Move, OddScore, Puzzled, Words
from handlers.understanding.numerals import amount
from handlers.understanding.understand import understand
from rubrics.answers import Answer
from rubrics.model import Rubric
from rubrics.reading import catalog, read
from rubrics.scoring import standing
from rubrics.unscored import tally
from rubrics.wanted import wanted
from scheduler.closing import close_due
from scheduler.drawing import draw_due
from scheduler.reminders import queue_due
from storage import queries
from storage.relations import ANSWER, ENTRY, HANDOUT, OUTBOX, SOCIETY
from tests import schema
from tests.season import FILES, ZONE, Season
from tests.test_catalog_wenzhou import BOUNDS
from tests.test_dialogues import replay

FOLDER = Path(__file__).parent / "standards"
WENZHOU = read(catalog()["wenzhou-2022"], "wenzhou-2022.yaml")
JULY = datetime(2022, 7, 1, 1, 0, tzinfo=UTC)
FIVE_MORE = {
    f"{who}老师": f"温州市{what}学会"
    for who, what in zip("钱孙周吴郑", ("护理", "力学", "园艺", "地质", "昆虫"), strict=True)
}
# What speaks of points; the experts' categories are named with theirs where she asks for a score.
POINTED = re.compile(r"自评分|满分|暂计|得分(?!由专家评)|[0-9]分(?!钟)")


def begun(folder: Path) -> Season:
    db = schema.fresh(folder / "bot.sqlite3")
    return Season.begin(db, catalog()["wenzhou-2022"], JULY, folder / "files", closes=None)


@pytest.fixture
def brand(tmp_path: Path) -> Iterator[Season]:
    """A voluntary round on the Wenzhou standard, which knows no day."""
    made = begun(tmp_path)
    yield made
    made.db.close()


@pytest.fixture
def joined(brand: Season) -> Season:
    brand.join("王老师")
    brand.say("王老师", "1")
    brand.say("王老师", "跳过")
    return brand


def said(season: Season, text: str, who: str = "王老师", **more: object) -> str:
    return "\n".join(reply.text for reply in season.say(who, text, **more).replies)  # type: ignore[arg-type]


def exported(season: Season, society: str = "浙江省示例学会") -> dict[str, object]:
    with season.db.read() as db:
        found = export(db, queries.round_of(db, season.round))
    return next(one for one in found["entries"] if one["society"] == society)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_dialogue(path: Path, brand: Season, request: pytest.FixtureRequest) -> None:
    if path.stem == "tie_at_the_cut":
        brand.db.write(lambda db: with_five_more(db, brand))
    told = path.read_text(encoding="utf-8")
    heard = replay(told, brand)
    if request.config.getoption("--record"):
        path.write_text(heard, encoding="utf-8")
    assert heard == told
    assert check_all(brand) == []


def with_five_more(db: sa.Connection, season: Season) -> None:
    """More societies than there are places, each with somebody who may join."""
    for person, name in FIVE_MORE.items():
        made = sa.insert(SOCIETY).values(name=name, created_at=season.now).returning(SOCIETY.c.id)
        society = db.execute(made).scalar_one()
        season.codes[person] = joining.invite(db, society_id=society, role="secretary", name=person, now=season.now)


def check_all(season: Season) -> list[str]:
    with season.db.read() as db:
        return check(db, season.store)


def test_no_point_is_invented() -> None:
    """In what the bot says to a society; what she typed and what the office is told of its experts is left out."""
    for path in sorted(FOLDER.glob("*.txt")):
        blocks = re.split(r"\n(?=\S*> |@ |#)", path.read_text(encoding="utf-8"))
        hers = [block.partition("\n")[2] for block in blocks if not block.startswith(("staff>", "#", "@"))]
        told = [line for text in hers for line in text.splitlines() if POINTED.search(line)]
        assert told == [], path.name


# Through the conversation: the value as people type it, at, just below and just above each printed number.
TYPED = {"area": "办公面积：{}平米", "lease": "租期：{}年", "net_assets": "净资产：{}元"}
BEFORE = {
    "office": ["办公面积：100平米", "租赁：是", "借用：否", "租期：5年"],
    "inspection-and-rating": ["学会星级：无", "评估等级：无"],
}


@pytest.fixture(scope="module")
def bounded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Season]:
    season = begun(tmp_path_factory.mktemp("bounds"))
    season.join("王老师")
    season.say("王老师", "1")
    season.say("王老师", "跳过")
    yield season
    season.db.close()


@pytest.mark.parametrize(("id", "fact", "at", "below", "above"), BOUNDS)
def test_a_bound_takes_in_its_number(
    bounded: Season, id: str, fact: str, at: object, below: object, above: object
) -> None:
    item = WENZHOU.item(id)
    said(bounded, f"第{item.position}项")
    for line in BEFORE.get(id, []):
        assert "已记" in said(bounded, line)
    asked = item.known[fact]
    label = next(leaf.label or asked.label for leaf in item.leaves if leaf.fact == fact)
    for value, met in ((below, "未达到"), (at, "达到"), (above, "达到")):
        told = said(bounded, TYPED.get(fact, f"{asked.label}：{{}}{asked.unit or ''}").format(value))
        named = "曾获得三星级学会或民政局3A社会组织以上评定" if id == "inspection-and-rating" else label
        named = "如是租赁，则租期不少于3年" if fact == "lease" else named
        assert f"「{named}」：{met}" in told, told


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5万", "50000"),
        ("50,000", "50000"),
        ("50，000元", "50000"),
        ("50000.00元", "50000"),
        ("五万元", "50000"),
        ("４９９９９．９９元", "49999.99"),
        ("12.6万元", "126000"),
        ("十二万六千元", "126000"),
        ("两万半", "25000"),
        ("1亿元", "100000000"),
        ("负三万元", "-30000"),
        ("约5万元", None),
        ("5万多", None),
        ("5万8", None),
        ("万", None),
        ("5,00元", None),
    ],
)
def test_amounts_are_read_exactly_or_not_at_all(text: str, value: str | None) -> None:
    found = facts.answer(text, WENZHOU.item("assets"), "net_assets", 2022)
    assert (found.value if isinstance(found, Fact) else None) == value


@pytest.mark.parametrize(
    ("text", "fact", "value"),
    [
        ("80平米", "area", "80"),
        ("80㎡", "area", "80"),
        ("80平方米", "area", "80"),
        ("79.99平", "area", "79.99"),
        ("八十平米", "area", "80"),
        ("3年", "lease", "3"),
        ("三年", "lease", "3"),
        ("两年半", "lease", "2.5"),
        ("36个月", "lease", "3"),
        ("35个月", "lease", "2.916666"),
        ("2年11个月", "lease", "2.916666"),
    ],
)
def test_areas_and_spans(text: str, fact: str, value: str) -> None:
    assert facts.answer(text, WENZHOU.item("office"), fact, 2022) == Fact(fact, value, text)


@pytest.mark.parametrize("said", ["", "点", "万万", "1,2,3", "一二三四五六七八九十" * 3, "9" * 40])
def test_what_is_no_amount(said: str) -> None:
    assert amount(said) is None


KINDS = """
id: x
kind: standard
sections:
  - id: s
    title: s
    items:
      - id: i
        name: i
        text: i
        facts:
          - {name: courses, kind: events, label: 培训, ask: 办了哪些培训？, unit: 次, period: 年度}
          - {name: why, kind: text, label: 说明, ask: 为什么？}
          - {name: kinds, kind: choice, label: 活动, ask: 哪些？, options: [会议, 培训班], open: false}
        condition: {fact: courses, op: ">=", value: 2, unit: 次}
"""


def test_events_have_their_own_people() -> None:
    item = read(KINDS, "kinds.yaml").item("i")
    found = facts.answer("6月2日 继续教育班 52人次；9月1日 讲座 30人", item, "courses", 2022)
    assert isinstance(found, Fact)
    assert found.value == [
        {"name": "继续教育班", "date": "2022-06-02", "people": 52},
        {"name": "讲座", "date": "2022-09-01", "people": 30},
    ]
    assert item.known["courses"].accepts(found.value)
    assert facts.answer("经费还没有到位", item, "why", 2022) == Fact("why", "经费还没有到位", "经费还没有到位")
    assert facts.answer("会议、培训班", item, "kinds", 2022) == Fact("kinds", ["会议", "培训班"], "会议、培训班")
    assert facts.answer("会议和讲座", item, "kinds", 2022) is None
    assert facts.answer("讲座", item, "kinds", 2022) is None


MEANT: list[tuple[int, str, list[Intent]]] = [
    (1, "达到", [Claim(met=True)]),
    (1, "有", [Claim(met=True)]),
    (1, "是", [Claim(met=True)]),
    (1, "做到了", [Claim(met=True)]),
    (1, "没有", [Claim(met=False)]),
    (1, "没达到", [Claim(met=False)]),
    (1, "未达到要求", [Claim(met=False)]),
    (1, "否", [Claim(met=False)]),
    (1, "达到，章程已写入", [Claim(met=True), Words("章程已写入")]),
    (1, "是，章程已写入", [Claim(met=True), Words("章程已写入")]),
    (1, "章程已写入，达到", [Claim(met=True), Words("章程已写入")]),
    (1, "达到，材料后补", [Claim(met=True)]),
    (1, "基本达到", [Puzzled("partly", "基本达到")]),
    (1, "不适用，没有党员", [Excuse("没有党员")]),
    (1, "8分", [OddScore("pointless", "8分")]),
    (1, "获得省级优秀95分", [Words("获得省级优秀95分")]),
    (1, "跳过", [Move("skip")]),
    (15, "没有", [Puzzled("happened", "没有")]),
    (15, "否", [Puzzled("happened", "")]),
    (30, "无", [Claim(met=True), Fact("none", value=True, said="无")]),
    (30, "没有", [Claim(met=True), Fact("none", value=True, said="没有")]),
    (30, "都没有发生过", [Claim(met=True), Fact("none", value=True, said="都没有发生过")]),
    (30, "有", [Puzzled("absence", "有")]),
    (30, "是", [Puzzled("absence", "")]),
    (30, "发生过1起信访", [Puzzled("absence", "发生过1起信访")]),
    (30, "没达到", [Claim(met=False)]),
]


@pytest.mark.parametrize(("position", "text", "meant"), MEANT)
def test_her_word_is_understood(position: int, text: str, meant: list[Intent]) -> None:
    item = WENZHOU.items[position - 1]
    assert understand(text, Asking(item.id, "score", year=2022), WENZHOU) == meant


def test_named_items_are_understood() -> None:
    nowhere = Asking(year=2022)
    found = understand("第1-3项都达到；第5、8项没达到，正在整改\n9、有", nowhere, WENZHOU)
    assert [(one.met, one.at.items) for one in found if isinstance(one, Claim) and one.at] == [
        (True, ("party-leadership",)),
        (True, ("party-group",)),
        (True, ("party-team",)),
        (False, ("office",)),
        (False, ("full-time-staff",)),
        (True, ("assembly",)),
    ]
    assert [one.at.items for one in found if isinstance(one, Words) and one.at] == [("office",), ("full-time-staff",)]
    assert isinstance(understand("第5、80项达到", nowhere, WENZHOU)[0], Puzzled | Go | Words | Claim)
    assert [type(one) for one in understand("第5、8项", nowhere, WENZHOU)] == [Go]


def test_a_printed_number_is_no_position() -> None:
    """Where numbers are printed, several at once could mean either: the old questions stay."""
    zhejiang = read(catalog()["zhejiang-2020"], "zhejiang-2020.yaml")
    assert not any(isinstance(one, Claim) for one in understand("第4、5项达到", Asking(year=2026), zhejiang))


def test_only_what_still_matters_is_asked() -> None:
    office, rating = WENZHOU.item("office"), WENZHOU.item("inspection-and-rating")
    assert wanted(office, {}) == {"area", "rented", "borrowed", "equipped"}
    assert wanted(office, {"area": "96", "rented": True, "borrowed": False}) == {"lease", "equipped"}
    assert wanted(office, {"rented": False}) == {"area", "borrowed", "equipped"}
    assert wanted(rating, {"three_years": False, "star": "三星级"}) == set()
    assert wanted(rating, {"three_years": True, "star": "二星级"}) == {"passed", "grade"}
    assert "young" in wanted(WENZHOU.item("council"), {"by_charter": True, "works": True})


def test_the_claim_stays_where_the_condition_says_otherwise(joined: Season) -> None:
    told = said(joined, "第34项达到，申报人次：2人次，附名单")
    assert "您报的是「达到」" in told
    assert "表上条件未达到" in told
    answer = exported(joined)["answers"][33]  # type: ignore[index]
    assert (answer["state"], answer["self_score"], answer["met"]) == ("answered", None, True)
    assert answer["criteria"] == [{"name": "每年不少于3人次", "met": "no", "applies": True}]
    assert answer["events"][0]["new"] == "met"
    entry = exported(joined)
    assert {entry[one] for one in ("claimed", "supported", "suggested", "reviewed", "maximum")} == {None}
    assert {"position": 34, "no": None, "kind": "conflict", "points": None} in entry["missing"]  # type: ignore[operator]


def test_a_claim_is_undone_and_old_and_new_are_kept(joined: Season) -> None:
    said(joined, "达到")
    said(joined, "没达到")
    assert "回到达到" in said(joined, "撤销")
    events = exported(joined)["answers"][0]["events"]  # type: ignore[index]
    assert [(one["old"], one["new"]) for one in events] == [(None, "met"), ("met", "not_met"), ("not_met", "met")]
    assert check_all(joined) == []


def test_two_people_collide_over_a_claim(joined: Season) -> None:
    joined.join("李老师")
    said(joined, "第1项", "李老师")
    said(joined, "达到")
    assert "王老师已经给第1项" in said(joined, "没达到", "李老师")
    assert exported(joined)["answers"][0]["met"] is True  # type: ignore[index]
    assert "由达到改为没达到" in said(joined, "改", "李老师")


def test_the_database_refuses_an_answer_that_says_nothing(joined: Season) -> None:
    said(joined, "达到")
    for wrong in ({"met": None}, {"state": "unanswered"}):
        with pytest.raises(sa.exc.IntegrityError), joined.db.engine.begin() as db:
            db.execute(sa.update(ANSWER).values(**wrong))


def test_not_applicable_is_not_unmet() -> None:
    answers = {
        "changes": Answer("not_applicable"),
        "office": Answer("answered", met=False),
        "assets": Answer("answered", met=True),
        "no-incidents": Answer("answered", met=True),
    }
    counted = tally(WENZHOU.items, answers)
    assert counted == (2, 1, 1, 49, 1, 0)
    gaps = {gap.item.id: gap.kind for gap in standing(WENZHOU, answers).gaps}
    assert (gaps["assets"], "office" in gaps, "changes" in gaps, "no-incidents" in gaps) == (
        "evidence",
        False,
        False,
        False,
    )


@pytest.mark.parametrize(
    ("answers", "met"),
    [
        ("2021年12月31日，是，是，是", "yes"),
        ("2022年1月1日，是，是，是", "no"),
        ("2021-12-31，是，是，不清楚", "open"),
        ("不清楚，是，否，是", "no"),
        ("2015.3.8，有，有", "open"),
    ],
)
def test_the_gate_is_asked_once(brand: Season, answers: str, met: str) -> None:
    brand.join("王老师")
    brand.join("李老师")
    assert "参评条件 1/4" in said(brand, "1")
    said(brand, answers)
    assert exported(brand)["eligible"] == met
    said(brand, "第1项达到")
    assert "参评条件" not in said(brand, "继续")
    assert "参评条件 1/4" not in said(brand, "继续", "李老师")


def test_an_impatient_yes_is_no_answer_to_the_next_question(brand: Season) -> None:
    brand.join("王老师")
    brand.say("王老师", "1")
    said(brand, "2015年3月8日")
    said(brand, "是")
    assert "还没显示出来" in said(brand, "否", hasty=True)
    assert "参评条件 3/4" not in said(brand, "进度")
    assert "参评条件「组织健全」是" in said(brand, "有")


def test_the_gate_blocks_nothing(brand: Season) -> None:
    brand.join("王老师")
    brand.say("王老师", "1")
    said(brand, "2023年5月1日，否，否，否")
    assert "已记：第5项 达到" in said(brand, "第5项达到，自有办公室")
    said(brand, "提交")
    assert "已提交（第1次）" in said(brand, "确认提交")


def test_a_ruling_is_kept_beside_what_was_answered(brand: Season) -> None:
    brand.join("王老师")
    brand.join("staff")
    brand.say("王老师", "1")
    said(brand, "2022年1月1日，是，是，是")
    assert "要写一句理由" in said(brand, "资格 示例学会 通过", "staff")
    assert exported(brand)["eligible"] == "no"
    said(brand, "资格 示例学会 通过 登记日期录错", "staff")
    assert exported(brand)["eligible"] == "yes"
    said(brand, "资格 示例学会 不通过 查实为2022年", "staff")
    assert exported(brand)["eligible"] == "no"
    with brand.db.read() as db:
        found = qualifying.of_entry(db, WENZHOU, db.scalar(sa.select(ENTRY.c.id)))
        told = db.scalars(sa.select(OUTBOX.c.text).where(OUTBOX.c.kind == "notice")).all()
    assert (found.reckoned, found.met) == ("no", "no")
    assert ["符合" in text and "登记日期录错" in text for text in told] == [True, False]
    hers = said(brand, "记录")
    assert "科协周科长 认定参评资格 不符合→通过「登记日期录错」" in hers
    assert "认定参评资格 符合→不通过「查实为2022年」" in hers
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), brand.db.engine.begin() as db:
        db.exec_driver_sql("UPDATE ruling SET eligible = 1")


def test_a_secretary_is_not_the_office(joined: Season) -> None:
    said(joined, "资格 示例学会 通过 我说的")
    assert exported(joined)["eligible"] == "open"


def test_months_are_told_and_counted_down_to_nothing(joined: Season) -> None:
    told = said(joined, "截止")
    assert "· 申报阶段：2022年10月至2022年11月，具体日期另行通知" in told
    assert "· 评审阶段：2022年11月" in told
    assert "还有" not in told
    assert queue_due(joined.db, joined.now) == 0


def test_reminder_and_automatic_hand_in_speak_of_no_points(joined: Season) -> None:
    said(joined, "第1-29项达到，材料汇编；第30项无；第31-52项达到，材料汇编")
    closes = datetime(2022, 11, 25, 17, 30, tzinfo=ZONE)
    joined.db.write(
        lambda db: rounds.settle_stage(
            db, queries.round_of(db, joined.round), "applying", f"{closes:%Y-%m-%dT%H:%M}", joined.now, by=None
        )
    )
    joined.now = closes.astimezone(UTC) - timedelta(days=3)
    assert queue_due(joined.db, joined.now) == 1
    said(joined, "第53项没达到")
    joined.now = closes.astimezone(UTC) + timedelta(minutes=1)
    assert close_due(joined.db, joined.now) == [joined.round]
    with joined.db.read() as db:
        texts = db.scalars(sa.select(OUTBOX.c.text).where(OUTBOX.c.kind.in_(("notice", "reminder")))).all()
    assert len(texts) == 2
    assert "已完成52/53项" in texts[0]
    assert "第53项" in texts[0]
    assert "系统按规则已代为提交" in texts[1]
    assert [text for text in texts if POINTED.search(text)] == []
    assert exported(joined)["status"] == "submitted"


def test_one_piece_of_evidence_for_several_items(joined: Season) -> None:
    told = said(joined, "第46、47项", files=("活动.jpg",))
    assert told.count("已收：活动.jpg") == 2
    assert told.count("这里要的是另外的活动") == 2
    assert "另外的活动" not in said(joined, "第48、50项", files=("刊物.pdf",))
    counts = [len(one["evidence"]) for one in exported(joined)["answers"]]  # type: ignore[attr-defined]
    assert {n: counts[n - 1] for n in (1, 46, 47, 48, 50)} == {1: 0, 46: 1, 47: 1, 48: 1, 50: 1}
    said(joined, "撤销")
    assert len(exported(joined)["answers"][47]["evidence"]) == 0  # type: ignore[index]


def test_claims_stand_alone() -> None:
    assert claims.find("有监事会") is None
    assert claims.find("达到，没达到") == claims.Heard(None, sharp=True, said="达到，没达到")
    assert claims.find("不适用") is None


def rubric_without_gates() -> Rubric:
    return read(KINDS, "kinds.yaml")


def test_a_document_without_gates_asks_none() -> None:
    assert list(qualifying.questions(rubric_without_gates())) == []


def test_our_own_form_half_filled_by_hand_is_read_confirmed_and_comes_back(joined: Season) -> None:
    """达到 and 未达到 typed into Word count as her word, once she confirms them; the same file comes back filled."""
    out = io.BytesIO()
    with joined.db.read() as db:
        write_form(Snapshot(db, queries.round_of(db, joined.round), JULY, only=[1]), out)
    paper = Document(io.BytesIO(out.getvalue()))
    (table,) = [one for one in paper.tables if len(one.rows) == 54]
    typed = {
        1: ("达到", "2021年修订章程"),
        2: ("未达到", ""),
        3: ("√", "支部活动4次"),
        4: ("不适用", "没有换届"),
        5: ("基本", ""),
    }
    for row, (claim, basis) in typed.items():
        table.rows[row].cells[3].text, table.rows[row].cells[4].text = claim, basis
    held = io.BytesIO()
    paper.save(held)
    FILES["品牌自查.docx"] = joined.store.path(joined.store.put(io.BytesIO(held.getvalue())).sha256)
    told = said(joined, "我的自评表", files=("品牌自查.docx",))
    assert "第1项" in told
    assert "看不出达到没有" in told
    assert not POINTED.search(told)
    assert exported(joined)["answers"][0]["state"] == "unanswered"  # type: ignore[index]
    said(joined, "全部确认")
    answers: Any = exported(joined)["answers"]
    claims = [(one["state"], one["met"], len(one["evidence"])) for one in answers[:5]]
    assert claims == [
        ("answered", True, 1),
        ("answered", False, 0),
        ("answered", True, 1),
        ("not_applicable", None, 0),
        ("unanswered", None, 0),
    ]
    assert check_all(joined) == []
    said(joined, "导出原表")
    draw_due(joined.db, joined.store, joined.now)
    with joined.db.read() as db:
        sha256 = db.execute(sa.select(HANDOUT.c.sha256).order_by(HANDOUT.c.id.desc()).limit(1)).scalar_one()
    back = Document(io.BytesIO(joined.store.path(sha256).read_bytes()))
    (again,) = [one for one in back.tables if len(one.rows) == 54]
    assert [again.rows[row].cells[3].text for row in range(1, 6)] == ["达到", "未达到", "达到", "不适用", ""]


def test_a_gate_answer_is_taken_back_and_asked_again(brand: Season) -> None:
    brand.join("王老师")
    brand.say("王老师", "1")
    brand.say("王老师", "2010年5月1日")
    told = said(brand, "撤销")
    assert "参评条件「成立日期」恢复为未答" in told
    assert "参评条件 1/4" in told


def test_benefits_are_quoted_and_nothing_is_promised(joined: Season) -> None:
    told = said(joined, "评上有什么好处")
    for award in WENZHOU.awards:
        assert award.title in told
        assert all(one[:30] in told for one in award.benefits)
    assert "金额没有写" in told
    assert "现在还不是结果" in told


def test_the_office_is_shown_the_way_from_points_to_an_award(joined: Season) -> None:
    joined.join("staff")
    assert "「评分 学会名 各大类分数」" in said(joined, "帮助", "staff")
    assert "「撤下 奖项 学会名」" in said(joined, "撤销", "staff")
    assert "排名" not in str(joined.say("staff", "进度").replies[-1].choices)
