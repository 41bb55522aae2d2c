"""The platform's own signature and message encryption, written from its document and not with the bot's library."""

import base64
import hashlib
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

# The padding goes up to 32 bytes, not to AES's own 16.
BLOCK = 32
RANDOM = 16
LENGTH = 4


class Broken(Exception):
    """What came is not what the other side should have sealed."""


def signature(*parts: str) -> str:
    """The sha1 of the sorted parts, the token among them."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


class Seal:
    """AES-256-CBC with the id of the account (or of the corp) inside, as the platform does it."""

    def __init__(self, token: str, aes_key: str, account: str) -> None:
        self.token = token
        self.account = account.encode()
        assert len(aes_key) == 43, "an EncodingAESKey has 43 characters"
        self.key = base64.b64decode(aes_key + "=")

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self.key), modes.CBC(self.key[:16]))

    def sign(self, timestamp: str, nonce: str, *sealed: str) -> str:
        return signature(self.token, timestamp, nonce, *sealed)

    def seal(self, text: str) -> str:
        message = text.encode()
        plain = os.urandom(RANDOM) + struct.pack(">I", len(message)) + message + self.account
        padding = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def unseal(self, sealed: str) -> str:
        """The text inside; raises Broken, with the reason, unless every byte of it is right."""
        try:
            data = base64.b64decode(sealed, validate=True)
        except ValueError as error:
            raise Broken("no base64") from error
        if not data or len(data) % BLOCK:
            raise Broken(f"{len(data)} bytes are no whole blocks")
        decryptor = self._cipher().decryptor()
        return self._unpack(decryptor.update(data) + decryptor.finalize())

    def _unpack(self, plain: bytes) -> str:
        padding = plain[-1]
        if not 1 <= padding <= BLOCK or plain[-padding:] != bytes([padding]) * padding:
            raise Broken("padding")
        body = plain[RANDOM:-padding]
        if len(body) < LENGTH:
            raise Broken("too short")
        length = struct.unpack(">I", body[:LENGTH])[0]
        message, account = body[LENGTH : LENGTH + length], body[LENGTH + length :]
        if len(message) != length or account != self.account:
            raise Broken("length or account")
        try:
            return message.decode()
        except UnicodeDecodeError as error:
            raise Broken("no UTF-8") from error
