"""A duty is one process's alone, and free again as soon as that one is gone, on either database."""

import subprocess
import sys

from storage.database import Database
from storage.duty import Duty
from tests.browser.running import ROOT

HOLDER = """
import sys
from storage.database import Database
from storage.duty import Duty
duty = Duty(Database(sys.argv[1]), "polling")
assert duty.take()
print("mine", flush=True)
sys.stdin.read()
"""


def test_only_one_has_it(db: Database, database_url: str) -> None:
    other = Database(database_url)
    first, second = Duty(db, "polling"), Duty(other, "polling")
    assert first.take()
    assert first.take()
    assert not second.take()
    another = Duty(other, "another")
    assert another.take()
    another.leave()
    first.leave()
    assert second.take()
    assert not first.take()
    second.leave()
    other.close()


def test_the_dead_have_none(db: Database, database_url: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, database_url], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "mine\n"
    duty = Duty(db, "polling")
    assert not duty.take()
    process.kill()
    process.communicate()
    while not duty.take():  # PostgreSQL ends the session when it notices
        pass
    duty.leave()
