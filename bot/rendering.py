"""What each platform can show, and how a reply is said within it: the only place that knows their limits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from bot.links import ANNOUNCED_LASTS, DOWNLOAD_LASTS, Links
from handlers.cleaning import UNFIT
from handlers.phrasebook import phrasebook
from storage.relations import Row

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
    """One request to a platform: its method and fields; a file by where it is held."""

    method: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    file: str | None = None


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
    return [part for part in parts if part.strip()]  # no platform takes blanks for a message


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
    return asks + [Ask("sendDocument", {"chat_id": chat}, file["held"]) for file in row.files]


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


@dataclass(frozen=True)
class AtOnce:
    """A passive reply: its text, the messages it holds whole, and the one of which it holds the first part."""

    text: str = ""
    whole: tuple[int, ...] = ()
    begun: int | None = None


def wechat_at_once(rows: Sequence[Row], links: Links) -> AtOnce:
    """As many messages as fit in one passive reply, in order; what does not fit is left to be delivered. A message
    longer than any reply begins here, but brought along from before it stands back: an account that may not send by
    itself would never get to the answer."""
    said = AtOnce()
    for row in rows:
        text = _with_ways(row, links, WECHAT_TEXT, _said_for_her)
        if row.fronted and utf8(text) > WECHAT_TEXT:
            continue
        longer = f"{said.text}\n\n{text}" if said.text else text
        if utf8(longer) > WECHAT_TEXT:
            return said if said.text else AtOnce(pieces(text, WECHAT_TEXT, utf8)[0], begun=row.id)
        said = AtOnce(longer, (*said.whole, row.id))
    return said


def file_page(row: Row, held: str, links: Links) -> str:
    """The address of a file of this message, where the chat can't carry it."""
    lasts = ANNOUNCED_LASTS if row.kind == "announcement" else DOWNLOAD_LASTS
    return links.page(held, row.created_at, lasts=lasts)


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
        text += f'\n<a href="{file_page(row, file["held"], links)}">{unlinked(file["name"])}</a>'
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


# WeCom: a card where the whole reply fits one, else text with the words to type; files as files. Never markdown, which
# personal WeChat does not show (微工作台, platform.md B), while plain text looks the same everywhere. Cards, as it is said,
# are not shown there either: they need the WeCom app, 3.1.6 or newer.


def wecom(row: Row, links: Links) -> list[Ask]:
    choices = shown_choices(row)
    title, _, body = plain(row.text).partition("\n")
    if choices and not upload_label(row) and _fits_a_card(title, body, choices):
        asks = [Ask("template_card", _card(row, title, body, choices))]
    else:
        parts = pieces(_worded(row, links), WECOM_TEXT - 100, utf8)
        asks = [Ask("text", {"content": f"{part}{told_apart(row.id, n)}"}) for n, part in enumerate(parts)]
    return asks + [Ask("file", {}, file["held"]) for file in row.files]


def _worded(row: Row, links: Links) -> str:
    """The text and the words to type, with the way to the upload page; a text of several parts has them in its last."""
    label = upload_label(row)
    page = file_link(label, links.upload(row.id, row.created_at)) if label else ""
    ways = " · ".join(filter(None, [*(unlinked(one) for _, one in shown_choices(row)), page]))
    text = unlinked(row.text)
    return f"{text}\n{phrasebook().text('ways', {'ways': ways})}" if ways else text


def file_link(name: str, address: str) -> str:
    return f'<a href="{address}">{unlinked(name)}</a>'


def told_apart(id: int, part: int = 0) -> str:
    """Invisible letters that differ between messages: WeCom drops a message that equals one of the last half hour, and
    a second «没有改动» is no copy of the first."""
    number = id % 65536 + part % 16 * 65536
    return "".join("\u200b" if number >> bit & 1 else "\u200c" for bit in range(20))


def _fits_a_card(title: str, body: str, choices: Sequence[tuple[str, str]]) -> bool:
    few = len(choices) <= WECOM_BUTTONS and all(len(label) <= WECOM_BUTTON for _, label in choices)
    return few and 0 < len(title) <= WECOM_TITLE and len(body) <= WECOM_BODY


def _card(row: Row, title: str, body: str, choices: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {
        "card_type": "button_interaction",
        "main_title": {"title": title},
        **({"sub_title_text": body} if body else {}),
        "button_list": [{"text": label, "key": id, "style": 2} for id, label in choices],
        # Its own for ever, even when a database begins anew: the platform refuses one that it has seen.
        "task_id": f"reply-{row.id}-{int(row.created_at.timestamp())}",
    }
