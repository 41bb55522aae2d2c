"""Settings from the environment or .env, and why a start is refused."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class BadSettings(Exception):
    """The settings do not fit together; the text names them."""


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
            raise BadSettings(f"SECRET_KEY: {place} is damaged")
        return kept

    def verify(self) -> None:
        """Raises BadSettings when a start must be refused."""
        if self.bot_clock_file and not self.bot_test_mode:
            raise BadSettings("BOT_CLOCK_FILE needs BOT_TEST_MODE=1")
        if self.public_url and urlsplit(self.public_url).scheme not in ("http", "https"):
            raise BadSettings("PUBLIC_URL must begin with http:// or https://")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def unknown_settings(lines: list[str]) -> list[str]:
    """Names in a .env file that the program does not know: a typing mistake must not stay silent."""
    known = {name.upper() for name in Settings.model_fields}
    names = [line.split("=", 1)[0].strip().removeprefix("export ") for line in lines if "=" in line]
    return [name for name in names if name and not name.startswith("#") and name.upper() not in known]
