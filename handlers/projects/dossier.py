"""The papers of an application, its handing in, and the report for the acceptance."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from handlers import stages
from handlers.answers import submitting
from handlers.answers.scene import Added
from handlers.desk import Desk, full, look_at_evidence
from handlers.messages import Incoming, Reply
from handlers.papers.papers import ELECTRONIC
from handlers.phrasebook import phrasebook
from handlers.projects import demands
from handlers.projects.applications import PLACED, Trace, deliverables, later_stage, live, named, reports, store
from handlers.understanding.lexicon import lexicon
from rubrics.model import Requirement
from rubrics.programme import Deliverable
from rubrics.projects import Project
from storage import queries
from storage.relations import PAPER, Row

MOST_FILES = 10  # of one requirement, and of the report on one project


def first_papers(desk: Desk) -> tuple[Deliverable, ...]:
    """What is owed with the application: the papers of the stage that drives the deadline."""
    rubric = desk.season.rubric
    driving = stages.driving(rubric.stages, rubric) if rubric.stages else None
    return tuple(one for one in rubric.deliverables if one.stage in (driving, None))


def missing(desk: Desk) -> list[str]:
    came = set(desk.db.scalars(sa.select(PAPER.c.deliverable).where(PAPER.c.entry_id == desk.entry.id)))
    return [one.title for one in first_papers(desk) if one.id not in came]


def files(desk: Desk, words: str) -> list[Reply]:
    """Files by their caption, their names, or else as evidence for the requirement that is open."""
    files = (*desk.scene.tray, *desk.message.files)
    if full(desk, files):
        desk.scene = replace(desk.scene, tray=())
        return [phrasebook().reply("project_quota", {"limit": "200 MB", "names": "、".join(one.name for one in files)})]
    said = words or " ".join(re.sub(r"\.\w+$", "", one.name) for one in files)
    meant = deliverables(desk.season.rubric, said)
    if len(meant) == 1:
        desk.scene = replace(desk.scene, tray=())
        return _paper(desk, meant[0], files, words)
    here = next((one for one in demands.asked(desk) if one.id == desk.scene.asking.item), None)
    if here is not None and not words:
        return _proof(desk, here, files)
    desk.scene = replace(desk.scene, tray=files)
    titles = [one.title for one in desk.season.rubric.deliverables]
    return [
        phrasebook().reply("project_which_paper", {"names": "、".join(one.name for one in files), "titles": titles})
    ]


def _proof(desk: Desk, here: Requirement, files: Sequence[Incoming]) -> list[Reply]:
    """As evidence for the requirement that is open, as far as there is room."""
    desk.scene = replace(desk.scene, tray=())
    look_at_evidence(desk, [here.id])
    fitting, left = room(files, sum(piece.name is not None for piece in desk.scene.pieces.get(here.id, ())))
    told = [_too_many(desk, here.text, left)] if left else []
    if not fitting:
        return told
    demands.store(desk, *(Added(here.id, kind_of(one), file=one) for one in fitting))
    about = {"requirement": here, "names": "、".join(one.name for one in fitting), "receipt": desk.receipt}
    return [phrasebook().reply("project_proved", {**about, "late": desk.season.late}), *told]


def room(files: Sequence[Incoming], held: int) -> tuple[tuple[Incoming, ...], tuple[Incoming, ...]]:
    """The files that there is room for beside those that are held, and the others."""
    free = max(MOST_FILES - held, 0)
    return tuple(files[:free]), tuple(files[free:])


def _too_many(desk: Desk, title: str, left: Sequence[Incoming]) -> Reply:
    names = "、".join(one.name for one in left)
    return phrasebook().reply("project_too_many_files", {"title": title, "limit": MOST_FILES, "names": names})


def kind_of(file: Incoming) -> str:
    return "photo" if file.kind in ("jpg", "png", "webp", "heic") else "video" if file.kind == "mp4" else "file"


def waiting(desk: Desk, words: str) -> list[Reply] | None:
    """What the files that wait are, said afterwards; None where nothing waits or nothing is named."""
    if not desk.scene.tray or len(deliverables(desk.season.rubric, words)) != 1:
        return None
    return files(desk, words)


def _paper(desk: Desk, paper: Deliverable, files: Sequence[Incoming], words: str) -> list[Reply]:
    if paper not in first_papers(desk):
        return report(desk, words, files)
    for ordinal, file in enumerate(files):
        desk.db.execute(
            sa.insert(PAPER).values(
                entry_id=desk.entry.id,
                deliverable=paper.id,
                form=ELECTRONIC,
                withdrawn=False,
                late=desk.season.late,
                name=file.name,
                sha256=file.sha256,
                size=file.size,
                media_type=file.kind,
                at=desk.now,
                person_id=desk.actor.person_id,
                channel=desk.message.channel,
                inbound_id=desk.inbound_id,
                ordinal=ordinal,
                receipt=desk.receipt,
            )
        )
    desk.noted = True
    names = "、".join(file.name for file in files)
    about = {"title": paper.title, "names": names, "late": desk.season.late, "missing": missing(desk)}
    return [phrasebook().reply("project_paper", {**about, "submitted": desk.submitted, "receipt": desk.receipt})]


def submit(desk: Desk, *, sure: bool) -> list[Reply]:
    """Hand in: not without an application and the papers that the document wants with it (Q-YZ25)."""
    mine = live(desk.db, desk.season.rubric, desk.entry.id)
    if not mine:
        return [phrasebook().reply("projects_none", {})]
    lacking, left = missing(desk), len(demands.questions(desk))
    if lacking:
        return [phrasebook().reply("project_lacking", {"missing": lacking})]
    if left and not sure:
        return [phrasebook().reply("project_submit_anyway", {"left": left})]
    submitting.hand_in(desk, late=desk.season.late)
    desk.noted = True
    if desk.season.late:
        desk.late = True
    else:
        desk.status = "submitted"
    names = [one.section.title for one, _ in mine]
    times = queries.submissions(desk.db, desk.entry.id)
    about = {"names": names, "at": desk.now, "zone": desk.season.timezone, "times": times, "late": desk.season.late}
    return [
        phrasebook().reply("project_submitted", {**about, "closes": desk.season.closes_at, "receipt": desk.receipt})
    ]


# The second stage: the report for the acceptance, with a deadline of its own.


def due(desk: Desk) -> datetime | None:
    """The first instant at which the report is late; None where no certain day is known."""
    stage = later_stage(queries.round_of(desk.db, desk.season.id), desk.season.rubric)
    return stage.closes_at if stage else None


def report(desk: Desk, words: str, files: Sequence[Incoming] = ()) -> list[Reply]:
    """«验收 期刊 ……» or a file so captioned, of a project she was chosen for."""
    placed = [(one, row) for one, row in live(desk.db, desk.season.rubric, desk.entry.id) if row.standing in PLACED]
    closes, zone = due(desk), desk.season.timezone
    about = {"closes": closes, "zone": zone, "names": [one.section.title for one, _ in placed]}
    if not placed:
        return [phrasebook().reply("report_too_early", about)]
    chosen, text = _meant(desk, placed, words)
    if not files and lexicon().topic(text):  # «验收报告怎么交» is no report
        text = ""
    if chosen is None:
        desk.scene = replace(desk.scene, tray=tuple(files))
        return [phrasebook().reply("report_which", {**about, "files": len(files)})]
    if not text and not files:
        return [phrasebook().reply("report_how", {**about, "project": chosen})]
    held = sum(one.sha256 is not None for one in reports(desk.db, desk.entry.id, chosen.id))
    files, left = room(files, held)
    full_up = [_too_many(desk, chosen.section.title, left)] if left else []
    if full_up and not files and not text:
        return full_up
    late = closes is not None and desk.now >= closes
    trace = Trace(desk.now, desk.actor.person_id, desk.receipt, desk.message.channel, desk.inbound_id)
    for number, file in enumerate(files or (None,)):
        said = text if number == 0 else ""
        store(desk.db, desk.entry.id, chosen.id, "report", trace, late=late, text=said, file=file)
    desk.noted = True
    submitting.note(desk, "report_handed_in", project=chosen.id, late=late)
    names = "、".join(file.name for file in files)
    told = {"project": chosen, "text": text, "files": names, "late": late, "receipt": desk.receipt}
    return [phrasebook().reply("report_taken", {**about, **told}), *full_up]


def outcome(desk: Desk) -> list[Reply]:
    """«我们评上了吗»: her applications where one is recognised, else that nothing is decided yet."""
    mine = live(desk.db, desk.season.rubric, desk.entry.id)
    if not mine or any(row.standing in PLACED for _, row in mine):
        return demands.summary(desk)
    names = [one.section.title for one, _ in mine]
    return [phrasebook().reply("project_undecided", {"names": names, "submitted": desk.submitted})]


def _meant(desk: Desk, placed: list[tuple[Project, Row]], words: str) -> tuple[Project | None, str]:
    """The project, by the first word or as the only one, and what is said besides."""
    said = re.sub(r"^\s*(?:交|提交)?验收(?:报告书?)?[:：,， ]*", "", words)
    first, _, rest = said.partition(" ")
    ids = {one.id for one, _ in placed}
    hit = [one for one in named(desk.season.rubric, [first]).projects if one.id in ids] if first else []
    if hit:
        return hit[0], rest.strip()
    return (placed[0][0], said.strip()) if len(placed) == 1 else (None, said)
