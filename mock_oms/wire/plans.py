"""Plans and their items as JSON."""

from dataclasses import dataclass

from marshmallow import fields

from mock_oms.domain.plan import Item, Plan
from mock_oms.wire.encoding import JsonObject
from mock_oms.wire.shape import DatedShape, Moment, constant


@dataclass(frozen=True, slots=True)
class PlanItemRow:
    """What a plan item is rendered from: itself, its plan, and what is already rendered."""

    item: Item
    plan: Plan
    order_item: JsonObject
    stock_location: JsonObject | None


class PlanItemShape(DatedShape):
    """A plan item (b); `state`, `stock_location` and `order_execution_plan` are ours (c)."""

    id = fields.Integer(attribute="item.id")
    order_execution_plan = fields.Integer(attribute="plan.id")
    state = fields.String(attribute="item.state")
    quantity = constant(1)
    order_item = fields.Raw()
    stock_location = fields.Raw()
    created_date = Moment("plan.created")
    modified_date = Moment("item.modified")


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What a plan is rendered from: itself and its rendered parts."""

    plan: Plan
    state: object
    order: JsonObject
    commands: object
    items: list[JsonObject]
    context: JsonObject


class PlanShape(DatedShape):
    """An order execution plan: the eight documented fields in the documented order (a)."""

    id = fields.Integer(attribute="plan.id")
    state = fields.Raw()
    order = fields.Raw()
    commands = fields.Raw()
    created_date = Moment("plan.created")
    modified_date = Moment("plan.modified")
    orderexecutionplanitem_set = fields.Raw(attribute="items")
    context = fields.Raw()
