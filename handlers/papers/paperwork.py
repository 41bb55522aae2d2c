"""The conversation with a unit that owes papers and no table: nothing is asked, every message may bring a paper."""

from dataclasses import replace

from handlers.answers import replying, telling
from handlers.answers.wishes import WISHES, Granted
from handlers.desk import Desk
from handlers.messages import Reply
from handlers.papers import delivering
from handlers.phrasebook import phrasebook
from handlers.understanding.intents import Plain, Tell
from handlers.understanding.lexicon import lexicon

TOPICS = frozenset({"account", "deadline", "upload"})
GRANTED = frozenset(
    {
        *("thanks", "leave", "logout", "another_device", "reminders_rest", "reminders_off", "reminders_on"),
        *("consent", "consent_end", "consent_refuse"),
    }
)


def hear(desk: Desk, words: str) -> Granted:
    """What is said to her, and the ways offered where she is asked back."""
    replies, used = delivering.take(desk, words)
    if used or (desk.message.files and replies):
        return replies, None
    if desk.message.files:
        desk.scene = replace(desk.scene, tray=(*desk.scene.tray, *desk.message.files))
        return [which(desk)], None
    picked = replying.pick(words, desk.scene.asking, desk.season.rubric) if words else None
    if picked:
        words = desk.scene.asking.options[picked.number].words
    desk.scene = replace(desk.scene, asking=replace(desk.scene.asking, options=()))
    meant = lexicon().command(words)
    if isinstance(meant, Plain) and meant.wish in GRANTED:
        return WISHES[meant.wish](desk)
    topic = meant.topic if isinstance(meant, Tell) else lexicon().topic(words)
    if topic in TOPICS:
        return telling.tell(desk, topic), None
    unknown = meant is None and topic is None and words
    first = [phrasebook().reply("paper_only", {"said": words})] if unknown else []
    return [*first, *telling.tell(desk, "papers")], None


def which(desk: Desk) -> Reply:
    """Files came and nothing says which paper they are."""
    about = {"files": desk.scene.tray, "papers": [paper.title for paper in delivering.by_file(desk)], "recall": False}
    return phrasebook().reply("paper_which", about)
