"""A table of criteria that an officer sends: kept, shown as it was understood, and decided question by question."""

from typing import Any

from handlers.criteria import rubric_drafts, rubric_edits
from handlers.criteria.rubric_drafts import RUBRIC_FILES, Own
from handlers.criteria.rubric_questions import answered, questions
from handlers.criteria.rubric_shown import asked, opened, together, whole
from handlers.messages import Incoming, Reply
from handlers.notices.attaching import MOST_FILES
from handlers.office import pending
from handlers.phrasebook import phrasebook
from handlers.societies.registrar import Registrar
from handlers.understanding.intents import Explain, Plain
from handlers.understanding.lexicon import lexicon
from rubrics.importing.findings import Refused
from rubrics.importing.tables import imported

TABLES = ("docx", "xlsx")
AT_A_LOSS = (Explain(), Plain("mistaken"), Plain("thanks"), Plain("greet"))  # said to the question, no other command
LARGEST_GUESSED = 2 << 20  # bytes; a larger file is looked into only when she says what it is
SURELY_TEXT = 12  # characters: what an item asks, even if it reads like a command
LIKE_A_TABLE = 3  # items with points: fewer may be any list
LIKE_A_DEMAND = 8  # characters of half of its items: what is shorter names things and asks nothing
MOST_ODD = 1  # columns that no table of criteria has: with more it is a timetable or a list of something


def sent(registrar: Registrar, words: str) -> list[Reply] | None:
    """A file with «评分表» beside it, or a rubric file; None where it is not for us."""
    if len(registrar.files) != 1:
        return None
    (file,) = registrar.files
    named = lexicon().staff_command(words)
    called = named[0] == "table_send" if named else _spoken_of(registrar, file, words)
    alone = file.name.rpartition(".")[2].lower() in RUBRIC_FILES and not words.strip()
    return received(registrar, vars(file)) if called or alone else None


def _spoken_of(registrar: Registrar, file: Incoming, words: str) -> bool:
    """Whether a caption that is no command names a table of criteria, and the file is one: «这是我们今年用的评分表»."""
    small = file.kind in TABLES and file.size <= LARGEST_GUESSED
    return small and lexicon().names_table(words) and _like_one(registrar, file.sha256, file.name)


def looks_like_one(registrar: Registrar, words: str) -> list[Reply] | None:
    """A table without a word that may be one of criteria: kept, and asked about."""
    if len(registrar.files) != 1:
        return None
    (file,) = registrar.files
    guessed = not words.strip() and file.kind in TABLES and file.size <= LARGEST_GUESSED
    if not guessed or not _like_one(registrar, file.sha256, file.name):
        return None
    kept = [one for one in _attached(registrar) if one["sha256"] != file.sha256]
    if len(kept) >= MOST_FILES:
        return None
    registrar.wait_for("attach", files=[*kept, vars(file)])
    return [phrasebook().reply("table_offered", {"name": file.name})]


def _like_one(registrar: Registrar, sha256: str, name: str) -> bool:
    try:
        found = imported(registrar.store.path(sha256).read_bytes(), file=name, id="own")
    except Refused:
        return False
    if found.draft.pointed:
        return sum(item.points is not None for item in found.draft.items) >= LIKE_A_TABLE
    odd = sum(one.code == "column_unused" for one in found.findings)
    lengths = sorted(len(item.text) for item in found.draft.items)
    return len(lengths) >= LIKE_A_TABLE and lengths[len(lengths) // 2] >= LIKE_A_DEMAND and odd <= MOST_ODD


def meant(registrar: Registrar, words: str) -> list[Reply] | None:
    """«评分表» behind the file that was sent just before; None where none waits."""
    named = lexicon().staff_command(words)
    files = _attached(registrar) if named and named[0] == "table_send" else []
    tables = [file for file in files if file["kind"] in TABLES]
    return received(registrar, tables[-1]) if tables else None


def _attached(registrar: Registrar) -> list[dict[str, Any]]:
    """The files that wait for what they are for."""
    waiting = pending(registrar.db, registrar.actor.person_id)
    return list(waiting.get("files", ())) if waiting and waiting["wish"] == "attach" else []


def called(registrar: Registrar) -> list[Reply]:
    """«评分表»: the table that is being made ready, or how to send one."""
    row = rubric_drafts.current(registrar.db, registrar.actor.person_id)
    if row is None:
        registrar.done()
        return [phrasebook().reply("table_send", {})]
    return whole(registrar, rubric_drafts.own(registrar.db, registrar.store, row))


def received(registrar: Registrar, file: dict[str, Any]) -> list[Reply]:
    """Keep the file and say how it was understood; a file that can't be read is kept nowhere, and told why."""
    registrar.done()
    try:
        with registrar.db.begin_nested():
            row = rubric_drafts.kept(registrar, file)
            own = rubric_drafts.own(registrar.db, registrar.store, row)
    except Refused as refused:
        return [phrasebook().reply("table_refused", {"name": file["name"], "why": str(refused)})]
    return whole(registrar, own, receipt=registrar.receipt)


def answer(registrar: Registrar, waiting: dict[str, Any], words: str) -> list[Reply] | None:
    """The answer to the open question; 撤销; None for another command."""
    own = opened(registrar, waiting["draft"])
    draft, meant = own.draft, lexicon().command(words)
    if (heard := ready(registrar, waiting, words)) is not None or draft is None or registrar.files:
        return heard
    told = waiting["code"] == "text_missing" and len(words) >= SURELY_TEXT
    if (lexicon().staff_command(words) and not told) or meant == Plain("refuse"):
        return None
    found = (one for one in questions(draft) if (one.code, one.place) == (waiting["code"], waiting["place"]))
    question = next(found, None)
    if question is None:
        return whole(registrar, own)
    decided = answered(draft, question, words)
    if decided is None and meant is not None and meant not in (*AT_A_LOSS, Plain("begin")):
        return None
    if decided is None:
        text = phrasebook().text("table_not_understood", {"said": words})
        return together(text, asked(registrar, own))
    return rubric_edits.made(registrar, own, decided)


def ready(registrar: Registrar, waiting: dict[str, Any], words: str) -> list[Reply] | None:
    """What may be said of the table before her whatever is open, in a round of any kind: 撤销, «改第3项 …»."""
    if lexicon().command(words) == Plain("undo"):
        return undone(registrar, opened(registrar, waiting["draft"]))
    name, about = lexicon().staff_command(words) or ("", ())
    return rubric_edits.COMMANDS[name](registrar, *about) if name in rubric_edits.COMMANDS else None


def undone(registrar: Registrar, own: Own) -> list[Reply]:
    """«撤销»: the latest decision is taken back, and what it answered is asked again."""
    row = rubric_drafts.take_back(registrar, own.row.id)
    if row is None:
        return together(phrasebook().text("table_nothing_undone", {}), asked(registrar, own))
    again = opened(registrar, own.row.id)
    told = phrasebook().text("table_undone", {"one": row, "receipt": registrar.receipt})
    return together(told, asked(registrar, again))
