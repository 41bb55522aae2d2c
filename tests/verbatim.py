"""Holds every word that a rubric takes from its document against the extracted document, and the other way round."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from rubrics.model import Rubric, Section
from rubrics.programme import Applicant, Scale, Stage

FOLDER = Path(__file__).parent / "seeds"
BELOW: dict[type[BaseModel], str] = {Section: "text", Stage: "title"}
OURS = ("facts", "condition")
WORDS = ("title", "number", "issuer", "label", "no", "heading", "text", "benefits", "demanded")


class Quote(NamedTuple):
    """Words of a document as a rubric file has them; `line` where the file says exactly where they stand."""

    place: str
    text: str
    line: int | None


def seed(number: str) -> list[str]:
    """The lines of an extracted document."""
    return (FOLDER / f"{number}.txt").read_text("utf-8").split("\n")


def quotes(node: BaseModel, owner: str = "", line: int | None = None) -> Iterator[Quote]:
    """Every word that isn't ours; a section's text, a stage's title and an award's benefits have no line of their own."""
    if isinstance(node, Applicant | Scale):
        return
    owner = getattr(node, "id", owner)
    line = getattr(node, "source_line", None) or getattr(node, "line", None) or line
    for key in type(node).model_fields.keys() - OURS:
        value = getattr(node, key)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, BaseModel):
                yield from quotes(one, owner, line)
            elif key in WORDS and one:
                below = key in ("benefits", "demanded") or key == BELOW.get(type(node))
                for paragraph in one.split("\n"):
                    yield Quote(f"{owner}.{key}", paragraph, None if below else line)


class Document:
    """An extracted document as one run of text, so that wrapped and torn lines read on."""

    def __init__(self, lines: list[str]) -> None:
        self.flat = ""
        self.starts = [0]
        for line in lines:
            self.flat += line.replace("\t", "").strip()
            self.starts.append(len(self.flat))

    def find(self, quote: Quote) -> int:
        """Where the words begin, in their own line if it is known; -1 where they don't stand there."""
        if quote.line is None:
            return self.flat.find(quote.text)
        start, end = self.starts[quote.line - 1], self.starts[quote.line]
        found = self.flat.find(quote.text, start)
        return found if found < end else -1


def unprinted(rubric: Rubric, lines: list[str]) -> set[str]:
    """The words of the rubric that don't stand in the document where the rubric says."""
    document = Document(lines)
    return {quote.place for quote in quotes(rubric) if document.find(quote) < 0}


def untold(rubric: Rubric, lines: list[str]) -> list[str]:
    """What the document says and the rubric leaves out, in pieces."""
    document = Document(lines)
    told = [False] * len(document.flat)
    for quote in quotes(rubric):
        found = document.find(quote)
        if found >= 0:
            told[found : found + len(quote.text)] = [True] * len(quote.text)
    pieces = "".join("\n" if done else letter for letter, done in zip(document.flat, told, strict=True))
    return [piece.strip() for piece in pieces.split("\n") if piece.strip(" 、，；：:")]
