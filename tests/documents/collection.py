"""The collection for Bruno in `bruno/`: one plain file a request, made by `make docs` from the two OpenAPI documents."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping

from mock_oms.contract.document import Node, resolve_ref
from mock_oms.contract.openapi import contract_for
from tests.documents.pages import ROOT
from tests.documents.references import control_api

FOLDER = ROOT / "bruno"

#: Folders in the order in which they are run: a world is opened first and closed last, so that the others have one; the clock
#: runs from `clock` on, so whatever needs a plan as it is comes before.
ORDER = (
    "health", "scenarios", "worlds", "login", "order execution plans", "plans", "lifecycle",
    "events", "clock", "faults", "requests", "metrics", "contract", "close",
)  # fmt: skip
#: Bruno waits for the end of an answer, and the first has none; it follows redirects, and the others answer nothing else.
LEFT_OUT = {"follow", "listOrderExecutionPlansWithoutSlash", "getOrderExecutionPlanWithoutSlash"}
MOVED = {"closeWorld": "close"}

#: What a request keeps of its answer for those after it, by its operation.
KEPT: Mapping[str, Mapping[str, str]] = {
    "openWorld": {"token": "res.body.token", "world": "res.body.name"},
    "addFault": {"fault": "res.body.faults[0].id"},
    "takeSnapshot": {"snapshot": "JSON.stringify(res.body)"},
    "listRequests": {"number": "res.body.requests[0].number"},
}
#: Bodies other than the examples, which are of a world that the collection does not have.
BODIES = {
    "openWorld": {"scenario": "restock", "seed": 3, "ttl": "15m"},
    "putSnapshot": "{{snapshot}}",
    "verify": {"operation": "list", "count": {"min": 1}},
}
#: Whether there was such a request depends on what others have sent to the mock.
UNJUDGED = {"showRequestOfNoWorld"}
VALUES = {"plan": "41207", "id": "41207", "scenario": "restock", "number": "{{number}}"}
QUERIES = {
    "page": "2", "limit": "10", "offset": "10", "format": "json", "state": "pending", "since": "0", "operation": "list",
    "plan": "41207", "status": "200", "unmatched": "true", "fault": "1", "sku": "TST-002-L", "location": "WH001",
    "search": "TST-002-L", "seen": "false",
    "before": "100", "world": "default",
}  # fmt: skip
VARIABLES = {"url": "http://127.0.0.1:8080", "token": "mock-oms-token", "world": "default", "controlToken": ""}


def collection() -> dict[str, str]:
    """The files of the collection by their paths below `bruno/`."""
    facts = {"version": "1", "name": "mock-oms", "type": "collection", "ignore": []}
    variables = "\n".join(f"  {name}: {value}" for name, value in VARIABLES.items())
    files = {
        "bruno.json": json.dumps(facts, indent=2) + "\n",
        "environments/local.bru": f"vars {{\n{variables}\n}}\n",
        "collection.bru": _block("docs", _ABOUT),
    }
    for number, name in enumerate(ORDER, start=1):
        files[f"{name}/folder.bru"] = f"meta {{\n  name: {name}\n  seq: {number}\n}}\n"
    for document in (dict(contract_for(None)), dict(control_api())):
        # What deletes comes last, and first that of one thing: the others need it.
        ordered = sorted(_operations(document), key=lambda one: (one[1] == "delete") * (1000 - len(one[0])))
        for path, method, operation in ordered:
            folder = MOVED.get(operation["operationId"], operation["tags"][0])
            number = sum(one.startswith(f"{folder}/") for one in files)  # its folder.bru makes that 1 for the first
            request = _request(document, path, method, operation, number)
            files[f"{folder}/{operation['operationId']}.bru"] = request
    return files


_ABOUT = """\
Start the mock with `mock-oms serve`, choose the environment `local`, and send what you like.
`bru run -r --env local` sends everything in its order.

`worlds/openWorld` opens a world of your own; the requests after it use its token. `controlToken` is needed only where
the mock was started with one. Made by `make docs` from the two OpenAPI documents; edit those."""


_METHODS = {"get", "post", "put", "patch", "delete"}


def _operations(document: Node) -> Iterator[tuple[str, str, Node]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in _METHODS and operation["operationId"] not in LEFT_OUT:
                yield (
                    path,
                    method,
                    {**operation, "parameters": [*item.get("parameters", []), *operation.get("parameters", [])]},
                )


def _request(document: Node, path: str, method: str, operation: Node, number: int) -> str:
    name = operation["operationId"]
    is_control = path.startswith("/_mock")
    parameters = [resolve_ref(document, one) for one in operation["parameters"]]
    queries = [one["name"] for one in parameters if one["in"] == "query"]
    body = _body(document, name, operation)
    url = "{{url}}" + re.sub(r"\{(\w+)\}", r":\1", path)
    sent = [
        f"  url: {url}",
        f"  body: {'none' if body is None else 'json'}",
        f"  auth: {'bearer' if is_control else 'none'}",
    ]
    blocks = [
        f"meta {{\n  name: {name}\n  type: http\n  seq: {number}\n}}",
        "\n".join([f"{method} {{", *sent, "}"]),
        # A tilde switches a parameter off: it is there to be chosen.
        _pairs("params:query", {f"~{one}": QUERIES[one] for one in queries}),
        _pairs("params:path", {one: VALUES.get(one, f"{{{{{one}}}}}") for one in re.findall(r"\{(\w+)\}", path)}),
        _pairs("headers", {} if is_control else _HEADERS),
        _pairs("auth:bearer", {"token": "{{controlToken}}"} if is_control else {}),
        "" if body is None else _block("body:json", body),
        _pairs("vars:post-response", KEPT.get(name, {})),
        _pairs("assert", {} if name in UNJUDGED else {"res.status": _status(operation)}),
        _block("docs", (operation.get("description") or operation.get("summary", "")).strip()),
    ]
    return "\n\n".join(one.rstrip("\n") for one in blocks if one) + "\n"


_HEADERS = {"Accept": "application/json", "Authorization": "Token {{token}}"}


def _status(operation: Node) -> str:
    return f"eq {next(one for one in operation['responses'] if one[0] in '23')}"


def _body(document: Node, name: str, operation: Node) -> str | None:
    """The body that is sent: ours, or the example of the document; None where none is taken."""
    described = operation.get("requestBody")
    if described is None:
        return None
    content = resolve_ref(document, described)["content"]["application/json"]
    found = BODIES.get(name) or content.get("example")
    if found is None:
        found = next(iter(content["examples"].values()))["value"]
    return found if isinstance(found, str) else json.dumps(found, indent=2, ensure_ascii=False)


def _pairs(name: str, pairs: Mapping[str, str]) -> str:
    return _block(name, "\n".join(f"{key}: {value}" for key, value in pairs.items())) if pairs else ""


def _block(name: str, text: str) -> str:
    lines = "\n".join(f"  {line}".rstrip() for line in text.splitlines())
    return f"{name} {{\n{lines}\n}}\n" if text else ""


if __name__ == "__main__":
    shutil.rmtree(FOLDER, ignore_errors=True)
    for path, text in collection().items():
        file = FOLDER / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
