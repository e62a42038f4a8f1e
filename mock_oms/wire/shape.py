"""What all shapes share: strict reading of attributes, dates under the switch, money as text."""

from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, cast

from marshmallow import Schema, fields

from mock_oms.wire.encoding import Stamp

#: Rendered objects that one field keeps; an address weighs about 2 kB.
KEPT = 512


class Shape(Schema):
    """A JSON object made from a value, field by field in the order of the class."""

    def get_attribute(self, obj: object, attr: str, default: object) -> object:  # noqa: ARG002 - marshmallow's signature
        """The attribute at a dotted path; a missing one raises, where marshmallow itself would leave the field out."""
        return attrgetter(attr)(obj)


class DatedShape(Shape):
    """A shape with dates, written by `stamp`."""

    def __init__(self, stamp: Stamp) -> None:
        super().__init__()
        self.stamp = stamp


class Moment(fields.Field[datetime]):
    """A date of a dated shape, at a dotted path."""

    def __init__(self, attribute: str) -> None:
        # Only dumped: two dates may be the same attribute, which marshmallow refuses for what it might load.
        super().__init__(attribute=attribute, dump_only=True)

    def _serialize(self, value: datetime | None, attr: str | None, obj: object, **kwargs: object) -> str | None:  # noqa: ARG002
        return None if value is None else cast("DatedShape", self.parent).stamp(value)


class Kept(fields.Field[object]):
    """An object without dates inside an object, at a dotted path.

    The same few cities are in every order, and most orders are billed to where they are shipped: what was rendered
    last is kept by value, at most `KEPT` of each shape. Nobody writes into what is kept.
    """

    def __init__(self, shape: type[Shape], attribute: str | None = None) -> None:
        super().__init__(attribute=attribute)
        self._kept = lru_cache(KEPT)(shape().dump)

    def _serialize(self, value: object, attr: str | None, obj: object, **kwargs: object) -> object:  # noqa: ARG002
        return self._kept(value)


def money(attribute: str | None = None) -> fields.Decimal:
    """Money or a rate: text with two decimals (a), or null."""
    return fields.Decimal(places=2, as_string=True, attribute=attribute)


def constant(value: object) -> fields.Constant[Any]:
    """A field that says the same of everything: what the vendor has and a mock has no use for."""
    return fields.Constant(value)
