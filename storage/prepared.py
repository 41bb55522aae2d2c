"""Statements compiled once per dialect: on the turn's path neither SQL is put together nor are results wrapped each time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.sql.elements import CompilerElement
from sqlmodel import AutoString

Convert = Callable[[Any], Any] | None


class Ready(NamedTuple):
    """A statement in the words of one dialect, with what makes of our values the driver's, and of its values ours."""

    text: str
    binds: Sequence[tuple[str, Convert]]
    positional: bool
    results: Sequence[tuple[int, Callable[[Any], Any]]]


class Prepared:
    """One statement. Text goes as it is (AutoString only knows about another database). `run` takes exactly its named values."""

    def __init__(self, build: Callable[[str], CompilerElement]) -> None:
        self.build = build
        self.ready: dict[str, Ready] = {}

    def run(self, db: sa.Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Execute with values in the types of the tables; what it returns, in those types and in the order of its columns."""
        dialect = db.dialect
        ready = self.ready.get(dialect.name) or self._compile(dialect)
        bound: Any = tuple([convert(values[name]) if convert else values[name] for name, convert in ready.binds])
        if not ready.positional:
            bound = {name: value for (name, _), value in zip(ready.binds, bound, strict=True)}
        result = db.exec_driver_sql(ready.text, bound)
        return [_converted(row, ready.results) for row in result] if result.returns_rows else []

    def _compile(self, dialect: sa.Dialect) -> Ready:
        compiled: Any = self.build(dialect.name).compile(dialect=dialect)
        names = list(compiled.positiontup) if compiled.positional else list(compiled.params)
        plain = {name for bind, name in compiled.bind_names.items() if isinstance(bind.type, AutoString)}
        binds = [(name, None if name in plain else compiled._bind_processors.get(name)) for name in names]
        types = enumerate(column.type for column in compiled._result_columns)
        read = {at: one._cached_result_processor(dialect, None) for at, one in types if not isinstance(one, AutoString)}
        made = Ready(str(compiled), binds, bool(compiled.positional), [(at, one) for at, one in read.items() if one])
        self.ready[dialect.name] = made
        return made


def _converted(row: sa.Row[Any], results: Sequence[tuple[int, Callable[[Any], Any]]]) -> tuple[Any, ...]:
    made = list(row)
    for place, convert in results:
        made[place] = convert(row[place])
    return tuple(made)
