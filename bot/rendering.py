"""What each platform can show, and how a reply is said within it: the only place that knows their limits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bot.links import Links
from handlers.cleaning import UNFIT
from handlers.phrasebook import phrasebook
from storage.queries import Row

TELEGRAM_TEXT = 4096  # UTF-16 code units (platform.md C1)
TELEGRAM_PHOTO = 10 << 20  # bytes
TELEGRAM_FILE = 50 << 20
TELEGRAM_LABEL = 40  # letters: more is cut on a phone's button
WECHAT_TEXT = 2000  # bytes, of a customer message (refused above 2048) and of a passive reply (A3)
WECHAT_LABEL = 24
WECOM_TEXT = 2048  # bytes; the platform cuts what is longer (B)
WECOM_TITLE, WECOM_BODY = 36, 160  # letters of a card
WECOM_BUTTONS, WECOM_BUTTON = 6, 10  # how many, and letters of each
WECOM_FILE = 20 << 20
SHORT_BUTTON, ROW_LETTERS = 8, 20


@dataclass(frozen=True)
class Ask:
    """One request to a platform: its method and fields; a file is an evidence row."""

    method: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    evidence: int | None = None


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def utf8(text: str) -> int:
    return len(text.encode())


def pieces(text: str, limit: int, measure: Callable[[str], int]) -> list[str]:
    """The text in parts of at most `limit`, cut between lines, else between letters; nothing is lost."""
    parts = [""]
    for line in text.split("\n"):
        longer = f"{parts[-1]}\n{line}" if parts[-1] else line
        if measure(longer) <= limit:
            parts[-1] = longer
            continue
        parts += _cut(line, limit, measure)
    return [part for part in parts if part]


def _cut(line: str, limit: int, measure: Callable[[str], int]) -> list[str]:
    parts, rest = [], line
    while measure(rest) > limit:
        most = next(n for n in range(min(len(rest), limit), 0, -1) if measure(rest[:n]) <= limit)
        parts.append(rest[:most])
        rest = rest[most:]
    return [*parts, rest]


def shown_choices(row: Row) -> list[tuple[str, str]]:
    """(opaque id, label) of the choices that stand for words."""
    return [(f"{row.id}-{n}", one["label"]) for n, one in enumerate(row.choices) if not one.get("upload")]


def upload_label(row: Row) -> str | None:
    """What the way to the upload page is called, where the reply offers one."""
    return next((one["label"] for one in row.choices if one.get("upload")), None)


def plain(text: str) -> str:
    """Text that no platform takes for anything else."""
    return UNFIT.sub("", text)


# Telegram: plain text, inline buttons under the last part, files after it.


def telegram(row: Row) -> list[Ask]:
    chat = int(row.address)
    parts = pieces(plain(row.text), TELEGRAM_TEXT, utf16)
    asks = [Ask("sendMessage", {"chat_id": chat, "text": part}) for part in parts]
    buttons = telegram_buttons(shown_choices(row))
    if buttons and asks:
        asks[-1] = Ask("sendMessage", {**asks[-1].fields, "reply_markup": {"inline_keyboard": buttons}})
    return asks + [Ask("sendDocument", {"chat_id": chat}, file["evidence"]) for file in row.files]


def telegram_buttons(choices: Sequence[tuple[str, str]]) -> list[list[dict[str, str]]]:
    """Short labels side by side, long ones each on a line of its own."""
    rows: list[list[dict[str, str]]] = []
    room = 0
    for id, label in choices:
        shown = label if len(label) <= TELEGRAM_LABEL else f"{label[: TELEGRAM_LABEL - 1]}…"
        if len(shown) > SHORT_BUTTON or len(shown) > room:
            rows.append([])
            room = ROW_LETTERS
        rows[-1].append({"text": shown, "callback_data": id})
        room = room - len(shown) if len(shown) <= SHORT_BUTTON else 0
    return rows


# WeChat: text with links that say a word for her; files and uploads by signed pages.


def wechat(row: Row, links: Links) -> list[str]:
    """The texts of one message, each within the limit."""
    return pieces(_with_ways(row, links, WECHAT_TEXT, _said_for_her), WECHAT_TEXT, utf8)


def wechat_at_once(rows: Sequence[Row], links: Links) -> tuple[str, int]:
    """As many messages as fit in one passive reply, in order, and how many they are; at least a part of the first is
    never torn off: what does not fit is left to be delivered."""
    said = ""
    for number, row in enumerate(rows):
        text = _with_ways(row, links, WECHAT_TEXT, _said_for_her)
        longer = f"{said}\n\n{text}" if said else text
        if utf8(longer) > WECHAT_TEXT:
            return said, number
        said = longer
    return said, len(rows)


def _said_for_her(id: str, label: str) -> str:
    shown = label if len(label) <= WECHAT_LABEL else f"{label[: WECHAT_LABEL - 1]}…"
    content = "".join(one if ord(one) > 127 else quote(one, safe="") for one in shown)
    return f'<a href="weixin://bizmsgmenu?msgmenucontent={content}&msgmenuid={id}">{unlinked(shown)}</a>'


def unlinked(text: str) -> str:
    """Her own words must not become a link: the clients read <a> and nothing escapes it."""
    return plain(text).replace("<", "＜")


def _with_ways(row: Row, links: Links, limit: int, way: Callable[[str, str], str]) -> str:
    """The text, the files as links, and the ways on: as links where they fit, as words where not."""
    text = unlinked(row.text)
    for file in row.files:
        text += f'\n<a href="{links.page(file["evidence"], row.created_at)}">{unlinked(file["name"])}</a>'
    label = upload_label(row)
    page = f'<a href="{links.upload(row.id, row.created_at)}">{unlinked(label)}</a>' if label else ""
    labels = shown_choices(row)
    linked = " · ".join(filter(None, [*(way(id, label) for id, label in labels), page]))
    worded = " · ".join(filter(None, [*(unlinked(label) for _, label in labels), page]))
    for ways in (linked, worded, page):
        offered = phrasebook().text("ways", {"ways": ways})
        longer = f"{text}\n{offered}" if ways else text
        if utf8(longer) <= limit:
            return longer
    return f"{text}\n{page}" if page else text


# WeCom: a card where the whole reply fits one, else text with the words to type; files as files.


def wecom(row: Row, links: Links) -> list[Ask]:
    choices = shown_choices(row)
    title, _, body = plain(row.text).partition("\n")
    if choices and not upload_label(row) and _fits_a_card(title, body, choices):
        asks = [Ask("template_card", _card(row, title, body, choices))]
    else:
        worded = _with_ways(row, links, WECOM_TEXT - 100, lambda _, label: unlinked(label))
        texts = pieces(worded, WECOM_TEXT - 100, utf8)
        asks = [Ask("text", {"content": f"{text}{told_apart(row.id)}"}) for text in texts]
    return asks + [Ask("file", {}, file["evidence"]) for file in row.files]


def told_apart(id: int) -> str:
    """Invisible letters that differ between messages: WeCom drops a message that equals one of the last half hour, and
    a second «没有改动» is no copy of the first."""
    return "".join("\u200b" if id >> bit & 1 else "\u200c" for bit in range(10))


def _fits_a_card(title: str, body: str, choices: Sequence[tuple[str, str]]) -> bool:
    few = len(choices) <= WECOM_BUTTONS and all(len(label) <= WECOM_BUTTON for _, label in choices)
    return few and len(title) <= WECOM_TITLE and len(body) <= WECOM_BODY


def _card(row: Row, title: str, body: str, choices: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {
        "card_type": "button_interaction",
        "main_title": {"title": title},
        **({"sub_title_text": body} if body else {}),
        "button_list": [{"text": label, "key": id, "style": 2} for id, label in choices],
        "task_id": f"reply-{row.id}",
    }
