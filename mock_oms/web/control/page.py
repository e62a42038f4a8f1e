"""The contract of the vendor's API, and a page for people about the control API: no script, nothing from elsewhere."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from mock_oms.contract import contract_text
from mock_oms.observed.amending import amended
from mock_oms.web.state import current_state

pages = Blueprint("pages", __name__, url_prefix="/_mock")

_METHODS = ("get", "post", "put", "patch", "delete")
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{background:#f5f5f5;padding:.7rem;overflow:auto}"
    "h3 code{font-size:1em}summary{cursor:pointer}dt{font-weight:600}"
)
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@pages.get("/openapi.yaml")
def contract() -> Response:
    """The contract under the switches of the default world, changed where an observation contradicts it."""
    state = current_state()
    answers = state.simulation.default().answers
    text = amended(answers, state.observed).text if state.observed else contract_text(answers)
    return Response(text, content_type="application/yaml")


@pages.get("/docs")
def docs() -> Response:
    """Every operation of the control API with its bodies, as `/_mock/openapi.json` describes them."""
    document = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    schemas = document["components"]["schemas"]
    text = render_template(
        "docs.html",
        style=_STYLE,
        info=document["info"],
        groups=_groups(document),
        schemas=sorted(schemas.items()),
        host=request.host,
        guarded="security" in document,
        checked=current_state().last_checked,
    )
    return Response(text, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _POLICY})


def _groups(document: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
    """The operations under each tag, each with what its query may say."""
    every = list(_operations(document))
    for tag in document["tags"]:
        yield tag, [one for one in every if tag["name"] in one["tags"]]


def _operations(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for path, item in document["paths"].items():
        for method in [one for one in item if one in _METHODS]:
            query = [one for one in item[method].get("parameters", ()) if one.get("in") == "query"]
            yield {**item[method], "path": path, "method": method.upper(), "query": query}
