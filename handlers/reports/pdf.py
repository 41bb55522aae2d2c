"""A Word document as PDF, where LibreOffice is installed."""

import shutil
import subprocess
import tempfile
from pathlib import Path

SECONDS = 300


class NoOffice(Exception):
    """There is no LibreOffice on this machine."""


class OfficeFailed(Exception):
    """LibreOffice ran and made no PDF; the text says why, as it said it."""


def soffice() -> str | None:
    """Where LibreOffice is."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def convert(document: bytes) -> bytes:
    """A .docx as PDF. Raises NoOffice and OfficeFailed."""
    program = soffice()
    if program is None:
        raise NoOffice
    with tempfile.TemporaryDirectory(prefix="xuehui-pdf-") as name:
        folder = Path(name)
        source, made = folder / "form.docx", folder / "form.pdf"
        source.write_bytes(document)
        # A profile of its own: an open LibreOffice on this desk would take the job and never answer.
        command = [program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
        command += ["--convert-to", "pdf", "--outdir", str(folder), str(source)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise OfficeFailed(f"> {SECONDS} s") from None
        if not made.exists():
            raise OfficeFailed((done.stderr.strip() or str(done.returncode))[-200:])
        return made.read_bytes()
