"""The renderer: a plan with everything it shows, as the bytes of its JSON."""

from collections.abc import Mapping
from functools import lru_cache

from mock_oms.domain.lifecycle import State
from mock_oms.domain.order import LocationCard, Particulars, Product
from mock_oms.domain.plan import Order, Plan
from mock_oms.domain.stock import Location
from mock_oms.rendering import orders
from mock_oms.rendering.encoding import STAMPS, JsonObject, encode
from mock_oms.rendering.orders import (
    OrderItemRow,
    OrderItemShape,
    OrderRow,
    OrderShape,
    Place,
    ProductShape,
    StockLocationShape,
)
from mock_oms.rendering.plans import PlanItemRow, PlanItemShape, PlanRow, PlanShape, commands_by_state, context
from mock_oms.switches import Switches

#: Locations by their `erp_code`, each with what is made up about it.
Locations = Mapping[str, tuple[Location, LocationCard]]

#: Rendered products and locations that a renderer keeps; both recur in almost every plan. A dict weighs about 2 kB.
KEPT_PRODUCTS = 1024
KEPT_LOCATIONS = 256


class Renderer:
    """Renders plans under one set of switches; the same values always give the same bytes."""

    def __init__(self, answers: Switches) -> None:
        self._stamp = stamp = STAMPS[answers.dates]
        self._commands = commands_by_state(answers.commands)
        self._states = _plan_states(answers)
        self._order_states = orders.ORDER.objects(stamp)
        self._item_states = orders.ORDER_ITEM.objects(stamp)
        self._product_shape, self._location_shape = ProductShape(stamp), StockLocationShape(stamp)
        self._item_shape, self._order_shape = OrderItemShape(stamp), OrderShape(stamp)
        self._plan_item_shape, self._plan_shape = PlanItemShape(stamp), PlanShape(stamp)
        # The keys are frozen values: whatever changes about a location is another key. Nobody writes into what is kept.
        self._product = lru_cache(KEPT_PRODUCTS)(self._dump_product)
        self._location = lru_cache(KEPT_LOCATIONS)(self._dump_location)

    def plan(self, plan: Plan, order: Order, particulars: Particulars, locations: Locations) -> bytes:
        """A plan as compact UTF-8 JSON; a captured plan is told by its capture alone.

        :raises KeyError: an item names an order item or a location that was not given.
        """
        if plan.raw is not None:
            return self.captured(plan)
        items = self._order_items(order, particulars)
        row = PlanRow(
            plan=plan,
            state=self._states[plan.state],
            order=self._order(order, particulars, items),
            commands=self._commands[plan.state],
            items=self._plan_items(plan, items, locations),
            context=context(plan.attempts, self._stamp),
        )
        return encode(self._plan_shape.dump(row))

    def captured(self, plan: Plan) -> bytes:
        """A plan given in full: as it was captured, under no switch, until a command moved it.

        From then on its `state`, `commands` and `modified_date` are the plan's own, under the switches; all else stays.
        """
        raw = dict(plan.raw or {})
        if plan.history:
            raw["state"] = self._states[plan.state]
            raw["commands"] = self._commands[plan.state]
            raw["modified_date"] = self._stamp(plan.modified)
        return encode(raw)

    def _order_items(self, order: Order, particulars: Particulars) -> dict[int, JsonObject]:
        return {
            item.id: self._item_shape.dump(
                OrderItemRow(
                    item=item,
                    line=line,
                    order=order,
                    currency=particulars.currency,
                    state=self._item_states[orders.ITEM_VALUES[item.state]],
                    product=self._product(line.product),
                )
            )
            for item, line in zip(order.items, particulars.lines, strict=True)
        }

    def _order(self, order: Order, particulars: Particulars, items: dict[int, JsonObject]) -> JsonObject:
        state = self._order_states[orders.order_value(order)]
        row = OrderRow(order=order, particulars=particulars, state=state, items=list(items.values()))
        dumped: JsonObject = self._order_shape.dump(row)
        return dumped

    def _plan_items(self, plan: Plan, order_items: dict[int, JsonObject], locations: Locations) -> list[JsonObject]:
        return [
            self._plan_item_shape.dump(
                PlanItemRow(
                    item=item,
                    plan=plan,
                    order_item=order_items[item.order_item],
                    stock_location=self._location(*locations[item.location]) if item.location else None,
                )
            )
            for item in plan.items
        ]

    def _dump_product(self, product: Product) -> JsonObject:
        dumped: JsonObject = self._product_shape.dump(product)
        return dumped

    def _dump_location(self, location: Location, card: LocationCard) -> JsonObject:
        dumped: JsonObject = self._location_shape.dump(Place(location, card))
        return dumped


def _plan_states(answers: Switches) -> Mapping[State, object]:
    """What `state` holds in each state, as the switch says."""
    objects = orders.PLAN.objects(STAMPS[answers.dates])
    return {state: objects[state] if answers.state == "object" else state.value for state in State}
