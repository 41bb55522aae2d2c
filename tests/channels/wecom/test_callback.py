"""Only what WeCom sealed for our application, a moment ago, has an effect; nothing makes the server fail."""

import base64
import time
from collections.abc import Callable
from urllib.parse import urlencode

import httpx
import pytest

from tests.channels.wecom.conftest import Office
from tests.fakes.wecom import AES_KEY, AGENT_ID, CORP_ID, TOKEN
from tests.fakes.wecom_crypto import Seal

EACH = 15
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)
Request = tuple[str, str | bytes]


def inner(number: int, inside: str = "<Content>伪造</Content>", *, corp: str = CORP_ID, sender: str = "Forger") -> str:
    return (
        f"<xml><ToUserName>{corp}</ToUserName><FromUserName>{sender}</FromUserName><CreateTime>{int(time.time())}"
        f"</CreateTime><MsgType>text</MsgType>{inside}<MsgId>{number}</MsgId><AgentID>{AGENT_ID}</AgentID></xml>"
    )


def sealed_by(token: str = TOKEN, key: str = AES_KEY, corp: str = CORP_ID) -> Callable[[int], Request]:
    return lambda n: Seal(token, key, corp).request(inner(n), AGENT_ID)


def saying(make: Callable[[int], str]) -> Callable[[int], Request]:
    """Signed as the platform would, whatever is inside."""
    return lambda n: Seal(TOKEN, AES_KEY, CORP_ID).request(make(n), AGENT_ID)


def aged(seconds: float) -> Callable[[int], Request]:
    return lambda n: Seal(TOKEN, AES_KEY, CORP_ID).request(inner(n), AGENT_ID, time.time() + seconds + n)


def carrying(spoil: Callable[[str, int], str]) -> Callable[[int], Request]:
    """A spoiled ciphertext under a signature that is right for it."""

    def request(n: int) -> Request:
        seal = Seal(TOKEN, AES_KEY, CORP_ID)
        spoiled = spoil(seal.close(inner(n)), n)
        return urlencode(seal.query(spoiled)), f"<xml><Encrypt>{spoiled}</Encrypt></xml>"

    return request


def replaced(**change: str) -> Callable[[int], Request]:
    """A good request with another query."""

    def request(n: int) -> Request:
        seal = Seal(TOKEN, AES_KEY, CORP_ID)
        query, body = seal.request(inner(n), AGENT_ID)
        given = dict(pair.split("=") for pair in query.split("&")) | change
        return urlencode({name: value for name, value in given.items() if value}), body

    return request


def body(make: Callable[[int], str | bytes]) -> Callable[[int], Request]:
    return lambda n: (Seal(TOKEN, AES_KEY, CORP_ID).request("<xml/>", AGENT_ID)[0], make(n))


def bare(n: int) -> str:
    return "x" * n


FORGED: dict[str, tuple[Callable[[int], Request], set[int]]] = {
    "another token": (sealed_by(token="guess"), {401}),
    "no token": (sealed_by(token=""), {401}),
    "bad signature": (replaced(msg_signature="0" * 40), {401}),
    "strange signature": (replaced(msg_signature="签名\x00😀"), {401}),
    "no signature": (replaced(msg_signature=""), {401}),
    "no nonce": (replaced(nonce=""), {401}),
    "strange timestamp": (replaced(timestamp="１２３"), {401}),
    "old": (aged(-700), {401}),
    "to come": (aged(700), {401}),
    "another corp": (sealed_by(corp="wwothercorp"), {200}),
    "another key": (sealed_by(key="A" * 43), {200}),
    "another corp inside": (saying(lambda n: inner(n, corp="wwothercorp")), {200}),
    "cut base64": (carrying(lambda sealed, n: sealed[: -1 - n % 40]), {200}),
    "cut blocks": (
        carrying(lambda sealed, n: base64.b64encode(base64.b64decode(sealed)[: 16 * (n % 5)]).decode()),
        {200, 400},
    ),
    "bomb inside": (saying(lambda n: f"{BOMB}]>{inner(n, '<Content>&j;</Content>')}"), {200}),
    "not for one": (saying(lambda n: inner(n, sender="@all" if n % 2 else "a|b")), {200}),
    "no XML inside": (saying(lambda n: f"{n}"), {200}),
    "bomb": (body(lambda n: f"{BOMB}]><xml><Encrypt>&j;</Encrypt></xml>"), {400, 401}),
    "no XML": (body(lambda n: "{" * n), {400}),
    "no letters": (body(lambda n: b"\xff\xfe\x00" * n), {400}),
    "huge": (body(lambda n: "<xml><Encrypt>" + "A" * (65 << 10) + "</Encrypt></xml>"), {413}),
}


@pytest.mark.parametrize(("make", "statuses"), FORGED.values(), ids=FORGED.keys())
def test_what_is_forged_or_broken_has_no_effect(
    office: Office, make: Callable[[int], Request], statuses: set[int]
) -> None:
    before, sent = office.stored(), len(office.fake.record.of("message/send"))
    with httpx.Client(trust_env=False, verify=False) as client:
        for number in range(EACH):
            query, content = make(number)
            answer = client.post(f"{office.server.address}/wecom?{query}", content=content)
            assert answer.status_code in statuses, answer.text
            assert answer.status_code != 200 or answer.content == b""
    assert (office.stored(), len(office.fake.record.of("message/send"))) == (before, sent)


def test_the_address_is_verified(office: Office) -> None:
    assert office.fake.verifies().isdecimal()


@pytest.mark.parametrize(
    ("seal", "echo", "status"),
    [
        (Seal("guess", AES_KEY, CORP_ID), "closed", 401),
        (Seal(TOKEN, AES_KEY, "wwother"), "closed", 400),
        (Seal(TOKEN, "A" * 43, CORP_ID), "closed", 400),
        (Seal(TOKEN, AES_KEY, CORP_ID), "x", 400),
        (Seal(TOKEN, AES_KEY, CORP_ID), "", 400),
    ],
)
def test_nobody_else_verifies(office: Office, seal: Seal, echo: str, status: int) -> None:
    echo = seal.close("1234") if echo == "closed" else echo
    query = urlencode({**seal.query(echo), "echostr": echo})
    assert httpx.get(f"{office.server.address}/wecom?{query}", trust_env=False, verify=False).status_code == status
    assert httpx.get(f"{office.server.address}/wecom", trust_env=False, verify=False).status_code == 401
