"""What `python -m bot` runs."""

from bot.cli import main

if __name__ == "__main__":
    main()
