"""A member of the corp with a phone in hand: what she sends, taps and sees."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.fakes.serving import PATIENCE
from tests.fakes.wecom_office import Member
from tests.fakes.wecom_push import Delivering, Delivery
from tests.fakes.wecom_rules import Seen, seen

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(64) + b"\xff\xd9"
AMR = b"#!AMR\n" + bytes(64)
MP4 = b"\x00\x00\x00\x18ftypmp42" + bytes(64)


class User(Member):
    """Every act pushes to the callback and returns how that went."""

    def __init__(self, fake: Delivering, base: str, userid: str, name: str) -> None:
        super().__init__(userid, name)
        self.fake = fake
        self.base = base

    def says(self, text: str) -> Delivery:
        return self.sends("text", {"Content": text}, seen("text", text))

    def sends_photo(self, data: bytes = JPEG) -> Delivery:
        media_id = self.fake.keep("photo.jpg", data)
        fields = {"PicUrl": f"{self.base}/pictures/{media_id}", "MediaId": media_id}
        return self.sends("image", fields, seen("image", name="photo.jpg", data=data))

    def sends_voice(self, data: bytes = AMR) -> Delivery:
        media_id = self.fake.keep("voice.amr", data)
        return self.sends("voice", {"MediaId": media_id, "Format": "amr"}, seen("voice", name="voice.amr", data=data))

    def sends_video(self, data: bytes = MP4) -> Delivery:
        fields = {"MediaId": self.fake.keep("video.mp4", data), "ThumbMediaId": self.fake.keep("thumb.jpg", JPEG)}
        return self.sends("video", fields, seen("video", name="video.mp4", data=data))

    def sends_location(self, latitude: float = 30.27, longitude: float = 120.15, label: str = "杭州市") -> Delivery:
        where: dict[str, str | float] = {"Location_X": latitude, "Location_Y": longitude, "Scale": 16}
        return self.sends("location", {**where, "Label": label, "AppType": "wxwork"}, seen("location", label))

    def sends_link(
        self, title: str = "公示", url: str = "https://example.org/", description: str = "全文", picture: str = ""
    ) -> Delivery:
        fields = {"Title": title, "Description": description, "Url": url, "PicUrl": picture}
        return self.sends("link", fields, seen("link", f"{title}\n{url}"))

    def taps(self, label: str, *, card: Seen | None = None) -> Delivery:
        """The newest card with that button, or an older one that is given."""
        entry = card or self.card(label)
        key = dict(entry["buttons"]).get(label)
        assert key is not None, f"no button {label}: {entry['buttons']}"
        fields = {"EventKey": key, "TaskId": entry["task_id"], "CardType": entry["card_type"]}
        code = self.fake.new_code(entry["task_id"])
        shown = {**seen("tap", label), "task_id": entry["task_id"]}
        return self.causes("template_card_event", {**fields, "ResponseCode": code}, shown)

    def card(self, label: str) -> Seen:
        with self.fake.changed:
            for entry in reversed(self.sees):
                if label in dict(entry["buttons"]):
                    return entry
            raise AssertionError(f"no card with {label}; there is {self.told()}")

    def enters(self) -> Delivery:
        return self.causes("enter_agent", {"EventKey": ""}, seen("enter"))

    def clicks(self, key: str) -> Delivery:
        """An item of the application's menu; where a menu was set, only one that it has."""
        menu = self.fake.menu
        assert menu is None or key in menu.values(), f"no {key} in {menu}"
        return self.causes("click", {"EventKey": key}, seen("click", key))

    def causes(self, event: str, fields: Mapping[str, str], shown: Seen | None = None) -> Delivery:
        return self.sends("event", {"Event": event, **fields}, shown or seen(event))

    def sends(self, kind: str, fields: Mapping[str, str | int | float], shown: Seen) -> Delivery:
        with self.fake.changed:
            self.transcript.append({**shown, "by": "user", "at": self.fake.now()})
        return self.fake.deliver(self, self.fake.message(self, kind, fields))

    def waits_for(self, count: int, seconds: float = PATIENCE) -> list[Seen]:
        """Until so many messages have come; all of them."""
        return self.waits_until(lambda sees: len(sees) >= count, f"{count} messages", seconds)

    def waits_until(
        self, holds: Callable[[list[Seen]], Any], what: str = "that", seconds: float = PATIENCE
    ) -> list[Seen]:
        until = time.monotonic() + seconds
        with self.fake.changed:
            while not holds(self.sees):
                if not self.fake.changed.wait(until - time.monotonic()) and time.monotonic() >= until:
                    raise AssertionError(f"no {what} in {seconds} s; {self.userid} has {self.told()}")
            return list(self.sees)

    def told(self) -> str:
        return str([(entry["kind"], entry["text"], [label for label, _ in entry["buttons"]]) for entry in self.sees])
