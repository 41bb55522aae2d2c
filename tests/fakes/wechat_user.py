"""A person with WeChat: what they do becomes pushes to the bot, what comes back is what they see."""

import base64
import hashlib
import secrets
from typing import Any

from tests.fakes.wechat_account import Account, Follower, Shown
from tests.fakes.wechat_push import Courier
from tests.fakes.wechat_showing import UNSUPPORTED


def openid_of(app_id: str, name: str) -> str:
    """The same for the same name in every run, and of the shape of real ones."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(f"{app_id} {name}".encode()).digest()).decode()
    return f"o6_bmj{digest[:22]}"


class User(Follower):
    """Each method returns what the bot's passive answer showed, or None."""

    def __init__(self, account: Account, courier: Courier, base: str, name: str, *, follows: bool = True) -> None:
        super().__init__(name, openid_of(account.app_id, name), account.clock, follows=follows)
        self.account = account
        self.courier = courier
        self.base = base
        self.followed_at = account.clock()

    def _sends(self, kind: str, fields: dict[str, Any], *, said: str, trigger: str = "message") -> Shown | None:
        assert self.follows, f"{self.name} does not follow the account and has no chat with it"
        with self.account.lock:
            self.triggers(trigger)
        self.chat.append({"kind": "said", "text": said, "at": self.exchanged})
        message = {"MsgType": kind, **fields, "MsgId": next(self.courier.ids)}
        return self.courier.deliver(self, self.courier.message(self, message))

    def _event(self, event: str, fields: dict[str, Any], *, trigger: str = "", visible: bool = True) -> Shown | None:
        if trigger:
            with self.account.lock:
                self.triggers(trigger)
        self.chat.append({"kind": "event", "text": " ".join([event, *map(str, fields.values())]), "at": self.clock()})
        message = {"MsgType": "event", "Event": event, **fields}
        return self.courier.deliver(self, self.courier.message(self, message), visible=visible)

    def says(self, text: str) -> Shown | None:
        assert text.strip(), "WeChat sends no empty text"
        return self._sends("text", {"Content": text}, said=text)

    def taps(self, label: str) -> Shown | None:
        """The newest link or menu item with this label."""
        for shown in reversed(self.sees):
            for name, content, id in shown["links"]:
                if name == label:
                    assert content.strip(), f"{label} says nothing"
                    fields = {"Content": content, "bizmsgmenuid": id}
                    return self._sends("text", fields, said=content, trigger="tap")
        raise AssertionError(f"{self.name} sees no {label}: {self.sees[-3:]}")

    def sends_photo(self, content: bytes) -> Shown | None:
        medium = self.account.keep("image", content, "photo.jpg")
        picture = f"{self.base}/mmbiz_jpg/{medium.id}/0"
        return self._sends("image", {"PicUrl": picture, "MediaId": medium.id}, said="[photo]")

    def sends_voice(self, content: bytes, recognition: str | None = None) -> Shown | None:
        medium = self.account.keep("voice", content, "voice.amr")
        fields = {"MediaId": medium.id, "Format": "amr"}
        heard = {} if recognition is None else {"Recognition": recognition}
        return self._sends("voice", fields | heard, said="[voice]")

    def sends_video(self, content: bytes) -> Shown | None:
        medium = self.account.keep("video", content, "video.mp4")
        thumb = self.account.keep("thumb", b"\xff\xd8\xff", "thumb.jpg")
        return self._sends("video", {"MediaId": medium.id, "ThumbMediaId": thumb.id}, said="[video]")

    def sends_location(self) -> Shown | None:
        fields = {"Location_X": 39.984154, "Location_Y": 116.30749, "Scale": 15, "Label": "北京市海淀区"}
        return self._sends("location", fields, said="[location]")

    def sends_link(self, title: str, url: str) -> Shown | None:
        return self._sends("link", {"Title": title, "Description": "", "Url": url}, said=f"[link {url}]")

    def sends_unsupported(self) -> Shown | None:
        """A file, as it arrives: a sentence of the platform as the user's text."""
        return self._sends("text", {"Content": UNSUPPORTED}, said="[file]")

    def sends_file_event(self) -> Shown | None:
        """A file, as some accounts get it: a kind of message that no document names."""
        fields = {"Title": "材料.docx", "Description": "", "FileKey": "key", "FileMd5": "0" * 32, "FileTotalLen": 9}
        return self._sends("file", fields, said="[file]")

    def subscribes(self, scene: str | None = None) -> Shown | None:
        self.follows, self.followed_at, self.scene = True, self.clock(), scene or ""
        code = {"EventKey": f"qrscene_{scene}", "Ticket": self._ticket(scene)} if scene else {"EventKey": ""}
        return self._event("subscribe", code, trigger="follow")

    def scans(self, scene: str) -> Shown | None:
        """Somebody who does not follow yet is asked to, and then it is a subscription with the scene."""
        if not self.follows:
            return self.subscribes(scene)
        return self._event("SCAN", {"EventKey": scene, "Ticket": self._ticket(scene)}, trigger="scan")

    def _ticket(self, scene: str) -> str:
        """The newest code of that scene; one that the bot never made has a ticket of its own."""
        made = [code for code in self.account.scenes if code.scene == scene]
        assert not made or self.clock() < made[-1].until, "the QR code has expired"
        return made[-1].ticket if made else f"gQ{secrets.token_urlsafe(48)}"

    def unsubscribes(self) -> None:
        self.follows, self.quota = False, None
        self._event("unsubscribe", {"EventKey": ""}, visible=False)

    def clicks(self, key: str) -> Shown | None:
        """A button of the account's menu."""
        keys = self.account.button_keys()
        assert self.account.menu is None or key in keys, f"no {key} in the menu: {keys}"
        return self._event("CLICK", {"EventKey": key}, trigger="click")

    def allows(self, template_id: str) -> None:
        """One message of that template, by a consent in an article or on a page."""
        self.consents[template_id] += 1
        item = {"TemplateId": template_id, "SubscribeStatusString": "accept", "PopupScene": "2"}
        self._event("subscribe_msg_popup_event", {"SubscribeMsgPopupEvent": {"List": item}}, visible=False)
