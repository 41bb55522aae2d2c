"""Text → what was meant. Pure; several commands in one message are several intents, and what can't be known is asked."""

from handlers.answers import claiming, evidence, replying, saying
from handlers.understanding import aiming, claims, excuses, facts, scores, several, statements
from handlers.understanding.intents import Asking, Claim, Explain, Intent, Move, Plain, Puzzled, Tell, Words
from handlers.understanding.lexicon import lexicon
from handlers.understanding.numerals import fold
from rubrics.model import Rubric


def understand(text: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    """Everything the message asks for, in its order; at least one intent, `Puzzled` when nothing can be known."""
    said = text.strip()
    if not said:
        return [Puzzled("empty")]
    picked = replying.pick(said, asking, rubric)
    if picked:
        return [picked]
    reason = replying.reason(said, asking.reason_for, rubric) if asking.reason_for else []
    if reason:
        return reason
    command = _command(said, asking, rubric)
    if command:
        return [command]
    if statements.listed(said):
        return [Puzzled("listed", said)]
    found = [intent for part in statements.cut(said, rubric) for intent in _statement(part, asking, rubric)]
    return statements.united(found)


def _command(said: str, asking: Asking, rubric: Rubric) -> Intent | None:
    command = lexicon().command(said)
    if command in (Plain("agree"), Plain("refuse")) and asking.item and asking.fact:
        item = rubric.item(asking.item)
        return facts.answer(said, item, asked=asking.fact, year=asking.year) or command
    if isinstance(command, Plain) and command.wish in ("agree", "refuse"):
        return claiming.agreed(command, asking, rubric) or command
    return Puzzled("mistaken", said) if command == Plain("mistaken") else command


def _statement(said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    command = _command(said, asking, rubric)
    if command:
        return [command]
    if lexicon().evades(said) and asking.item and not scores.find(said):
        return [Puzzled("later", said)]
    head, body, tail = statements.peel(said, rubric)
    if claiming.opens(said, asking, rubric):  # «是，章程已写入»: no courtesy
        head, body = [], said[: said.find(body) + len(body)]
    opened = _command(body, asking, rubric) if head or tail else None
    if isinstance(opened, Explain) and Move("skip") in tail:  # «这项我不会填，跳过»
        return [*head, *tail]
    return [*head, *([opened] if opened else _spoken(body, asking, rubric)), *tail]


def _spoken(said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    listed = several.told(said, rubric)
    if listed:
        return listed
    corrected = saying.uncorrected(said)
    if corrected != said:
        return _correction(corrected, said, asking, rubric)
    dropped = evidence.dropped(said, rubric, asking.item)
    shown = evidence.shown_of(said, rubric)
    return (
        saying.fact(said, asking, rubric)
        or ([shown] if shown else [])
        or ([dropped] if dropped else [])
        or aiming.addressed(said, asking, rubric)
        or aiming.going(said, asking, rubric)
        or _answer(said, asking, rubric)
    )


def _correction(rest: str, said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    """«打错了，应该是3分»: of the item named, else of the one she is at."""
    addressed = aiming.addressed(rest, asking, rubric)
    if addressed:
        return addressed
    if lexicon().topic(rest):
        return evidence.free(rest, None)
    claim = claims.find(rest) if claiming.unscored(rubric, None, asking) else None
    if claim and claim.met is not None:
        return [Claim(claim.met)]
    reading = scores.find(rest)
    if reading is None or reading.why in saying.RIDDLES:
        return [Puzzled("mistaken", said)]
    return saying.scored(reading, None, correcting=True)


def _answer(said: str, asking: Asking, rubric: Rubric) -> list[Intent]:
    """What is said without naming an item: of the one that was asked."""
    if asking.item is None:
        topic = lexicon().topic(said)
        return [Tell(topic)] if topic and topic not in ("question", "explain", "excuse") else [Puzzled("unasked", said)]
    unscored = claiming.unscored(rubric, None, asking)
    if unscored:
        claimed = asking.field == "evidence"
        about = claiming.About(unscored, asking.year, None, asking.fact, claimed=claimed)
        return claiming.told(said, about)
    told = evidence.introduced(said)
    if told:
        return [Words(told)]
    reading = scores.find(said)
    excuse = saying.excused(said, reading)
    if excuse:
        return [excuse]
    if reading:
        return saying.read(reading, said, asking, rubric)
    if asking.field == "evidence" and excuses.none_left(said):
        return [Puzzled("nothing_more", said) if asking.fact else Move("next")]
    doubtful = asking.field == "score" and not lexicon().topic(said) and excuses.doubtful(said)
    return [Puzzled("nothing", said)] if doubtful or fold(said) in excuses.NOTHING else evidence.free(said, None)
