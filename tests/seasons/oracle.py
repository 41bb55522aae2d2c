"""What must be true: at every tick of what was due then, and at the end of everything that was delivered."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from handlers.notices.announcing import STATES, targets
from storage.relations import Row
from tests.seasons.acts import ITEMS, Acts
from tests.seasons.sending import Senders
from tests.seasons.times import RANK, quiet, stages
from tests.seasons.world import Person, World

REASONS = {
    "done",
    "after the deadline",
    "too late",
    "the plan has changed",
    "not wanted",
    "nobody is there any more",
    "a later reminder speaks",
    "she has come by herself",
}


@dataclass
class Oracle:
    world: World
    due: dict[tuple[int, int], set[str]] = field(default_factory=dict)  # (person, plan) → stages she was due
    handed_in: set[tuple[int, int]] = field(default_factory=set)  # (society, plan) that the rule handed in for
    newest: int = 0  # submission

    def after_tick(self) -> None:
        """The schedulers have just looked: what was due now is owed, what is over and complete is handed in."""
        world = self.world
        for society in world.societies:
            society.over = society.over or world.now >= society.deadline
        self._closing()
        if quiet(world.now):
            return
        known = world.statuses()
        plans = {deadline: stages(deadline) for deadline in {one.deadline for one in world.societies}}
        for person in world.people.values():
            assert person.society is not None
            if not (self._deaf(person) or person.society.over or known.get(person.society.id) == "submitted"):
                self._owes(person, plans[person.society.deadline])

    def _deaf(self, person: Person) -> bool:
        resting = person.rests is not None and self.world.now < person.rests
        return person.revoked or person.unreminded or resting

    def _owes(self, person: Person, plan: Mapping[str, datetime]) -> None:
        society = person.society
        assert society is not None
        since = max(at for at in (self.world.opened, society.extended, person.joined) if at)
        come = [stage for stage, at in plan.items() if since < at <= self.world.now]
        had = self.due.setdefault((person.id, society.plan), set())
        if come and all(RANK[come[-1]] > RANK[stage] for stage in had):
            had.add(come[-1])

    def _closing(self) -> None:
        world = self.world
        over = {one.id: one for one in world.societies if one.over}
        made = world.rows(
            "SELECT s.id, e.society_id FROM submission s JOIN entry e ON e.id = s.entry_id WHERE s.id > :newest"
            " AND s.automatic",
            newest=self.newest,
        )
        complete = self._complete() if over or made else set()
        for row in made:
            self.newest = max(self.newest, row.id)
            society = over.get(row.society_id)
            if society is None or (society.id, society.plan) in self.handed_in or society.id not in complete:
                world.wrong.append(f"{row.society_id} handed in at {world.now}: too early, twice, or not complete")
            else:
                self.handed_in.add((society.id, society.plan))
                world.figures["handed in by the rule"] += 1
        for society_id, status in world.statuses().items() if over else ():
            if society_id in over and society_id in complete and status == "in_progress":
                world.wrong.append(f"{society_id} is over and complete at {world.now}, and not handed in")

    def _complete(self) -> set[int]:
        """Societies with a timely score for every item: nobody here takes a score back."""
        counted = self.world.rows(
            "SELECT e.society_id, count(DISTINCT v.item) AS items FROM answer_event v JOIN entry e ON e.id = v.entry_id"
            " WHERE v.kind = 'score' AND NOT v.late GROUP BY e.society_id"
        )
        return {row.society_id for row in counted if row.items == ITEMS}

    def finish(self, senders: Senders, acts: Acts) -> None:
        self._reminders(senders)
        self._announcements(senders, acts)
        self._uncertain(senders)

    def _reminders(self, senders: Senders) -> None:
        world = self.world
        times = Counter(one.cause for one in senders.delivered if one.kind == "reminder")
        made = world.rows("SELECT id, person_id, stage, plan_version, state FROM reminder")
        owed = {row.cause: row for row in world.rows("SELECT id, cause, state, error FROM outbox WHERE part = 0")}
        keyed = Counter((row.person_id, row.stage, row.plan_version) for row in made)
        world.wrong += [f"{key} has {count} reminders" for key, count in keyed.items() if count > 1]
        world.wrong += [f"{cause} was delivered {count} times" for cause, count in times.items() if count > 1]
        for (person, plan), names in self.due.items():
            world.wrong += [
                f"{person} never had {one} of plan {plan}" for one in names if not keyed[(person, one, plan)]
            ]
        for row in made:
            cause = f"reminder:{row.id}"
            fate = owed.get(cause)
            state = fate.state if fate else row.state
            world.figures[f"reminders {state}"] += 1
            told = times[cause] > 0
            good = {
                "sent": told,
                "uncertain": bool(fate and fate.id in senders.doubtful),
                "held": not told,
                "unreachable": not told,
                "cancelled": not told and bool(fate and fate.error in REASONS),
                "expired": not told,
                "skipped": not told,
            }
            if not good.get(state):
                world.wrong.append(f"{cause} to {row.person_id}: {state}, delivered {times[cause]} times")
            elif fate and fate.error == "a later reminder speaks" and not self._spoken_over(row, made):
                world.wrong.append(f"{cause} to {row.person_id} makes way for none")
            elif state == "skipped" and row.stage in self.due.get((row.person_id, row.plan_version), ()):
                world.wrong.append(f"{cause} to {row.person_id} was due and is skipped")

    def _spoken_over(self, row: Row, made: list[Row]) -> bool:
        later = [one for one in made if one.person_id == row.person_id and one.id > row.id]
        return any((one.plan_version, RANK[one.stage]) > (row.plan_version, RANK[row.stage]) for one in later)

    def _announcements(self, senders: Senders, acts: Acts) -> None:
        world = self.world
        told = Counter(one.cause for one in senders.delivered if one.kind == "announcement")
        for one in acts.announced:
            with world.db.read() as db:
                found = targets(db, one.id)
            people = {target.person_id for target in found if target.person_id is not None}
            if people != one.recipients or len(found) != len(one.recipients) + one.empty:
                world.wrong.append(f"announcement {one.id}: {len(found)} recipients, {len(one.recipients)} were meant")
            states = Counter(target.state for target in found)
            if sum(states[state] for state in STATES) != len(found):
                world.wrong.append(f"announcement {one.id}: {dict(states)}")
            for target in found:
                count = told[f"announcement:{target.id}"]
                right = target.state == "uncertain" if count > 1 else (count == 1) == (target.state == "sent")
                if not right and target.state != "uncertain":
                    world.wrong.append(f"announcement:{target.id} is {target.state}, delivered {count} times")
                if one.withdrawn != (target.state == "cancelled") and not self._out(target.person_id):
                    world.wrong.append(f"announcement:{target.id} is {target.state}, withdrawn: {one.withdrawn}")
            world.figures.update({f"announced {state}": count for state, count in states.items()})

    def _out(self, person: int | None) -> bool:
        return person is not None and self.world.people[person].revoked

    def _uncertain(self, senders: Senders) -> None:
        for row in self.world.rows("SELECT id, cause, kind, person_id, state FROM outbox"):
            if row.state == "uncertain" and row.id not in senders.doubtful:
                self.world.wrong.append(f"{row.cause} is uncertain, and nobody knows why")
            if row.state == "on_wire" or (row.state == "pending" and row.kind != "reminder"):
                self.world.wrong.append(f"{row.cause} is {row.state} at the end")
            if row.state == "uncertain":
                self.world.figures["uncertain in all"] += 1
