"""What people do in a season: fill in, hand in, take back, want peace, block us; and what the office does."""

import re
from dataclasses import dataclass, field
from datetime import datetime, time

import sqlalchemy as sa

from handlers.late import extending
from handlers.notices.announcing import nudge
from handlers.societies import people
from storage import queries
from storage.relations import SOCIETY
from tests.seasons.times import DAY, HOUR, ZONE
from tests.seasons.world import Person, Society, World

ITEMS = 25
HOW_MANY = re.compile(r"(\d+)\s*家")
AUDIENCES = ("全部", "没提交的", "没开始的")
LONGER = (2 * HOUR, 5 * HOUR, DAY, 3 * DAY, 7 * DAY)


@dataclass
class Announced:
    id: int
    recipients: set[int]
    empty: int  # societies that nobody has joined for
    withdrawn: bool = False


@dataclass
class Acts:
    world: World
    announced: list[Announced] = field(default_factory=list)

    def somebody(self) -> Person | None:
        """Who can write to us."""
        heard = [one for one in self.world.people.values() if one.channel and not one.revoked]
        return self.world.chance.choice(heard) if heard else None

    def anything(self) -> None:
        person = self.somebody()
        if person is None:
            return
        doing = {
            self.fill: 14,
            self.complete: 10,
            self.submit: 14,
            self.take_back: 10,
            self.rest: 5,
            self.no_more: 2,
            self.again: 2,
            self.read: 6,
            self.block: 4,
            self.put_out: 1,
            self.come_in: 1,
            self.extend: 3,
        }
        self.world.chance.choices(list(doing), list(doing.values()))[0](person)

    def fill(self, person: Person) -> None:
        self.world.say(person, f"会话第{self.world.chance.randrange(1, ITEMS + 1)}项 0分")

    def complete(self, person: Person) -> None:
        """All of it, or all but one; in the deadline's last minutes and after them too."""
        spared = self.world.chance.choice((0, 0, 0, self.world.chance.randrange(1, ITEMS + 1)))
        self.world.say(person, "\n".join(f"会话第{item}项 0分" for item in range(1, ITEMS + 1) if item != spared))

    def submit(self, person: Person) -> None:
        self.world.say(person, "提交")
        self.world.say(person, "确认提交")

    def take_back(self, person: Person) -> None:
        self.world.say(person, "撤回提交")

    def rest(self, person: Person) -> None:
        self.world.say(person, "今天别再提醒")
        tomorrow = self.world.now.astimezone(ZONE).date() + DAY
        person.rests = datetime.combine(tomorrow, time(8), ZONE)

    def no_more(self, person: Person) -> None:
        self.world.say(person, "不再提醒")
        person.unreminded = True

    def again(self, person: Person) -> None:
        self.world.say(person, "恢复提醒")
        person.unreminded, person.rests = False, None

    def read(self, person: Person) -> None:
        self.world.say(person, "收到")

    def block(self, person: Person) -> None:
        person.gone = True

    def put_out(self, person: Person) -> None:
        self.world.db.write(lambda db: people.revoke(db, person.id, self.world.now, by=self.world.staff.id))
        person.revoked = True

    def come_in(self, _: Person) -> None:
        """Somebody who was bound nowhere."""
        away = [one for one in self.world.people.values() if not one.channel and not one.revoked]
        if away:
            self.world.db.write(lambda db: self.world.bind(db, self.world.chance.choice(away), "telegram"))

    def extend(self, person: Person) -> None:
        if person.society:
            self.give_time(person.society)

    def give_time(self, society: Society) -> None:
        """The office extends, also after the cut-off."""
        world = self.world
        until = max(society.deadline, world.now) + world.chance.choice(LONGER)

        def work(db: sa.Connection) -> None:
            row = db.execute(sa.select(SOCIETY).where(SOCIETY.c.id == society.id)).one()
            extending.extend(
                db, queries.round_of(db, world.round), row, until, "系统故障", world.now, by=world.staff.id
            )

        world.db.write(work)
        society.deadline, society.extended, society.over = until, world.now, False
        society.plan += 1
        world.figures["extensions"] += 1

    def announce(self) -> None:
        """By chat: shown, counted, confirmed; now and then taken back."""
        world, whom = self.world, self.world.chance.choice(AUDIENCES)
        shown = HOW_MANY.search(world.say(world.staff, f"给{whom}发个通知：第{len(self.announced)}号，请查收"))
        if shown is None:
            return
        meant = self._meant(whom)
        if int(shown[1]) != len(meant):
            world.wrong.append(f"{whom}: {shown[1]} shown, {len(meant)} are meant")
        world.say(world.staff, shown[1])
        [found] = world.rows("SELECT coalesce(max(id), 0) AS id FROM announcement")
        recipients = {one.id for society in meant for one in society.people if not one.revoked}
        empty = sum(all(one.revoked for one in society.people) for society in meant)
        if (found.id > (self.announced[-1].id if self.announced else 0)) != bool(recipients):
            world.wrong.append(f"{whom}: {len(recipients)} are meant, announcement {found.id} is the newest")
        if not recipients:
            return
        self.announced.append(Announced(found.id, recipients, empty))
        if world.chance.random() < 0.3:
            self.withdraw()

    def withdraw(self) -> None:
        if self.announced and "已撤回" in self.world.say(self.world.staff, "撤回"):
            self.announced[-1].withdrawn = True

    def nudge(self) -> None:
        if self.announced:
            id = self.world.chance.choice(self.announced).id
            self.world.db.write(lambda db: nudge(db, id, self.world.now))

    def _meant(self, whom: str) -> list[Society]:
        known = self.world.statuses()
        wanted = {
            "全部": ("not_started", "in_progress", "submitted", "returned"),
            "没提交的": ("not_started", "in_progress"),
            "没开始的": ("not_started",),
        }[whom]
        return [one for one in self.world.societies if known.get(one.id, "not_started") in wanted]
