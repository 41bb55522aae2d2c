"""What `python -m bot` and `xuehui` run."""

import gc

# What is imported stays to the end: looking for garbage in it again and again takes a sixth of a start.
gc.disable()

from bot.cli import main  # noqa: E402  not before that

gc.freeze()
gc.enable()

if __name__ == "__main__":
    main()
