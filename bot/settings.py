"""Settings from the environment or .env, and why a start is refused."""

import ipaddress
import os
import re
import secrets
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

# What a channel needs to be on; with none of it the channel is off.
CHANNELS = {
    "telegram": ("TELEGRAM_BOT_TOKEN",),
    "wechat": ("WECHAT_APP_ID", "WECHAT_APP_SECRET", "WECHAT_TOKEN", "WECHAT_AES_KEY"),
    "wecom": ("WECOM_CORP_ID", "WECOM_AGENT_ID", "WECOM_SECRET", "WECOM_TOKEN", "WECOM_AES_KEY"),
}
AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


class BadSettings(Exception):
    """The settings do not fit together: `phrase` is the message that says so, `about` what it names."""

    def __init__(self, phrase: str, **about: object) -> None:
        super().__init__(f"{phrase} {', '.join(map(str, about.values()))}")
        self.phrase = phrase
        self.about = about


class Settings(BaseSettings):
    """Every setting the program knows; `.env.example` documents each."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", case_sensitive=False)

    database_url: str = ""
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str = ""
    secret_key: SecretStr = SecretStr("")
    timezone: str = "Asia/Shanghai"
    rate_per_minute: int = Field(default=60, ge=1)
    log_level: str = "INFO"

    telegram_bot_token: SecretStr = SecretStr("")
    telegram_mode: Literal["polling", "webhook"] = "polling"
    telegram_webhook_secret: SecretStr = SecretStr("")
    telegram_api_base: str = "https://api.telegram.org"
    telegram_proxy: SecretStr = SecretStr("")

    wechat_app_id: str = ""
    wechat_app_secret: SecretStr = SecretStr("")
    wechat_token: SecretStr = SecretStr("")
    wechat_aes_key: SecretStr = SecretStr("")
    wechat_api_base: str = "https://api.weixin.qq.com"
    wechat_reminder_template: str = ""

    wecom_corp_id: str = ""
    wecom_agent_id: str = ""
    wecom_secret: SecretStr = SecretStr("")
    wecom_token: SecretStr = SecretStr("")
    wecom_aes_key: SecretStr = SecretStr("")
    wecom_api_base: str = "https://qyapi.weixin.qq.com"

    bot_test_mode: bool = False
    bot_clock_file: Path | None = None
    bot_tick_seconds: float = Field(default=15.0, gt=0)

    @property
    def database(self) -> str:
        """The database's address; SQLite in the data folder when none is given."""
        return self.database_url or f"sqlite:///{self.data_dir / 'xuehui.sqlite3'}"

    @property
    def address(self) -> str:
        """Where the web chat is found."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def wildcard(self) -> bool:
        return self.host in ("0.0.0.0", "::", "")

    def secret(self) -> str:
        """The key that signs links and cookies; made and kept in the data folder (mode 0600) when none is given."""
        if given := self.secret_key.get_secret_value():
            return given
        self.data_dir.mkdir(parents=True, exist_ok=True)
        place = self.data_dir / "secret_key"
        try:
            with open(place, "x", encoding="ascii", opener=_private) as file:
                file.write(secrets.token_urlsafe(48))
        except FileExistsError:
            pass  # another start made it, now or before
        kept = place.read_text(encoding="ascii").strip()
        if len(kept) < 32:
            raise BadSettings("settings_damaged", name="SECRET_KEY", place=place)
        return kept

    def verify(self) -> None:
        """Raises BadSettings when a start must be refused."""
        if self.bot_clock_file and not self.bot_test_mode:
            raise BadSettings("settings_test_only", name="BOT_CLOCK_FILE")
        if self.public_url and urlsplit(self.public_url).scheme not in ("http", "https"):
            raise BadSettings("settings_no_url", name="PUBLIC_URL")
        for channel in CHANNELS:
            self._verify_channel(channel)

    @property
    def telegram_account(self) -> str:
        """The bot's own id: what stands before the colon of its token."""
        return self.telegram_bot_token.get_secret_value().partition(":")[0]

    def on(self, channel: str) -> bool:
        """Whether a channel has all that it needs."""
        return not self._missing(channel)

    def secrets(self) -> list[str]:
        """Every value that must never be shown."""
        held = (getattr(self, name) for name in Settings.model_fields)
        return [one.get_secret_value() for one in held if isinstance(one, SecretStr) and one.get_secret_value()]

    def _verify_channel(self, channel: str) -> None:
        missing = self._missing(channel)
        given = [name for name in self._needed(channel) if name not in missing and name != "PUBLIC_URL"]
        if missing and given:
            raise BadSettings("settings_missing", channel=channel, names=", ".join(missing))
        if missing:
            return
        key = f"{channel}_aes_key"
        if key in Settings.model_fields and not AES_KEY.fullmatch(self._value(key)):
            raise BadSettings("settings_aes_key", name=key.upper())
        if channel == "telegram":
            self._verify_telegram()
        if channel == "wecom" and not self.wecom_agent_id.isdecimal():
            raise BadSettings("settings_number", name="WECOM_AGENT_ID")
        base = f"{channel}_api_base"
        if self.bot_test_mode and not _loopback(self._value(base)):
            raise BadSettings("settings_loopback", name=base.upper())

    def _verify_telegram(self) -> None:
        if not re.fullmatch(r"\d+:[\w-]+", self._value("telegram_bot_token"), re.ASCII):
            raise BadSettings("settings_bot_token", name="TELEGRAM_BOT_TOKEN")
        secret = self._value("telegram_webhook_secret")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise BadSettings("settings_secret", name="TELEGRAM_WEBHOOK_SECRET")

    def _needed(self, channel: str) -> tuple[str, ...]:
        if channel == "telegram" and self.telegram_mode == "webhook":
            return (*CHANNELS[channel], "TELEGRAM_WEBHOOK_SECRET", "PUBLIC_URL")
        return CHANNELS[channel]

    def _missing(self, channel: str) -> list[str]:
        """What a channel still needs; everything where it is off."""
        return [name for name in self._needed(channel) if not self._value(name.lower())]

    def _value(self, name: str) -> str:
        held = getattr(self, name)
        return held.get_secret_value() if isinstance(held, SecretStr) else str(held)


def _loopback(base: str) -> bool:
    host = urlsplit(base).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def unknown_settings(lines: list[str]) -> list[str]:
    """Names in a .env file that the program does not know: a typing mistake must not stay silent."""
    known = {name.upper() for name in Settings.model_fields}
    names = [line.split("=", 1)[0].strip().removeprefix("export ") for line in lines if "=" in line]
    return [name for name in names if name and not name.startswith("#") and name.upper() not in known]
