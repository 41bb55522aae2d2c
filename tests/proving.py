"""A round with answers of every state and evidence of every kind, some of it hostile, for the exports."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa

from handlers.reports.exporting import export
from handlers.reports.snapshot import Snapshot
from rubrics.reading import catalog
from storage import queries
from storage.relations import ENTRY, EVIDENCE, INBOUND, SOCIETY
from tests import schema
from tests.season import Season

NOW = datetime(2027, 1, 10, 4, 0, 5, tzinfo=UTC)
HOSTILE = (
    "=1+1",
    '=cmd|"/c calc"!A1',
    "+86 571",
    "-3+2",
    "@SUM(A1)",
    "\t=2",
    "＝HYPERLINK(1)",
    "<r>rich</r>",
    "<b>&amp;</b>]]>",
    "_x000D_ and _x0041_",
    "{{ 7*7 }} {% raw %}",
    "第一行\n第二行",
    "🎉" * 40,
    "https://example.org/?a=1&b=2",
    "'quoted\"",
    "\u202egpj.exe",
)


def house(folder: Path) -> Season:
    """An open round in this folder with two societies; nobody has said anything."""
    db = schema.fresh(folder / "bot.sqlite3")
    return Season.begin(db, catalog()["zhejiang-2020"], NOW, folder / "files")


def lived(folder: Path) -> Season:
    """One society has answered in every way and handed in; the other has not begun."""
    season = house(folder)
    season.join("王老师")
    for said in ("开始", "8分，承办年会1场，参会300人", "下一项", "4.5分，汇编论文集1册", "序号8 办了3期"):
        season.say("王老师", said)
    for said in ("序号5 不适用，本会没有主办期刊", "序号11 0分"):
        season.say("王老师", said)
    season.say("王老师", "序号13 5分，会员日3次")
    season.say("王老师", "序号13")
    season.say("王老师", files=("签到.jpg", "方案.pdf"))
    for number, text in enumerate(HOSTILE):
        prove(season, "org", text=text, kind="link" if text.startswith("https") else "text", key=number)
    return season


def hand_in(season: Season) -> None:
    season.say("王老师", "提交")
    assert "已提交" in season.say("王老师", "确认提交").replies[0].text


def prove(season: Season, item: str, *, key: int, society: str = "浙江省示例学会", **piece: Any) -> None:
    """One piece of evidence, as stored; beside the talk, for what no channel would let through."""

    def work(db: sa.Connection) -> None:
        entry = db.scalar(sa.select(ENTRY.c.id).join(SOCIETY).where(SOCIETY.c.name == society))
        inbound = db.execute(sa.select(INBOUND.c.id, INBOUND.c.person_id).order_by(INBOUND.c.id).limit(1)).one()
        item_id = next(one for one in items(season) if one.startswith(item))
        trace = {"at": season.now, "person_id": inbound.person_id, "channel": "web", "inbound_id": inbound.id}
        row = {"entry_id": entry, "item": item_id, "ordinal": 1000 + key, "receipt": "AAAA", "kind": "text", "text": ""}
        db.execute(sa.insert(EVIDENCE).values(**row | trace | piece))

    season.db.write(work)


def items(season: Season) -> list[str]:
    with season.db.read() as db:
        return [one.id for one in Snapshot(db, queries.round_of(db, season.round), NOW).rubric.items]


def whole(season: Season) -> dict[str, Any]:
    """The JSON export: what every other format is compared with."""
    with season.db.read() as db:
        return export(db, queries.round_of(db, season.round))


def written(season: Season, write: Callable[[Snapshot, BinaryIO], object], society: int | None = None) -> io.BytesIO:
    """What a writer makes of the round now."""
    out = io.BytesIO()
    with season.db.read() as db:
        write(Snapshot(db, queries.round_of(db, season.round), NOW, only=[society] if society else None), out)
    out.seek(0)
    return out
