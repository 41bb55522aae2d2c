"""APScheduler as a ticker only (design R8): what is due stands in the database, not in its memory."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler

from scheduler.announcements import announce_due
from scheduler.closing import close_due
from scheduler.locking import lock_due
from scheduler.reminders import queue_due
from storage.database import Database, NotDurable
from storage.outbox import expire_waiting

log = logging.getLogger(__name__)


class Ticker:
    """Looks for due work every few seconds; a tick that fails is logged and the next one does its work."""

    def __init__(self, db: Database, now: Callable[[], datetime], seconds: float) -> None:
        self.db = db
        self.now = now
        self.last = time.monotonic()
        self.scheduler = BackgroundScheduler(timezone="UTC")
        self.scheduler.add_job(
            self.tick, "interval", seconds=seconds, coalesce=True, misfire_grace_time=None, max_instances=1
        )

    def start(self) -> None:
        self.tick()
        self.scheduler.start()

    def stop(self) -> None:
        self.scheduler.shutdown(wait=False)

    def tick(self) -> None:
        """Everything that is due now."""
        try:
            now = self.now()
            for round in close_due(self.db, now):
                log.info("round %s closed", round)
            for entry in lock_due(self.db, now):
                log.info("entry %s is locked again", entry)
            while sent := announce_due(self.db, now):
                log.info("%s recipients of announcements", sent)
            if count := queue_due(self.db, now):
                log.info("%s reminders are due", count)
            self.db.write(lambda db: expire_waiting(db, now))
        except NotDurable:
            log.exception("tick failed; the next one tries again")
            return
        self.last = time.monotonic()

    def lag(self) -> float:
        """Seconds since the last tick that did its work."""
        return time.monotonic() - self.last
