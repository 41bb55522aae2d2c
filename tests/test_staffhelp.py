"""Staff's help: every page fits a screen, and every command that staff can say stands on one of them as they may type it."""

import re

import pytest

from handlers import staffhelp
from handlers.phrasebook import fits, phrasebook
from handlers.understanding.lexicon import lexicon
from tests.season import Season

PAGES = ("staff_help", *staffhelp.PAGES.values())
MOST_LINES = 12
QUOTED = re.compile(r"「([^」]+)」")


def shown(name: str) -> str:
    return phrasebook().text(name, {})


@pytest.mark.parametrize("name", [*PAGES, "staff_help_projects", "staff_help_list", "staff_help_reviewer"])
def test_a_page_is_one_short_screen(name: str) -> None:
    text = shown(name)
    assert len(text.splitlines()) <= MOST_LINES
    assert fits(text)


def test_every_command_of_staff_stands_on_a_page_as_it_is_typed() -> None:
    known = lexicon()
    typed = [said for name in PAGES for said in QUOTED.findall(shown(name))]
    named = {found[0] for said in typed if (found := known.staff_command(said))}
    named |= {name for said in typed if (name := known.name(said))}
    named |= {walked[0] for said in typed for part in said.split(" / ") if (walked := known.reviewing(part))}
    commands = {name.removesuffix("_first") for name, _ in known.staff}
    reviewing = {name for name, _ in known.walked} - {"review_excused"}  # offered where it may be said
    assert (commands | reviewing | {"awards", "calendar", "rounds", "papers", "eligibility"}) - named == set()


def test_every_topic_is_reached_by_the_words_on_the_screen(season: Season) -> None:
    season.join("staff")
    opened = QUOTED.findall(shown("staff_help"))
    asked = [said for said in opened if said.startswith("帮助 ")]
    heads = {season.say("staff", said).replies[-1].text for said in asked}
    assert heads == {shown(name) for name in PAGES[1:]}
    assert staffhelp.PAGES.keys() == lexicon().help_topics.keys()
    assert season.say("staff", "帮助 天气").replies[-1].text == shown("staff_help")
    assert season.say("staff", "说明").replies[-1].text == shown("staff_help")
