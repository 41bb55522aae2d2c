"""How much one person may send: a window of a minute, kept in this process."""

import time
from collections import deque
from collections.abc import Callable

WINDOW = 60.0  # seconds


class Rate:
    """At most so many messages a minute for each sender."""

    def __init__(self, per_minute: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self.monotonic = monotonic
        self.sent: dict[str, deque[float]] = {}
        self.told: dict[str, float] = {}

    def wait(self, sender: str, at: float | None = None) -> int:
        """0 when the message may pass (and is counted), else the whole seconds to wait. `at` is when it was sent, in
        seconds of any one clock: what piled up while we were away did not come too fast."""
        now = self.monotonic() if at is None else at
        window = self.sent.setdefault(sender, deque())
        while window and now - window[0] >= WINDOW:
            window.popleft()
        if len(window) >= self.per_minute:
            return int(WINDOW - (now - window[0])) + 1
        window.append(now)
        if len(self.sent) > 10_000:
            self.sent = {name: times for name, times in self.sent.items() if times and now - times[-1] < WINDOW}
        return 0

    def tell(self, sender: str, at: float) -> bool:
        """Whether she has still to be told that it is too fast: once a minute is enough."""
        if at - self.told.get(sender, at - WINDOW) < WINDOW:
            return False
        self.told[sender] = at
        return True
