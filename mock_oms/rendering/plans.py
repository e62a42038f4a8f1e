"""Plans and their items as JSON, with their commands and their context (layout: ours, c)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from marshmallow import fields

from mock_oms.domain.lifecycle import State, Transition, commands_in
from mock_oms.domain.plan import Attempt, Item, Plan, SeenFigures
from mock_oms.rendering.encoding import DatedShape, JsonObject, Moment, Shape, Stamp, constant, encode


class CommandShape(Shape):
    """A transition as the vendor documents it for packages (a); that plans use the same is ours (c)."""

    id = fields.Integer()
    name = fields.String()
    slug = fields.String()
    command_code = fields.Function(lambda command: command.slug.replace("-", "_"))
    source_state = fields.String(attribute="source")
    destination_state = fields.String(attribute="target")


def _objects(commands: tuple[Transition, ...]) -> list[JsonObject]:
    rows: list[JsonObject] = CommandShape(many=True).dump(commands)
    return rows


def _json(commands: tuple[Transition, ...]) -> str:
    return encode(_objects(commands)).decode()


def _empty(commands: tuple[Transition, ...]) -> list[JsonObject]:  # noqa: ARG001 - whatever is legal, the samples say []
    return []


def _comma(commands: tuple[Transition, ...]) -> str:
    return ",".join(command.slug for command in commands)


#: The values of the switch `commands`.
_FORMS: Mapping[str, Callable[[tuple[Transition, ...]], object]] = MappingProxyType(
    {"objects": _objects, "empty": _empty, "json": _json, "comma": _comma}
)


def commands_by_state(form: str) -> dict[State, object]:
    """What `commands` holds in each state, in one of the four forms."""
    return {state: _FORMS[form](commands_in(state)) for state in State}


#: Figures by location code and order item id.
Located = dict[str, dict[str, dict[str, str]]]


def context(attempts: Iterable[Attempt], stamp: Stamp) -> JsonObject:
    """Entries by attempt number as text; `{}` before the first attempt.

    A plan that waits for stock makes 48 attempts a day and most of them share one tuple of figures: each distinct tuple
    is laid out once.
    """
    laid_out: dict[int, Located] = {}
    entries: JsonObject = {}
    for attempt in attempts:
        key = id(attempt.seen)
        if key not in laid_out:
            laid_out[key] = _locations(attempt.seen)
        entries[str(attempt.number)] = {"date": stamp(attempt.at), "stock_locations": laid_out[key]}
    return entries


def _locations(seen: tuple[SeenFigures, ...]) -> Located:
    locations: Located = {}
    for one in seen:
        locations.setdefault(one.location, {})[str(one.order_item)] = _figures(one)
    return locations


def _figures(seen: SeenFigures) -> dict[str, str]:
    """Decimals as text, as the sister route `order-stock-info` writes them (a)."""
    return {
        "sku": seen.sku,
        "quantity": f"{seen.figures.quantity}.00",
        "unit_type": "quantity",
        "stock_count": f"{seen.figures.count}.00",
        "reservation_count": f"{seen.figures.reserved}.00",
    }


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
