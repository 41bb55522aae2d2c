"""python -m tests.delivery.rate: an announcement to many chats against a strict limit; how near we come, and never over it."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.delivery.office import office
from tests.fakes.telegram import Telegram

ALLOWED = 30  # messages a second


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.delivery.rate", description=__doc__)
    parser.add_argument("--chats", type=int, default=600)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Telegram(rate=ALLOWED, per_chat=True, retry_after=5) as fake:
        with office(Path(folder), fake) as house:
            for user in house.joins(*(f"{number}号" for number in range(asked.chats))):
                house.owes(user, "全体通知：请于周五前填报。", kind="announcement")
            with house.sending():
                # Without a look at the database meanwhile: the stand-in lives in this process, and must not be late.
                fake.waits_until(lambda: len(fake.record.calls) >= asked.chats, seconds=asked.chats)
                house.settled(seconds=asked.chats)
            states = set(house.states())
        arrived = [user.hears[-1]["at"] for user in fake.people.values()]
    seconds = max(arrived) - min(arrived)
    ratio = (asked.chats - 1) / seconds / ALLOWED
    print(
        f"{asked.chats} messages in {seconds:.1f} s: {ratio:.1%} of {ALLOWED} a second, {fake.refused} refused, {states}"
    )
    return 0 if ratio >= 0.95 and not fake.refused and states == {"sent"} else 1


if __name__ == "__main__":
    sys.exit(main())
