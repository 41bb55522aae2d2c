"""A message that was edited after it had been sent: asked about, never applied by itself."""

import sqlalchemy as sa

from handlers.answers.scene import Step
from handlers.answers.stepping import ask_back, refuse
from handlers.desk import Desk
from storage.relations import ANSWER_EVENT, INBOUND


def reworded(desk: Desk, words: str) -> Step:
    """Offer the new wording for the one item that the first wording changed; else say that it was not applied."""
    items = _changed_by_first(desk)
    if len(items) == 1 and words:
        return ask_back(desk.scene, "edited_answer", {"item": desk.scene.rubric.item(items[0]), "said": words})
    return refuse(desk.scene, "edited", said=words)


def _changed_by_first(desk: Desk) -> list[str]:
    message = desk.message
    first = (INBOUND.c.channel == message.channel, INBOUND.c.account == message.account, INBOUND.c.key == message.edits)
    chosen = sa.select(ANSWER_EVENT.c.item).join(INBOUND, INBOUND.c.id == ANSWER_EVENT.c.inbound_id).where(*first)
    mine = chosen.where(ANSWER_EVENT.c.entry_id == desk.entry.id, INBOUND.c.person_id == desk.actor.person_id)
    return sorted(set(desk.db.scalars(mine)))
