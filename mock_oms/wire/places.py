"""Addresses and stock locations as JSON (shapes: a)."""

from dataclasses import dataclass

from marshmallow import fields

from mock_oms.domain.order import LocationCard
from mock_oms.domain.stock import Location, LocationType
from mock_oms.wire.shape import DatedShape, Kept, Moment, Shape, constant


class CountryShape(Shape):
    """A country."""

    pk = fields.Integer()
    code = fields.String()
    name = fields.String()


class CityShape(Shape):
    """A city with its country."""

    pk = fields.Integer()
    name = fields.String()
    country = Kept(CountryShape)


class TownshipShape(Shape):
    """A township with its city."""

    pk = fields.Integer()
    name = fields.String()
    city = Kept(CityShape)


class AddressShape(Shape):
    """An address; geographic objects use `pk`, all else `id`. That `district` is a plain name is ours (c)."""

    id = fields.Integer()
    title = fields.String()
    line = fields.String()
    postcode = fields.String()
    notes = constant(None)
    is_active = constant(value=True)
    city = Kept(CityShape, "township.city")
    country = Kept(CountryShape, "township.city.country")
    township = Kept(TownshipShape)
    district = fields.String()
    latitude = fields.String()
    longitude = fields.String()


@dataclass(frozen=True, slots=True)
class Place:
    """A location with what is made up about it: what a stock location is rendered from."""

    location: Location
    card: LocationCard

    @property
    def is_warehouse(self) -> bool:
        """Warehouses fulfil orders of the web shop (c)."""
        return self.location.type is LocationType.WAREHOUSE

    @property
    def is_store(self) -> bool:
        """Customers pick up their orders at stores (c)."""
        return self.location.type is LocationType.STORE


class StockLocationShape(DatedShape):
    """A stock location; `max_quota` is null where nobody set one (c)."""

    id = fields.Integer(attribute="location.id")
    name = fields.String(attribute="card.name")
    erp_code = fields.String(attribute="location.code")
    stock_location_type = fields.String(attribute="location.type")
    omnitron_id = fields.Integer(attribute="card.omnitron_id")
    address = Kept(AddressShape, "card.address")
    tags = constant([])
    conf = constant({})
    priority = fields.Integer(attribute="location.priority")
    is_active = fields.Boolean(attribute="location.active")
    is_fulfillment_center = fields.Boolean(attribute="is_warehouse")
    is_pickup_location = fields.Boolean(attribute="is_store")
    is_delivery_location = constant(value=True)
    is_return_available = constant(value=True)
    max_quota = fields.Integer(attribute="location.max_quota")
    quota = fields.Integer(attribute="location.quota")
    email = fields.String(attribute="card.email")
    daytime_phone = fields.String(attribute="card.daytime_phone")
    created_date = Moment("card.created")
    modified_date = Moment("card.modified")
