"""Messages of the application to members: who gets them, what is swallowed or dropped, and cards that change."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from tests.fakes.wecom_asked import Asked
from tests.fakes.wecom_office import CODE_SECONDS, Member, Office
from tests.fakes.wecom_rules import INTERACTIONS, Refused, Seen, seen, template_card, text_of, textcard

RECEIVERS = 1000


class Sending(Office):
    """message/send and message/update_template_card."""

    def check_agent(self, given: Any) -> None:
        if str(given) != str(self.agent_id):
            raise Refused(301002 if str(given).isdigit() else 40056, "not allow operate another agent with this token")

    def send(self, asked: Asked) -> dict[str, Any]:
        body = asked.body
        self.check_agent(body.get("agentid"))
        shown = self.checked(str(body.get("msgtype")), body)
        members, invalid = self.addressed(body)
        repeated = self.repeated(members, body)
        if shown["task_id"]:
            # Unknown of the real one: which check comes first. A card repeated under the duplicate check is swallowed.
            if shown["task_id"] in self.task_ids and len(repeated) < len(members):
                raise Refused(42014, "taskid has existed or empty or exceed max len")
            self.task_ids.add(shown["task_id"])
        shown["msgid"] = "MSG" + secrets.token_urlsafe(20)
        for member in members:
            if member.userid in repeated:
                self.swallowed.append((member.userid, shown))
            else:
                self.sent[member.userid, content_of(body)] = self.now()
                self.hand_over(member, shown)
        answer: dict[str, Any] = {"msgid": shown["msgid"]}
        if invalid:
            answer["invaliduser"] = "|".join(invalid)
        if shown["buttons"]:
            answer["response_code"] = self.new_code(shown["task_id"])
        return answer

    def checked(self, kind: str, body: Mapping[str, Any]) -> Seen:
        content = body.get(kind)
        if kind not in {"text", "markdown", "file", "image", "textcard", "template_card"}:
            raise Refused(40008, "invalid message type")
        if not isinstance(content, Mapping):
            raise Refused(
                44004 if kind in {"text", "markdown"} else 40058, f"invalid Request Parameter: {kind} missing"
            )
        if kind in {"text", "markdown"}:
            return text_of(kind, content, self.complain)
        if kind == "textcard":
            return textcard(content, self.complain)
        if kind in {"file", "image"}:
            media = self.held(content.get("media_id"))
            return seen(kind, name=media.name, data=media.data)
        if content.get("card_type") in INTERACTIONS and self.callback is None:
            raise Refused(43012, "require agent with callback url")
        return template_card(content, self.complain)

    def addressed(self, body: Mapping[str, Any]) -> tuple[list[Member], list[str]]:
        if body.get("toparty") or body.get("totag"):
            self.complain("toparty and totag are not modelled here")
        to = body.get("touser") or ""
        if not isinstance(to, str):
            raise Refused(40058, "invalid Request Parameter: touser is no string")
        names = [name for name in dict.fromkeys(to.split("|")) if name]
        if len(names) > RECEIVERS:
            raise Refused(40032, "invalid UserID list size")
        if names == ["@all"]:
            return list(self.members.values()), []
        known = [self.members[name.lower()] for name in names if name.lower() in self.members]
        if not known:
            raise Refused(81013, "user & party & tag all invalid")
        return known, [name.lower() for name in names if name.lower() not in self.members]

    def repeated(self, members: list[Member], body: Mapping[str, Any]) -> set[str]:
        """Who had the same content within the interval, if the call asks for that check."""
        if body.get("enable_duplicate_check", 0) != 1:
            return set()
        interval = body.get("duplicate_check_interval", 1800)
        if not isinstance(interval, int) or not 0 < interval <= 14400:
            raise Refused(40058, "invalid Request Parameter: duplicate_check_interval")
        content, now = content_of(body), self.now()
        before = {member.userid: self.sent.get((member.userid, content)) for member in members}
        return {userid for userid, at in before.items() if at is not None and now - at < interval}

    def hand_over(self, member: Member, shown: Seen) -> None:
        if member.full(self.now()):
            self.dropped_silently.append((member.userid, shown))
        else:
            member.received_at.append(self.now())
            self.show(member, shown)

    def update_template_card(self, asked: Asked) -> dict[str, Any]:
        body = asked.body
        self.check_agent(body.get("agentid"))
        code = self.codes.get(str(body.get("response_code")))
        if code is None or code.used or self.now() - code.at >= CODE_SECONDS:
            raise Refused(40058, "invalid Request Parameter: response_code invalid, used or expired")
        ids = ["@all"] if body.get("atall") == 1 else body.get("userids")
        if not isinstance(ids, list) or not ids:
            raise Refused(40058, "invalid Request Parameter: userids")
        members, invalid = self.addressed({"touser": "|".join(map(str, ids))})
        change = self.changed_card(body)
        code.used = True
        for member in members:
            self.change_card(member, code.task_id, change)
        return {"invaliduser": invalid} if invalid else {}

    def changed_card(self, body: Mapping[str, Any]) -> dict[str, Any]:
        if isinstance(button := body.get("button"), Mapping):
            if not isinstance(button.get("replace_name"), str) or not button["replace_name"]:
                raise Refused(42020, "button name missing")
            return {"buttons": [], "replaced_by": button["replace_name"]}
        card = body.get("template_card")
        if not isinstance(card, Mapping):
            raise Refused(40058, "invalid Request Parameter: neither button nor template_card")
        shown = template_card({"task_id": "unused", **card}, self.complain)
        return {name: shown[name] for name in ("text", "buttons", "replaced_by")}


def content_of(body: Mapping[str, Any]) -> str:
    """What makes two messages the same."""
    kind = body.get("msgtype")
    return json.dumps([kind, body.get(str(kind))], sort_keys=True)
