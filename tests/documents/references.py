"""The reference sections of the documents: every key of a scenario, every route of the control API, every mark."""

import json
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx

from mock_oms.contract.ledger import Kind, ledger
from mock_oms.contract.openapi import contract_for
from mock_oms.scenarios.json_schema import json_schema
from mock_oms.testing import running_server
from tests.documents.shapes import accepted, keys
from tests.documents.tables import table

Node = Mapping[str, Any]

#: What any route may answer, so that it is said once.
_COMMON = ("400", "403", "411", "413", "415", "421")
_PLURALS = {
    Kind.OPERATION: "operations",
    Kind.SECURITY: "security schemes",
    Kind.PARAMETER: "parameters",
    Kind.BODY: "request bodies",
    Kind.HEADER: "headers",
    Kind.RESPONSE: "responses",
    Kind.SCHEMA: "schemas",
    Kind.FIELD: "fields",
    Kind.RULE: "rules",
}
_MARKS = ("documented", "inferred", "assumed", "mock")


def scenario_keys() -> str:
    """Every key of a scenario file, from its JSON Schema."""
    schema = json_schema()
    shapes = [_shape(name, one) for name, one in schema["$defs"].items() if name != "Answers"]
    switches = "#### Answers\n\nThe switches: a table of them is in [fidelity.md](fidelity.md#switches)."
    return "\n\n".join(["#### The file", keys(schema), switches, *shapes])


def _shape(name: str, schema: Node) -> str:
    said = schema.get("description", "")
    return "\n\n".join(filter(None, [f"#### {name}", said, keys(schema)]))


@cache
def control_api() -> Node:
    """The control API's own description, asked of a server."""
    with running_server() as server:
        answer = httpx.get(f"{server.url}/_mock/openapi.json", trust_env=False)
    found: Node = answer.raise_for_status().json()
    return found


def control_routes() -> str:
    """Every route of the control API with its body and its answers, then the shape of each body."""
    api = control_api()
    common = ", ".join(f"{code} ({_reason(api, code)})" for code in _COMMON)
    said = f"Beside what is listed, a route may answer {common}. Refusals are [Problem](#problem). In an answer, "
    said += "what is required is always there."
    tags = [_routes_of(api, tag["name"]) for tag in api["tags"]]
    shapes = [_shape(name, one) for name, one in api["components"]["schemas"].items()]
    return "\n\n".join([said, *tags, "### Bodies", *shapes])


def _reason(api: Node, code: str) -> str:
    every = [one for path in api["paths"].values() for verb, one in path.items() if verb != "parameters"]
    answer = next(operation["responses"][code] for operation in every if code in operation["responses"])
    return str(_resolved(api, answer)["description"])


def _resolved(api: Node, node: Node) -> Node:
    if "$ref" not in node:
        return node
    found: Node = api["components"]["responses"][node["$ref"].rpartition("/")[2]]
    return found


def _routes_of(api: Node, tag: str) -> str:
    found = [
        _route(api, f"{verb.upper()} {path}", one)
        for path, verbs in api["paths"].items()
        for verb, one in verbs.items()
        if verb != "parameters" and tag in one["tags"]
    ]
    return "\n\n".join([f"### Routes: {tag}", *found])


def _route(api: Node, title: str, operation: Node) -> str:
    parts = [f"#### `{title}`", operation["summary"], operation.get("description", "")]
    asked = [_parameter(one) for one in operation.get("parameters", ())]
    parts += [f"Parameters: {', '.join(asked)}." if asked else "", _body(operation), _answers(api, operation)]
    return "\n\n".join(filter(None, parts))


def _parameter(one: Node) -> str:
    default = one["schema"].get("default")
    return f"`{one['name']}` ({accepted(one['schema'])}{'' if default is None else f'; by default {default}'})"


def _body(operation: Node) -> str:
    if "requestBody" not in operation:
        return ""
    (content,) = operation["requestBody"]["content"].values()
    example = content.get("example")
    shown = f", for example `{json.dumps(example, ensure_ascii=False)}`" if example else ""
    return f"Body: {accepted(content['schema'])}{shown}."


def _answers(api: Node, operation: Node) -> str:
    every = sorted(item for item in operation["responses"].items() if item[0] not in _COMMON)
    return f"Answers: {', '.join(_answer(code, _resolved(api, one)) for code, one in every)}."


def _answer(code: str, response: Node) -> str:
    if code >= "400":
        return f"{code} {response['description']}"
    bodies = [accepted(one["schema"]) for one in response.get("content", {}).values() if "schema" in one]
    return f"{code} {bodies[0].rstrip('.')}" if bodies else code


def provenance() -> str:
    """How sure the contract is: a count of its marks, the eight fields, and everything that is assumed."""
    entries = [one for one in ledger() if one.kind is not Kind.SWITCH]
    counted = Counter((one.kind, one.mark) for one in entries)
    rows = [(_PLURALS[kind], *(str(counted[kind, mark]) for mark in _MARKS)) for kind in Kind if kind in _PLURALS]
    total = ("**all**", *(str(sum(counted[kind, mark] for kind in _PLURALS)) for mark in _MARKS))
    plan = contract_for(None)["components"]["schemas"]["OrderExecutionPlan"]["properties"]
    by_id = {one.id: one for one in entries}
    fields = [(f"`{name}`", (one := by_id[f"OrderExecutionPlan.{name}"]).mark, one.source) for name in plan]
    assumed = [f"- `{one.path}` ({one.source})" for one in entries if one.mark == "assumed"]
    return "\n\n".join(
        [
            table(("what carries a mark", *_MARKS), [*rows, total]),
            "The fields of a plan:",
            table(("field", "mark", "source"), fields),
            "Everything that is assumed, by where it is met in an answer:",
            "\n".join(assumed),
        ]
    )
