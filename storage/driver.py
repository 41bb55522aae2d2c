"""A statement given to the driver itself: SQLAlchemy's way there takes longer than the database needs for a row."""

from typing import Any

import sqlalchemy as sa


def execute(db: sa.Connection, text: str, values: Any = ()) -> list[tuple[Any, ...]]:
    """The rows it returns, as the driver has them. Fails as SQLAlchemy does."""
    if db.engine.dispatch.before_cursor_execute:  # somebody listens, and wants to hear of this one too
        result = db.exec_driver_sql(text, values or None)
        return [tuple(row) for row in result] if result.returns_rows else []
    cursor = db.connection.cursor()
    try:
        cursor.execute(text, values)
        return list(cursor.fetchall()) if cursor.description else []
    except db.dialect.loaded_dbapi.Error as error:
        raise _told(db, text, error) from error
    finally:
        cursor.close()


def _told(db: sa.Connection, text: str, error: Any) -> Exception:
    """The error in SQLAlchemy's words; a connection that is gone goes out of the pool."""
    dialect = db.dialect
    gone = dialect.is_disconnect(error, db.connection.dbapi_connection, None)
    if gone:
        db.invalidate(error)
    known = dialect.loaded_dbapi.Error
    told = sa.exc.DBAPIError.instance(text, None, error, known, connection_invalidated=gone, dialect=dialect)
    assert isinstance(told, sa.exc.DBAPIError)
    return told
