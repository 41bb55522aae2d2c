"""A Word document as PDF, where LibreOffice is installed."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

SECONDS = 240
QUIET = ("--headless", "--nologo", "--norestore", "--nolockcheck", "--nodefault")


class NoOffice(Exception):
    """There is no LibreOffice on this machine."""


class OfficeFailed(Exception):
    """LibreOffice ran and made no PDF; the text says why, as it said it."""


def soffice() -> str | None:
    """Where LibreOffice is."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def convert(document: bytes, *, ending: str = "docx", seconds: float = SECONDS) -> bytes:
    """A .docx, or a file with another ending, as PDF. Raises NoOffice and OfficeFailed."""
    program = soffice()
    if program is None:
        raise NoOffice
    with tempfile.TemporaryDirectory(prefix="xuehui-pdf-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source, made = folder / f"form.{ending}", folder / "form.pdf"
        source.write_bytes(document)
        # A profile of its own: an open LibreOffice on this desk would take the job and never answer.
        command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", *QUIET]
        said = _run([*command, "--convert-to", "pdf", "--outdir", str(folder), str(source)], seconds)
        if not made.exists() or not made.stat().st_size:
            raise OfficeFailed(said.replace(name, "").strip()[-200:] or "no output")
        return made.read_bytes()


def _run(command: list[str], seconds: float) -> str:
    """What it says. `soffice` is a script that starts the program: when its time is over both are ended."""
    with subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as running:
        try:
            return running.communicate(timeout=seconds)[0]
        except subprocess.TimeoutExpired:
            raise OfficeFailed(f"> {seconds:g} s") from None
        finally:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)
                with suppress(subprocess.TimeoutExpired):
                    running.communicate(timeout=5)  # until the last of them has let go
