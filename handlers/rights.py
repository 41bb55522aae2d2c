"""The one place that says who may do what."""

from dataclasses import dataclass

from handlers.understanding.intents import Intent, Plain, Tell


@dataclass(frozen=True)
class Actor:
    """A known person on a live contact."""

    person_id: int
    contact_id: int
    name: str
    role: str
    society_id: int | None
    society: str | None
    kind: str | None = None  # of unit, where the society is not of the usual one


STAFF = frozenset({"reviewer", "officer", "administrator"})
OFFICE = frozenset({"officer", "administrator"})
EVERYBODY = frozenset({"secretary"}) | STAFF
SECRETARY = frozenset({"secretary"})
# By what is wished; whatever is not named here belongs to filling in the society's own table.
ROLES = {
    "help": EVERYBODY,
    "account": EVERYBODY,
    "greet": EVERYBODY,
    "thanks": EVERYBODY,
    "leave": EVERYBODY,
    "logout": EVERYBODY,
    "staff_progress": STAFF,
    "staff_help": STAFF,
    "people": STAFF,
    "revoke": OFFICE,
    "revoke_now": OFFICE,
    "announce": OFFICE,
    "extend": OFFICE,
    "nudge": OFFICE,
    "report": STAFF,
    "unread": STAFF,
    "unjoined": STAFF,
    "calendar": STAFF,
    "export": OFFICE,
    "template": OFFICE,
    "template_away": OFFICE,
    "ranking": STAFF,
    "progress_list": STAFF,
    "society_look": STAFF,
    "announcements": STAFF,
    "announce_at": OFFICE,
    "announce_then": OFFICE,
    "withdraw": OFFICE,
    "telephone": OFFICE,
    "contacted": OFFICE,
    "plan": STAFF,
    "plan_of": STAFF,
    "group": STAFF,
    "roster_list": STAFF,
    "roster_send": OFFICE,
    "society_add": OFFICE,
    "society_add_now": OFFICE,
    "society_rename": OFFICE,
    "invite_many": OFFICE,
    "invite": OFFICE,
    "hand_over": OFFICE,
    "rounds": EVERYBODY,
    "stage": OFFICE,
    "rule": OFFICE,
    "grade": OFFICE,
    "award": OFFICE,
    "awards": STAFF,
    "qualify": STAFF,
    "late": STAFF,
    "late_accept": OFFICE,
    "late_refuse": OFFICE,
    "papers_of": STAFF,
    "papers_in": OFFICE,
    "papers_out": OFFICE,
    "unit_kind": OFFICE,
    "projects_look": STAFF,
    "projects_act": OFFICE,
    "list_look": STAFF,
    "list_act": OFFICE,
    "review_walk": STAFF,
    "review_list": STAFF,
    "review_agree": STAFF,
    "review_rest": STAFF,
    "review_met": STAFF,
    "review_unmet": STAFF,
    "review_excused": STAFF,
    "review_back": STAFF,
    "review_rule": OFFICE,
    "recuse": STAFF,
    "recuse_end": OFFICE,
    "final": OFFICE,
    "release": OFFICE,
    "reopen_review": OFFICE,
    "reopen_table": OFFICE,
    "objections": STAFF,
    "objection_answer": OFFICE,
    "on_behalf": OFFICE,
    "motions": OFFICE,
    "rechecks": STAFF,
    "motion_back": OFFICE,
    "motion_decline": OFFICE,
    "contents": STAFF,
    "consent_ask": OFFICE,
    "table_send": OFFICE,
    "table_item": OFFICE,
    "table_notes": OFFICE,
    "table_file": OFFICE,
    "table_looked": OFFICE,
    "table_edit": OFFICE,
    "table_edit_section": OFFICE,
    "table_asked": OFFICE,
    "table_asked_section": OFFICE,
    "table_unit": OFFICE,
    "table_drop": OFFICE,
    "table_title": OFFICE,
    "table_total": OFFICE,
    "table_step": OFFICE,
    "table_change": OFFICE,
    "round_new": OFFICE,
    "round_end": OFFICE,
    "round_again": OFFICE,
}


def authorize(actor: Actor, intent: Intent, *, society: int | None = None) -> bool:
    """Whether this person may, of this society where one is named: a secretary's acts reach her own only, and the turn
    loads nothing else for her."""
    if actor.role == "secretary" and society not in (None, actor.society_id):
        return False
    wish = intent.wish if isinstance(intent, Plain) else intent.topic if isinstance(intent, Tell) else ""
    return actor.role in ROLES.get(wish, SECRETARY)
