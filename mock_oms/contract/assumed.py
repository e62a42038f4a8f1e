"""What an answer shows that nobody has seen in a real OMS: the ids of the assumed claims in it."""

from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import chain

from mock_oms.contract.document import Node, operation
from mock_oms.contract.ledger import children
from mock_oms.contract.openapi import contract_for
from mock_oms.switches import Switches
from mock_oms.urls import Operation

#: Characters that the list has at most; what does not fit is counted.
LONGEST = 200
_IDS = {
    Operation.LIST: "listOrderExecutionPlans",
    Operation.DETAIL: "getOrderExecutionPlan",
    Operation.LOGIN: "login",
}


class Shown:
    """Knows for every answer which assumed claims it shows; a claim that was `confirmed` is assumed no more."""

    def __init__(self, confirmed: Collection[str] = ()) -> None:
        self._confirmed = frozenset(confirmed)
        self.of = lru_cache(maxsize=256)(self._of)

    def _of(self, answers: Switches, asked: Operation, status: int) -> str | None:
        """The ids with commas between, None where there is none: `Command, Context, PlanItem.state`."""
        document = contract_for(answers)
        said = operation(document, _IDS[asked])["responses"].get(str(status))
        found = [] if said is None else self._in_response(document, said["$ref"].rpartition("/")[2])
        found = [one for one in found if one not in self._confirmed]
        return bounded(found) if found else None

    def _in_response(self, document: Node, name: str) -> list[str]:
        response = document["components"]["responses"][name]
        own = [f"response.{name}"] if response["x-provenance"] == "assumed" else []
        bodies = (body["schema"] for body in response["content"].values())
        seen: set[str] = set()
        return list(dict.fromkeys([*own, *chain.from_iterable(_within(document, one, "", seen) for one in bodies)]))


def _within(document: Node, schema: Node, owner: str, seen: set[str]) -> Iterator[str]:
    """The assumed claims in a schema, the outermost alone: what stands in one is as little known as itself."""
    if "$ref" in schema:
        owner = schema["$ref"].rpartition("/")[2]
        if owner in seen:
            return
        seen.add(owner)
        schema = document["components"]["schemas"][owner]
        if schema.get("x-provenance") == "assumed":
            yield owner
            return
    for step, inner in children(schema):
        if inner.get("x-provenance") == "assumed":
            yield f"{owner}{step}"
        else:
            yield from _within(document, inner, owner, seen)
    for number, rule in enumerate(schema.get("allOf", ()), start=1):
        if rule["x-provenance"] == "assumed":
            yield f"{owner}.rule-{number}"


def bounded(names: list[str]) -> str:
    """The names with commas between, as many as there is room for, and how many more there are."""
    text = ", ".join(names)
    kept = len(names)
    while len(text) > LONGEST:
        kept -= 1
        text = f"{', '.join(names[:kept])}, and {len(names) - kept} more"
    return text
