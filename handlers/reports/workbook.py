"""The round as Excel workbooks: a summary, and the official table of each society on a sheet of its own."""

import resource
from contextlib import ExitStack
from typing import BinaryIO

from xlsxwriter import Workbook

from handlers.reports.endings import MOST_IN_ONE
from handlers.reports.pen import OPTIONS, Pen
from handlers.reports.snapshot import Snapshot
from handlers.reports.summary import Summary
from handlers.reports.table import labels
from handlers.reports.tablesheet import write_table
from handlers.reports.tabs import Tabs
from handlers.reports.volumes import Volume

OTHER_FILES = 200  # that the process has open besides


def write_workbook(snapshot: Snapshot, out: BinaryIO) -> None:
    """One workbook with everything; for no more societies than MOST_IN_ONE, for every sheet costs memory and an open
    file until the end."""
    _may_open(len(snapshot.societies))
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
    _may_open(MOST_IN_ONE)
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


def _may_open(sheets: int) -> None:
    """XlsxWriter keeps a file open for every sheet; where that is more than is usual, a process may allow it itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = sheets + OTHER_FILES
    if resource.RLIM_INFINITY != soft < needed:
        resource.setrlimit(
            resource.RLIMIT_NOFILE, (needed if hard == resource.RLIM_INFINITY else min(needed, hard), hard)
        )
