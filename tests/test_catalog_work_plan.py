"""The Zhejiang work plan of 2020 is held against its document, and its links against the self-evaluation."""

import re

import pytest

from rubrics.model import Rubric
from rubrics.reading import catalog, read
from tests.verbatim import seed, unprinted, untold

LINES = seed("002")


@pytest.fixture(scope="module")
def plan() -> Rubric:
    return read(catalog()["zhejiang-work-plan-2020"], "zhejiang-work-plan-2020.yaml")


def points() -> list[tuple[int, str, str, str]]:
    """Line, number, section and text of every point; a line without a number goes on with the one before."""
    found: list[tuple[int, str, str, str]] = []
    title = ""
    for line, text in enumerate(LINES, 1):
        point = re.fullmatch(r"(\d+)\. (.+)", text)
        if re.match("[一二三四]、", text):
            title, before = text, len(found)
        elif point:
            found.append((line, point[1], title, point[2]))
        elif text and title and len(found) > before:
            first, number, section, begun = found.pop()
            found.append((first, number, section, begun + text))
    return found


def test_every_point_is_verbatim_and_cut_words_are_joined(plan: Rubric) -> None:
    ours = [(one.source_line, one.no, f"{one.section.label}、{one.section.title}", one.text) for one in plan.items]
    assert ours == points()
    assert [len(section.items) for section in plan.sections] == [4, 4, 4, 3]
    assert "青年科技人才" in plan.items[0].text


def test_nothing_is_said_that_is_not_printed_or_left_out(plan: Rubric) -> None:
    assert unprinted(plan, LINES) == set()
    assert [one for one in untold(plan, LINES) if one != "."] == [
        "各省级学会（协会、研究会、促进会）、各市科协学会工作负责部门：",
        "附件：《2020年浙江省科协学会学术工作要点》附件：2020 年浙江省科协学会学术工作要点",
    ]


def test_six_torn_points_keep_both_ends(plan: Rubric) -> None:
    torn = {one.no: one.printed for one in plan.items if one.printed}
    assert list(torn) == ["1", "4", "7", "9", "12", "15"]
    for before, after in torn.values():
        assert before.line is not None
        assert after.line is not None
        assert LINES[before.line - 1].endswith(before.text)
        assert LINES[after.line - 1].startswith(after.text)


def test_it_is_no_questionnaire(plan: Rubric) -> None:
    assert {one.role for one in plan.items} == {"information"}
    assert [one.facts or one.condition or one.points for one in plan.items] == [None] * 15
    assert (plan.points, plan.maximum, plan.source.number, plan.source.date) == (None, None, None, None)
    assert (plan.sections[3].text, [bool(one.text) for one in plan.sections]) == (None, [True, True, True, False])


def test_nine_strong_links_lead_to_items_of_the_self_evaluation(plan: Rubric) -> None:
    zhejiang = read(catalog()["zhejiang-2020"], "zhejiang-2020.yaml")
    assert {link.rubric for link in plan.links} == {zhejiang.id}
    assert {plan.item(link.item).no: zhejiang.item(link.to).no for link in plan.links} == {
        "1": "36",
        "2": "36",
        "7": "1",
        "8": "5",
        "9": "17",
        "10": "16",
        "11": "17",
        "14": "33",
        "15": "35",
    }
    assert all(link.confidence > 0 for link in plan.links)


def test_the_unbalanced_quotation_mark_stays(plan: Rubric) -> None:
    summit = plan.item("summit").text
    assert summit.count("“") - summit.count("”") == 1
    assert "特点，“围绕‘汇聚天下英才 共创美好未来’主题" in summit
