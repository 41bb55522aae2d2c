"""The round as Excel workbooks: a summary, and the official table of each society on a sheet of its own."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import BinaryIO

from xlsxwriter import Workbook

from handlers.reports.pen import OPTIONS, Pen
from handlers.reports.snapshot import MOST_IN_ONE, Snapshot
from handlers.reports.summary import Summary
from handlers.reports.table import labels
from handlers.reports.tablesheet import write_table
from handlers.reports.tabs import Tabs

Volume = Callable[[int, int], AbstractContextManager[BinaryIO]]  # a file for the societies from one number to another


def write_workbook(snapshot: Snapshot, out: BinaryIO) -> None:
    """One workbook with everything; for no more societies than MOST_IN_ONE, for every sheet costs memory and an open
    file until the end."""
    with Workbook(out, OPTIONS) as book:
        pen = Pen(book)
        summary, tabs = Summary(pen, snapshot), _tabs()
        for entry in snapshot.entries():
            summary.add(entry)
            write_table(pen, snapshot, entry, tabs.name(entry["society"], labels()["untitled"]))
        summary.close()


def write_volumes(snapshot: Snapshot, out: BinaryIO, volume: Volume) -> None:
    """The summary of all into `out`, and their sheets into volumes of MOST_IN_ONE, one volume after the other. Every
    society is read once."""
    of = len(snapshot.societies)
    with Workbook(out, OPTIONS) as book, ExitStack() as opened:
        summary = Summary(Pen(book), snapshot)
        for number, entry in enumerate(snapshot.entries()):
            if number % MOST_IN_ONE == 0:
                opened.close()
                file = opened.enter_context(volume(number + 1, min(number + MOST_IN_ONE, of)))
                pen, tabs = Pen(opened.enter_context(Workbook(file, OPTIONS))), _tabs()
            summary.add(entry)
            write_table(pen, snapshot, entry, tabs.name(entry["society"], labels()["untitled"]))
        summary.close()


def _tabs() -> Tabs:
    tabs = Tabs()
    tabs.name(labels()["summary"], "")
    return tabs
