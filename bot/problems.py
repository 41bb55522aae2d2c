"""A refusal on the web: its HTTP status and its sentence."""

from typing import Any

from starlette.responses import JSONResponse, Response

from handlers.phrasebook import phrasebook


class Problem(Exception):
    """A refusal with its HTTP status and its sentence."""

    def __init__(self, status: int, phrase: str, *, retry_after: int | None = None, **about: Any) -> None:
        super().__init__(phrase)
        self.status = status
        self.sentence = phrasebook().text(phrase, about)
        self.retry_after = retry_after

    def response(self) -> Response:
        headers = {"Retry-After": str(self.retry_after)} if self.retry_after is not None else {}
        return JSONResponse({"error": self.sentence}, self.status, headers)
