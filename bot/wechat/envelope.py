"""WeChat's safe mode: a push is believed only when its signature covers what it says."""

import hashlib
import hmac
import re
import time
from collections.abc import Mapping
from datetime import datetime

from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.replies import TextReply

from bot.rendering import plain

STALE_SECONDS = 600  # retries come within seconds (platform.md A2)
ENCRYPTED = re.compile(rb"<Encrypt>\s*(?:<!\[CDATA\[)?([A-Za-z0-9+/=]+)(?:\]\]>)?\s*</Encrypt>")


class Forged(Exception):
    """No push of WeChat's, or an old one."""


class Malformed(Exception):
    """Not even an envelope."""


class Unsealable(Exception):
    """Signed, but it can't be opened, or is meant for another account."""


class Envelope:
    """Opens and seals for one account."""

    def __init__(self, token: str, aes_key: str, id: str) -> None:
        self.token = token
        self.crypto = WeChatCrypto(token, aes_key, id)

    def greeted(self, query: Mapping[str, str]) -> str:
        """What the platform wants to hear when it verifies the address. Raises Forged."""
        self._believed(query, query.get("signature", ""), self._signature(query))
        return query.get("echostr", "")

    def opened(self, body: bytes, query: Mapping[str, str], now: datetime) -> str:
        """The XML inside, believed before anything of it is parsed. Raises Malformed, Forged and Unsealable."""
        found = ENCRYPTED.search(body)
        if found is None:
            raise Malformed
        sealed = found[1].decode("ascii")
        self._believed(query, query.get("msg_signature", ""), self._signature(query, sealed))
        self._fresh(query, now)
        try:
            whole = f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
            return str(self.crypto.decrypt_message(whole, query["msg_signature"], query["timestamp"], query["nonce"]))
        except (
            ValueError,
            KeyError,
            IndexError,
            OverflowError,
            InvalidAppIdException,
            InvalidSignatureException,
        ) as error:
            raise Unsealable(type(error).__name__) from None
        except Exception as error:  # struct.error and whatever else a broken ciphertext makes of the library
            raise Unsealable(type(error).__name__) from None

    def sealed(self, text: str, *, to: str, sender: str, nonce: str, now: datetime) -> str:
        """A passive text reply. Nothing in the text can end its node."""
        content = plain(text).replace("]]>", "]]]]><![CDATA[>")
        reply = TextReply(content=content, source=sender, target=to, time=int(now.timestamp()))
        return str(self.crypto.encrypt_message(reply.render(), nonce, str(int(time.time()))))

    def _signature(self, query: Mapping[str, str], *more: str) -> str:
        parts = sorted([self.token, query.get("timestamp", ""), query.get("nonce", ""), *more])
        return hashlib.sha1("".join(parts).encode()).hexdigest()  # noqa: S324  the platform's choice

    def _believed(self, query: Mapping[str, str], given: str, right: str) -> None:
        if not hmac.compare_digest(given.encode(), right.encode()):
            raise Forged

    def _fresh(self, query: Mapping[str, str], now: datetime) -> None:
        """By the real clock or by ours, which tests move."""
        stamp = query.get("timestamp", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 12):
            raise Forged
        if min(abs(time.time() - int(stamp)), abs(now.timestamp() - int(stamp))) > STALE_SECONDS:
            raise Forged
