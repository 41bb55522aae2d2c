"""Several of the bot's commands in one process: JSON lists of words in, one JSON line with code and output for each out."""

import contextlib
import io
import json
import sys

from bot.cli import main


def run(words: list[str]) -> tuple[int, str]:
    """`python -m bot WORDS`: its exit code and everything it said."""
    said = io.StringIO()
    code: object = 0
    sys.argv = ["bot", *words]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            main()
        except SystemExit as end:
            code = end.code
    return int(code) if isinstance(code, int) else 0, said.getvalue()


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)
