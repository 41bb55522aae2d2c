"""What the fake WeCom knows: members and what they see, media, cards, tokens, its clock, and what it has to complain of."""

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.serving import Record
from tests.fakes.wecom_crypto import Seal
from tests.fakes.wecom_rules import Refused, Seen

MEDIA_SECONDS = 3 * 86400
CODE_SECONDS = 72 * 3600
PER_MINUTE, PER_HOUR = 30, 1000


@dataclass
class Media:
    """A temporary material: what the bot uploaded, or what a member sent."""

    name: str
    data: bytes
    at: float


@dataclass
class Code:
    """A response_code: good for one update of its card."""

    task_id: str
    at: float
    used: bool = False


@dataclass
class Member:
    """Somebody of the corp, with everything delivered so far."""

    userid: str
    name: str
    sees: list[Seen] = field(default_factory=list)
    transcript: list[Seen] = field(default_factory=list)  # both directions; what is seen is the same dict as in sees
    received_at: list[float] = field(default_factory=list)
    last_pushed: str | None = None

    def full(self, now: float) -> bool:
        """Whether the next message would be dropped without a word."""
        minute = sum(now - at < 60 for at in self.received_at)
        hour = sum(now - at < 3600 for at in self.received_at)
        return minute >= PER_MINUTE or hour >= PER_HOUR


class Office:
    """The state, shared by the thread of the server and those of the tests; `changed` guards and announces it."""

    def __init__(
        self,
        corp_id: str,
        agent_id: int,
        secret: str,
        token: str,
        aes_key: str,
        *,
        callback: str | None = None,
        second: float = 1.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.corp_id, self.agent_id, self.secret = corp_id, agent_id, secret
        self.token, self.aes_key = token, aes_key
        self.seal = Seal(token, aes_key, corp_id)
        self.callback = callback
        self.second = second  # how long one second of the platform's patience takes here
        self.clock = clock
        self.numbers = itertools.count(7_000_000_000_000_000_001)
        self.begin_anew()

    def begin_anew(self) -> None:
        """Nobody and nothing known, nothing recorded: for the next test, as stopping a server takes 0.2 s."""
        self.passed = 0.0
        self.ip_allowed = True
        self.record = Record()
        self.changed = threading.Condition()
        self.members: dict[str, Member] = {}  # by userid in small letters: WeCom's userids know no case
        self.media: dict[str, Media] = {}
        self.task_ids: set[str] = set()
        self.codes: dict[str, Code] = {}
        self.access_tokens: dict[str, float] = {}  # until when
        self.sent: dict[tuple[str, str], float] = {}  # (member, content), when
        self.menu: dict[str, str] | None = None
        self.complaints: list[str] = []
        self.faulty_answers: list[str] = []
        self.dropped_silently: list[tuple[str, Seen]] = []
        self.swallowed: list[tuple[str, Seen]] = []

    def now(self) -> float:
        return self.clock() + self.passed

    def passes(self, *, hours: float = 0.0, seconds: float = 0.0) -> None:
        """The platform's clock moves on: tokens, media, codes and limits, and the timestamps of what it pushes."""
        with self.changed:
            self.passed += hours * 3600 + seconds

    def complain(self, what: str) -> None:
        with self.changed:
            self.complaints.append(what)

    def show(self, member: Member, shown: Mapping[str, Any]) -> Seen:
        """Put a message before a member's eyes."""
        with self.changed:
            entry: Seen = {**shown, "by": "app", "at": self.now()}
            member.sees.append(entry)
            member.transcript.append(entry)
            self.changed.notify_all()
        return entry

    def keep(self, name: str, data: bytes) -> str:
        media_id = "M" + secrets.token_urlsafe(30)
        with self.changed:
            self.media[media_id] = Media(name, data, self.now())
        return media_id

    def held(self, media_id: Any) -> Media:
        found = self.media.get(media_id) if isinstance(media_id, str) else None
        if found is None or self.now() - found.at >= MEDIA_SECONDS:
            raise Refused(40007, "invalid media_id")
        return found

    def new_code(self, task_id: str) -> str:
        code = "R" + secrets.token_urlsafe(24)
        with self.changed:
            self.codes[code] = Code(task_id, self.now())
        return code

    def replace_button(self, member: Member, task_id: str, name: str) -> None:
        """The card keeps its text; its buttons become one grey word."""
        self.change_card(member, task_id, {"buttons": [], "replaced_by": name})

    def change_card(self, member: Member, task_id: str, change: Mapping[str, Any]) -> None:
        with self.changed:
            for entry in member.sees:
                if entry["task_id"] == task_id:
                    entry.update(change)
            self.changed.notify_all()
