"""Plans and their items as JSON, with their commands and their context (layout: ours, c)."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from marshmallow import fields

from mock_oms.domain.lifecycle import State, Transition, commands_in
from mock_oms.domain.plan import Attempt
from mock_oms.rendering.encoding import JsonObject, Moment, Shape, Stamp
from mock_oms.text import framework_json


class CommandShape(Shape):
    """A transition as the vendor documents it for packages (a); that plans use the same is ours (c)."""

    id = fields.Integer()
    name = fields.String()
    slug = fields.String()
    command_code = fields.Function(lambda command: command.slug.replace("-", "_"))
    source_state = fields.String(attribute="source")
    destination_state = fields.String(attribute="target")


#: The values of the switch `commands`; the samples say [], whatever is legal.
_FORMS: Mapping[str, Callable[[tuple[Transition, ...]], object]] = {
    "objects": partial(CommandShape().dump, many=True),
    "empty": lambda _: [],
    "json": lambda commands: framework_json(CommandShape().dump(commands, many=True)).decode(),
    "comma": lambda commands: ",".join(command.slug for command in commands),
}


def commands_by_state(form: str) -> dict[State, object]:
    """What `commands` holds in each state, in one of the four forms."""
    return {state: _FORMS[form](commands_in(state)) for state in State}


def context(attempts: Iterable[Attempt], stamp: Stamp) -> JsonObject:
    """Entries by attempt number as text; `{}` before the first attempt.

    Decimals are text, as the sister route `order-stock-info` writes them (a). A plan that waits for stock makes 48
    attempts a day and most of them share one tuple of figures: each distinct tuple is laid out once.
    """
    laid_out: dict[int, dict[str, JsonObject]] = {}
    entries: JsonObject = {}
    for attempt in attempts:
        if id(attempt.seen) not in laid_out:
            locations: dict[str, JsonObject] = {}
            for one in attempt.seen:
                locations.setdefault(one.location, {})[str(one.order_item)] = {
                    "sku": one.sku,
                    "quantity": f"{one.figures.quantity}.00",
                    "unit_type": "quantity",
                    "stock_count": f"{one.figures.count}.00",
                    "reservation_count": f"{one.figures.reserved}.00",
                }
            laid_out[id(attempt.seen)] = locations
        entries[str(attempt.number)] = {"date": stamp(attempt.at), "stock_locations": laid_out[id(attempt.seen)]}
    return entries


class PlanItemShape(Shape):
    """An `item` of a `plan` (b), with what is rendered already; three of its fields are ours (c)."""

    id = fields.Integer(attribute="item.id")
    order_execution_plan = fields.Integer(attribute="plan.id")
    state = fields.String(attribute="item.state")
    quantity = fields.Constant(1)
    order_item = fields.Raw()
    stock_location = fields.Raw()
    created_date = Moment("plan.created")
    modified_date = Moment("item.modified")


class PlanShape(Shape):
    """A `plan` with its rendered parts: the eight documented fields in the documented order (a)."""

    id = fields.Integer(attribute="plan.id")
    state = fields.Raw()
    order = fields.Raw()
    commands = fields.Raw()
    created_date = Moment("plan.created")
    modified_date = Moment("plan.modified")
    orderexecutionplanitem_set = fields.Raw(attribute="items")
    context = fields.Raw()
