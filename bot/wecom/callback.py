"""WeCom's callback: sealed as WeChat's safe mode is, for the corp; even the echo of the verification is."""

from collections.abc import Mapping
from datetime import datetime

from wechatpy.crypto import PrpCrypto

from bot.wechat.envelope import Envelope, Unsealable


class Callback(Envelope):
    """Opens what WeCom pushes to one application."""

    def __init__(self, token: str, aes_key: str, corp_id: str) -> None:
        super().__init__(token, aes_key, corp_id)
        self.corp_id = corp_id

    def verified(self, query: Mapping[str, str], now: datetime) -> str:
        """What the platform wants to hear when it verifies the address. Raises Forged and Unsealable."""
        echo = query.get("echostr", "")
        self._believed(query, query.get("msg_signature", ""), self._signature(query, echo))
        self._fresh(query, now)
        try:
            plain = str(PrpCrypto(self.crypto.key).decrypt(echo, self.corp_id))
        except Exception as error:  # struct.error and whatever else a broken ciphertext makes of the library
            raise Unsealable(type(error).__name__) from None
        if plain.lstrip().startswith("<"):
            raise Unsealable("a push, not an echo")  # who caught one on its way must not have it opened here
        return plain
