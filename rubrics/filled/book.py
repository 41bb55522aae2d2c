"""An Excel workbook taken apart and put together again: its sheets by name, every other part as it was."""

import posixpath
from collections.abc import Sequence

from rubrics.filled.parts import Element, packed, parsed
from rubrics.importing import word
from rubrics.importing.opening import Package

# In which order the parts of a workbook and of a sheet must stand; a part behind all of these may be left out.
OF_BOOK = (
    "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences "
    "definedNames calcPr"
).split()
OF_SHEET = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios "
    "autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations "
    "hyperlinks printOptions pageMargins pageSetup"
).split()
CHAIN = "calcChain"  # in which order formulas are reckoned: a program makes it anew where it is not there


class Book:
    """The parts of a workbook that are changed, each parsed once."""

    def __init__(self, package: Package) -> None:
        self.parts = dict(package.parts)
        self.name = word.main_part(package)
        self.root = self._parsed(self.name)
        self.trees: dict[str, Element] = {self.name: self.root}
        folder, file = posixpath.split(self.name)
        self.relations = f"{folder}/_rels/{file}.rels".lstrip("/")
        self.targets = {
            one.get("Id"): posixpath.normpath(posixpath.join(folder, one.get("Target", ""))).lstrip("/")
            for one in self._parsed(self.relations)
        }
        self.sheets = {one.get("name"): self.targets.get(word.value(one, "id") or "", "") for one in self._listed()}

    def _listed(self) -> Sequence[Element]:
        sheets = word.child(self.root, "sheets")
        return list(sheets) if sheets is not None else []

    def sheet(self, name: str) -> Element:
        return self.tree(self.sheets[name])

    def index(self, name: str) -> int:
        return list(self.sheets).index(name)

    def tree(self, part: str) -> Element:
        if part not in self.trees:
            self.trees[part] = self._parsed(part)
        return self.trees[part]

    @property
    def worksheets(self) -> list[str]:
        """The sheets that have cells; a chart may be a sheet too."""
        return [name for name, part in self.sheets.items() if "/worksheets/" in f"/{part}"]

    def styles(self) -> Element | None:
        """The looks of all cells; a file may do without."""
        part = next((one for one in self.targets.values() if one.endswith("styles.xml") and one in self.parts), None)
        return self.tree(part) if part else None

    def _parsed(self, part: str) -> Element:
        return parsed(self.parts.get(part, b""))

    def drop_chain(self) -> None:
        """A formula is gone: what lists all formulas would name one too many."""
        self.parts = {name: part for name, part in self.parts.items() if CHAIN not in name}
        for part, name in ((self.relations, "Target"), ("[Content_Types].xml", "PartName")):
            root = self.tree(part)
            for one in [one for one in root if CHAIN in one.get(name, "")]:
                root.remove(one)

    def saved(self) -> bytes:
        """The file with every part that was not touched as it was."""
        return packed(self.parts, self.trees)


def within(parent: Element, name: str, order: Sequence[str]) -> Element:
    """The child of that name, made at its place where there is none."""
    found = word.child(parent, name)
    if found is not None:
        return found
    before = set(order[: order.index(name)])
    at = sum(1 for one in parent if isinstance(one.tag, str) and word.local(one) in before)
    made = parent.makeelement(f"{space(parent)}{name}", nsmap=parent.nsmap)
    parent.insert(at, made)
    return made


def space(element: Element) -> str:
    """The namespace in braces, of the transitional or the strict kind."""
    head, brace, _ = element.tag.rpartition("}")
    return f"{head}{brace}"
