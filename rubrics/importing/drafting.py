"""From the lines of a table to sections and items, with every repair noted and every doubt asked."""

from decimal import Decimal

from rubrics.importing.draft import Draft, DraftItem, DraftSection, Fragment
from rubrics.importing.findings import Finding
from rubrics.importing.grid import Cell, Spot
from rubrics.importing.lines import Line, Tables
from rubrics.importing.mending import promoted, torn_headings
from rubrics.importing.wording import ENDS, Category, category, flowing, glue, is_continued, key, plain, points, tight

LIKELY, PROBABLE = Decimal("0.9"), Decimal("0.8")
MOST_POINTS = 1000


def drafted(tables: Tables, title: str) -> Draft:
    """The sections and items of all lines; `title` names the one section of a table without categories."""
    drafter = Drafter(Draft(findings=[*tables.findings]), title)
    for line in promoted(tables.lines):
        drafter.take(line)
    draft = drafter.draft
    draft.sections = [section for section in draft.sections if section.items]
    torn_headings(draft)
    return draft


class Drafter:
    """Takes the lines one by one; each kind of line has its method."""

    def __init__(self, draft: Draft, title: str) -> None:
        self.draft = draft
        self.title = title
        self.category: Cell | None = None
        self.heading: Cell | None = None

    def take(self, line: Line) -> None:
        kinds = {
            "item": self.item,
            "more": self.more,
            "category": self.caption,
            "total": self.total,
            "subtotal": self.subtotal,
        }
        kinds[line.kind](line)

    def caption(self, line: Line) -> None:
        """A category in a row of its own or above its table."""
        self.enter(line.cell("category"), line.spot("category"), line.cell("category_points"))

    def enter(self, cell: Cell, spot: Spot, worth: Cell | None = None) -> None:
        """Go on under a category, a new one or one that a page break has printed again."""
        found = category(cell.text)
        if worth and found.points is None:
            found = found._replace(points=points(worth.text) or None)
        self.category = cell
        same = next((one for one in self.draft.sections if alike(one.category, found)), None)
        if same is None:
            self.draft.sections.append(DraftSection(spot, found))
            self.heading = None
            return
        if same is not self.draft.sections[-1]:
            same.findings.append(Finding("category_again", spot, {"title": found.title}))
            self.draft.sections.remove(same)
            self.draft.sections.append(same)
        if same.category.points is None:
            same.category = same.category._replace(points=found.points)

    def item(self, line: Line) -> None:
        cell = line.cell("category")
        again = cell is self.category or (self.draft.sections and is_continued(cell.text))
        if cell.text.strip() and not again:
            if line.torn and self.rest_of_category(cell):
                self.complete_category(cell, line)
            else:
                self.enter(cell, line.spot("category"), line.cell("category_points"))
        if not self.draft.sections:
            self.draft.sections.append(DraftSection(line.spot(), Category(None, self.title, None)))
        section = self.draft.sections[-1]
        shared = section.items[-1] if section.items else None
        worth = line.cell("points")
        if shared and shared.worth is worth and worth.text.strip() and not line.own(line.cell("no")):
            self.more(line)
            return
        section.items.append(self.made(line, shared))

    def rest_of_category(self, cell: Cell) -> bool:
        """Whether the words at the top of a page finish the category of the page before."""
        if not self.draft.sections or category(cell.text).label:
            return False
        before = [section.category for section in self.draft.sections]
        return len(before) > 0 and all(one.label for one in before) and before[-1].points is None

    def complete_category(self, cell: Cell, line: Line) -> None:
        section = self.draft.sections[-1]
        assert self.category is not None
        whole = tight(self.category.text) + tight(cell.text)
        section.category = category(whole)
        section.findings.append(Finding("category_joined", line.spot("category"), {"whole": whole}))
        self.category = cell

    def made(self, line: Line, before: DraftItem | None) -> DraftItem:
        heading = line.cell("heading")
        if heading.text.strip():
            self.heading = heading
        words = tight(self.heading.text) if self.heading else ""
        item = DraftItem(
            line.spot(),
            plain(tight(line.cell("no").text)) or None,
            words or None,
            contents(line) or words,
            points(line.cell("points").text),
            note=flowing(line.cell("note").text),
            demanded=flowing(line.cell("evidence").text),
            worth=line.cell("points"),
            torn=line.torn,
        )
        self.doubt_points(item, line, before)
        self.keep_printed(item, line)
        return item

    def doubt_points(self, item: DraftItem, line: Line, before: DraftItem | None) -> None:
        """Points that could not be read, or that belong to the row above as well, are asked about."""
        cell = line.cell("points")
        if before and before.worth is cell and cell.text.strip():
            item.points, item.unread = None, cell.text
            item.findings.append(Finding("points_shared", line.spot("points"), {"found": cell.text}))
        elif item.points is not None and not 0 < item.points <= MOST_POINTS:
            item.points, item.unread = None, cell.text
            item.findings.append(Finding("points_odd", line.spot("points"), {"found": cell.text}))
        elif item.points is None and cell.text.strip():
            item.unread = cell.text
            item.findings.append(Finding("points_unread", line.spot("points"), {"found": cell.text}))

    def keep_printed(self, item: DraftItem, line: Line) -> None:
        """The printed words beside what was repaired in them."""
        heading = line.cell("heading").text
        spaced = [part for part in heading.strip().split(" ") if part]
        if len(spaced) > 1 and max(map(len, spaced)) > 1 and tight(heading) != " ".join(spaced):
            item.printed.append(Fragment("heading", " ".join(heading.split()), PROBABLE, "heading_blank"))
            item.findings.append(
                Finding("heading_blank", line.spot("heading"), {"found": heading, "whole": item.heading})
            )
        if line.shifted in {"category", "heading", "no"}:
            name = "section" if line.shifted == "category" else line.shifted
            item.printed.append(Fragment(name, "", LIKELY, f"lost_{line.shifted}"))
            item.findings.append(
                Finding(f"lost_{line.shifted}", line.spot(), {"title": self.draft.sections[-1].category.title})
            )

    def more(self, line: Line) -> None:
        """The rest of an item: cut by a page break in the middle of a word, or said in a row of its own."""
        said = contents(line, own=True)
        if not self.draft.items:
            self.draft.findings.append(Finding("row_unused", line.spot(), {"found": said}))
            return
        item = self.draft.items[-1]
        if not said:
            return
        between = "\n" if item.text.endswith(ENDS) else glue(item.text, said) if item.text else ""
        item.text += between + said
        item.note = "\n".join(filter(None, (item.note, flowing(line.cell("note").text))))
        item.findings.append(Finding("text_joined", line.spot("text"), {"found": said}))

    def subtotal(self, line: Line) -> None:
        """A printed control sum below its category."""
        found = points(line.cell("points").text)
        if self.draft.sections and found and self.draft.sections[-1].category.points is None:
            section = self.draft.sections[-1]
            section.category = section.category._replace(points=found)

    def total(self, line: Line) -> None:
        found = points(line.cell("points").text)
        if found is not None and found > 0:
            self.draft.total, self.draft.total_spot = found, line.spot("points")


def alike(one: Category, other: Category) -> bool:
    """Whether two printings mean one category: the page break may have lost the label or the points."""
    labels = one.label is None or other.label is None or one.label == other.label
    return labels and key(one.title) == key(other.title)


def contents(line: Line, *, own: bool = False) -> str:
    """What is asked: the words of the contents, and below them what the marking column says, under its own head."""
    said = [flowing(cell.text) for cell in line.texts if line.own(cell) or not own]
    marking = [(head, cell) for head, cell in line.standards if cell.text.strip() and (line.own(cell) or not own)]
    said += [f"{head}：{flowing(cell.text)}" for head, cell in marking]
    return "\n".join(filter(None, said))
