"""The methods of the Bot API by name: those about the bot, its updates, chats and files; sending is inherited."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.fakes import telegram_checks as checks
from tests.fakes.telegram_chats import Platform
from tests.fakes.telegram_checks import bad
from tests.fakes.telegram_pace import Pace
from tests.fakes.telegram_sending import Given, Sending
from tests.fakes.telegram_webhook import Webhook

QUERY_GONE = "query is too old and response timeout expired or query ID is invalid"


class Methods(Sending):
    def __init__(self, platform: Platform, pace: Pace) -> None:
        super().__init__(platform, pace)
        self.webhook_seconds = 10.0
        self.commands: dict[str, list[dict[str, str]]] = {}
        self.menu_buttons: dict[int, dict[str, Any]] = {}
        every: list[Callable[[Given], Any]] = [
            self.getMe, self.setWebhook, self.deleteWebhook, self.getWebhookInfo, self.sendMessage, self.sendPhoto,
            self.sendDocument, self.sendMediaGroup, self.editMessageText, self.editMessageCaption,
            self.editMessageReplyMarkup, self.deleteMessage, self.answerCallbackQuery, self.sendChatAction,
            self.getFile, self.setMyCommands, self.getMyCommands, self.deleteMyCommands, self.setChatMenuButton,
            self.getChatMenuButton, self.getChat, self.close, self.logOut,
        ]  # fmt: skip
        # Telegram does not look at the case of a method's name.
        self.named = {method.__name__.lower(): method for method in every}

    def name(self, asked: str) -> str | None:
        if asked.lower() == "getupdates":
            return "getUpdates"
        found = self.named.get(asked.lower())
        return found.__name__ if found else None

    def call(self, method: str, given: Given) -> Any:
        with self.platform.changed:
            return self.named[method.lower()](given)

    # About the bot

    def getMe(self, given: Given) -> Any:  # noqa: N802 - the names are Telegram's
        abilities = {"can_join_groups": True, "can_read_all_group_messages": True, "supports_inline_queries": False}
        return self.platform.bot | abilities

    def close(self, given: Given) -> bool:
        return True

    def logOut(self, given: Given) -> bool:  # noqa: N802
        return True

    def setMyCommands(self, given: Given) -> bool:  # noqa: N802
        self.commands[checks.scope(given)] = checks.commands(given)
        return True

    def getMyCommands(self, given: Given) -> Any:  # noqa: N802
        return self.commands.get(checks.scope(given), [])

    def deleteMyCommands(self, given: Given) -> bool:  # noqa: N802
        self.commands.pop(checks.scope(given), None)
        return True

    def setChatMenuButton(self, given: Given) -> bool:  # noqa: N802
        button = given.get("menu_button") or {"type": "default"}
        if not isinstance(button, dict) or button.get("type") not in ("default", "commands", "web_app"):
            raise bad("can't parse menu button")
        if button["type"] == "web_app" and not str(button.get("web_app", {}).get("url")).startswith("https://"):
            raise bad("menu button Web App URL is invalid: Only HTTPS links are allowed")
        self.menu_buttons[self.chat(given).id if given.get("chat_id") else 0] = button
        return True

    def getChatMenuButton(self, given: Given) -> Any:  # noqa: N802
        return self.menu_buttons.get(int(given.get("chat_id") or 0), {"type": "commands"})

    # Updates

    def setWebhook(self, given: Given) -> bool:  # noqa: N802
        self.platform.updates.set_webhook(Webhook.wanted(given, self.webhook_seconds), given)
        return True

    def deleteWebhook(self, given: Given) -> bool:  # noqa: N802
        self.platform.updates.set_webhook(None, given)
        return True

    def getWebhookInfo(self, given: Given) -> Any:  # noqa: N802
        updates = self.platform.updates
        info = {"url": "", "has_custom_certificate": False, "pending_update_count": len(updates.pending)}
        if updates.allowed:
            info["allowed_updates"] = updates.allowed
        if not (webhook := updates.webhook):
            return info
        host = urlsplit(webhook.url).hostname
        shown = {"url": webhook.url, "ip_address": host, "max_connections": webhook.max_connections}
        return info | shown | webhook.last_error

    # Chats, files, taps

    def getChat(self, given: Given) -> Any:  # noqa: N802
        gifts = ["unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"]
        more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": dict.fromkeys(gifts, True)}
        return self.chat(given).face | more

    def getFile(self, given: Given) -> Any:  # noqa: N802
        file = self.platform.files.kept.get(str(given.get("file_id")))
        if not file:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if file.size > checks.DOWNLOAD_BYTES:
            raise bad("file is too big")
        return file.face | {"file_path": self.platform.files.link(file)}

    def answerCallbackQuery(self, given: Given) -> bool:  # noqa: N802
        if checks.units(str(given.get("text") or "")) > 200:
            raise bad("MESSAGE_TOO_LONG")
        chat = self.platform.open_taps.pop(str(given.get("callback_query_id")), None)
        if chat is None:
            raise bad(QUERY_GONE)
        chat.notices.append({"text": given.get("text", ""), "show_alert": bool(given.get("show_alert"))})
        self.platform.changed.notify_all()
        return True
