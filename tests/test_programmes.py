"""Rounds that are no questionnaire, as conversations (tests/programmes), and what of them no conversation shows."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.checking import check
from handlers.rounds import open_round
from handlers.societies import joining, roster
from rubrics.reading import catalog
from storage.database import Database
from storage.files import FileStore
from storage.relations import SOCIETY
from tests.season import Season
from tests.test_dialogues import replay

FOLDER = Path(__file__).parent / "programmes"
SPRING = datetime(2026, 4, 10, 1, 0, tzinfo=UTC)
# By the first part of a dialogue's name: the document, and the societies of 王老师 and 赵老师.
DOCUMENTS = {
    "yangzhou": ("yangzhou-2020", ("扬州市示例学会", "扬州市茶叶学会")),
    "hangzhou": ("hangzhou-2020", ("杭州市医学会", "杭州市茶叶学会")),
    "points": ("zhejiang-2020", ("浙江省示例学会", "浙江省茶叶学会")),
    "plan": ("zhejiang-work-plan-2020", ("浙江省示例学会", "浙江省茶叶学会")),
}


def begin(db: Database, folder: Path, document: str, now: datetime = SPRING, kind: str | None = None) -> Season:
    """An open round on this document with two societies; the second may be of another kind of unit."""
    rubric, societies = DOCUMENTS[document]
    codes: dict[str, str] = {}

    def set_up(connection: sa.Connection) -> int:
        name = f"{rubric}.yaml"
        zone = "Asia/Shanghai"
        id = open_round(connection, catalog()[rubric], name, title=None, closes_at=None, zone=zone, now=now)
        for society, person in zip(societies, ("王老师", "赵老师"), strict=True):
            roster.add_society(connection, society, now, kind=kind if person == "赵老师" else None)
            known = connection.execute(sa.select(SOCIETY.c.id).where(SOCIETY.c.name == society)).scalar_one()
            codes[person] = joining.invite(connection, society_id=known, role="secretary", name=person, now=now)
        for person, role in (("staff", "officer"), ("reviewer", "reviewer")):
            codes[person] = joining.invite(connection, society_id=None, role=role, name=person, now=now)
        return id

    return Season(db, FileStore(folder), now, db.write(set_up), codes)


@pytest.fixture
def yangzhou(db: Database, tmp_path: Path) -> Iterator[Season]:
    begun = begin(db, tmp_path / "files", "yangzhou")
    yield begun
    begun.db.close()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_dialogue(path: Path, db: Database, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    season = begin(db, tmp_path / "files", path.stem.split("_")[0])
    told = path.read_text(encoding="utf-8")
    heard = replay(told, season)
    if request.config.getoption("--record"):
        path.write_text(heard, encoding="utf-8")
    with season.db.read() as connection:
        assert check(connection, season.store) == []
    season.db.close()
    assert heard == told
