"""Running it: one uvicorn server that stops within seconds, with open pages told first."""

import logging
import socket
from contextlib import suppress
from types import FrameType

import uvicorn

from bot.house import House
from bot.logs import quiet
from bot.web import application

GRACE_SECONDS = 3


class Server(uvicorn.Server):
    """Ends the event streams as soon as it is asked to stop; uvicorn alone would wait for them."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.config.app.state.stopping.set()  # type: ignore[union-attr]
        super().handle_exit(sig, frame)


def taken(host: str, port: int) -> bool:
    """Somebody else listens there already (port 0 never is)."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def serve(house: House) -> None:
    """Serve until asked to stop."""
    quiet(house.settings.log_level, [*house.settings.secrets(), house.secret])
    logging.getLogger(__name__).info("serving at %s", house.settings.address)
    config = uvicorn.Config(
        application(house),
        host=house.settings.host,
        port=house.settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        # Without a PUBLIC_URL there is no proxy whose word on the caller's address counts.
        proxy_headers=bool(house.settings.public_url),
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=20,
    )
    # uvicorn raises the signal again once it has stopped cleanly; Ctrl-C was what was wanted.
    with suppress(KeyboardInterrupt):
        Server(config).run()
