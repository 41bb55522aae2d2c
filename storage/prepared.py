"""Statements compiled once per dialect: on the turn's path the words of SQL are not put together again each time."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import CompilerElement


class Prepared:
    """One statement that writes. `run` takes exactly its named values; what it returns is read by position."""

    def __init__(self, build: Callable[[str], CompilerElement]) -> None:
        self.build = build
        self.ready: dict[str, tuple[str, list[tuple[str, Callable[[Any], Any] | None]], bool]] = {}

    def run(self, db: sa.Connection, values: Mapping[str, Any]) -> sa.CursorResult[Any]:
        """Execute with values in the types of the tables."""
        dialect = db.dialect
        text, names, positional = self.ready.get(dialect.name) or self._compile(dialect)
        bound = [process(values[name]) if process else values[name] for name, process in names]
        if positional:
            return db.exec_driver_sql(text, tuple(bound))
        return db.exec_driver_sql(text, {name: value for (name, _), value in zip(names, bound, strict=True)})

    def _compile(self, dialect: sa.Dialect) -> tuple[str, list[tuple[str, Callable[[Any], Any] | None]], bool]:
        compiled: Any = self.build(dialect.name).compile(dialect=dialect)
        names = list(compiled.positiontup) if compiled.positional else list(compiled.params)
        processors = compiled._bind_processors
        made = (str(compiled), [(name, processors.get(name)) for name in names], bool(compiled.positional))
        self.ready[dialect.name] = made
        return made
