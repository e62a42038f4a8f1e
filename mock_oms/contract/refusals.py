"""What the switches about refusals change: who may ask, and how a missing plan is told."""

from mock_oms.contract.document import Node, component, json_body, member, operation, reword
from mock_oms.wording import NO_MATCH

_READING = ("listOrderExecutionPlans", "getOrderExecutionPlan")

_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "The key chooses the world that is read; an unknown key is 401.",
    "x-provenance": "inferred",
    "x-source": "newer pages of the vendor; the plans page says Token",
}


def bearer(document: Node, _: str) -> None:
    """`Bearer` instead of `Token`, which is announced and accepted."""
    document["components"]["securitySchemes"] = {"BearerAuth": _BEARER}
    document["security"] = [{"BearerAuth": []}]
    announced = component(document, "headers", "WwwAuthenticate")
    announced["schema"] = {"const": "Bearer"}
    reword(announced, "`Token`", "`Bearer`", key="x-source")
    _keywords(document, "`Bearer`")


def both(document: Node, _: str) -> None:
    """`Token` or `Bearer`; the announcement stays."""
    document["components"]["securitySchemes"]["BearerAuth"] = _BEARER
    document["security"].append({"BearerAuth": []})
    _keywords(document, "`Token` or `Bearer`")


def _keywords(document: Node, words: str) -> None:
    examples = json_body(component(document, "responses", "PlansUnauthenticated"))["examples"]
    for name in ("empty", "blanks"):
        reword(examples[name], "`Token`", words, key="summary")
    _key_stands_after(document, words)


def _key_stands_after(document: Node, words: str) -> None:
    reword(member(document, "Login", "key"), "the word `Token`", f"the word {words}")


def off(document: Node, _: str) -> None:
    """Nobody has to say who asks; whoever names a world by its key still reads that one."""
    parts = document["components"]
    del document["security"], parts["securitySchemes"]
    for name in _READING:
        del operation(document, name)["responses"]["401"]
    del parts["responses"]["PlansUnauthenticated"], parts["headers"]["WwwAuthenticate"]
    del parts["schemas"]["Unauthenticated"]
    reword(document["info"], "credentials (401), permission", "permission")
    _key_stands_after(document, "`Token` or `Bearer`")


def model_not_found(document: Node, _: str) -> None:
    """A missing plan is told by the name of its model; what is no id, and no format, as before."""
    told = member(document, "NoSuchPlan", "detail")
    told["enum"] = [NO_MATCH, told.pop("const")]
    told["x-source"] = "framework from its release 3.15 on"
    response = component(document, "responses", "NoSuchPlan")
    reword(response, "releases from 3.15 on name the model instead", "releases from 3.15 on", key="x-source")
    json_body(response)["examples"] = {
        "id": {"summary": "No such plan", "value": {"detail": NO_MATCH}},
        "other": {"summary": "No integer, or a `format` that is not json", "value": {"detail": told["enum"][1]}},
    }
