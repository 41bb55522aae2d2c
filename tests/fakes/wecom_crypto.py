"""WeCom's side of the callback encryption, written from the platform's description and not from the bot's library."""

import base64
import hashlib
import hmac
import secrets
import struct
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32  # padded to 32 bytes, although a block of AES has 16
RANDOM = 16
LENGTH = 4


class Unsealed(Exception):
    """An envelope that the platform could not open."""


def cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def nodes(xml: str, refusal: type[Exception] = Unsealed) -> dict[str, str]:
    """The children of <xml> with their text; nested ones as `Outer.Inner`."""
    try:
        root = ET.fromstring(xml)
    except ET.ParseError as error:
        raise refusal(f"no XML: {error}") from error
    if root.tag != "xml":
        raise refusal(f"<{root.tag}> instead of <xml>")
    found: dict[str, str] = {}
    for node in root:
        found[node.tag] = node.text or ""
        found |= {f"{node.tag}.{inner.tag}": inner.text or "" for inner in node}
    return found


class Seal:
    """Token, key and corp of one callback."""

    def __init__(self, token: str, aes_key: str, receiver: str) -> None:
        assert len(aes_key) == 43, "an EncodingAESKey has 43 characters"
        self.token = token
        self.receiver = receiver
        key = base64.b64decode(aes_key + "=")
        self.cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def signature(self, timestamp: str, nonce: str, sealed: str) -> str:
        joined = "".join(sorted([self.token, timestamp, nonce, sealed]))
        return hashlib.sha1(joined.encode()).hexdigest()

    def close(self, text: str) -> str:
        content = text.encode()
        plain = secrets.token_bytes(RANDOM) + struct.pack(">I", len(content)) + content + self.receiver.encode()
        missing = BLOCK - len(plain) % BLOCK
        encryptor = self.cipher.encryptor()
        return base64.b64encode(encryptor.update(plain + bytes([missing]) * missing) + encryptor.finalize()).decode()

    def open(self, sealed: str) -> str:
        try:
            decryptor = self.cipher.decryptor()
            padded = decryptor.update(base64.b64decode(sealed, validate=True)) + decryptor.finalize()
        except ValueError as error:
            raise Unsealed(f"no ciphertext: {error}") from error
        missing = padded[-1] if padded else 0
        if not 1 <= missing <= BLOCK or padded[-missing:] != bytes([missing]) * missing:
            raise Unsealed("wrong padding")
        plain = padded[RANDOM:-missing]
        end = LENGTH + int.from_bytes(plain[:LENGTH], "big")
        if plain[end:] != self.receiver.encode():
            raise Unsealed(f"sealed for {plain[end:]!r}, not for {self.receiver}")
        try:
            return plain[LENGTH:end].decode()
        except UnicodeDecodeError as error:
            raise Unsealed(f"not UTF-8: {error}") from error

    def query(self, sealed: str, now: float | None = None) -> dict[str, str]:
        timestamp, nonce = str(int(time.time() if now is None else now)), secrets.token_hex(5)
        return {"msg_signature": self.signature(timestamp, nonce, sealed), "timestamp": timestamp, "nonce": nonce}

    def request(self, xml: str, agent_id: int, now: float | None = None) -> tuple[str, str]:
        """A callback's query string and body."""
        sealed = self.close(xml)
        body = (
            f"<xml><ToUserName>{cdata(self.receiver)}</ToUserName><Encrypt>{cdata(sealed)}</Encrypt>"
            f"<AgentID>{cdata(str(agent_id))}</AgentID></xml>"
        )
        return urlencode(self.query(sealed, now)), body

    def answer(self, body: str) -> Mapping[str, str]:
        """The nodes of an encrypted passive reply."""
        outer = nodes(body)
        if missing := {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"} - set(outer):
            raise Unsealed(f"without {sorted(missing)}")
        right = self.signature(outer["TimeStamp"], outer["Nonce"], outer["Encrypt"])
        if not hmac.compare_digest(right, outer["MsgSignature"]):
            raise Unsealed("wrong MsgSignature")
        return nodes(self.open(outer["Encrypt"]))
