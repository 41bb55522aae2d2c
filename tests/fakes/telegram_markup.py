"""HTML, MarkdownV2 and Markdown as Telegram reads them: the text people see, its entities, or why not."""

import re
from typing import Any

Parsed = tuple[str, list[dict[str, Any]]]
TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "code": "code", "pre": "pre",
    "a": "text_link", "span": "spoiler", "tg-spoiler": "spoiler", "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}  # fmt: skip
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot)|#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6}));?")
START = re.compile(r"<([^\s/>]*)((?:\s+[a-zA-Z-]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+))?)*)\s*>")
END = re.compile(r"</\s*([^\s>]*)\s*>")
HREF = re.compile(r"href\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))")
V2 = {"```": "pre", "`": "code", "||": "spoiler", "__": "underline", "*": "bold", "_": "italic", "~": "strikethrough"}
V1 = {"```": "pre", "`": "code", "*": "bold", "_": "italic"}
RESERVED = "_*[]()~`>#+-=|{}.!"


class Unparsable(Exception):
    """Why Telegram sends nothing at all."""


def parse(text: str, mode: str) -> Parsed:
    """Raises Unparsable; KeyError for a mode that does not exist."""
    return {"html": html, "markdownv2": markdown_v2, "markdown": markdown}[mode.lower()](text)


class Written:
    """Text in the making, with the entities that are still open."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0
        self.open: list[tuple[str, int, int, dict[str, Any]]] = []
        self.entities: list[dict[str, Any]] = []

    def add(self, piece: str) -> None:
        self.pieces.append(piece)
        self.length += len(piece.encode("utf-16-le")) // 2

    def begin(self, mark: str, at: int, more: dict[str, Any]) -> None:
        self.open.append((mark, at, self.length, more))

    def end(self) -> None:
        _, _, start, more = self.open.pop()
        if self.length > start:
            self.entities.append({"offset": start, "length": self.length - start, **more})

    @property
    def parsed(self) -> Parsed:
        order = sorted(self.entities, key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.pieces), order


def offset(text: str, at: int) -> int:
    return len(text[:at].encode())


def html(text: str) -> Parsed:
    written, at = Written(), 0
    while at < len(text):
        if text[at] == "<":
            at = tag(text, at, written)
        elif text[at] == "&" and (found := REFERENCE.match(text, at)):
            named, decimal, hexadecimal = found.groups()
            written.add(NAMED[named] if named else chr(int(decimal or hexadecimal, 10 if decimal else 16)))
            at = found.end()
        else:
            written.add(text[at])
            at += 1
    if written.open:
        raise Unparsable(f'Can\'t find end tag corresponding to start tag "{written.open[-1][0]}"')
    return written.parsed


def tag(text: str, at: int, written: Written) -> int:
    """Reads the tag that begins here; where the text goes on."""
    if found := END.match(text, at):
        if not written.open:
            raise Unparsable(f"Unexpected end tag at byte offset {offset(text, at)}")
        expected, name = written.open[-1][0], found[1].lower()
        if name and name != expected:
            raise Unparsable(
                f'Unmatched end tag at byte offset {offset(text, at)}, expected "</{expected}>", found "</{name}>"'
            )
        written.end()
        return found.end()
    if not (found := START.match(text, at)):
        if ">" not in text[at:]:
            raise Unparsable(f"Unclosed start tag at byte offset {offset(text, at)}")
        name = re.split(r"[\s>]", text[at + 1 :], maxsplit=1)[0]
        raise Unparsable(f'Unsupported start tag "{name}" at byte offset {offset(text, at)}')
    name, attributes = found[1].lower(), found[2]
    if name not in TAGS or (name == "span" and "tg-spoiler" not in attributes):
        raise Unparsable(f'Unsupported start tag "{name}" at byte offset {offset(text, at)}')
    address = HREF.search(attributes) if name == "a" else None
    target = {"url": next(filter(None, address.groups()), "")} if address else {}
    written.begin(name, at, {"type": TAGS[name], **target})
    return found.end()


def markdown_v2(text: str) -> Parsed:
    written, at = Written(), 0
    while at < len(text):
        code = bool(written.open) and written.open[-1][0] in ("`", "```")
        mark = next((mark for mark in V2 if text.startswith(mark, at)), None)
        line_start = at == 0 or text[at - 1] == "\n"
        if text[at] == "\\" and at + 1 < len(text) and ord(text[at + 1]) < 127:
            written.add(text[at + 1])
            at += 2
        elif mark and (not code or mark == written.open[-1][0]):
            toggle(text, at, mark, V2[mark], written)
            at += len(mark)
        elif not code and text[at] == "[":
            at = bracket(text, at, written, r"\[((?:\\.|[^\]\\])*)\]\(((?:\\.|[^)\\])*)\)")
        elif not code and text[at] == ">" and line_start:
            at += 1
        elif not code and text[at] in RESERVED:
            raise Unparsable(f"Character '{text[at]}' is reserved and must be escaped with the preceding '\\'")
        else:
            written.add(text[at])
            at += 1
    return closed(text, written)


def markdown(text: str) -> Parsed:
    written, at = Written(), 0
    while at < len(text):
        inside = written.open[-1][0] if written.open else None
        mark = next((mark for mark in V1 if text.startswith(mark, at)), None)
        if not inside and text[at] == "\\" and text[at + 1 : at + 2] in ("_", "*", "`", "["):
            written.add(text[at + 1])
            at += 2
        elif mark and inside in (None, mark):
            toggle(text, at, mark, V1[mark], written)
            at += len(mark)
        elif not inside and text[at] == "[":
            at = bracket(text, at, written, r"\[([^\]]*)\]\(([^)]*)\)")
        else:
            written.add(text[at])
            at += 1
    return closed(text, written)


def toggle(text: str, at: int, mark: str, kind: str, written: Written) -> None:
    if written.open and written.open[-1][0] == mark:
        written.end()
    elif any(mark == other for other, *_ in written.open):
        raise Unparsable(f"Can't find end of {kind.capitalize()} entity at byte offset {offset(text, at)}")
    else:
        written.begin(mark, at, {"type": kind})


def bracket(text: str, at: int, written: Written, pattern: str) -> int:
    found = re.compile(pattern).match(text, at)
    if not found:
        raise Unparsable(f"Can't find end of the entity starting at byte offset {offset(text, at)}")
    written.begin("[", at, {"type": "text_link", "url": found[2]})
    written.add(re.sub(r"\\(.)", r"\1", found[1]))
    written.end()
    return found.end()


def closed(text: str, written: Written) -> Parsed:
    if written.open:
        begun = offset(text, written.open[-1][1])
        raise Unparsable(f"Can't find end of the entity starting at byte offset {begun}")
    return written.parsed
