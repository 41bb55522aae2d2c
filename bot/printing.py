"""Pages made on the server, for browsers inside chat apps: they work without any script."""

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bot.problems import Problem
from handlers.phrasebook import FILTERS

HEADERS = {
    "Cache-Control": "no-store",
    # With «no-referrer» a browser hides where a form comes from (Origin: null), and the guard would have to guess.
    "Referrer-Policy": "same-origin",
}


def page(name: str, status: int = 200, headers: dict[str, str] | None = None, /, **about: Any) -> Response:
    """A template of bot/pages; whatever people wrote is only ever a variable of it."""
    return HTMLResponse(_templates().get_template(name).render(about), status, {**HEADERS, **(headers or {})})


def refusal(problem: Problem) -> Response:
    """A refusal that a person reads in her browser."""
    headers = {"Retry-After": str(problem.retry_after)} if problem.retry_after is not None else {}
    return page("refused.html", problem.status, headers, sentence=problem.sentence)


def refused(request: Request, problem: Problem) -> Response:
    """A refusal as the caller reads it: a page where people come by a link, JSON for scripts."""
    path, wanted = request.url.path, request.headers.get("accept", "")
    people = path.startswith("/u/") or (path.startswith("/d/") and "text/html" in wanted)
    return refusal(problem) if people else problem.response()


@cache
def _templates() -> Environment:
    folder = files("bot") / "pages"
    environment = Environment(
        loader=FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8")),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    return environment
