"""`python -m tests.fakes telegram|wechat|wecom …`: one fake platform for a human to try the bot with."""

import importlib
import sys

PLATFORMS = ("telegram", "wechat", "wecom")


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in PLATFORMS:
        sys.exit(f"python -m tests.fakes {'|'.join(PLATFORMS)} [--port …] [--callback …]")
    importlib.import_module(f"tests.fakes.{sys.argv[1]}").main(sys.argv[2:])


if __name__ == "__main__":
    main()
