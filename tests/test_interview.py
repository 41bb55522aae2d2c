"""The step: what every intent does in every mode, and that words and deeds agree."""

from dataclasses import replace
from decimal import Decimal

import pytest

from handlers.answers import answering, interview, walking
from handlers.answers.scene import Added, Held, Judged, Learned, Piece, Scene, Step, Withdrawn
from handlers.messages import Incoming
from handlers.phrasebook import phrasebook
from handlers.understanding.intents import (
    LAST,
    Asking,
    DropEvidence,
    Excuse,
    Explain,
    Fact,
    Go,
    Intent,
    Move,
    OddFact,
    OddScore,
    Place,
    Puzzled,
    Score,
    ShowEvidence,
    Words,
)
from rubrics.answers import Answer
from rubrics.reading import catalog, read

RUBRIC = read(catalog()["zhejiang-2020"], "zhejiang-2020.yaml")
ME, SHE = 1, 2
PHOTO = Incoming("年会.jpg", "0" * 64, 9, "jpg")
TWO = (Piece(7, "text", "年会1场", None, None), Piece(8, "text", "论坛2场", None, None))


def at(position: int) -> str:
    return RUBRIC.items[position - 1].id


def place(*positions: int, certain: bool = True) -> Place:
    return Place(tuple(at(one) for one in positions), "第5项", certain=certain)


def answered(score: str, *, by: int = ME, evidence: int = 0, version: int = 1) -> Held:
    return Held(Answer("answered", Decimal(score), evidence, {}, None), None, version, by)


def scene(position: int | None = 1, mode: str = "open", **more: object) -> Scene:
    asking = Asking(at(position), "score", year=2026) if position else Asking()
    bare = Scene(RUBRIC, {}, asking, ME, names={SHE: "李老师"}, pieces={at(1): TWO}, mode=mode)
    return replace(bare, **more)  # type: ignore[arg-type]


def told(step: Step) -> list[str]:
    return [say.name for say in step.says]


EIGHT = Score(Decimal(8))
CHANGES: list[tuple[Intent, object]] = [
    (EIGHT, Judged("academic-exchange", "answered", Decimal(8))),
    (Score(None), Judged("academic-exchange", "answered", Decimal(10))),
    (Score(Decimal(8), out_of=Decimal(10)), Judged("academic-exchange", "answered", Decimal(8))),
    (Score(Decimal(3), place(6)), Judged("member-home", "answered", Decimal(3))),
    (Words("年会1场"), Added("academic-exchange", "text", "年会1场")),
    (Words("https://a.cn/8"), Added("academic-exchange", "link", "https://a.cn/8")),
    (Words("会员日", place(6)), Added("member-home", "text", "会员日")),
    (Fact("national", 3, "3场"), Learned("academic-exchange", "national", 3)),
    (Excuse("没有期刊", place(3)), Judged("journal", "not_applicable", None, "没有期刊")),
    (DropEvidence(2), Withdrawn("academic-exchange", 8)),
    (DropEvidence(1, place(1)), Withdrawn("academic-exchange", 7)),
]
LOOKS: list[tuple[Intent, str | None]] = [
    (Score(Decimal(12)), "score_above"),
    (Score(Decimal("8.3")), "score_step"),
    (Score(Decimal(4), out_of=Decimal(5)), "score_out_of"),
    (OddScore("range", "7-8"), "score_range"),
    (OddScore("negative", "-1"), "score_negative"),
    (OddScore("approximate", "大概8分"), "score_approximate"),
    (OddScore("asked", "8分吗"), "score_asked"),
    (OddScore("two_scores", "8分 9分"), "score_two_scores"),
    (OddFact("national", "-1场"), "fact_odd"),
    (Excuse(""), "excuse_reason"),
    (DropEvidence(None), "which_evidence"),
    (DropEvidence(3), "which_evidence"),
    (DropEvidence(1, place(6)), "which_evidence"),
    (Score(Decimal(3), place()), "no_such_item"),
    (Words("会员日", place()), "no_such_item"),
    (Go(place()), "no_such_item"),
    (Explain(place()), "no_such_item"),
    (Score(Decimal(3), place(5, 3, certain=False)), "which_item"),
    (Words("会员日", place(5, 3, certain=False)), "which_item"),
    (Excuse("没有", place(18, 19)), "which_item"),
    (Go(place(18, 19)), "which_item"),
    (Go(place(5, 3, certain=False)), "perhaps_printed"),
    (ShowEvidence(), "evidence"),
    (Explain(), "explanation"),
    (Move("next"), "left_unscored"),
    (Move("skip"), "skipped"),
    (Move("back"), "at_first"),
]
WHYS = ("empty", "noise", "unworded", "question", "excuse", "nothing", "bare_number", "enumerated", "thousands", "inner",
        "listed", "mistaken", "placeholder")  # fmt: skip


@pytest.mark.parametrize(("intent", "change"), CHANGES)
@pytest.mark.parametrize("mode", ["open", "late"])
def test_what_she_says_is_stored(intent: Intent, change: object, mode: str) -> None:
    assert interview.step(scene(mode=mode), intent).changes == (change,)


@pytest.mark.parametrize(("intent", "change"), CHANGES)
def test_once_submitted_nothing_is_stored(intent: Intent, change: object) -> None:
    step = interview.step(scene(mode="submitted"), intent)
    assert (step.changes, told(step)) == ((), ["locked"])


@pytest.mark.parametrize(("intent", "name"), LOOKS)
@pytest.mark.parametrize("mode", ["open", "late", "submitted"])
def test_what_stores_nothing_says_why(intent: Intent, name: str, mode: str) -> None:
    step = interview.step(scene(mode=mode), intent)
    assert (step.changes, told(step)) == ((), [name])


@pytest.mark.parametrize("why", WHYS)
@pytest.mark.parametrize("position", [1, None])
def test_a_puzzle_is_asked_back(why: str, position: int | None) -> None:
    before = scene(position)
    step = interview.step(before, Puzzled(why, "说的话"))
    assert step.changes == ()
    assert told(step) == [f"puzzled_{why}" if position else "puzzled_unasked"]


def test_no_more_or_none() -> None:
    asking = Asking(at(4), "evidence", fact="courses", year=2026)
    step = interview.step(scene(asking=asking), Puzzled("nothing_more", "没有"))
    text = phrasebook().reply("puzzled_nothing_more", dict(step.says[0].about))
    assert "「继续教育培训期数」" in text.text
    assert "继续教育培训期数：0期" in [choice.words for choice in text.choices]


@pytest.mark.parametrize(
    "name", [*(f"puzzled_{why}" for why in WHYS), *(name for _, name in LOOKS if str(name).startswith("score_"))]
)
def test_what_is_not_stored_does_not_say_it_was(name: str) -> None:
    item = RUBRIC.items[0]
    about = {
        "item": item,
        "said": None if name == "score_above" else "话",
        "held": Held(),
        "fact": None,
        "out_of": Decimal(5),
    }
    reply = phrasebook().reply(name, {**about, "said": Decimal(8)} if name == "score_step" else about)
    assert "已记：" not in reply.text
    assert "已收" not in reply.text
    assert reply.text.endswith(("。", "）"))


def test_an_unnamed_correction_is_of_the_last_item() -> None:
    before = scene(6, held={at(5): answered("4")}, last_item=at(5))
    assert interview.step(before, Score(Decimal(3), correcting=True)).changes == (
        Judged(at(5), "answered", Decimal(3)),
    )
    assert interview.step(before, Score(Decimal(3), LAST)).changes == (Judged(at(5), "answered", Decimal(3)),)
    assert interview.step(before, Score(Decimal(3))).changes == (Judged(at(6), "answered", Decimal(3)),)


def test_the_open_item_is_no_riddle() -> None:
    step = interview.step(scene(5), Score(Decimal(3), place(5, 3, certain=False)))
    assert step.changes == (Judged(at(5), "answered", Decimal(3)),)


def test_the_same_score_again_changes_nothing() -> None:
    step = interview.step(scene(held={at(1): answered("8")}), EIGHT)
    assert (step.changes, told(step)) == ((), ["already"])


@pytest.mark.parametrize("intent", [EIGHT, Score(None), Excuse("没有期刊")])
def test_two_people_collide(intent: Score | Excuse) -> None:
    """She scored it after this person last saw it: asked first, then done."""
    before = scene(held={at(1): answered("4", by=SHE)}, seen_version=0)
    step = interview.step(before, intent)
    assert step.changes == ()
    assert told(step) == ["collision_excuse" if isinstance(intent, Excuse) else "collision"]
    assert interview.step(replace(before, sure=True), intent).changes


@pytest.mark.parametrize("held", [answered("8", by=SHE), answered("4")])
def test_no_collision_with_the_same_value_or_oneself(held: Held) -> None:
    assert "collision" not in told(interview.step(scene(held={at(1): held}, seen_version=0), EIGHT))


def test_next_and_back_at_both_ends() -> None:
    assert interview.step(scene(25), Move("next")).scene.asking.item is None
    assert told(interview.step(scene(25), Move("skip"))) == ["skipped", "at_end"]
    assert interview.step(scene(1), Move("back")).scene.asking.item == at(1)
    assert interview.step(scene(2), Move("back")).scene.asking.item == at(1)
    assert interview.step(scene(None, held={at(1): answered("8")}), Move("next")).scene.asking.item == at(2)


def test_going_on_from_an_answered_item_is_no_skipping() -> None:
    done = scene(held={at(1): answered("8", evidence=1)})
    assert told(interview.step(done, Move("skip"))) == []
    assert told(interview.step(scene(held={at(1): answered("8")}), Move("next"))) == ["left_unproved"]


def test_the_reason_is_waited_for() -> None:
    step = interview.step(scene(3), Excuse(""))
    assert step.scene.asking.reason_for == at(3)
    given = interview.step(step.scene, Excuse("没有期刊", Place((at(3),), "")))
    assert given.changes == (Judged(at(3), "not_applicable", None, "没有期刊"),)
    assert given.scene.asking.reason_for is None
    assert given.scene.asking.fact is None
    assert walking.begin(step.scene).scene.asking.reason_for is None


def test_files_wait_in_the_tray() -> None:
    step = answering.files(scene(None), (PHOTO,))
    assert (step.changes, told(step), step.scene.tray) == ((), ["tray"], (PHOTO,))
    named = interview.step(step.scene, Go(place(6)))
    assert named.changes == (Added(at(6), "photo", "", PHOTO),)
    assert named.scene.tray == ()
    assert answering.files(scene(1), (PHOTO,)).changes == (Added(at(1), "photo", "", PHOTO),)
    assert told(answering.files(scene(1, "submitted"), (PHOTO,))) == ["locked"]
    assert told(answering.files(scene(1), (PHOTO,) * 11)) == ["too_many_files"]


def test_undo_takes_back_what_is_given_to_it() -> None:
    before = scene(held={at(1): answered("8")})
    back = Judged(at(1), "unanswered")
    step = answering.undo(before, (back,))
    assert step.changes == (back,)
    assert step.scene.of(at(1)).answer.state == "unanswered"
    assert told(answering.undo(before, ())) == ["nothing_to_undo"]
    assert told(answering.undo(before.in_mode("late"), (back,))) == ["closed_for_undo"]
    assert told(answering.undo(before.in_mode("submitted"), (back,))) == ["locked"]


def test_what_is_stored_late_does_not_count() -> None:
    step = interview.step(scene(mode="late", held={at(1): answered("4")}), EIGHT)
    assert step.scene.of(at(1)).answer.self_score == 4


def test_an_item_spoken_of_is_open_when_none_was() -> None:
    step = interview.step(scene(None), Words("会员日", place(6)))
    assert (step.scene.asking.item, step.ask) == (at(6), "short")


def test_none_left_of_a_scored_item_goes_on() -> None:
    step = interview.step(scene(1, held={at(1): answered("8", evidence=1)}), Puzzled("nothing", "没有"))
    assert (step.changes, step.scene.asking.item) == ((), at(2))
