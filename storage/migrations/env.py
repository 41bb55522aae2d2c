"""Alembic's entry: runs inside the connection it was handed, with plain column types in the scripts."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from storage import relations
from storage.columns import JSON, Points

metadata = SQLModel.metadata
assert relations.ENTRY.metadata is metadata


def render_item(kind: str, item: Any, autogen: Any) -> str | Literal[False]:
    """Write columns as what they are in the database, so that an old script never needs today's code."""
    if kind != "type":
        return False
    if isinstance(item, AutoString):
        return "sa.String()"
    if isinstance(item, Points):
        return "sa.Integer()"
    if item is JSON or isinstance(item, sa.JSON):
        autogen.imports.add("from sqlalchemy.dialects.postgresql import JSONB")
        return 'sa.JSON().with_variant(JSONB(), "postgresql")'
    if type(item).__name__ == "UTCDateTime":
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=render_item,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
