"""Whether a contract is whole, and whether an answer or an example is what it says."""

import json
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from mock_oms.contract.document import resolve_ref

Node = dict[str, Any]
Trail = tuple[str, ...]

MARKS = {"documented", "inferred", "assumed", "mock"}
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
#: What stands under these keys, one by one, makes a claim. (`properties` is handled apart: its entries may be `$ref`.)
CLAIMING = {"parameters", "headers", "responses", "schemas", "requestBodies", "securitySchemes"}


def content_fits(judge: Any, schema: Node, text: object, _: Node) -> Iterator[ValidationError]:
    """JSON Schema leaves the content of a text to its readers; here it is judged."""
    if isinstance(text, str):
        yield from judge.descend(json.loads(text), schema, schema_path="contentSchema")


Judge = extend(Draft202012Validator, {"contentSchema": content_fits})  # type: ignore[no-untyped-call]


def judge_of(document: Node, schema: Node) -> Any:
    judged = {"components": document["components"], **schema}
    return Judge(judged, format_checker=Draft202012Validator.FORMAT_CHECKER)


def faults(document: Node, schema: Node, value: object) -> list[str]:
    return [error.message[:300] for error in judge_of(document, schema).iter_errors(value)]


def faults_of(document: Node, path: str, response: TestResponse) -> Iterator[str]:
    described = document["paths"][path]["get"]["responses"]
    if str(response.status_code) not in described:
        yield f"{response.status_code} is not described"
        return
    answer = resolve_ref(document, described[str(response.status_code)])
    bodies = answer.get("content", {None: None})
    if response.mimetype not in bodies:
        yield f"a body of {response.mimetype} is not described"
    elif bodies[response.mimetype]:
        schema = bodies[response.mimetype]["schema"]
        yield from faults(document, schema, response.get_json() if response.is_json else response.text)
    elif response.data:
        yield "the body is not empty"
    for name, reference in answer.get("headers", {}).items():
        header = resolve_ref(document, reference)
        if name in response.headers:
            value = response.headers[name]
            yield from faults(document, header["schema"], int(value) if value.isdigit() else value)
        elif header["required"]:
            yield f"{name} is missing"


def flaws(document: Node) -> list[str]:
    """What is wrong with a contract as a document: claims without a mark, unused components, examples that do not fit."""
    validate(document)
    found = [" / ".join(trail) for trail, claim in claims(document) if not is_marked(claim)]
    components = document["components"]
    kinds = components.keys() - {"securitySchemes"}
    found += {f"#/components/{kind}/{name}" for kind in kinds for name in components[kind]} ^ set(references(document))
    for name, body in (*components["responses"].items(), *components.get("requestBodies", {}).items()):
        for media in body.get("content", {}).values():
            examples = [resolve_ref(document, one)["value"] for one in media.get("examples", {}).values()]
            found += (f"{name}: {fault}" for value in examples for fault in faults(document, media["schema"], value))
    return found


def entries(node: object) -> Iterator[tuple[str, Any]]:
    """What a mapping or a list holds, under its key or its number; nothing for a plain value."""
    if isinstance(node, dict):
        yield from node.items()
    if isinstance(node, list):
        yield from ((str(number), value) for number, value in enumerate(node))


def claims(node: object, trail: Trail = ()) -> Iterator[tuple[Trail, Node]]:
    """Every place that says something about the vendor: operations, rules, properties, the entries of `CLAIMING`."""
    for key, value in entries(node):
        here = (*trail, key)
        if key in METHODS or (isinstance(value, dict) and "if" in value):
            yield here, value
        if key == "properties" or key in CLAIMING:
            # A bare reference claims nothing, for its target is marked; but a property is marked beside its reference.
            named = ((name, one) for name, one in entries(value) if isinstance(one, dict))
            yield from (((*here, name), one) for name, one in named if key == "properties" or set(one) != {"$ref"})
        if key not in {"examples", "if", "then"}:
            yield from claims(value, here)


def is_marked(claim: Node) -> bool:
    return claim.get("x-provenance") in MARKS and bool(str(claim.get("x-source", "")).strip())


def references(node: object) -> Iterator[str]:
    for key, value in entries(node):
        if key == "$ref":
            yield value
        yield from references(value)
