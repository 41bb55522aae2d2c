"""Every fault of a rubric file is named at its own line and column, in both languages, all of them at once."""

import re
from decimal import Decimal
from importlib.resources import files

import pytest

from rubrics.faults import Faulty, sentences
from rubrics.reading import read

GOOD = """\
id: demo
kind: self_evaluation
points: 5
step: 0.5
scales:
  - {id: grade, title: 等级, levels: [无, 1A, 2A]}
sections:
  - id: first
    title: 一类
    points: 5
    items:
      - id: one
        no: "1"
        name: 甲
        text: 第一项
        points: 2
        facts:
          - {name: times, kind: count, label: 次数, ask: 几次？, unit: 次}
          - {name: grade, kind: level, label: 等级, ask: 几A？, scale: grade}
        condition: {fact: times, op: ">=", value: 2, unit: 次}
      - id: two
        no: "2"
        name: 乙
        text: 第二项
        points: 3
"""


def faults(text: str) -> list[str]:
    with pytest.raises(Faulty) as caught:
        read(text, "r.yaml")
    return [f"{one.line}:{one.column} {one.path} {one.code}" for one in caught.value.faults]


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def test_the_good_file_is_good() -> None:
    rubric = read(GOOD, "r.yaml")
    assert rubric == read(GOOD, "again.yaml")
    assert (rubric.step, rubric.item("two").points) == (Decimal("0.5"), Decimal(3))


ITEM = "sections.0.items.0"
SHAPE = [
    ("        points: 2\n", "        points: 十分\n", f"16:17 {ITEM}.points not_number"),
    ("        points: 2\n", '        points: "2"\n', f"16:17 {ITEM}.points not_number"),
    ("        points: 2\n", "        points: true\n", f"16:17 {ITEM}.points not_number"),
    ("        points: 2\n", "        points: 1e3\n", f"16:17 {ITEM}.points not_number"),
    ("        points: 2\n", "        points: -2\n", f"16:17 {ITEM}.points out_of_range"),
    ("        points: 2\n", "        points: 0\n", f"16:17 {ITEM}.points out_of_range"),
    ("        points: 2\n", "        points: 02\n", f"16:17 {ITEM}.points octal"),
    ("        points: 2\n", "        pionts: 2\n", f"16:9 {ITEM}.pionts unknown_key_near"),
    ("        points: 2\n", "        points: 2\n        zzz: 2\n", f"17:9 {ITEM}.zzz unknown_key"),
    ("        points: 2\n", "        points: 2\n        points: 2\n", f"17:9 {ITEM}.points duplicate_key"),
    ("        text: 第一项\n", "", f"12:9 {ITEM}.text missing_key"),
    ("text: 第一项", 'text: ""', f"15:15 {ITEM}.text empty_text"),
    ("text: 第一项", 'text: " 　"', f"15:15 {ITEM}.text empty_text"),
    ("text: 第一项", "text:", f"15:14 {ITEM}.text not_text"),
    ("text: 第一项", "text: [第一项]", f"15:15 {ITEM}.text not_text"),
    ('no: "1"', "no: 1", f"13:13 {ITEM}.no not_text"),
    ("id: one", "id: One!", f"12:13 {ITEM}.id not_slug"),
    ("kind: self_evaluation", "kind: poem", "2:7 kind not_one_of"),
    ("kind: count", "kind: number", f"18:33 {ITEM}.facts.0.kind not_one_of"),
    ("kind: count, ", "", f"18:13 {ITEM}.facts.0.kind missing_key"),
    (", unit: 次}\n          -", "}\n          -", f"18:13 {ITEM}.facts.0.unit missing_key"),
    (", unit: 次}\n          -", ", unti: 次, unit: 次}\n          -", f"18:61 {ITEM}.facts.0.unti unknown_key_near"),
    ('op: ">="', 'op: "=>"', f"20:38 {ITEM}.condition.op not_one_of"),
    ("value: 2", "value: null", f"20:51 {ITEM}.condition.value not_a_bound"),
    ("value: 2", "value: [1, 2, 3]", f"20:51 {ITEM}.condition.value not_a_bound"),
    ("{fact: times, op", "{fcat: times, op", f"20:20 {ITEM}.condition.fact missing_key"),
    ("levels: [无, 1A, 2A]", "levels: [无]", "6:36 scales.0.levels too_short"),
    ("ask: 几A？", "ask: 几A？, open: 1", f"19:61 {ITEM}.facts.1.open unknown_key"),
    ("scales:", "year: 2020.5\nscales:", "5:7 year not_whole"),
    ("        points: 2\n", "        points: " + "9" * 5000 + "\n", f"16:17 {ITEM}.points not_number"),
    ("levels: [无, 1A, 2A]", "levels: 1A", "6:36 scales.0.levels not_list"),
]
MEANING = [
    ("        points: 2\n", "        points: 2.5\n", "10:13 sections.0.points sum_items"),
    ("points: 5\nstep", "points: 6\nstep", "3:9 points sum_sections"),
    ("step: 0.5", "step: 2", "25:17 sections.0.items.1.points off_step"),
    ("        points: 2\n", "", "8:5 sections.0 points_partly"),
    ("    items:", "    sections: [{id: x, title: 乙, points: 5}]\n    items:", "8:5 sections.0 both_children"),
    (
        "    items:",
        "    quota: 2\n    sections: [{id: x, title: 乙, quota: 3}]\n    items:",
        "11:12 sections.0.quota sum_quotas",
    ),
    ("id: two", "id: one", "21:13 sections.0.items.1.id duplicate_id"),
    ("id: two", "id: first", "21:13 sections.0.items.1.id duplicate_id"),
    ('no: "2"', 'no: "1"', "22:13 sections.0.items.1.no duplicate_no"),
    ("points: 3\n", "points: 3\n        suggest: full_or_nothing\n", "26:18 sections.0.items.1.suggest suggest_blind"),
    ("fact: times", "fact: tims", f"20:27 {ITEM}.condition.fact unknown_fact"),
    ("value: 2", "value: 2A", f"20:51 {ITEM}.condition.value unfit_value"),
    ("value: 2", "value: [3, 5]", f"20:51 {ITEM}.condition.value unfit_value"),
    ('op: ">=", value: 2', "op: in, value: [5, 3]", f"20:49 {ITEM}.condition.value empty_range"),
    ("value: 2, unit: 次", "value: 2, unit: 期", f"20:60 {ITEM}.condition.unit other_unit"),
    ("{fact: times, op", "{fact: grade, op", f"20:51 {ITEM}.condition.value not_a_level"),
    ('{fact: times, op: ">="', "{fact: grade, op: in", f"20:38 {ITEM}.condition.op unfit_op"),
    ("scale: grade", "scale: stars", f"19:68 {ITEM}.facts.1.scale unknown_scale"),
    ("name: grade", "name: times", f"19:20 {ITEM}.facts.1.name duplicate_id"),
]
BESIDE = [
    ("stages: [{id: s, title: 报, precision: day, closes: 2021-1-5}]", "5:52 stages.0.closes not_a_moment"),
    ("stages: [{id: s, title: 报, precision: none, closes: 2021-01-05}]", "5:53 stages.0.closes not_a_moment"),
    ("stages: [{id: s, title: 报, precision: minute, zone: Mars}]", "5:53 stages.0.zone unknown_zone"),
    ("stages: [{id: s, title: 报, precision: minute, zone: ../x}]", "5:53 stages.0.zone unknown_zone"),
    ("stages: [{id: s, title: 报, precision: minute}]", "5:10 stages.0 zone_missing"),
    (
        "deliverables: [{id: d, title: 表, forms: [electronic], stage: s}]",
        "5:62 deliverables.0.stage unknown_reference",
    ),
    ("tables: [{id: t, title: 表, columns: [a, b], rows: [[c]]}]", "5:52 tables.0.rows.0 row_length"),
    ("links: [{item: x, rubric: r, to: y, confidence: 1}]", "5:16 links.0.item unknown_reference"),
    ("links: [{item: one, rubric: r, to: y, confidence: 1.01}]", "5:51 links.0.confidence out_of_range"),
    ("stacking: [{families: [[x]], recognised: one, text: 不}]", "5:25 stacking.0.families.0.0 unknown_reference"),
    ("awards: [{id: a, title: 奖, quota: some}]", "5:35 awards.0.quota not_whole"),
    (
        """\
requirements:
  - id: gate
    text: 门槛
    facts:
      - {name: day, kind: date, label: 日期, ask: 哪天？}
      - {name: share, kind: percent, label: 比例, numerator: day, denominator: all}
""",
        "10:60 requirements.0.facts.1.numerator not_a_count",
    ),
]


@pytest.mark.parametrize(("text", "expected"), BESIDE)
def test_a_fault_beside_the_tree_is_named_at_its_place(text: str, expected: str) -> None:
    assert expected in faults(changed("scales:", f"{text.rstrip()}\nscales:"))


@pytest.mark.parametrize(("old", "new", "expected"), SHAPE + MEANING)
def test_a_fault_is_named_at_its_place(old: str, new: str, expected: str) -> None:
    assert expected in faults(changed(old, new))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1:1 . empty_file"),
        ("# nothing\n", "1:1 . empty_file"),
        ("- a\n", "1:1 . not_mapping"),
        ("id: a\n  b: c\n", "2:4 . syntax"),
        ("id: [a\n", "2:1 . syntax"),
        ("id: &x a\n", "1:5 . anchor"),
        ("id: &x a\ntitle: *x\n", "1:5 . anchor"),
        ("title: *x\n", "1:8 . alias"),
        ("id: !!python/object:os.system a\n", "1:5 . tag"),
        ("id: a\n---\nid: b\n", "2:1 . syntax"),
        ("id: a\ntitle: x\x07\n", "2:9 . character"),
        ("id: " + "[" * 100 + "]" * 100, "1:44 . too_deep"),
        ("#" * 1_000_001, "1:1 . too_large"),
        ("? [a]\n: b\n", "1:3 . odd_key"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_place(text: str, expected: str) -> None:
    assert expected in faults(text)


def test_all_faults_come_at_once_in_the_order_of_the_file() -> None:
    text = (
        changed("        points: 2\n", "        points: 十分\n")
        .replace("text: 第二项", 'text: ""')
        .replace("step", "stap")
    )
    assert faults(text) == [
        "4:1 stap unknown_key_near",
        "16:17 sections.0.items.0.points not_number",
        "24:15 sections.0.items.1.text empty_text",
    ]
    twice = (
        changed("points: 5\nstep", "points: 9\nstep").replace("fact: times", "fact: tims").replace("id: two", "id: one")
    )
    assert [one.split()[-1] for one in faults(twice)] == ["sum_sections", "unknown_fact", "duplicate_id"]


def test_a_fault_reads_like_a_compiler_message() -> None:
    with pytest.raises(Faulty) as caught:
        read(changed("        points: 2\n", "        points: 十分\n"), "r.yaml")
    assert str(caught.value) == (
        "r.yaml:16:17 sections.0.items.0.points：应为数字（填了 '十分'） / a number is expected, found '十分'"
    )


def test_a_wrong_sum_names_both_numbers() -> None:
    with pytest.raises(Faulty, match=r"各项合计 5.5 分，这里写的是 5 分 / the items add up to 5.5 points, 5 are"):
        read(changed("        points: 2\n", "        points: 2.5\n"), "r.yaml")


@pytest.mark.parametrize("word", ["no", "on", "yes", "1:30", "2021-01-15", "~", "1_000", "0x1F", ".5", "1e3", "Null"])
def test_words_that_yaml_would_twist_stay_words(word: str) -> None:
    assert read(changed("title: 一类", f"title: {word}"), "r.yaml").sections[0].title == word


def test_every_code_has_both_sentences_and_is_used() -> None:
    assert all(set(said) == {"zh", "en"} and all(said.values()) for said in sentences().values())
    code = "".join(one.read_text("utf-8") for one in files("rubrics").iterdir() if one.name.endswith(".py"))
    assert [one for one in sentences() if f'"{one}"' not in code] == []


def test_python_holds_no_sentence_for_people() -> None:
    for one in files("rubrics").iterdir():
        if one.name.endswith(".py"):
            assert not re.search(r"[\u4e00-\u9fff]{5}", one.read_text("utf-8")), one.name
