"""How long a ranking of two thousand societies with twenty-five items each takes, whole and by category."""

import tempfile
import time
from pathlib import Path

from handlers.looking.ranking import ranking
from storage.database import Database
from storage.migrating import migrate
from storage.queries import round_of
from tests.test_ranking import ZHEJIANG, fill

SOCIETIES = 2000
TIMES = 5


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite:///{Path(folder) / 'bot.sqlite3'}")
        migrate(db)
        db.write(lambda connection: fill(connection, SOCIETIES))
        for name, section in (("whole", None), ("category", ZHEJIANG.sections[0])):
            with db.read() as connection:
                row = round_of(connection, 1)
                spent = []
                for _ in range(TIMES):
                    begun = time.perf_counter()
                    ranking(connection, row, section)
                    spent.append(time.perf_counter() - begun)
            print(f"{name}: {min(spent) * 1000:.0f} ms of {SOCIETIES} societies")
        db.close()


if __name__ == "__main__":
    main()
