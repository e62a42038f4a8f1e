"""Whether an answer, or an example, is what a contract says."""

import json
from collections.abc import Iterator
from functools import reduce
from operator import getitem
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from werkzeug.test import TestResponse

Node = dict[str, Any]


def content_fits(judge: Any, schema: Node, text: object, _: Node) -> Iterator[ValidationError]:
    """JSON Schema leaves the content of a text to its readers; here it is judged."""
    if isinstance(text, str):
        yield from judge.descend(json.loads(text), schema, schema_path="contentSchema")


Judge = extend(Draft202012Validator, {"contentSchema": content_fits})  # type: ignore[no-untyped-call]


def faults(document: Node, schema: Node, value: object) -> list[str]:
    judged = {"components": document["components"], **schema}
    judge = Judge(judged, format_checker=Draft202012Validator.FORMAT_CHECKER)
    return [error.message[:300] for error in judge.iter_errors(value)]


def resolved(document: Node, node: Node) -> Node:
    return reduce(getitem, node["$ref"].split("/")[1:], document) if "$ref" in node else node


def faults_of(document: Node, path: str, response: TestResponse) -> list[str]:
    """Where an answer is not what the contract says of this path."""
    described = document["paths"][path]["get"]["responses"]
    if str(response.status_code) not in described:
        return [f"{response.status_code} is not described"]
    answer = resolved(document, described[str(response.status_code)])
    schema = answer["content"][response.mimetype]["schema"]
    body = response.get_json() if response.is_json else response.text
    return [*faults(document, schema, body), *faults_of_headers(document, answer, response)]


def faults_of_headers(document: Node, answer: Node, response: TestResponse) -> Iterator[str]:
    for name, reference in answer.get("headers", {}).items():
        header = resolved(document, reference)
        if name in response.headers:
            value = response.headers[name]
            yield from faults(document, header["schema"], int(value) if value.isdigit() else value)
        elif header["required"]:
            yield f"{name} is missing"


def unfitting_examples(document: Node) -> Iterator[str]:
    for name, answer in document["components"]["responses"].items():
        for media in answer["content"].values():
            given = [resolved(document, one)["value"] for one in media.get("examples", {}).values()]
            yield from (f"{name}: {fault}" for value in given for fault in faults(document, media["schema"], value))
