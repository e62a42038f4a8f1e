"""The reference sections of the documents: every key of a scenario, every route of the control API, every mark."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from click.testing import CliRunner

from mock_oms.cli.main import main
from mock_oms.contract.ledger import ClaimKind, ledger
from mock_oms.contract.openapi import contract_for
from mock_oms.scenarios.json_schema import json_schema
from tests.documents.tables import listed, table

Node = Mapping[str, Any]

#: What any route may answer, so that it is said once.
_COMMON = ("400", "403", "413", "415", "421")
_PLURALS = {
    ClaimKind.OPERATION: "operations",
    ClaimKind.SECURITY: "security schemes",
    ClaimKind.PARAMETER: "parameters",
    ClaimKind.BODY: "request bodies",
    ClaimKind.HEADER: "headers",
    ClaimKind.RESPONSE: "responses",
    ClaimKind.SCHEMA: "schemas",
    ClaimKind.FIELD: "fields",
    ClaimKind.RULE: "rules",
}
_MARKS = ("documented", "inferred", "assumed", "mock")


def accepted(schema: Node) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for key, say in _SAYINGS.items():
        if key in schema:
            return say(schema)
    return "anything"


def _listed(schema: Node) -> str:
    return listed(map(_text, schema["enum"]))


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _typed(schema: Node) -> str:
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    return " or ".join(_KINDS[kind](schema) for kind in kinds)


def _number(schema: Node, name: str) -> str:
    if "description" in schema:
        return str(schema["description"])
    lowest = schema.get("minimum", schema.get("exclusiveMinimum"))
    above = "above " if "exclusiveMinimum" in schema else ""
    if lowest is None:
        return name
    return f"{name}, {above}{lowest} to {schema['maximum']}" if "maximum" in schema else f"{name} from {above}{lowest}"


def _mapping(schema: Node) -> str:
    if "properties" in schema and "description" in schema:
        return str(schema["description"])
    inside = schema.get("additionalProperties")
    return f"a mapping, each value {accepted(inside)}" if isinstance(inside, Mapping) and inside else "a mapping"


_TEXTS = {"date-time": "a time, ISO 8601"}
_KINDS: Mapping[str, Callable[[Node], str]] = {
    "string": lambda schema: str(schema.get("description", _TEXTS.get(schema.get("format", ""), "text"))),
    "integer": lambda schema: _number(schema, "a whole number"),
    "number": lambda schema: _number(schema, "a number"),
    "boolean": lambda _: "`true`, `false`",
    "array": lambda schema: f"a list, each {accepted(schema.get('items', {}))}",
    "object": _mapping,
    "null": lambda _: "`null`",
}
_SAYINGS: Mapping[str, Callable[[Node], str]] = {
    "enum": _listed,
    "const": lambda schema: f"`{_text(schema['const'])}`",
    "anyOf": lambda schema: " or ".join(map(accepted, schema["anyOf"])),
    "oneOf": lambda schema: " or ".join(map(accepted, schema["oneOf"])),
    "type": _typed,
}


def scenario_keys() -> str:
    schema = json_schema()
    rows = [("The file", _keys(schema)), *((_anchored(name), _keys(one)) for name, one in schema["$defs"].items())]
    return table(("section", "keys: what they accept (default)"), rows)


def _anchored(name: str) -> str:
    return f'<a id="{name.lower()}"></a>{name}'


def _keys(schema: Node) -> str:
    """The keys of an object, each with what it accepts; of anything else, what that is."""
    properties = schema.get("properties")
    if not properties:
        return accepted(schema)
    needed = schema.get("required", ())
    said = []
    for name, one in properties.items():
        default = f" (`{json.dumps(one['default'], ensure_ascii=False)}`)" if "default" in one else ""
        said.append(f"`{name}`{'!' if name in needed else ''}: {accepted(one)}{default}")
    return "; ".join(said)


@cache
def control_api() -> Node:
    """The control API's own description, as the command line prints it."""
    found: Node = json.loads(CliRunner().invoke(main, ["openapi", "--control", "--json"]).stdout)
    return found


def control_routes() -> str:
    """Every route of the control API with its body and its answers, then the keys of each body, once."""
    api = control_api()
    common = ", ".join(f"{code} ({_reason(api, code)})" for code in _COMMON)
    said = (
        f"Any route may also answer {common}; one of a world also 404 and 410. Every refusal is a [Problem](#problem)."
    )
    tags = [_routes_of(api, tag["name"]) for tag in api["tags"]]
    schemas = api["components"]["schemas"]
    sent = _reached(schemas, [name for one in _operations(api) for name in _references(one.get("requestBody"))])
    same = {name: (one, schemas.get(name, {})) for name, one in json_schema()["$defs"].items()}
    shared = [name for name, (a, b) in same.items() if a.get("properties", {}).keys() == b.get("properties", {}).keys()]
    own = {name: one for name, one in schemas.items() if name not in shared}
    rows = [(_anchored(name), _keys(one) if name in sent else _names(one)) for name, one in own.items()]
    note = (
        "Of bodies that are sent, the list says what each key accepts (`!`: required). Of answers it lists the keys. "
        "What a scenario has too stands in [its reference](scenarios-reference.md)."
    )
    bodies = "\n".join(f"- {name}: {keys}" for name, keys in rows)
    text = "\n\n".join([said, *tags, "### Bodies", note, bodies])
    for name in shared:
        text = text.replace(f"](#{name.lower()})", f"](scenarios-reference.md#{name.lower()})")
    return text


def _operations(api: Node) -> Iterator[Node]:
    for path in api["paths"].values():
        yield from (one for verb, one in path.items() if verb != "parameters")


def _references(node: Any) -> Iterator[str]:
    """The names of the schemas that a piece of the document refers to."""
    if isinstance(node, Mapping):
        if "$ref" in node:
            yield node["$ref"].rpartition("/")[2]
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from _references(one)


def _reached(schemas: Node, names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found and name in schemas:
            found.add(name)
            todo.extend(_references(schemas[name]))
    return found


def _names(schema: Node) -> str:
    """The keys of an answer; those that hold another body say which."""
    properties = schema.get("properties")
    if not properties:
        return accepted(schema)
    inner = {name: next(_references(one), None) for name, one in properties.items()}
    return ", ".join(f"`{name}`" + (f" ([{to}](#{to.lower()}))" if to else "") for name, to in inner.items())


def _reason(api: Node, code: str) -> str:
    answer = next(one["responses"][code] for one in _operations(api) if code in one["responses"])
    return str(_resolved(api, answer)["description"])


def _resolved(api: Node, node: Node) -> Node:
    if "$ref" not in node:
        return node
    found: Node = api["components"]["responses"][node["$ref"].rpartition("/")[2]]
    return found


def _routes_of(api: Node, tag: str) -> str:
    rows = [
        (f"`{verb.upper()} {path}`", _what(one), _body(one), _answers(api, path, one))
        for path, verbs in api["paths"].items()
        for verb, one in verbs.items()
        if verb != "parameters" and tag in one["tags"]
    ]
    return f"### Routes: {tag}\n\n" + table(("route", "what it does", "body", "answers"), rows)


def _what(operation: Node) -> str:
    query = listed(one["name"] for one in operation.get("parameters", ()))
    return f"{operation['summary']}{f' Parameters: {query}.' if query else ''}"


def _body(operation: Node) -> str:
    contents = operation.get("requestBody", {}).get("content", {})
    return "".join(accepted(content["schema"]) for content in contents.values())


def _answers(api: Node, path: str, operation: Node) -> str:
    said = {*_COMMON, *(("404", "410") if "{world}" in path else ())}
    every = sorted(item for item in operation["responses"].items() if item[0] not in said)
    return ", ".join(_answer(code, _resolved(api, one)) for code, one in every)


def _answer(code: str, response: Node) -> str:
    if code >= "400":
        return code
    bodies = [accepted(one["schema"]) for one in response.get("content", {}).values() if "schema" in one]
    return f"{code} {bodies[0].rstrip('.')}" if bodies and bodies[0].startswith("[") else code


def provenance() -> str:
    """How sure the contract is: a count of its marks, the eight fields, and everything that is assumed."""
    entries = [one for one in ledger() if one.kind is not ClaimKind.SWITCH]
    counted = Counter((one.kind, one.mark) for one in entries)
    rows = [(_PLURALS[kind], *(str(counted[kind, mark]) for mark in _MARKS)) for kind in ClaimKind if kind in _PLURALS]
    total = ("**all**", *(str(sum(counted[kind, mark] for kind in _PLURALS)) for mark in _MARKS))
    plan = contract_for(None)["components"]["schemas"]["OrderExecutionPlan"]["properties"]
    by_id = {one.id: one for one in entries}
    fields = [(f"`{name}`", (one := by_id[f"OrderExecutionPlan.{name}"]).mark, one.source) for name in plan]
    assumed: dict[str, list[str]] = {}
    for one in entries:
        if one.mark == "assumed":
            assumed.setdefault(one.source, []).append(f"`{one.path}`")
    return "\n\n".join(
        [
            table(("what carries a mark", *_MARKS), [*rows, total]),
            "The fields of a plan:",
            table(("field", "mark", "source"), fields),
            "Everything that is assumed, by source (`mock-oms assumptions --open` lists it too):",
            "\n".join(f"- {source}: {', '.join(paths)}" for source, paths in assumed.items()),
        ]
    )
