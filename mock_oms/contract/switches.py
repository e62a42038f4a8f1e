"""The table of the switches: what each of their values changes in the contract."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from mock_oms.contract import lists, plans, refusals
from mock_oms.contract.document import Node

#: Changes a document in place; it is told the value of its switch.
Change = Callable[[Node, Any], None]

_BY_VALUE: Mapping[tuple[str, object], Change] = MappingProxyType(
    {
        ("list", "array"): lists.array,
        ("page_size_parameter", "page_size"): lists.page_size_parameter,
        ("order", "id"): lists.order,
        ("order", "modified_date"): lists.order,
        ("order", "unstable"): lists.order,
        ("state", "object"): plans.state_object,
        ("commands", "empty"): plans.commands_empty,
        ("commands", "json"): plans.commands_json,
        ("commands", "comma"): plans.commands_comma,
        ("dates", "date"): plans.dates_only,
        ("auth", "bearer"): refusals.bearer,
        ("auth", "both"): refusals.both,
        ("auth", "off"): refusals.off,
        ("not_found", "model"): refusals.model_not_found,
    }
)
_BY_NUMBER: Mapping[str, Change] = MappingProxyType(
    {"page_size": lists.page_size, "max_page_size": lists.max_page_size}
)


def change_of(switch: str, value: object) -> Change:
    """What a value of a switch, other than its default, changes.

    :raises KeyError: the switch or its value is not in the table.
    """
    return _BY_NUMBER[switch] if switch in _BY_NUMBER else _BY_VALUE[switch, value]
