"""python -m tests.channels.wechat.dying: the real server, which kills itself where a message is stored and not yet
answered, as soon as a file `die` lies in its data folder."""

import os
import signal
from typing import Any
from unittest.mock import patch

from bot.house import open_house
from bot.serving import serve
from bot.settings import Settings
from bot.wechat.channel import WeChat


def main() -> None:
    settings = Settings()
    doom, answered = settings.data_dir / "die", WeChat._answered

    def doomed(channel: WeChat, *given: Any) -> Any:
        if doom.exists():
            doom.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return answered(channel, *given)

    with patch.object(WeChat, "_answered", doomed):
        serve(open_house(settings))


if __name__ == "__main__":
    main()
