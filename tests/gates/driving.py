"""Drive a generated client as a person would, and print what it saw as JSON; run in the environment of the generators.

`python driving.py NAME URL` where NAME is a function below, and the client is a package that can be imported.
"""

import importlib
import json
import sys
from operator import attrgetter
from typing import Any

SCENARIO, WORLD = "restock", "opened-by-a-generated-client"


def _module(name: str) -> Any:
    return importlib.import_module(name)


def _figures(attempts: dict[str, Any], inner: Any) -> dict[str, Any]:
    """Quantities by attempt, location and item; `inner` gives the members of what holds them."""
    return {
        number: {
            place: {item: figures.quantity for item, figures in inner(found).items()}
            for place, found in inner(attempt.stock_locations).items()
        }
        for number, attempt in attempts.items()
    }


def _seen(plan: Any, attempts: dict[str, Any], key: str) -> dict[str, Any]:
    places = [one.stock_location and one.stock_location.erp_code for one in plan.orderexecutionplanitem_set]
    return {
        "key": key, "id": plan.id, "attempts": attempts, "places": places,
        "products": [item.order_item.product.id for item in plan.orderexecutionplanitem_set],
        "commands": [one.slug for one in plan.commands], "modified": plan.modified_date.isoformat(),
    }  # fmt: skip


def vendor_python_client(url: str) -> list[dict[str, Any]]:
    """The vendor's API by openapi-python-client."""
    api, models = "vendor_python_client.api", _module("vendor_python_client.models")
    client = _module("vendor_python_client.client")
    login = _module(f"{api}.login.login").sync
    key = login(client=client.Client(base_url=url), body=models.Credentials(username="demo", password="mock-oms")).key
    known = client.AuthenticatedClient(base_url=url, token=key, prefix="Token")
    listing = _module(f"{api}.order_execution_plans.list_order_execution_plans").sync
    pages = [listing(client=known, limit=2)]
    while pages[-1].next_ is not None:
        pages.append(listing(client=known, limit=2, page=len(pages) + 1))
    ids = [plan.id for page in pages for plan in page.results]
    detail = _module(f"{api}.order_execution_plans.get_order_execution_plan").sync
    plans = [detail(number, client=known) for number in ids]
    inner: Any = attrgetter("additional_properties")
    return [_seen(plan, _figures(inner(plan.context), inner), key) for plan in plans]


def vendor_generator(url: str) -> list[dict[str, Any]]:
    """The vendor's API by openapi-generator."""
    package = _module("vendor_generator")
    with package.ApiClient(package.Configuration(host=url)) as client:
        key = package.LoginApi(client).login(package.Credentials(username="demo", password="mock-oms")).key
    configuration = package.Configuration(host=url, api_key={"TokenAuth": f"Token {key}"})
    with package.ApiClient(configuration) as client:
        plans, numbers = package.OrderExecutionPlansApi(client), package.ListOrderExecutionPlansPageParameter
        pages = [plans.list_order_execution_plans(limit=2)]
        while pages[-1].next is not None:
            pages.append(plans.list_order_execution_plans(limit=2, page=numbers(len(pages) + 1)))
        ids = [plan.id for page in pages for plan in page.results]
        found = map(plans.get_order_execution_plan, ids)
        return [_seen(plan, _figures(plan.context, dict), key) for plan in found]


def _turned(world: Any, clock: Any, report: Any) -> dict[str, Any]:
    moved = [(one.plan, one.to) for one in clock.transitions]
    return {"name": world.name, "now": clock.now.isoformat(), "moved": moved, "found": report.found}


def control_python_client(url: str) -> dict[str, Any]:
    """The control API by openapi-python-client."""
    api, models = "control_python_client.api", _module("control_python_client.models")
    client = _module("control_python_client.client").AuthenticatedClient(base_url=url, token="none")
    opening = models.Opening(scenario=SCENARIO, name=WORLD)
    world = _module(f"{api}.worlds.open_world").sync(client=client, body=opening)
    advance = _module(f"{api}.clock.advance_clock").sync
    clock = advance(world.name, client=client, body=models.Advance(by="1h"))
    expected = models.Expected(operation=models.ExpectedOperation.LIST, count=models.HowOften(exactly=0))
    return _turned(world, clock, _module(f"{api}.requests.verify").sync(world.name, client=client, body=expected))


def control_generator(url: str) -> dict[str, Any]:
    """The control API by openapi-generator."""
    package = _module("control_generator")
    with package.ApiClient(package.Configuration(host=url)) as client:
        world = package.WorldsApi(client).open_world(
            package.Opening(scenario=package.OpeningScenario(SCENARIO), name=WORLD)
        )
        clock = package.ClockApi(client).advance_clock(world.name, package.Advance(by="1h"))
        expected = package.Expected(operation="list", count=package.HowOften(exactly=0))
        return _turned(world, clock, package.RequestsApi(client).verify(world.name, expected))


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](sys.argv[2])))  # noqa: T201
