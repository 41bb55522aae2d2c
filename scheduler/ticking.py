"""APScheduler as a ticker only (design R8): what is due stands in the database, not in its memory."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler

from handlers.notices.redirecting import astray, redirect
from scheduler.alarms import Watch, alarm_due
from scheduler.announcements import announce_due
from scheduler.closing import close_due
from scheduler.drawing import QUEUES, draw_due
from scheduler.expiring import expire_due
from scheduler.locking import lock_due
from scheduler.reminders import queue_due
from storage.database import Database, NotDurable
from storage.files import FileStore
from storage.outbox import expire_waiting

log = logging.getLogger(__name__)

DRAWING_SECONDS = 1.0  # somebody is waiting for the picture


class Ticker:
    """Looks for due work every few seconds; a tick that fails is logged and the next one does its work."""

    def __init__(
        self,
        db: Database,
        now: Callable[[], datetime],
        seconds: float,
        *,
        watch: Watch | None = None,
        store: FileStore | None = None,
    ) -> None:
        self.db = db
        self.store = store
        self.drawing = {queue: threading.Lock() for queue in QUEUES}
        self.now = now
        self.watch = watch
        self.last = time.monotonic()
        self.scheduler = BackgroundScheduler(timezone="UTC")
        self.scheduler.add_job(
            self.tick, "interval", seconds=seconds, coalesce=True, misfire_grace_time=None, max_instances=1
        )
        for queue in QUEUES if store is not None else ():
            # On threads of their own: no reminder waits for a picture.
            self.scheduler.add_job(
                self.draw,
                "interval",
                args=(queue,),
                seconds=min(seconds, DRAWING_SECONDS),
                coalesce=True,
                misfire_grace_time=None,
                max_instances=2,
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
            for motion in expire_due(self.db, now):
                log.info("motion %s has ended", motion)
            while sent := announce_due(self.db, now):
                log.info("%s recipients of announcements", sent)
            if count := queue_due(self.db, now):
                log.info("%s reminders are due", count)
            self.db.write(lambda db: expire_waiting(db, now))
            if count := self._redirect(now):
                log.info("%s messages go to another line", count)
            if self.watch and (count := alarm_due(self.db, self.watch, now)):
                log.warning("%s of the office are told what is wrong", count)
        except NotDurable:
            log.exception("tick failed; the next one tries again")
            return
        self.last = time.monotonic()

    def draw(self, queue: str) -> None:
        """The pictures or exports of this queue that are waited for."""
        assert self.store is not None
        if not self.drawing[queue].acquire(blocking=False):
            return  # that takes longer than until the next look, which is nothing to warn of
        try:
            draw_due(self.db, self.store, self.now(), (queue,))
        except (NotDurable, OSError):
            log.exception("no picture was drawn; the next try is in a moment")
        finally:
            self.drawing[queue].release()

    def _redirect(self, now: datetime) -> int:
        with self.db.read() as db:
            if not astray(db):
                return 0
        return self.db.write(lambda db: redirect(db, astray(db), now))

    def lag(self) -> float:
        """Seconds since the last tick that did its work."""
        return time.monotonic() - self.last
