"""The real server as a process of its own, in a folder of its own, which is killed without a warning and started again."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60.0
POLL_SECONDS = 0.02


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """One house: its data folder, its commands, and at most one running `serve`."""

    folder: Path
    database_url: str = ""
    program: tuple[str, ...] = ("-m", "bot")  # a broken one, when the harness itself is tested
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the caller's settings but what a process needs."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        ours = {"PYTHONPATH": str(ROOT), "DATA_DIR": str(self.folder / "data"), "RATE_PER_MINUTE": "1000000"}
        quiet = {"LOG_LEVEL": "ERROR", "BOT_TICK_SECONDS": "0.5"}
        return {**kept, **ours, **quiet, **({"DATABASE_URL": self.database_url} if self.database_url else {})}

    def commands(self, *lines: tuple[str, ...]) -> list[tuple[int, str]]:
        """`python -m bot` with each of these lines, to its end: exit codes and what they said."""
        told = "\n".join(json.dumps(line) for line in lines)
        done = subprocess.run(
            [sys.executable, "-m", "tests.crash.commands"],
            cwd=self.folder,
            env=self.environment,
            input=told,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        answers: list[tuple[int, str]] = [tuple(json.loads(line)) for line in done.stdout.splitlines()]
        if len(answers) != len(lines):
            raise RuntimeError(f"the commands died: {done.stderr}")
        return answers

    def good(self, *lines: tuple[str, ...]) -> list[str]:
        """The same, for commands that must go well. Raises RuntimeError when one does not."""
        answers = self.commands(*lines)
        for line, (code, said) in zip(lines, answers, strict=True):
            if code:
                raise RuntimeError(f"bot {' '.join(line)}: {code} {said}")
        return [said for _, said in answers]

    def spawn(self, more: Mapping[str, str] | None = None) -> None:
        """Start serving, without waiting; what it complains about goes to serve.log."""
        line = [sys.executable, *self.program, "serve", "--host", "127.0.0.1", "--port", str(self.port)]
        with (self.folder / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                line, cwd=self.folder, env={**self.environment, **(more or {})}, stdout=log, stderr=log
            )

    async def ready(self) -> None:
        """Wait until it answers. Raises RuntimeError with its last words when it died instead."""
        until = time.monotonic() + READY_SECONDS
        async with httpx.AsyncClient(base_url=self.url, trust_env=False, verify=False) as client:
            while time.monotonic() < until:
                if self.process is None or self.process.poll() is not None:
                    raise RuntimeError(f"the server died at its start: {self.last_words()}")
                try:
                    if (await client.get("/healthz")).status_code == 200:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(POLL_SECONDS)
        raise RuntimeError("the server does not answer")

    def last_words(self) -> str:
        log = self.folder / "serve.log"
        return log.read_text(encoding="utf-8", errors="replace")[-2000:] if log.exists() else ""

    def kill(self) -> None:
        """SIGKILL: no handler runs, nothing is flushed."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """The polite end."""
        self._end(signal.SIGTERM)

    def _end(self, sign: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(sign)
            self.process.wait(30)
            self.process = None
