"""The real server as a process of its own: on a free port, over a data folder outside the repository."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from handlers.societies import joining
from handlers.societies.roster import add_society
from storage.database import Database
from storage.relations import SOCIETY
from tests.schema import place

ROOT = Path(__file__).parents[2]
START_SECONDS = 90.0
STOP_SECONDS = 5.0  # contract.md: Ctrl-C ends it within 5 s
INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "SYSTEMROOT", "COVERAGE_PROCESS_START")


class NotStarted(Exception):
    """The server ended, or said nothing in time; the text is what it printed."""


@dataclass
class Running:
    """A server that can be killed and started again on the same port and data."""

    folder: Path
    port: int
    settings: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[str] | None" = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.folder / 'data' / 'xuehui.sqlite3'}"

    def start(self) -> None:
        """Start it and wait until it answers. Raises NotStarted."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "bot", "serve", "--demo", "--port", str(self.port)]
        with self._log.open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, env=self.environment(), stdout=log, stderr=log, text=True
            )
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._ended(within=0.05) or time.monotonic() > until:
                self.kill()
                raise NotStarted(self.log())
        assert not self._ended(within=0), "another server answers on this port"

    def kill(self) -> None:
        """SIGKILL: nothing gets a chance to tidy up."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def interrupt(self) -> int:
        """Ctrl-C; the exit code. Raises TimeoutExpired when it takes longer than promised."""
        assert self.process
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_SECONDS)

    def freeze(self) -> None:
        """The process stands still: connections are accepted by the kernel, nothing is answered."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def database(self) -> Database:
        """The same database, opened beside the server; to be closed by the caller."""
        return Database(self.database_url)

    def invite(self, *, society: str | None = None, name: str | None = None) -> str:
        """A code for a new secretary, or for the one of that name; of a society of her own when none is named."""
        belongs = society or f"测试学会{secrets.token_hex(4)}"

        def work(db: sa.Connection) -> str:
            now = datetime.now(UTC)
            add_society(db, belongs, now)
            id = db.execute(sa.select(SOCIETY.c.id).where(SOCIETY.c.name == belongs)).scalar_one()
            return joining.invite(db, society_id=id, role="secretary", name=name, now=now)

        db = self.database()
        try:
            return db.write(work)
        finally:
            db.close()

    def invite_staff(self) -> str:
        """A code for somebody new in the office."""
        db = self.database()
        try:
            return db.write(
                lambda one: joining.invite(
                    one, society_id=None, role="officer", name=secrets.token_hex(4), now=datetime.now(UTC)
                )
            )
        finally:
            db.close()

    @property
    def _log(self) -> Path:
        return self.folder / "server.log"

    def environment(self) -> dict[str, str]:
        """Nothing of the settings of whoever runs the tests."""
        kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
        return {**kept, "PYTHONPATH": str(ROOT), "DATA_DIR": str(self.folder / "data"), **self.settings}

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _ended(self, *, within: float) -> bool:
        assert self.process
        try:
            self.process.wait(within)
        except subprocess.TimeoutExpired:
            return False
        return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Running]:
    """A started server that is gone when the block ends."""
    server = Running(folder, free_port(), settings)
    place(folder / "data")
    try:
        server.start()
        yield server
    finally:
        if server.process and server.process.poll() is None:
            server.kill()
