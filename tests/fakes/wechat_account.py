"""What the platform keeps of one account: its clock, tokens, media, QR codes, menu, templates and followers."""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.serving import PATIENCE
from tests.fakes.wechat_rules import DAILY, DAY, MEDIA_LIVES, Quota, Refused, need

FRESH = 300.0  # a stable token is renewed in its last five minutes; a replaced plain token lives that long
FORCED_A_DAY = 20
FORCED_APART = 30.0

Shown = dict[str, Any]  # kind, way, text, raw, links, urls, at; media_id where there is one


class Clock:
    """The platform's time, which a test can move forward."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self.source = source
        self.moved = 0.0

    def __call__(self) -> float:
        return self.source() + self.moved

    def passes(self, seconds: float) -> None:
        assert seconds >= 0, "time does not run back"
        self.moved += seconds


class Tokens:
    """Access tokens with their ends; the stable one and the plain one do not know each other."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.lives = 7200.0
        self.ends: dict[str, float] = {}
        self.stable = self.plain = ""
        self.forced: list[float] = []

    def _new(self) -> str:
        token = f"92_CANARY-{secrets.token_urlsafe(96)}"
        self.ends[token] = self.clock() + self.lives
        return token

    def current(self, *, forced: bool) -> tuple[str, float]:
        """The stable token and the seconds it still has."""
        now = self.clock()
        if forced:
            self._force(now)
            self.ends.pop(self.stable, None)
        if forced or self.ends.get(self.stable, 0.0) - now <= min(FRESH, self.lives / 2):
            self.stable = self._new()
        return self.stable, self.ends[self.stable] - now

    def _force(self, now: float) -> None:
        self.forced = [at for at in self.forced if at > now - DAY]
        need(len(self.forced) < FORCED_A_DAY, 45009)
        need(not self.forced or now - self.forced[-1] >= FORCED_APART, 45011)
        self.forced.append(now)

    def another(self) -> tuple[str, float]:
        """A new plain token; the one before it lives five minutes more."""
        if self.plain in self.ends:
            self.ends[self.plain] = min(self.ends[self.plain], self.clock() + FRESH)
        self.plain = self._new()
        return self.plain, self.lives

    def check(self, token: str) -> None:
        need(token, 41001)
        need(token in self.ends, 40001)
        need(self.clock() < self.ends[token], 42001)

    def revoke(self) -> None:
        """All tokens are invalid from now on (40001)."""
        self.ends.clear()


@dataclass(frozen=True)
class Medium:
    id: str
    kind: str
    content: bytes
    name: str
    until: float


@dataclass(frozen=True)
class Scene:
    """A QR code with a parameter."""

    scene: str
    ticket: str
    url: str
    until: float


@dataclass(eq=False)
class Follower:
    """A person's side of the account: what they see and what the account may still send them."""

    name: str
    openid: str
    clock: Clock
    follows: bool = True
    blocks_notices: bool = False
    quota: Quota | None = None
    exchanged: float = float("-inf")  # when something went either way; typing wants it within 30 s
    typing_until: float = float("-inf")
    followed_at: float = 0.0
    scene: str = ""
    consents: Counter[str] = field(default_factory=Counter)
    sees: list[Shown] = field(default_factory=list)
    chat: list[Shown] = field(default_factory=list)  # what they said and what they saw
    seen: threading.Condition = field(default_factory=threading.Condition)

    def show(self, shown: Shown) -> None:
        shown["at"] = self.exchanged = self.clock()
        self.typing_until = float("-inf")
        with self.seen:
            self.sees.append(shown)
            self.chat.append(shown)
            self.seen.notify_all()

    def triggers(self, trigger: str) -> None:
        self.exchanged = self.clock()
        self.quota = Quota.after(trigger, self.exchanged)

    def waits_for(self, count: int, seconds: float = PATIENCE) -> list[Shown]:
        """What is seen, as soon as there are `count` things."""
        with self.seen:
            enough = self.seen.wait_for(lambda: len(self.sees) >= count, seconds)
            assert enough, f"{self.name} sees {len(self.sees)} of {count}: {self.sees}"
            return list(self.sees)


class Account:
    """The state of one Official Account. Shared by threads: whoever changes it holds `lock`."""

    def __init__(self, app_id: str, secret: str, clock: Clock) -> None:
        self.app_id = app_id
        self.secret = secret
        self.id = "gh_c0ffee15600d"
        self.clock = clock
        self.lock = threading.RLock()
        self.tokens = Tokens(clock)
        self.verified = True
        self.ip_allowed = True
        self.media: dict[str, Medium] = {}
        self.scenes: list[Scene] = []
        self.menu: Mapping[str, Any] | None = None
        self.templates: dict[str, tuple[str, ...]] = {}
        self.followers: dict[str, Follower] = {}
        self.limits = dict(DAILY)
        self.called: Counter[tuple[str, int]] = Counter()
        self.cleared: list[float] = []

    def count(self, method: str) -> None:
        """One call more of today's (the day of Beijing)."""
        key = (method, int((self.clock() + 8 * 3600) // DAY))
        need(method not in self.limits or self.called[key] < self.limits[method], 45009)
        self.called[key] += 1

    def clear_quota(self) -> None:
        self.cleared = [at for at in self.cleared if at > self.clock() - 30 * DAY]
        need(len(self.cleared) < 10, 48006)
        self.cleared.append(self.clock())
        self.called.clear()

    def follower(self, openid: object) -> Follower:
        found = self.followers.get(str(openid))
        if found is None:
            raise Refused(40003)
        return found

    def keep(self, kind: str, content: bytes, name: str) -> Medium:
        medium = Medium(secrets.token_urlsafe(48), kind, content, name, self.clock() + MEDIA_LIVES)
        self.media[medium.id] = medium
        return medium

    def medium(self, id: object, kind: str | None = None) -> Medium:
        found = self.media.get(str(id))
        if found is None or self.clock() >= found.until or kind not in (None, found.kind):
            raise Refused(40007)
        return found

    def button_keys(self) -> set[str]:
        """The keys that the menu has now."""
        tops = list((self.menu or {}).get("button", []))
        buttons = tops + [sub for top in tops for sub in top.get("sub_button", [])]
        return {str(button["key"]) for button in buttons if "key" in button}
