"""The renderer: a plan with everything it shows, as the bytes of its JSON."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from types import SimpleNamespace

from mock_oms.domain.lifecycle import State
from mock_oms.domain.order import LocationCard, Particulars
from mock_oms.domain.plan import Order, Plan
from mock_oms.domain.stock import Location
from mock_oms.rendering import orders
from mock_oms.rendering.encoding import STAMPS, JsonObject
from mock_oms.rendering.order_steps import OrderStep
from mock_oms.rendering.plans import PlanItemShape, PlanShape, commands_by_state, context
from mock_oms.switches import Switches
from mock_oms.text import framework_json

#: Locations by their `erp_code`, each with what is made up about it.
Locations = Mapping[str, tuple[Location, LocationCard]]


class Renderer:
    """Renders plans under one set of switches; the same values always give the same bytes."""

    def __init__(self, answers: Switches) -> None:
        self._stamp = stamp = STAMPS[answers.dates]
        self._with_shipping = answers.order_amount == "with_shipping"
        self._commands = commands_by_state(answers.commands)
        states = orders.PLAN.objects(stamp)
        self._states = {state: states[state] if answers.state == "object" else state.value for state in State}
        self._order_states = orders.ORDER.objects(stamp)
        self._item_states = orders.ORDER_ITEM.objects(stamp)
        self._item_shape, self._order_shape = orders.OrderItemShape(stamp), orders.OrderShape(stamp)
        self._plan_item_shape, self._plan_shape = PlanItemShape(stamp), PlanShape(stamp)
        # Products and locations recur in almost every plan; a dict weighs about 2 kB. The keys are frozen values:
        # whatever changes about a location is another key. Nobody writes into the dicts.
        self._product = lru_cache(1024)(orders.ProductShape(stamp).dump)
        location_shape = orders.StockLocationShape(stamp)
        self._location = lru_cache(256)(lambda one, card: location_shape.dump(SimpleNamespace(location=one, card=card)))

    def plan(
        self, plan: Plan, order: Order, particulars: Particulars, locations: Locations, step: OrderStep | None = None
    ) -> bytes:
        """A plan as compact UTF-8 JSON; a captured plan is rendered from its capture alone.

        `step` is what the order has come to since all its items have a place.

        :raises KeyError: an item names an order item or a location that was not given.
        """
        if plan.raw is not None:
            return self.captured(plan)
        value = step.value if step else orders.order_value(order)
        item_values = orders.item_values(order, value)
        order = replace(order, modified=step.at) if step else order
        order_items: dict[int, JsonObject] = {}
        for row, line in zip(order.items, particulars.lines, strict=True):
            shown = SimpleNamespace(
                item=row,
                line=line,
                order=order,
                currency=particulars.currency,
                state=self._item_states[item_values[row.state]],
                product=self._product(line.product),
            )
            order_items[row.id] = self._item_shape.dump(shown)
        items = []
        for item in plan.items:
            stock_location = self._location(*locations[item.location]) if item.location else None
            order_item = order_items[item.order_item]
            shown = SimpleNamespace(item=item, plan=plan, order_item=order_item, stock_location=stock_location)
            items.append(self._plan_item_shape.dump(shown))
        state = self._order_states[value]
        amount = particulars.amount + particulars.shipping_amount * self._with_shipping
        shown = SimpleNamespace(
            order=order, particulars=particulars, amount=amount, state=state, items=list(order_items.values())
        )
        whole = SimpleNamespace(
            plan=plan,
            state=self._states[plan.state],
            order=self._order_shape.dump(shown),
            commands=self._commands[plan.state],
            items=items,
            context=context(plan.attempts, self._stamp),
        )
        return framework_json(self._plan_shape.dump(whole))

    def captured(self, plan: Plan) -> bytes:
        """A plan given in full: as it was captured, under no switch, until a command moved it.

        From then on its `state`, `commands` and `modified_date` are the plan's own, under the switches; all else stays.
        """
        raw = dict(plan.raw or {})
        if plan.history_newest_first:
            raw["state"] = self._states[plan.state]
            raw["commands"] = self._commands[plan.state]
            raw["modified_date"] = self._stamp(plan.modified)
        return framework_json(raw)
