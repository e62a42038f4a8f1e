"""Metrics, the vendor's contract, and a page about the control API; and how health is described."""

from base64 import b64encode
from hashlib import sha256
from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template, request, url_for

from mock_oms.api.control import schemas
from mock_oms.api.control.health import live, ready
from mock_oms.api.control.routes import Routes
from mock_oms.api.state import LOAD, Load, current_state
from mock_oms.contract.observation import observed_contract
from mock_oms.contract.openapi import contract_text

health = Routes("health", "Whether the mock lives and is ready.")
# An app of its own answers, which is made sooner; this describes it.
health.handles("GET", "/health/live", schemas.Live, doc={"security": []})(live)
health.handles("GET", "/health/ready", schemas.Ready, refuses=(503,), doc={"security": []})(ready)

_TEXT = {"type": "string", "description": "Families of metrics, one line for each set of labels."}
_OPEN = {"content": {"application/openmetrics-text": {"schema": _TEXT}}}

metrics = Routes("metrics", "What the mock has done so far, in numbers.")


@metrics.handles("GET", "/metrics", _TEXT, content_type="text/plain", doc={"responses": {200: _OPEN}})
def show_metrics() -> Any:
    """Counters over all worlds that never fall while the process lives, in the format of Prometheus or OpenMetrics.

    No label is a world, a token, a plan or a path. Requests are counted by the server in front; where the app runs
    under another one, they stay at zero.
    """
    from mock_oms.api.prometheus import exposition  # noqa: PLC0415  60 ms that no start needs

    load: Load = request.environ.get(LOAD, Load())
    body, content_type = exposition(current_state().simulation, load, request.headers.get("Accept", ""))
    return Response(body, content_type=content_type)


pages = Blueprint("pages", __name__, url_prefix="/_mock")

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
    text = observed_contract(answers, state.observed).text if state.observed else contract_text(answers)
    return Response(text, content_type="application/yaml")


def description_of(app: Flask) -> dict[str, Any]:
    """The OpenAPI document of the control API that this app is."""
    found: dict[str, Any] = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].description()
    return found


@pages.get("")
@pages.get("/")
def root() -> Response:
    """To the page for people."""
    return Response(status=302, headers={"Location": url_for("pages.docs")})


@pages.get("/docs")
def docs() -> Response:
    """Every operation of the control API with its bodies, as `/_mock/openapi.json` describes them."""
    document = description_of(current_app)
    text = render_template(
        "docs.html", style=_STYLE, host=request.host, checked=current_state().last_checked, **document
    )
    return Response(text, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _POLICY})
