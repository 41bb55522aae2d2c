"""From the office's own file to a rubric file: read, put straight, doubted, written."""

from collections.abc import Iterable
from dataclasses import dataclass

from rubrics.importing import excel, naming, word
from rubrics.importing.correcting import Correction, correct, counted
from rubrics.importing.doubting import doubt
from rubrics.importing.draft import Draft
from rubrics.importing.drafting import drafted
from rubrics.importing.findings import Finding, Refused
from rubrics.importing.grid import Grid
from rubrics.importing.lines import lines
from rubrics.importing.opening import Package, opened
from rubrics.importing.writing import written

SHORT = 200  # characters of text beside the pictures: more is a letter with a logo


@dataclass(frozen=True, slots=True)
class Imported:
    """The text of a rubric file, and what should be looked at in it."""

    text: str
    draft: Draft
    findings: tuple[Finding, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is left for a person to decide."""
        return not any(one.decide for one in self.findings)


def imported(data: bytes, *, file: str, id: str, corrections: Iterable[Correction] = ()) -> Imported:
    """The rubric in a docx or xlsx, named `file`, under our own `id`, with what a person has decided of it. Raises
    Refused where none can be read."""
    package = opened(data)
    grids = (word if package.kind == "word" else excel).tables(package)
    tables = lines(grids)
    if tables.first is None:
        raise unheaded(package, grids)
    stem = file.rpartition(".")[0] or file
    title = naming.title_of(tables.before, stem)
    draft = drafted(tables, title or stem)
    if not draft.items:
        raise Refused("no_items")
    draft.title = title
    counted(draft)
    correct(draft, corrections)
    doubt(draft, numbered=tables.numbered)
    return Imported(written(draft, id=id, file=file), draft, tuple(draft.all_findings))


def unheaded(package: Package, grids: list[Grid]) -> Refused:
    """Why there is nothing: a scan, no table, or tables without heads that we know."""
    filled = [grid for grid in grids if any(row.fresh for row in grid.rows)]
    if package.has_pictures and not filled and len(word.words(package)) < SHORT:
        return Refused("scanned")
    return Refused("no_heads", tables=len(filled)) if filled else Refused("no_table")
