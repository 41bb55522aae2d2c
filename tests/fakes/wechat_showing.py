"""What a WeChat client makes of a message: labels of links, items of a menu, addresses."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from tests.fakes.wechat_account import Shown

FAULT = "该公众号提供的服务出现故障，请稍后再试"
UNSUPPORTED = "【收到不支持的消息类型，暂无法显示】"
ANCHOR = re.compile(r"""<a\s+href=(["'])(?P<href>.*?)\1[^>]*>(?P<label>.*?)</a>""", re.DOTALL)
TAP = re.compile(r"weixin://bizmsgmenu\?msgmenucontent=(?P<content>[^&]*)&(?:amp;)?msgmenuid=(?P<id>.*)")
BARE = re.compile(r"https?://[\w\-./?%&=+#:~@!,;$]+")

Link = tuple[str, str, str]  # label, what a tap says, id


def shown_text(kind: str, way: str, raw: str) -> Shown:
    """A text with its anchors read: `text` is what the eye sees, `raw` what was sent."""
    links: list[Link] = []
    urls: list[tuple[str, str]] = []
    for anchor in ANCHOR.finditer(raw):
        tap = TAP.fullmatch(anchor["href"])
        if tap:
            links.append((anchor["label"], unquote(tap["content"]), unquote(tap["id"])))
        else:
            urls.append((anchor["label"], anchor["href"].replace("&amp;", "&")))
    urls += [(found, found) for found in BARE.findall(ANCHOR.sub(" ", raw))]
    text = ANCHOR.sub(lambda anchor: anchor["label"], raw)
    return {"kind": kind, "way": way, "text": text, "raw": raw, "links": links, "urls": urls}


def shown_menu(head: str, items: Iterable[tuple[str, str]], tail: str) -> Shown:
    shown = shown_text("msgmenu", "custom", "\n".join(filter(None, (head, tail))))
    links = [(content, content, id) for id, content in items]
    text = "\n".join(filter(None, (head, *(label for label, _, _ in links), tail)))
    return shown | {"text": text, "raw": text, "links": links + shown["links"]}


def shown_media(kind: str, way: str, media_id: str) -> Shown:
    return shown_text(kind, way, "") | {"media_id": media_id}


def shown_news(way: str, title: str, description: str, url: str) -> Shown:
    return shown_text("news", way, f"{title}\n{description}".strip()) | {"urls": [(title, url)]}
