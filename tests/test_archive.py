"""Backups: taken online, restored into either database, silent until somebody releases the copy."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.checking import check
from handlers.reports.exporting import export
from storage import archive, outbox, queries, relations
from storage.database import Database
from storage.files import FileStore
from storage.migrating import migrate
from storage.relations import ACCOUNT
from tests.season import Season


@pytest.fixture
def lived(season: Season) -> Season:
    """A season in which something was said and shown."""
    season.join("王老师")
    season.say("王老师", "开始")
    season.say("王老师", "8分，承办年会1场")
    season.say("王老师", "依据：上一行\u2028下一行\u2029再一行")  # what ends a line for some, and not in JSON
    season.say("王老师", files=("证书.pdf",))
    return season


@pytest.fixture
def empty(postgres_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Database:
    """The other kind of database, new."""
    fresh = Database(postgres_url if request.node.callspec.params["database_url"] == "sqlite" else _sqlite(tmp_path))
    migrate(fresh)
    return fresh


def _sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / 'copy.sqlite3'}"


def exported(db: Database, round: int) -> str:
    with db.read() as connection:
        return json.dumps(export(connection, queries.round_of(connection, round), society=None), ensure_ascii=False)


def test_a_copy_is_the_same_and_goes_on(lived: Season, empty: Database, tmp_path: Path) -> None:
    place, store = tmp_path / "backup.zip", FileStore(tmp_path / "copied")
    made = archive.backup(lived.db, lived.store, place, lived.now)
    assert made["files"] == 1
    archive.restore(empty, store, place, lived.now)
    assert exported(empty, lived.round) == exported(lived.db, lived.round)
    with empty.read() as connection:
        assert check(connection, store) == []
        assert outbox.paused(connection)
    copy = Season(empty, store, lived.now, lived.round, lived.codes, dict(lived.seen), dict(lived.before), lived.keys)
    assert copy.say("王老师", "改成7分").receipt  # ids go on where they were
    empty.close()


def test_a_restored_copy_sends_nothing_until_it_is_released(lived: Season, empty: Database, tmp_path: Path) -> None:
    place = tmp_path / "backup.zip"
    notice = {"cause": "test:1", "part": 0, "kind": "notice", "channel": "telegram", "address": "1", "text": "x"}
    lived.db.write(lambda db: outbox.owe(db, {**notice, "created_at": lived.now}))
    lived.db.write(lambda db: db.execute(sa.insert(ACCOUNT).values(channel="wechat", account="wx", token="secret")))
    archive.backup(lived.db, lived.store, place, lived.now)
    archive.restore(empty, FileStore(tmp_path / "copied"), place, lived.now)
    claimed = empty.write(lambda db: outbox.claim(db, "telegram", "", lease="x", now=lived.now, limit=5))
    assert claimed == []
    with empty.read() as connection:
        assert connection.scalar(sa.select(ACCOUNT.c.token)) is None
    empty.write(lambda db: queries.note_act(db, lived.now, "released"))
    claimed = empty.write(lambda db: outbox.claim(db, "telegram", "", lease="x", now=lived.now, limit=5))
    assert [row.cause for row in claimed] == ["test:1"]
    empty.close()


def test_what_is_no_backup_is_refused_and_nothing_changes(lived: Season, empty: Database, tmp_path: Path) -> None:
    place, store = tmp_path / "backup.zip", FileStore(tmp_path / "copied")
    archive.backup(lived.db, lived.store, place, lived.now)
    with pytest.raises(archive.NoBackup, match="not_empty"):
        archive.restore(lived.db, lived.store, place, lived.now)
    whole = place.read_bytes()
    place.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(archive.NoBackup, match="damaged"):
        archive.restore(empty, store, place, lived.now)
    with empty.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(relations.PERSON)) == 0
    empty.close()


def test_one_rotten_file_costs_no_backup(lived: Season, empty: Database, tmp_path: Path) -> None:
    lived.say("王老师", files=("年会.jpg",))
    place, store = tmp_path / "backup.zip", FileStore(tmp_path / "copied")
    rotten, sound = lived.store.blobs()
    lived.store.path(rotten).write_bytes(b"rotten")
    assert archive.backup(lived.db, lived.store, place, lived.now)["damaged"] == [rotten]
    restored = archive.restore(empty, store, place, lived.now)
    assert (restored["files"], restored["damaged"], store.blobs()) == (1, [rotten], [sound])
    assert exported(empty, lived.round) == exported(lived.db, lived.round)
    with empty.read() as connection:
        (line,) = check(connection, store)
    assert rotten in line
    assert "浙江省示例学会" in line
    empty.close()


def test_a_backup_that_fails_leaves_nothing_behind(lived: Season, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    (folder / "there is one already").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        archive.backup(lived.db, lived.store, folder / "there is one already", lived.now)
    assert [path.name for path in folder.iterdir()] == ["there is one already"]
