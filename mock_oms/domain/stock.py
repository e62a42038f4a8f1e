"""Stock figures and locations: what the planner sees and where it may place an item."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, TypeAlias

from mock_oms.dataclass import dataclass

Level = Annotated[int, (0, 1_000_000)]


class LocationType(StrEnum):
    """The vendor's two kinds of stock location (a)."""

    WAREHOUSE = "warehouse"
    STORE = "store"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The stock of one SKU at one location, in whole units."""

    count: Level = 0
    reserved: Level = 0

    @property
    def quantity(self) -> int:
        """What can still be sold: `stock_count - reservation_count` (a); negative where oversold."""
        return self.count - self.reserved

    def __add__(self, change: "Figures") -> "Figures":
        """The figures after a change, whose numbers may be negative."""
        return Figures(count=self.count + change.count, reserved=self.reserved + change.reserved)


#: A SKU and the code of a location; the figures of a pair that has none.
Key = tuple[str, str]
NOTHING = Figures()
Stock: TypeAlias = Mapping[Key, Figures]


def vendor_figures(stock: Stock, key: Key) -> dict[str, int]:
    """The figures of a pair by the vendor's names (a)."""
    found = stock.get(key, NOTHING)
    return {"stock_count": found.count, "reservation_count": found.reserved, "quantity": found.quantity}


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A stock location. `code` is the vendor's `erp_code`; `max_quota` None means that nobody set a quota."""

    id: int
    code: str
    type: LocationType = LocationType.WAREHOUSE
    priority: int = 10
    active: bool = True
    city: str
    name: str | None = None
    max_quota: int | None = None
    quota: int = 0

    @property
    def available_quota(self) -> int | None:
        """`max_quota - quota` (a), or None where no quota is set."""
        return None if self.max_quota is None else self.max_quota - self.quota


#: By their codes, in declared order.
Locations: TypeAlias = Mapping[str, Location]
