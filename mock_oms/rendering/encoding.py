"""JSON, dates and money as Django REST framework writes them (b), and the base of all marshmallow schemas."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

from marshmallow import Schema, fields

#: A JSON object, rendered but not yet encoded.
JsonObject = dict[str, object]

# The fields of marshmallow 3 take no type parameter when the program runs.
if TYPE_CHECKING:
    AnyField = fields.Field[Any]
    AnyList = fields.List[Any]
    Constant = fields.Constant[Any]
else:
    AnyField = fields.Field
    AnyList = fields.List
    #: A field that has the same value everywhere: what the vendor has and a mock has no use for.
    Constant = fields.Constant

#: How a date is written.
Stamp = Callable[[datetime], str]


def instant(moment: datetime) -> str:
    """UTC with six decimals, even where they are zeros, and Z: the form of every visible sample (b)."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def day(moment: datetime) -> str:
    """The date alone, in UTC: what the documents call `date` (a)."""
    return moment.astimezone(UTC).date().isoformat()


#: The values of the switch `dates`.
STAMPS: Mapping[str, Stamp] = {"datetime": instant, "date": day}


class Shape(Schema):
    """A JSON object made from a value, field by field in the order of the class, with its dates written by `stamp`."""

    def __init__(self, stamp: Stamp = instant) -> None:
        super().__init__()
        self.stamp = stamp

    def get_attribute(self, obj: object, attr: str, default: object) -> object:  # noqa: ARG002 - marshmallow's signature
        """The attribute at a dotted path; a missing one raises, where marshmallow itself would leave the field out."""
        return attrgetter(attr)(obj)


class Moment(AnyField):
    """A date of a shape, at a dotted path."""

    def __init__(self, attribute: str) -> None:
        # Only dumped: two dates may be the same attribute, which marshmallow refuses for what it might load.
        super().__init__(attribute=attribute, dump_only=True)

    def _serialize(self, value: datetime | None, attr: str | None, obj: object, **kwargs: object) -> str | None:  # noqa: ARG002
        return None if value is None else cast("Shape", self.parent).stamp(value)


def money(attribute: str) -> fields.Decimal:
    """Money or a rate: text with two decimals (a), or null."""
    return fields.Decimal(places=2, as_string=True, attribute=attribute)
