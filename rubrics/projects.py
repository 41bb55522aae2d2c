"""What a programme of projects lets a unit apply for, what it asks for each, and which two go together (domain.md Q-YZ)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from rubrics.asked import Asked
from rubrics.conditions import All, AnyOf, Condition, Leaf, OnlyIf, Open
from rubrics.facts import Level, Percent, Sum
from rubrics.model import Requirement, Rubric, Section
from rubrics.units import unit

THIS_YEAR = "年度"
Standing = Literal["met", "unmet", "asked", "pending", "lost", "people"]
Together = Literal["all", "one", "undecided"]


@dataclass(frozen=True)
class Project:
    """What is applied for, the categories it stands in (outermost first), and the places it may bring, if any."""

    section: Section
    above: tuple[Section, ...] = ()
    places: tuple[Section, ...] = ()

    @property
    def id(self) -> str:
        return self.section.id

    @property
    def line(self) -> tuple[Section, ...]:
        """The categories and the project itself."""
        return (*self.above, self.section)


def projects(rubric: Rubric) -> tuple[Project, ...]:
    """Everything that can be applied for, in printed order."""
    return tuple(found for section in rubric.sections for found in _below(section, ()))


def _below(section: Section, above: tuple[Section, ...]) -> Iterator[Project]:
    """A part without words of its own is a place in what is applied for (一等奖), not a project."""
    own = [one for one in section.sections if one.text or one.requirements]
    if own:
        for one in own:
            yield from _below(one, (*above, section))
    elif section.quota is not None:
        yield Project(section, above, section.sections)


def project(rubric: Rubric, id: str) -> Project:
    """The project with this id; KeyError where there is none."""
    return {one.id: one for one in projects(rubric)}[id]


def open_to(rubric: Rubric, project: Project, kind: str | None) -> bool:
    """Whether the document names this kind of unit; its list ends in 等, so the others are warned only (Q-YZ15)."""
    one = unit(rubric, kind)
    named = project.section.applicants
    return one is None or not named or one.id in named


def requirements(rubric: Rubric, project: Project, kind: str | None) -> tuple[Requirement, ...]:
    """What is asked of this kind of unit for a project: of everybody, of its categories and of itself."""
    one, line = unit(rubric, kind), {section.id for section in project.line}
    asked = [*rubric.requirements, *(each for section in project.line for each in section.requirements)]
    return tuple(
        each
        for each in asked
        if each.role != "information"
        and (one is None or not each.applicants or one.id in each.applicants)
        and (not each.only_sections or line & set(each.only_sections))
    )


def lost(requirement: Requirement) -> bool:
    """Its text is missing in the source, so nobody can be found to meet it (Q-YZ01)."""
    return any(one.field == "text" and not one.text for one in requirement.printed)


def standing(requirement: Requirement, values: Mapping[str, object]) -> Standing:
    """Whether it is met, and if that is open, for what: an answer, this year's grade, the lost text, or people."""
    if lost(requirement):
        return "lost"
    met = requirement.condition.met(requirement.known, values) if requirement.condition else "yes"
    if met != "open":
        return "met" if met == "yes" else "unmet"
    lacking = wanted(requirement, values, besides=False)
    if lacking and all(_this_years(one) for one in lacking):
        return "pending"
    return "asked" if lacking else "people"


def _this_years(fact: Asked) -> bool:
    """A grade that is given at the end of the year and can't be known before (Q-YZ11)."""
    return isinstance(fact, Level) and getattr(fact, "period", None) == THIS_YEAR


def postponable(fact: Asked) -> bool:
    """Whether «not yet» is an answer to it."""
    return _this_years(fact)


def wanted(requirement: Requirement, values: Mapping[str, object], *, besides: bool = True) -> tuple[Asked, ...]:
    """The facts still to be asked: those that the verdict rests on, and (besides) what people want to know with them."""
    condition = requirement.condition
    if condition is None:
        return ()
    resting = set(_resting(condition, requirement, values))
    named = {name for leaf in requirement.leaves for name in _parts(requirement, leaf.fact)}
    met = condition.met(requirement.known, values)
    idle = not besides or met == "no" or (requirement.role == "disqualifier" and met == "yes")
    idle = idle or (met == "open" and any(name not in values for name in resting))
    return tuple(
        fact
        for fact in requirement.facts
        if fact.name not in values
        and not isinstance(fact, Percent | Sum)
        and (fact.name in resting or (fact.name not in named and not idle))
    )


def _resting(condition: Condition, requirement: Requirement, values: Mapping[str, object]) -> Iterator[str]:
    """The facts by which the condition is still to be decided, or was."""
    if isinstance(condition, Leaf):
        yield from _parts(requirement, condition.fact)
    elif isinstance(condition, All):
        for part in condition.all:
            yield from _resting(part, requirement, values)
    elif isinstance(condition, AnyOf):
        if condition.met(requirement.known, values) != "yes":
            for part in condition.any:
                yield from _resting(part, requirement, values)
    elif isinstance(condition, OnlyIf):
        applies = condition.only_if.met(requirement.known, values)
        yield from _resting(condition.only_if, requirement, values)
        if applies == "yes":
            yield from _resting(condition.then, requirement, values)
    else:
        assert isinstance(condition, Open)


def _parts(requirement: Requirement, name: str) -> tuple[str, ...]:
    fact = requirement.known[name]
    if isinstance(fact, Percent):
        return (fact.numerator, fact.denominator)
    return fact.parts if isinstance(fact, Sum) else (name,)


def together(rubric: Rubric, first: Project, second: Project) -> Together:
    """Whether one unit may be recognised for both: both (all), only one of them (one), or nobody says (Q-YZ05, Q-YZ06)."""
    verdicts: set[Together] = set()
    for rule in rubric.stacking:
        here = [_family(rule.families, one) for one in (first, second)]
        if None in here:
            continue
        if rule.recognised == "one" and here[0] == here[1]:
            verdicts.add("one")
        if rule.recognised == "all" and here[0] != here[1]:
            verdicts.add("all")
    return "one" if "one" in verdicts else "all" if "all" in verdicts else "undecided"


def _family(families: tuple[tuple[str, ...], ...], one: Project) -> int | None:
    line = {section.id for section in one.line}
    return next((number for number, family in enumerate(families) if line & set(family)), None)


def quotas(project: Project, place: str | None) -> tuple[Section, ...]:
    """Every section whose number of places one more recognition takes from, the narrowest first."""
    inner = tuple(one for one in project.places if one.id == place)
    return tuple(one for one in (*inner, *reversed(project.line)) if one.quota is not None)


def numbered(rubric: Rubric) -> tuple[tuple[str, Section, bool], ...]:
    """The tree as it is shown: an outline number (2.3), the section, and whether it is applied for."""
    applied = {one.id for one in projects(rubric)}
    return tuple(_numbered(rubric.sections, "", applied))


def _numbered(sections: tuple[Section, ...], before: str, applied: set[str]) -> Iterator[tuple[str, Section, bool]]:
    for position, section in enumerate(sections, 1):
        number = f"{before}{position}"
        yield number, section, section.id in applied
        if section.id not in applied:
            yield from _numbered(section.sections, f"{number}.", applied)


def clashes(rubric: Rubric, chosen: tuple[Project, ...]) -> list[tuple[Project, Project, Together]]:
    """The pairs among these that are not plainly recognised together."""
    pairs = [(one, two) for at, one in enumerate(chosen) for two in chosen[at + 1 :]]
    found = [(one, two, together(rubric, one, two)) for one, two in pairs]
    return [each for each in found if each[2] != "all"]
