"""The pace of an account, by a clock of its own: even, never over the limit, silent when told so."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bot.telegram.carrying import GROUP, PER_SECOND, PRIVATE, STRICT
from scheduler.pacing import Pace


class Clock:
    """Time passes only by sleeping."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr("scheduler.pacing.asyncio.sleep", self.sleep)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def pace(clock: Clock) -> Pace:
    """Telegram's."""
    return Pace(PER_SECOND, lambda chat: GROUP if chat.startswith("-") else PRIVATE, strict=STRICT, monotonic=clock)


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work())


def most_in_a_second(times: list[float]) -> int:
    return max(sum(1 for other in times[at:] if other - time < 1) for at, time in enumerate(times))


def test_many_chats_hear_evenly_and_never_more_than_thirty_in_a_second(clock: Clock, pace: Pace) -> None:
    gone: list[float] = []

    async def work() -> None:
        for number in range(600):
            await pace.slot(str(number))
            gone.append(clock.now)
            if number % 97 == 0:
                clock.now += 0.3  # we were held up

    run(work)
    assert most_in_a_second(gone) <= 30
    assert 599 / (gone[-1] - gone[0] - 7 * 0.3) > 28.5


def test_after_a_pause_there_is_no_burst(clock: Clock, pace: Pace) -> None:
    gone: list[float] = []

    async def work() -> None:
        await pace.slot("first")
        clock.now += 60
        for number in range(10):
            await pace.slot(str(number))
            gone.append(clock.now)

    run(work)
    assert gone[-1] - gone[0] > 6.5 / PER_SECOND


@pytest.mark.parametrize(("chat", "seconds"), [("501", 19.0), ("-100", 60.0)])
def test_one_chat_hears_one_a_second_and_a_group_eighteen_a_minute(
    clock: Clock, pace: Pace, chat: str, seconds: float
) -> None:
    async def work() -> None:
        for _ in range(20):
            await pace.slot(chat)

    run(work)
    assert clock.now - 1000 >= seconds
    assert pace.resting() == [chat]


def test_silence_is_for_all_and_the_longest_counts(clock: Clock, pace: Pace) -> None:
    pace.silence(7)
    pace.silence(2)

    async def work() -> None:
        await pace.slot("501")

    assert pace.wait() == 7
    run(work)
    assert clock.now == 1007


def test_a_chat_that_rests_does_not_hold_the_others_up(clock: Clock, pace: Pace) -> None:
    pace.let_rest("501", 9)
    assert pace.resting() == ["501"]

    async def work() -> None:
        await pace.slot("502")

    run(work)
    assert clock.now == 1000


def test_what_waits_for_its_turn_is_counted(pace: Pace) -> None:
    pace.waiting = 3
    assert pace.wait() == pytest.approx(-1000 + 3 / PER_SECOND)
