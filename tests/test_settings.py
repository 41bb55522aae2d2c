"""Channel settings: on when complete, off when nothing is given, refused with what is missing in between."""

import pytest
from pydantic import SecretStr

from bot.settings import BadSettings, Settings
from handlers.phrasebook import phrasebook

KEY = "a" * 43
WECHAT = {"wechat_app_id": "wx1", "wechat_app_secret": "s", "wechat_token": "t", "wechat_aes_key": KEY}
WECOM = {"wecom_corp_id": "ww1", "wecom_agent_id": "7", "wecom_secret": "s", "wecom_token": "t", "wecom_aes_key": KEY}
TELEGRAM = {"telegram_bot_token": "123456:ABC"}
LOCAL = "http://127.0.0.1:9001"


def settings(**given: object) -> Settings:
    return Settings(_env_file=None, **given)  # type: ignore[arg-type, call-arg]


@pytest.mark.parametrize(("channel", "complete"), [("wechat", WECHAT), ("wecom", WECOM), ("telegram", TELEGRAM)])
def test_on_when_complete_and_off_when_nothing_is_given(channel: str, complete: dict[str, str]) -> None:
    settings().verify()
    assert not settings().on(channel)
    whole = settings(**complete)
    whole.verify()
    assert whole.on(channel)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"wechat_app_id": "wx1", "wechat_token": "t"}, "微信公众号还缺 WECHAT_APP_SECRET, WECHAT_AES_KEY"),
        ({"wecom_secret": "s"}, "企业微信还缺 WECOM_CORP_ID, WECOM_AGENT_ID, WECOM_TOKEN, WECOM_AES_KEY"),
        ({**TELEGRAM, "telegram_mode": "webhook"}, "Telegram还缺 TELEGRAM_WEBHOOK_SECRET, PUBLIC_URL"),
        ({"telegram_webhook_secret": "abc", "telegram_mode": "webhook"}, "Telegram还缺 TELEGRAM_BOT_TOKEN, PUBLIC_URL"),
        ({"telegram_bot_token": "hello"}, "TELEGRAM_BOT_TOKEN 应形如"),
        ({**WECHAT, "wechat_aes_key": "short"}, "WECHAT_AES_KEY 应是"),
        ({**WECOM, "wecom_agent_id": "x"}, "WECOM_AGENT_ID 应是"),
        ({**TELEGRAM, "bot_test_mode": True}, "TELEGRAM_API_BASE 只能是本机地址"),
        ({**WECHAT, "bot_test_mode": True}, "WECHAT_API_BASE 只能是本机地址"),
        ({"public_url": "ftp://x"}, "PUBLIC_URL 要以"),
        ({"bot_clock_file": "/tmp/x"}, "BOT_CLOCK_FILE 只供测试"),
    ],
)
def test_a_start_is_refused_in_words(given: dict[str, object], said: str) -> None:
    with pytest.raises(BadSettings) as refused:
        settings(**given).verify()
    assert said in phrasebook().text(refused.value.phrase, refused.value.about)


def test_a_base_alone_switches_nothing_on() -> None:
    alone = settings(telegram_api_base=LOCAL, wechat_api_base="https://api.weixin.qq.com", bot_test_mode=True)
    alone.verify()
    assert not alone.on("telegram")
    settings(**TELEGRAM, telegram_api_base=LOCAL, bot_test_mode=True).verify()
    settings(**TELEGRAM, telegram_api_base="http://[::1]:1", bot_test_mode=True).verify()


def test_every_secret_is_known_and_none_is_shown() -> None:
    whole = settings(**WECHAT, secret_key=SecretStr("the-key-of-all"))
    assert {"s", "t", KEY, "the-key-of-all"} <= set(whole.secrets())
    assert "the-key-of-all" not in repr(whole)
