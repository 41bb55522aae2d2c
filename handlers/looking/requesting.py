"""An export asked for in the chat: of whom and in which form; it is made after the turn and follows the answer."""

import re
from typing import Any

import sqlalchemy as sa

from handlers.desk import Desk
from handlers.looking.templates import of_round
from handlers.messages import Reply
from handlers.notices.audience import audience
from handlers.office import Office, doubtful
from handlers.phrasebook import phrasebook
from handlers.reports.endings import LISTED, MOST_IN_ONE, ending
from handlers.reports.pdf import soffice
from handlers.review import judging
from handlers.rounds import pinned
from handlers.understanding.numerals import fold
from storage import layouts
from storage.layouts import Layout
from storage.relations import SOCIETY

LAYOUT = "layout"
FORMS = (
    (
        LAYOUT,
        re.compile(r"原表|原样|原格式|同样(?:的)?格式|(?:我|我们|您|自己)(?:发|传)?(?:来)?的(?:表|word)|本会的表"),
    ),
    ("pdf", re.compile(r"pdf")),
    ("docx", re.compile(r"docx?|word|盖章表|打印版?|自评表")),
    ("xlsx", re.compile(r"xlsx?|excel|电子表格|汇总表?|表格|总表")),
    ("zip", re.compile(r"zip|佐证(?:材料)?包?|材料包|依据包?|附件")),
    ("csv", re.compile(r"csv")),
    ("json", re.compile(r"json|数据")),
)
# What can be had of a document that has no table to fill in.
WITHOUT_TABLE = {"projects": ("zip",)}
FILLING = re.compile(r"[的\s,，、]+|^给我|全部|所有|学会们?$|文件|版|格式")


def asked(office: Office, said: str = "") -> list[Reply]:
    """«导出 Excel», «导出 医学会 盖章表», «导出 没提交的 Excel»: a form, and whose."""
    form, whom = _read(said)
    rubric = pinned(office.db, office.round.rubric_sha256)
    if rubric.kind == "list":
        return [_listed(office, form)]
    if not rubric.items and form not in WITHOUT_TABLE.get(rubric.kind, ()):
        return [phrasebook().reply("export_no_table", {"title": office.round.title, "kind": rubric.kind})]
    if form is None:
        return [phrasebook().reply("export_which", {"whom": whom})]
    brought = layouts.of(office.db, office.round.id)
    if form == LAYOUT and brought is None:
        return [phrasebook().reply("export_no_layout", {"own": False})]
    chosen: list[int] | None = None
    if whom:
        meant = audience(office.db, office.round, whom)
        if refusal := doubtful(meant):
            return refusal
        chosen = [one.id for one in meant.societies]
    every = chosen if chosen is not None else list(office.db.scalars(sa.select(SOCIETY.c.id)))
    barred = judging.avoided(office.db, office.round.id, office.actor.person_id) & set(every)
    if barred and barred == set(every):
        return [phrasebook().reply("export_recused", {"whom": whom, "count": len(barred)})]
    about = {"round": office.round.id, "societies": chosen, "own": False, "by": office.actor.person_id}
    told = {"whom": whom, "count": len(every) - len(barred), "barred": len(barred), "layout": _kind(brought)}
    return [_coming(office.db, form, about, told)]


def _listed(office: Office, form: str | None) -> Reply:
    """The printed lists with the round's edits."""
    if form not in LISTED:
        return phrasebook().reply("export_which_list", {"title": office.round.title})
    if form == "pdf" and soffice() is None:
        return phrasebook().reply("export_no_pdf", {"whom": ""})
    reply = phrasebook().reply("export_list_coming", {"form": form, "title": office.round.title})
    wanted = {"round": office.round.id, "societies": None, "own": False, "form": form}
    return Reply(reply.text, reply.choices, drawing={"export": wanted})


def _read(said: str) -> tuple[str | None, str]:
    """The form that is named, and what is left of the words."""
    folded = fold(said)
    for form, pattern in FORMS:
        if found := pattern.search(folded):
            said = said[: found.start()] + " " + said[found.end() :]
            return form, " ".join(FILLING.sub(" ", said).split())
    return None, " ".join(FILLING.sub(" ", said).split())


def own(desk: Desk, form: str) -> list[Reply]:
    """A secretary's own, whatever its state."""
    if not desk.season.rubric.items:
        return [phrasebook().reply("export_no_table", {"title": None, "kind": desk.season.rubric.kind})]
    brought = layouts.of(desk.db, desk.season.id, desk.actor.society_id)
    if form == LAYOUT and brought is None:
        return [phrasebook().reply("export_no_layout", {"own": True})]
    about = {"round": desk.season.id, "societies": [desk.actor.society_id], "own": True}
    told = {"whom": desk.actor.society or "", "count": 1, "barred": 0, "layout": _kind(brought)}
    return [_coming(desk.db, form, about, told)]


def _kind(brought: Layout | None) -> str:
    return brought.kind if brought else layouts.WORD


def _coming(db: sa.Connection, form: str, about: dict[str, Any], told: dict[str, Any]) -> Reply:
    """`told`: whose, how many, how many are left out for recusal, and the kind of file that was brought."""
    template = of_round(db, about["round"]) if form in ("docx", "pdf") else None
    kind = ending(form, told["count"], own=template is not None, layout=told["layout"])
    told = {**told, "form": form, "own": about["own"], "template": template, "kind": kind, "most": MOST_IN_ONE}
    if form == "pdf" and soffice() is None:
        return phrasebook().reply("export_no_pdf", told)
    reply = phrasebook().reply("export_coming", told)
    return Reply(reply.text, reply.choices, drawing={"export": {**about, "form": form}})
