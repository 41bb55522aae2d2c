"""What all tables share: how constraints are named, and column types that keep a promise both databases must keep."""

from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

# Rows are read and written by Core; what would validate a model is put together only where somebody makes one.
SQLModel.model_config["defer_build"] = True
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

THOUSANDTHS = Decimal(1000)


class Points(sa.types.TypeDecorator[Decimal]):
    """Exact points, kept as whole thousandths: SQLite would make floats of decimals, and text would not sort."""

    impl = sa.Integer
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> int | None:
        if value is None:
            return None
        scaled = value * THOUSANDTHS
        if scaled != scaled.to_integral_value():
            raise ValueError(f"points finer than a thousandth: {value}")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Any) -> Decimal | None:
        return None if value is None else _points(value)


@lru_cache(maxsize=4096)
def _points(thousandths: int) -> Decimal:
    """A round has few different scores, and every turn and ranking reads them."""
    return plain(Decimal(thousandths) / THOUSANDTHS)


def plain(number: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent: 8.50 → 8.5, 1E+1 → 10."""
    whole = number.to_integral_value()
    return whole.quantize(Decimal(1)) if number == whole else number.normalize()


JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
