"""The HTTP section of the contract, over a real socket against the real server in a process of its own."""

import itertools
import json
import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from handlers.rounds import open_round
from rubrics.reading import catalog
from storage.relations import ANSWER_EVENT, EVIDENCE, INBOUND
from tests.browser.pictures import png
from tests.browser.running import Running, running
from tests.channels.inside import within

SECRET = "a-secret-of-the-tests-" + "0" * 32
SEED = 20261122
FORGED_POSTS = 200
LIMIT_TEXT = 20_000  # characters, contract.md
LIMIT_FILE = 20 << 20  # bytes, contract.md
MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "a word": b'"text"',
    "null": b"null",
    "not UTF-8": b'{"id": "a", "text": "\xff\xfe"}',
    "no id": b'{"text": "5"}',
    "no content": b'{"id": "a"}',
    "text and choice": b'{"id": "a", "text": "5", "choice": "1-0"}',
    "id a number": b'{"id": 1, "text": "5"}',
    "id empty": b'{"id": "", "text": "5"}',
    "id too long": b'{"id": "%s", "text": "5"}' % (b"x" * 101),
    "id with NUL": b'{"id": "a\\u0000", "text": "5"}',
    "id a surrogate": b'{"id": "\\ud800", "text": "5"}',
    "text a number": b'{"id": "a", "text": 5}',
    "text NaN": b'{"id": "a", "text": NaN}',
    "text a list": b'{"id": "a", "text": ["5"]}',
    "text true": b'{"id": "a", "text": true}',
    "choice a number": b'{"id": "a", "choice": 1}',
    "choice an object": b'{"id": "a", "choice": {}}',
    "seen NaN": b'{"id": "a", "text": "5", "seen": NaN}',
    "seen Infinity": b'{"id": "a", "text": "5", "seen": Infinity}',
    "seen negative": b'{"id": "a", "text": "5", "seen": -1}',
    "seen a list": b'{"id": "a", "text": "5", "seen": [1]}',
    "seen enormous": b'{"id": "a", "text": "5", "seen": "%s"}' % (b"9" * 400),
    "an integer of 5,000 digits": b'{"id": "a", "text": "5", "seen": %s}' % (b"9" * 5000),
    "nested 10,000 deep": b'{"id": "a", "text": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "objects 10,000 deep": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
}
ROUTES = (
    ("GET", "/"),
    ("GET", "/static/chat.css"),
    ("POST", "/chat/login"),
    ("POST", "/chat/logout"),
    ("POST", "/chat/messages"),
    ("POST", "/chat/files"),
    ("GET", "/chat/history"),
    ("GET", "/chat/events"),
    ("GET", "/d/token"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/nowhere"),
)
FOREIGN: dict[str, dict[str, str]] = {
    "a foreign host": {"Host": "evil.example"},
    "a foreign host with our port": {"Host": "evil.example:80"},
    "our name as somebody's subdomain": {"Host": "localhost.evil.example"},
    "a broken host": {"Host": "["},
    "a foreign origin": {"Origin": "https://evil.example"},
    "no origin at all": {"Origin": "null"},
    "a broken origin": {"Origin": "http://["},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server for all that leaves it as it was; its limit on messages is out of the way."""
    folder = tmp_path_factory.mktemp("http")
    with running(folder, SECRET_KEY=SECRET, RATE_PER_MINUTE="100000") as started:
        yield started


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Running]:
    """A server for one test: for those that guess codes or flood it."""
    with within(tmp_path, rate_per_minute=5) as started:
        yield started


@dataclass
class Person:
    """Somebody logged in, with what she would have on her screen."""

    http: httpx.Client
    shown: int = 0

    def post(self, body: dict[str, Any]) -> httpx.Response:
        answer = self.http.post("/chat/messages", json=body)
        if answer.status_code == 200:
            self.look(answer.json()["replies"])
        return answer

    def say(self, text: str) -> list[dict[str, Any]]:
        """A message with everything seen; the replies."""
        answer = self.post({"id": fresh(), "text": text, "seen": str(self.shown)})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["replies"])

    def send(self, data: bytes, name: str = "合影.png", **fields: str) -> httpx.Response:
        return self.http.post("/chat/files", data={"id": fresh(), **fields}, files={"file": (name, data)})

    def look(self, replies: list[dict[str, Any]]) -> None:
        self.shown = max([self.shown, *(int(reply["id"]) for reply in replies)])

    def history(self) -> dict[str, Any]:
        return dict(self.http.get("/chat/history").json())

    def standing(self) -> str:
        """What the bot says of her points."""
        return str(self.say("分数")[0]["text"])


@contextmanager
def visitor(server: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, timeout=30, verify=False) as http:
        yield http


@pytest.fixture
def guest(server: Running) -> Iterator[httpx.Client]:
    with visitor(server) as http:
        yield http


@contextmanager
def logged_in(server: Running) -> Iterator[Person]:
    """The only secretary of a society where nothing has happened yet."""
    with visitor(server) as http:
        answer = http.post("/chat/login", json={"code": server.invite(), "id": fresh()})
        assert answer.status_code == 204, answer.text
        person = Person(http)
        person.look(person.history()["turns"][0]["replies"])
        yield person


@pytest.fixture
def person(server: Running) -> Iterator[Person]:
    with logged_in(server) as one:
        yield one


def fresh() -> str:
    return secrets.token_hex(8)


def refusal(answer: httpx.Response) -> str:
    """The sentence of a refusal: never empty, never a stack trace."""
    sentence = str(answer.json()["error"])
    assert sentence
    assert "Traceback" not in sentence
    return sentence


def second_round(server: Running, title: str) -> int:
    """Another round beside the demo's."""
    now = datetime.now(UTC)
    closes = now + timedelta(days=30)
    source = catalog()["zhejiang-2020"]
    db = server.database()
    try:
        return db.write(
            lambda one: open_round(
                one, source, "zhejiang-2020.yaml", title=title, closes_at=closes, zone="Asia/Shanghai", now=now
            )
        )
    finally:
        db.close()


def count(server: Running, what: Any) -> int:
    db = server.database()
    try:
        with db.read() as connection:
            return int(connection.scalar(what) or 0)
    finally:
        db.close()


def rows(table: Any) -> Any:
    return sa.select(sa.func.count()).select_from(table)


# ---- Coming in


def test_login_gives_a_cookie_that_scripts_and_other_sites_never_see(server: Running, guest: httpx.Client) -> None:
    answer = guest.post("/chat/login", json={"code": server.invite(), "id": fresh()})
    assert answer.status_code == 204
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    assert "secure" not in cookie, "plain http on this machine: a browser would drop it"
    assert guest.get("/chat/history").status_code == 200


def test_cookie_is_for_https_only_where_the_public_address_is(tmp_path: Path) -> None:
    with within(tmp_path, public_url="https://xuehui.example") as server, visitor(server) as http:
        answer = http.post("/chat/login", json={"code": server.invite(), "id": fresh()})
        assert "secure" in answer.headers["set-cookie"].lower()


def test_login_repeated_with_the_same_id_is_the_same_login(server: Running) -> None:
    """The answer to the first was lost: the code must not be lost with it."""
    attempt = {"code": server.invite(), "id": fresh()}
    with visitor(server) as first, visitor(server) as second:
        assert first.post("/chat/login", json=attempt).status_code == 204
        assert second.post("/chat/login", json=attempt).status_code == 204
        assert second.get("/chat/history").json()["turns"] == first.get("/chat/history").json()["turns"]


def test_login_with_the_cookie_of_before(person: Person) -> None:
    assert person.http.post("/chat/login", json={}).status_code == 204


def test_code_works_once(server: Running, guest: httpx.Client) -> None:
    code = server.invite()
    assert guest.post("/chat/login", json={"code": code, "id": fresh()}).status_code == 204
    with visitor(server) as another:
        answer = another.post("/chat/login", json={"code": code, "id": fresh()})
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers


def test_code_forgives_case_blanks_and_width(server: Running, guest: httpx.Client) -> None:
    code = server.invite().lower().replace("-", " - ")
    assert guest.post("/chat/login", json={"code": f" {code} ", "id": fresh()}).status_code == 204


def test_refused_login_stays_refused_when_it_is_repeated(alone: Running) -> None:
    attempt = {"code": "2222-2222", "id": fresh()}
    with visitor(alone) as http:
        for _ in range(2):
            answer = http.post("/chat/login", json=attempt)
            assert answer.status_code == 401
            assert "邀请码" in refusal(answer)
            assert "set-cookie" not in answer.headers


def test_guessing_codes_ends_after_five(alone: Running) -> None:
    with visitor(alone) as http:
        statuses = [http.post("/chat/login", json={"code": f"2222222{last}"}).status_code for last in "234567"]
        assert statuses == [401] * 5 + [429]
        right = http.post("/chat/login", json={"code": alone.invite(), "id": fresh()})
        assert right.status_code == 429, "the sixth guess might be right: it must not be told from a wrong one"
        assert int(right.headers["retry-after"]) > 0
        refusal(right)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"code": 5}', b'{"code": ["a"]}', b'{"code": "a", "id": 5}', b'{"code": "%s"}' % (b"x" * 200)],
)
def test_malformed_login(guest: httpx.Client, body: bytes) -> None:
    answer = guest.post("/chat/login", content=body)
    assert answer.status_code == 400
    refusal(answer)


def test_login_with_nothing_is_not_logged_in(guest: httpx.Client) -> None:
    assert guest.post("/chat/login", json={}).status_code in (400, 401)


@pytest.mark.parametrize("code", ["\x00" * 8, "\ud800" * 8, "K7Q2'--;", "<script>", "K7Q2-M9XA" * 9])
def test_strange_codes_are_refused_in_words(alone: Running, code: str) -> None:
    with visitor(alone) as http:
        answer = http.post("/chat/login", content=json.dumps({"code": code, "id": code}))
        assert answer.status_code in (400, 401)
        refusal(answer)


def test_nobody_gets_in_without_a_cookie(guest: httpx.Client) -> None:
    for method, path in (
        ("POST", "/chat/messages"),
        ("POST", "/chat/files"),
        ("GET", "/chat/history"),
        ("GET", "/chat/events"),
    ):
        answer = guest.request(method, path, headers={"Cookie": "xuehui=forged"})
        assert answer.status_code == 401, path
        refusal(answer)


def test_logout_ends_the_cookie_wherever_it_was_copied(server: Running, person: Person) -> None:
    with visitor(server) as thief:
        thief.cookies.update(person.http.cookies)
        answer = person.http.post("/chat/logout")
        assert answer.status_code == 204
        assert not person.http.cookies
        assert thief.get("/chat/history").status_code == 401
        assert thief.post("/chat/login", json={}).status_code in (400, 401)


def test_logout_of_a_guest_is_no_error(guest: httpx.Client) -> None:
    assert guest.post("/chat/logout").status_code == 204


# ---- Speaking


def test_answer_has_the_shape_of_the_contract(person: Person) -> None:
    person.say("开始")
    body = person.post({"id": fresh(), "text": "4，评选了第三届茶科技奖", "seen": str(person.shown)}).json()
    assert set(body) >= {"replies", "receipt"}
    assert body["receipt"]
    for reply in body["replies"]:
        assert set(reply) >= {"id", "text", "choices", "files"}
        assert isinstance(reply["id"], str)
        assert all(set(choice) >= {"id", "label"} for choice in reply["choices"])
    assert any(body["receipt"] in reply["text"] for reply in body["replies"])


def test_retry_has_one_effect_and_the_same_words(server: Running, person: Person) -> None:
    person.say("开始")
    body = {"id": fresh(), "text": "4，评选了第三届茶科技奖", "seen": str(person.shown)}
    first = person.post(body)
    events = count(server, rows(ANSWER_EVENT))
    again = person.post(body)
    assert (again.status_code, again.json()) == (200, first.json())
    assert count(server, rows(ANSWER_EVENT)) == events


def test_same_id_for_something_else_is_a_conflict(person: Person) -> None:
    body = {"id": fresh(), "text": "你好"}
    assert person.post(body).status_code == 200
    answer = person.post({**body, "text": "再见"})
    assert answer.status_code == 409
    refusal(answer)


def test_ids_of_two_people_are_apart(server: Running, person: Person) -> None:
    body = {"id": "1", "text": "帮助"}
    assert person.post(body).status_code == 200
    with logged_in(server) as other:
        assert other.post({**body, "text": "分数"}).status_code == 200


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_message(server: Running, person: Person, name: str) -> None:
    before = count(server, rows(INBOUND))
    answer = person.http.post("/chat/messages", content=MALFORMED[name])
    assert answer.status_code == 400
    refusal(answer)
    assert count(server, rows(INBOUND)) == before


@pytest.mark.parametrize("text", ["\x00\x01\x02", "\ud800", "a\ud800\x00b", "\u202e开始", "  ", "%s%n{{7*7}}${7}"])
def test_strange_text_gets_a_sentence(person: Person, text: str) -> None:
    answer = person.http.post("/chat/messages", content=json.dumps({"id": fresh(), "text": text}))
    assert answer.status_code == 200
    assert answer.json()["replies"][0]["text"]
    assert "49" not in answer.json()["replies"][0]["text"]


@pytest.mark.parametrize("choice", ["", "\x00", "\ud800", "1", "1-", "-1", "1-99", "²-0", "9" * 17 + "-0", "x" * 5000])
def test_strange_choice_shows_where_she_stands(person: Person, choice: str) -> None:
    answer = person.http.post("/chat/messages", content=json.dumps({"id": fresh(), "choice": choice}))
    assert answer.status_code in (200, 400)


def test_text_at_its_limit_and_above(person: Person) -> None:
    assert person.post({"id": fresh(), "text": "字" * LIMIT_TEXT}).status_code == 200
    answer = person.post({"id": fresh(), "text": "字" * (LIMIT_TEXT + 1)})
    assert answer.status_code == 413
    assert "20000" in refusal(answer).replace(",", "")


def test_body_above_its_limit(person: Person) -> None:
    answer = person.http.post("/chat/messages", content=b'{"id": "a", "text": "' + b"x" * (1 << 20) + b'"}')
    assert answer.status_code == 413
    refusal(answer)


def test_body_above_its_limit_that_does_not_say_its_length(person: Person) -> None:
    answer = person.http.post("/chat/messages", content=(b"x" * 1024 for _ in range(1024)))
    assert answer.status_code == 413
    refusal(answer)


def test_too_many_messages_in_a_minute(alone: Running) -> None:
    with logged_in(alone) as person:
        answers = [person.post({"id": fresh(), "text": "帮助"}) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert 0 < int(answers[-1].headers["retry-after"]) <= 61
        assert "5" in refusal(answers[-1])


def test_score_for_a_question_not_yet_seen_is_not_taken(person: Person) -> None:
    """Rule R4: the impatient second number is no answer to the question that it crossed on the way."""
    person.say("开始")
    seen = person.shown
    person.say("4，评选了第三届茶科技奖")
    person.say("下一项")
    answer = person.post({"id": fresh(), "text": "5", "seen": str(seen)})
    assert answer.json()["receipt"] is None
    answer = person.post({"id": fresh(), "text": "5", "seen": str(person.shown)})
    assert answer.json()["receipt"]


def test_stale_choice_changes_nothing(person: Person) -> None:
    asked = person.say("开始")[-1]
    skip = next(choice["id"] for choice in asked["choices"] if choice["label"] == "跳过")
    assert "【2/25】" in person.post({"id": fresh(), "choice": skip}).json()["replies"][-1]["text"]
    again = person.post({"id": fresh(), "choice": skip}).json()
    assert again["receipt"] is None
    assert "第2项" in again["replies"][-1]["text"] or "【2/25】" in again["replies"][-1]["text"]


def test_choice_of_somebody_else_is_nothing_to_her(server: Running, person: Person) -> None:
    choice = person.say("提交")[-1]["choices"][1]
    with logged_in(server) as other:
        answer = other.post({"id": fresh(), "choice": choice["id"]})
        assert answer.status_code == 200
        assert answer.json()["receipt"] is None
        assert not any("已提交" in reply["text"] for reply in answer.json()["replies"])


# ---- Files


def test_file_is_taken_and_comes_back_as_it_was(server: Running, person: Person) -> None:
    person.say("开始")
    person.say("4")
    sent = png(40, 30, seed=5)
    body = person.send(sent, "评审会.png", seen=str(person.shown)).json()
    assert body["receipt"]
    assert "评审会.png" in body["replies"][0]["text"]
    turn = person.history()["turns"][-1]
    assert turn["files"] == ["评审会.png"]
    link = next(file["url"] for reply in person.say("看依据") for file in reply["files"])
    answer = person.http.get(link)
    assert answer.content == sent
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_file_retry_is_known_by_its_bytes(server: Running, person: Person) -> None:
    person.say("开始")
    person.say("4")
    sent, id, seen = png(30, 30, seed=6), fresh(), str(person.shown)
    first = person.send(sent, id=id, seen=seen)
    pieces = count(server, rows(EVIDENCE))
    body, boundary = multipart({"id": id, "seen": seen}, "合影.png", sent, boundary="another-boundary")
    again = person.http.post("/chat/files", content=body, headers={"Content-Type": boundary})
    assert (again.status_code, again.json()) == (200, first.json())
    assert count(server, rows(EVIDENCE)) == pieces
    other = person.send(png(30, 30, seed=7), id=id, seen=seen)
    assert other.status_code == 409
    assert count(server, rows(EVIDENCE)) == pieces


def multipart(fields: dict[str, str], name: str, data: bytes, *, boundary: str) -> tuple[bytes, str]:
    parts = [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}'.encode() for key, value in fields.items()]
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'
    parts.append(head.encode() + data)
    edge = f"--{boundary}".encode()
    body = b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts) + edge + b"--\r\n"
    return body, f"multipart/form-data; boundary={boundary}"


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("程序.exe", b"MZ\x90\x00" + b"\x00" * 100, 415),
        ("照片.png", b"MZ\x90\x00" + b"\x00" * 100, 415),
        ("page.html", b"<html><script>alert(1)</script>", 415),
        ("notes.txt", b"<svg onload=alert(1)>", 415),
        ("photo.svg", b"<svg/>", 415),
        ("空.png", b"", 400),
    ],
)
def test_file_that_is_not_taken(server: Running, person: Person, name: str, data: bytes, status: int) -> None:
    before = count(server, rows(EVIDENCE))
    answer = person.send(data, name)
    assert answer.status_code == status
    assert name in refusal(answer)
    assert count(server, rows(EVIDENCE)) == before


def test_file_at_its_limit_and_above(person: Person) -> None:
    head = png(8, 8)
    assert person.send(head + b"\0" * (LIMIT_FILE - len(head)), "最大.png").status_code == 200
    above = person.send(head + b"\0" * (LIMIT_FILE - len(head) + 1), "超过.png")
    assert above.status_code == 413
    assert "超过.png" in refusal(above)
    assert "20" in refusal(above)
    assert person.send(head + b"\0" * (LIMIT_FILE + (1 << 20)), "太大.png").status_code == 413


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"\x00\xff" * 100, "multipart/form-data; boundary=x"),
        (b"hello", "multipart/form-data"),
        (b'{"id": "a"}', "application/json"),
        (b"id=a&file=b", "application/x-www-form-urlencoded"),
        (multipart({"id": ""}, "a.png", png(4, 4), boundary="x")[0], "multipart/form-data; boundary=x"),
        (multipart({"id": "a", "seen": "NaN"}, "a.png", png(4, 4), boundary="x")[0], "multipart/form-data; boundary=x"),
        (
            multipart({str(n): "" for n in range(50)}, "a.png", png(4, 4), boundary="x")[0],
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_malformed_upload(server: Running, person: Person, content: bytes, kind: str) -> None:
    before = count(server, rows(EVIDENCE))
    answer = person.http.post("/chat/files", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 400
    refusal(answer)
    assert count(server, rows(EVIDENCE)) == before


def test_upload_text_above_its_limit(person: Person) -> None:
    assert person.send(png(8, 8), text="字" * (LIMIT_TEXT + 1)).status_code == 413


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.png", "a\x00b.png", "字" * 300 + ".png", "\u202egnp.png", '"<img>".png']
)
def test_file_name_is_only_a_name(person: Person, name: str) -> None:
    person.say("开始")
    answer = person.send(png(8, 8, seed=len(name)), name, seen=str(person.shown))
    assert answer.status_code == 200
    kept = person.history()["turns"][-1]["files"][0]
    assert "/" not in kept
    assert "\x00" not in kept
    assert len(kept) <= 120


# ---- Links


def test_link_is_good_for_an_hour(guest: httpx.Client) -> None:
    class Earlier(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() - 3601

    links = URLSafeTimedSerializer(SECRET, salt="download", signer=Earlier)
    token = links.dumps("evidence:1")
    answer = guest.get(f"/d/{token if isinstance(token, str) else token.decode()}")
    assert answer.status_code == 410
    refusal(answer)


def test_signed_link_to_nothing(guest: httpx.Client) -> None:
    token = URLSafeTimedSerializer(SECRET, salt="download").dumps("evidence:987654321")
    assert guest.get(f"/d/{token!s}").status_code == 404


@pytest.mark.parametrize("token", ["x", "a.b.c", "%00", "..%2f..%2fetc%2fpasswd", "\u5b57", "x" * 5000])
def test_forged_link(guest: httpx.Client, token: str) -> None:
    assert guest.get(f"/d/{token}").status_code == 404


# ---- Events and history


def events(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    """The events of a stream as they come."""
    id = ""
    for line in answer.iter_lines():
        if line.startswith("id: "):
            id = line.removeprefix("id: ")
        elif line.startswith("data: "):
            yield {"id": id, "reply": json.loads(line.removeprefix("data: "))}


def test_events_bring_every_reply_and_resume_where_she_left(person: Person) -> None:
    said = [reply for text in ("开始", "帮助", "分数") for reply in person.say(text)]
    first = person.history()["turns"][0]["replies"][0]
    with person.http.stream("GET", "/chat/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        heard = list(itertools.islice(events(answer), len(said) + 1))
    assert [one["reply"] for one in heard] == [first, *said]
    assert all(one["id"] == one["reply"]["id"] for one in heard)
    for resumed in ({"headers": {"Last-Event-ID": said[0]["id"]}}, {"params": {"after": said[0]["id"]}}):
        with person.http.stream("GET", "/chat/events", **resumed) as answer:  # type: ignore[arg-type]
            assert next(events(answer))["reply"] == said[1]


def test_events_of_what_is_said_while_they_are_open(server: Running, person: Person) -> None:
    with visitor(server) as tab:
        tab.cookies.update(person.http.cookies)
        with tab.stream("GET", "/chat/events", params={"after": person.shown}) as answer:
            said = person.say("帮助")
            assert next(events(answer))["reply"] == said[0]


def test_who_goes_to_another_round_sees_its_title(alone: Running) -> None:
    with logged_in(alone) as person, visitor(alone) as tab:
        person.say("开始")
        first, second = person.history()["title"], "第二轮自评"
        number = second_round(alone, second)
        assert person.history()["title"] == first  # the newest is not the one that she is at
        tab.cookies.update(person.http.cookies)
        with tab.stream("GET", "/chat/events", params={"after": person.shown}) as answer:
            person.say(f"轮次{number}")
            lines = answer.iter_lines()
            assert "event: title" in lines
            assert next(lines) == f"data: {json.dumps(second, ensure_ascii=False)}"
        assert person.history()["title"] == second


def test_events_are_hers_alone(server: Running, person: Person) -> None:
    with logged_in(server) as other:
        person.say("帮助")
        said = other.say("分数")
        with other.http.stream("GET", "/chat/events", params={"after": 0}) as answer:
            heard = list(itertools.islice(events(answer), 2))
    assert heard[-1]["reply"] == said[0]


@pytest.mark.parametrize("last", ["x", "-1", "1.5", "9" * 40, "²"])
def test_malformed_place_in_the_events(person: Person, last: str) -> None:
    answer = person.http.get("/chat/events", headers=[(b"Last-Event-ID", last.encode())])
    assert answer.status_code == 400


def test_history_is_what_was_said_under_the_ids_of_the_page(person: Person) -> None:
    id = fresh()
    hostile = "<img src=x onerror=alert(1)> {{7*7}} &lt;abc"
    replies = person.post({"id": id, "text": hostile}).json()["replies"]
    past = person.history()
    assert set(past) >= {"person", "society", "title", "turns", "last"}
    assert past["turns"][0]["text"] == "", "a code is no part of a conversation"
    assert past["turns"][0]["replies"]
    assert past["turns"][-1]["id"] == id
    assert past["turns"][-1]["text"] == hostile
    assert past["turns"][-1]["replies"] == replies
    assert past["last"] == int(replies[-1]["id"])


# ---- The edge


@pytest.mark.parametrize("why", FOREIGN)
@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_foreign_requests_are_refused_on_every_route(guest: httpx.Client, method: str, path: str, why: str) -> None:
    answer = guest.request(method, path, headers=FOREIGN[why])
    assert answer.status_code == 403
    refusal(answer)


def test_our_own_origin_is_welcome(server: Running, person: Person) -> None:
    origin = {"Origin": server.address}
    assert person.http.post("/chat/messages", json={"id": fresh(), "text": "帮助"}, headers=origin).status_code == 200


def test_public_address_is_our_own(tmp_path: Path) -> None:
    with within(tmp_path, public_url="https://xuehui.example") as server, visitor(server) as http:
        assert http.get("/", headers={"Host": "xuehui.example"}).status_code == 200
        assert http.get("/", headers={"Origin": "https://xuehui.example"}).status_code == 200
        assert http.get("/", headers={"Host": "other.example"}).status_code == 403


@pytest.mark.parametrize(("method", "path"), [*ROUTES, ("GET", "/chat/login"), ("PUT", "/")])
def test_every_answer_is_guarded(guest: httpx.Client, method: str, path: str) -> None:
    headers = guest.request(method, path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy or "sandbox" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


@pytest.mark.parametrize("path", ["/nowhere", "/static/", "/static/chat.html", "/static/..%2fweb.py", "/chat", "/.env"])
def test_unknown_places(guest: httpx.Client, path: str) -> None:
    answer = guest.get(path)
    assert answer.status_code == 404
    refusal(answer)


def test_wrong_method_is_refused_in_words(guest: httpx.Client) -> None:
    answer = guest.get("/chat/messages")
    assert answer.status_code in (404, 405)
    refusal(answer)


def test_page_knows_a_guest_from_somebody_with_a_cookie(guest: httpx.Client, person: Person) -> None:
    assert 'data-visitor="guest"' in guest.get("/").text
    page = person.http.get("/")
    assert 'data-visitor="guest"' not in page.text
    assert page.headers["cache-control"] == "no-store"


def test_page_asks_only_for_what_is_served(guest: httpx.Client) -> None:
    """Every file of the page folder but the page itself is served with its type."""
    for name, kind in asked_for(guest):
        answer = guest.get(name)
        assert answer.status_code == 200, name
        assert answer.headers["content-type"].startswith(kind), name


def asked_for(guest: httpx.Client) -> Iterator[tuple[str, str]]:
    kinds = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    for path in sorted((Path(__file__).parents[1] / "bot" / "pages").iterdir()):
        if path.suffix != ".html":
            yield f"/static/{path.name}", kinds[path.suffix[1:]]


def test_health_readiness_and_figures(guest: httpx.Client) -> None:
    assert guest.get("/healthz").status_code == 200
    ready = guest.get("/readyz")
    assert ready.status_code == 200
    assert set(ready.json()) >= {"database", "outbox_lag_s", "tick_lag_s", "clock", "channels"}
    assert "xuehui_messages_total" in guest.get("/metrics").text


def test_interrupt_ends_it_in_time_with_an_open_stream(tmp_path: Path) -> None:
    with (
        running(tmp_path) as server,
        logged_in(server) as person,
        person.http.stream("GET", "/chat/events") as answer,
    ):
        heard = events(answer)
        assert next(heard)["reply"]["text"].startswith("欢迎")
        assert server.interrupt() in (0, 130)
        assert list(heard) == [], "the stream ends as a whole answer, it is not torn"
    assert "Traceback" not in server.log()


# ---- Forged and malformed, at random


def test_nothing_forged_is_ever_stored_and_nothing_breaks(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    with running(tmp_path, RATE_PER_MINUTE="100000") as server, logged_in(server) as person, visitor(server) as guest:
        person.say("开始")
        for number in range(FORGED_POSTS):
            post = forged(chance)
            http = chance.choice((guest, person.http))
            answer = http.post(**post)
            assert answer.status_code < 500, (number, post, answer.text)
        assert count(server, rows(ANSWER_EVENT)) == 0
        assert count(server, rows(EVIDENCE)) == 0
        assert "Traceback" not in server.log()


def forged(chance: random.Random) -> dict[str, Any]:
    """A post that no page would send: a wrong body, a wrong type, a wrong place or a stranger's cookie."""
    path = chance.choice(("/chat/messages", "/chat/files", "/chat/login", "/chat/logout", "/d/x", "/", "/telegram"))
    if path == "/chat/logout":
        path = "/chat/messages"
    makers: tuple[Callable[[random.Random], bytes], ...] = (noise, broken_json, strange_json)
    kinds = ("application/json", "multipart/form-data; boundary=x", "text/plain", "multipart/form-data", "")
    headers = {"Content-Type": chance.choice(kinds)}
    if chance.random() < 0.3:
        headers["Origin"] = chance.choice(("http://evil.example", "null", "http://[", "\x80"))
    return {
        "url": path,
        "content": chance.choice(makers)(chance),
        "headers": {k: v.encode() for k, v in headers.items()},
    }


def noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.randrange(400))


def broken_json(chance: random.Random) -> bytes:
    whole = json.dumps({"id": "abc", "text": "5", "seen": "1"}).encode()
    place = chance.randrange(len(whole) - 1)
    return whole[:place] + chance.randbytes(1) * chance.randrange(1, 3) + b"\xff"


def strange_json(chance: random.Random) -> bytes:
    """Well-formed, but no message: the id is never one."""
    values: tuple[Any, ...] = (None, 5, -1, 1e308, float("nan"), True, [], {}, "\ud800", "\x00", "x" * 200, [[[]]])
    body = {name: chance.choice(values) for name in chance.sample(("text", "choice", "seen", "code", "file"), 3)}
    return json.dumps({**body, "id": chance.choice((None, 5, "", "\x00", "\ud800", [], "x" * 101))}).encode()
