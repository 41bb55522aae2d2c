"""Secrets in logs: hidden as they are, in addresses, in answers of platforms, and in what an exception says."""

import logging

import pytest

from bot.logs import Redacting

SECRETS = ["s3cret-of-the-app", "123456:CANARY-telegram-token"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("the secret is s3cret-of-the-app.", "the secret is ***."),
        ("GET https://api.telegram.org/bot123456:CANARY-telegram-token/getMe", "GET https://api.telegram.org/bot***/getMe"),
        ("https://x/file/bot98%3AABCDEFGHIJKLMNOPQRSTUV/photo.jpg", "https://x/file/bot***/photo.jpg"),
        ("GET /cgi-bin/message/send?access_token=AbC_1-x&debug=1", "GET /cgi-bin/message/send?access_token=***&debug=1"),
        ("/cgi-bin/gettoken?corpid=ww1&corpsecret=xyz", "/cgi-bin/gettoken?corpid=ww1&corpsecret=***"),
        ('{"access_token": "AbC_1-x", "expires_in": 7200}', '{"access_token": "***", "expires_in": 7200}'),
        ("POST /wechat?signature=abc&timestamp=1&nonce=2&msg_signature=def", "POST /wechat?signature=***&timestamp=1&nonce=2&msg_signature=***"),
        ("the robot said bot 12: hello", "the robot said bot 12: hello"),
    ],
)  # fmt: skip
def test_what_is_hidden_and_what_stays(said: str, kept: str) -> None:
    assert Redacting(SECRETS).hidden(said) == kept


def test_an_exception_says_no_secret_either() -> None:
    with pytest.raises(ValueError, match="rejected") as raised:
        int("123456:CANARY-telegram-token was rejected")
    told = (raised.type, raised.value, raised.tb)
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed: %s", ("s3cret-of-the-app",), told)
    line = Redacting(SECRETS).format(record)
    assert "CANARY" not in line
    assert "s3cret" not in line
    assert "was rejected" in line
