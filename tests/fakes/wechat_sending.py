"""Messages that the bot sends by the API: customer messages with their quota, typing, templates, subscriptions."""

import itertools
from collections.abc import Mapping
from typing import Any

from tests.fakes.wechat_account import Account, Follower, Shown
from tests.fakes.wechat_push import Courier
from tests.fakes.wechat_rules import TEXT_BYTES, need, part, spend, values, words
from tests.fakes.wechat_showing import shown_media, shown_menu, shown_news, shown_text

Body = dict[str, Any]
Answer = dict[str, Any]
FINE: Answer = {"errcode": 0, "errmsg": "ok"}
TYPING_LASTS = 15.0
EXCHANGE = 30.0


class Sending:
    """Each method takes the body of a call and returns the answer; raises Refused."""

    def __init__(self, account: Account, courier: Courier) -> None:
        self.account = account
        self.courier = courier
        self.ids = itertools.count(200228332)

    def _reached(self, body: Body) -> Follower:
        follower = self.account.follower(body.get("touser"))
        need(follower.follows, 43004)
        return follower

    def custom(self, body: Body) -> Answer:
        follower = self._reached(body)
        kind = body.get("msgtype")
        need(kind in ("text", "image", "voice", "video", "news", "msgmenu"), 40008)
        unknown = set(body) - {"touser", "msgtype", "customservice", str(kind)}
        need(not unknown, 47001, f"unknown {sorted(unknown)}")
        shown = self._shown(str(kind), part(body, str(kind)))
        spend(follower.quota, self.account.clock())
        follower.show(shown)
        return dict(FINE)

    def _shown(self, kind: str, given: Body) -> Shown:
        if kind == "text":
            content = words(given, "content", 44004)
            need(len(content.encode()) <= TEXT_BYTES, 45002)
            return shown_text("custom", "custom", content)
        if kind == "msgmenu":
            return _menu(given)
        if kind == "news":
            return _news(given)
        return shown_media(kind, "custom", self.account.medium(given.get("media_id"), kind).id)

    def typing(self, body: Body) -> Answer:
        follower = self._reached(body)
        now = self.account.clock()
        need(body.get("command") in ("Typing", "CancelTyping"), 45072)
        need(now - follower.exchanged <= EXCHANGE, 45080)
        if body["command"] == "CancelTyping":
            follower.typing_until = now
            return dict(FINE)
        need(now >= follower.typing_until, 45081)
        follower.typing_until = now + TYPING_LASTS
        return dict(FINE)

    def template(self, body: Body) -> Answer:
        follower = self._reached(body)
        shown = self._notice(body)
        id = next(self.ids)
        if not follower.blocks_notices:
            follower.show(shown)
        status = "failed:user block" if follower.blocks_notices else "success"
        event = {"MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": id, "Status": status}
        self.courier.later(follower, self.courier.message(follower, event))
        return FINE | {"msgid": id}

    def subscription(self, body: Body) -> Answer:
        """One message for one consent."""
        follower = self.account.follower(body.get("touser"))
        shown = self._notice(body)
        template_id = str(body["template_id"])
        need(follower.consents[template_id] > 0, 43101)
        follower.consents[template_id] -= 1
        follower.show(shown)
        item = {"TemplateId": template_id, "MsgID": next(self.ids), "ErrorCode": 0, "ErrorStatus": "success"}
        event = {"MsgType": "event", "Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": {"List": item}}
        self.courier.later(follower, self.courier.message(follower, event))
        return dict(FINE)

    def _notice(self, body: Body) -> Shown:
        fields = self.account.templates.get(str(body.get("template_id")))
        need(fields is not None, 40037)
        said = values(body, fields or ())
        address = body.get("url") or body.get("page")
        shown = shown_text("template", "template", "\n".join(f"{name}: {value}" for name, value in said.items()))
        return shown | {"values": said, "urls": [("", str(address))] if address else []}


def _menu(given: Body) -> Shown:
    items = given.get("list")
    need(isinstance(items, list) and items, 40035, "msgmenu.list")
    found = [(str(_item(item)["id"]), words(item, "content")) for item in items or []]
    head, tail = str(given.get("head_content", "")), str(given.get("tail_content", ""))
    shown = shown_menu(head, found, tail)
    need(len(shown["raw"].encode()) <= TEXT_BYTES, 45002)
    return shown


def _item(given: object) -> Mapping[str, Any]:
    need(isinstance(given, Mapping) and set(given) == {"id", "content"}, 40035, "msgmenu.list item")
    assert isinstance(given, Mapping)
    return given


def _news(given: Body) -> Shown:
    articles = given.get("articles")
    need(isinstance(articles, list) and articles, 40035, "articles")
    need(len(articles or []) == 1, 45008)
    article = dict((articles or [{}])[0])
    return shown_news("custom", words(article, "title"), str(article.get("description", "")), words(article, "url"))
