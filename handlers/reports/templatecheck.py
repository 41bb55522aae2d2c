"""Reads a Word template before it is filled: every placeholder must be one of ours, and nothing else may be computed."""

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from html import unescape
from io import BytesIO

from docx import Document
from docx.document import Document as Paper
from docx.table import Table, _Cell
from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml.etree import XMLSyntaxError

from handlers.reports.templatefaults import PLACEHOLDERS, TABLE, BadTemplate, Fault, line_names
from rubrics.importing.findings import Refused
from rubrics.importing.opening import Package, opened

TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
HALF = re.compile(r"\{\{|\}\}|\{%|%\}")
STATEMENT = re.compile(r"\{%-?\s*(?:tr|tc|p|r)?\s*(\w+)\s*(.*?)\s*-?%\}", re.DOTALL)
LOOP = re.compile(rf"(\w+)\s+in\s+{TABLE}")
MARKUP = re.compile(r"<[^>]*>")
# Nothing that could grow without end, or reach into the program.
PLAIN: tuple[type[nodes.Node], ...] = (
    *(nodes.Template, nodes.Output, nodes.TemplateData),
    *(nodes.Name, nodes.Getattr, nodes.Const, nodes.Compare, nodes.Operand),
    *(nodes.And, nodes.Or, nodes.Not, nodes.CondExpr),
)
MOST_TOLD = 8
EXCERPT = 30


def checked(data: bytes) -> None:
    """Raises BadTemplate with every fault found, the first ones first."""
    try:
        package, paper = opened(data), Document(BytesIO(data))
    except Refused as refused:
        raise _unread(refused) from None
    except (ValueError, KeyError, XMLSyntaxError):
        raise _unread(Refused("damaged")) from None
    if package.kind != "word":
        raise BadTemplate([Fault("template_not_word")])
    if package.reaches_out:  # a PDF is made of it on the server
        raise BadTemplate([Fault("template_outside")])
    if faults := _faults(paper, package):
        raise BadTemplate(faults[:MOST_TOLD])


def _unread(refused: Refused) -> BadTemplate:
    if refused.code in ("is_locked", "damaged"):
        return BadTemplate([Fault("template_unread", details={"why": str(refused)})])
    large = refused.code.endswith("_too_large")
    return BadTemplate([Fault("template_too_large" if large else "template_not_word")])


def _faults(paper: Paper, package: Package) -> list[Fault]:
    told = list(_texts(paper))
    every = [tag for _, text in told for tag in TAG.findall(text)]
    hidden = [("", tag) for tag in _elsewhere(package) if tag not in every]
    if not any(tag.startswith("{{") for tag in every):
        return [Fault("template_blank")]
    lines = {found[1] for tag in every if (found := LOOP.search(tag))}
    faults = [fault for place, text in told for fault in _in_text(place, text, lines)]
    faults = faults or _nested(_elsewhere(package))  # in the order of the file, tables where they stand
    faults = faults or [fault for place, text in hidden for fault in _in_text(place, text, lines)]
    words = [found[1] for tag in every if (found := STATEMENT.fullmatch(tag))]
    if words.count("for") != words.count("endfor") or words.count("if") != words.count("endif"):
        faults.append(Fault("template_unbalanced"))
    return faults


def _nested(tags: Iterable[str]) -> list[Fault]:
    """A turn for each line within a turn for each line would grow without end."""
    inside = False
    for tag in tags:
        found = STATEMENT.fullmatch(tag)
        word = found[1] if found else ""
        if word == "for" and inside:
            return [Fault("template_nested", "", {"said": tag[:EXCERPT]})]
        inside = word == "for" or (inside and word != "endfor")
    return []


def _texts(paper: Paper) -> Iterator[tuple[str, str]]:
    """Every paragraph with its place, as one would count on the page."""
    for number, line in enumerate(paper.paragraphs, 1):
        yield str(Fault("template_at_line", details={"number": number})), line.text
    yield from _cells(paper.tables, "")
    for section in paper.sections:
        for code, part in (("template_at_header", section.header), ("template_at_footer", section.footer)):
            if not part.is_linked_to_previous:
                place = str(Fault(code))
                yield from ((place, line.text) for line in part.paragraphs)
                yield from _cells(part.tables, place)


def _cells(tables: Iterable[Table], within: str) -> Iterator[tuple[str, str]]:
    for table_number, table in enumerate(tables, 1):
        for row_number, row in enumerate(table._tbl.tr_lst, 1):
            for column, cell in enumerate((_Cell(one, table) for one in row.tc_lst), 1):
                about = {"table": table_number, "row": row_number, "column": column}
                place = within or str(Fault("template_at_cell", details=about))
                yield from ((place, line.text) for line in cell.paragraphs)
                yield from _cells(cell.tables, place)


def _elsewhere(package: Package) -> Iterator[str]:
    """What would be computed in any part of the document: text boxes, footnotes, properties."""
    for name, part in package.parts.items():
        if name.endswith(".xml"):
            text = unescape(MARKUP.sub("", part.decode(errors="replace")))
            yield from TAG.findall(text)


def _in_text(place: str, text: str, lines: set[str]) -> Iterator[Fault]:
    if HALF.search(TAG.sub("", text)):
        yield Fault("template_half", place, {"said": text.strip()[:EXCERPT]})
    for tag in TAG.findall(text):
        if tag.startswith("{{"):
            yield from _expression(place, tag, tag, lines)
        elif tag.startswith("{%"):
            yield from _statement(place, tag, lines)


def _statement(place: str, tag: str, lines: set[str]) -> Iterator[Fault]:
    """Only what a table needs: one turn for each line, and a choice."""
    found = STATEMENT.fullmatch(tag)
    word, rest = found.groups() if found else ("", "")
    if word in ("endfor", "endif", "else", "vm", "hm") and not rest:
        return
    if word in ("if", "elif"):
        yield from _expression(place, tag, f"{{{{ {rest} }}}}", lines)
    elif word != "for" or not LOOP.fullmatch(rest):
        yield Fault("template_statement", place, {"said": tag[:EXCERPT]})


def _expression(place: str, tag: str, expression: str, lines: set[str]) -> Iterator[Fault]:
    try:
        tree = ImmutableSandboxedEnvironment().parse(expression)
    except TemplateSyntaxError:
        yield Fault("template_unreadable", place, {"said": tag[:EXCERPT]})
        return
    reached = [node for node in tree.find_all(nodes.Getattr) if not isinstance(node.node, nodes.Name)]
    if reached or not all(isinstance(node, PLAIN) for node in tree.find_all(nodes.Node)):
        yield Fault("template_computed", place, {"said": tag[:EXCERPT]})
        return
    for node in tree.find_all(nodes.Getattr):
        if node.attr not in line_names():
            yield _unknown(place, tag, node.attr, line_names())
    for name in tree.find_all(nodes.Name):
        if name.name not in lines and name.name not in PLACEHOLDERS:
            yield _unknown(place, tag, name.name, PLACEHOLDERS)


def _unknown(place: str, tag: str, name: str, known: Iterable[str]) -> Fault:
    near = get_close_matches(name, list(known), n=1, cutoff=0.4)
    return Fault("template_unknown", place, {"said": tag[:EXCERPT], "name": name, "near": near[0] if near else ""})
