"""The same turn over real HTTP, and how long a start takes until the first answer."""

import asyncio
import json
import socket
import time
from pathlib import Path

import httpx

from tests.bench.house import SCORES, Measured, measure
from tests.crash.server import Server

STARTS = 5
LONGEST_START = 60.0  # seconds
POLL = 0.002  # seconds
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}


def measure_starts(folder: Path) -> Measured:
    """Seconds from the start of the process to its first answered request; the first start, which compiles, is left out."""
    server = Server(folder)
    times = []
    for _ in range(1 + STARTS):
        began = time.perf_counter()
        server.spawn(COMPILED)
        _first_answer(server.port)
        times.append(time.perf_counter() - began)
        server.stop()
    return Measured(times[1:])


def _first_answer(port: int) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    until = time.monotonic() + LONGEST_START
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port)) as line:
                line.sendall(request)
                if line.recv(15).endswith(b"200"[:3]) or line.recv(1):
                    return
        except OSError:
            time.sleep(POLL)
    raise RuntimeError("the server does not answer")


def measure_http(folder: Path, times: int) -> tuple[Measured, Measured]:
    """A score turn over one connection, and beside it the bare cost of a request on it."""
    server = Server(folder)
    roster = folder / "roster.csv"
    roster.write_text("学会名称\n浙江省茶叶学会\n", encoding="utf-8")
    invite = ("invite", "浙江省茶叶学会", "--json")
    said = server.good(("society", "import", str(roster)), ("round", "open", "zhejiang-2020"), invite)
    code = json.loads(said[-1])["code"]
    server.spawn(COMPILED)
    asyncio.run(server.ready())
    try:
        with httpx.Client(base_url=server.url, trust_env=False, verify=False) as client:
            client.post("/chat/login", json={"code": code}).raise_for_status()
            turns = measure(lambda n: _score(client, n), times)
            return turns, measure(lambda n: client.get("/healthz"), times)
    finally:
        server.stop()


def _score(client: httpx.Client, n: int) -> None:
    answer = client.post("/chat/messages", json={"id": f"bench-{n}", "text": SCORES[n % 2]})
    assert answer.json()["receipt"]
