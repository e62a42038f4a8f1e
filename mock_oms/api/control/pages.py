"""Metrics and the vendor's contract; and how health is described."""

from json import dumps
from typing import Any

from flask import Blueprint, Flask, Response, request

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


vendor_contract = Routes("contract", "The vendor's API, as far as it is known.")


@vendor_contract.handles("GET", "/contract.json", {"type": "object", "description": "An OpenAPI document."})
def show_contract() -> Response:
    """The contract of the vendor's API as JSON, in which `x-provenance` and `x-source` say of every claim how sure it is.

    It is `/_mock/openapi.yaml`: under the switches of the default world, changed where an observation contradicts it.
    """
    state = current_state()
    document = observed_contract(state.simulation.default().answers, state.observed).document
    return Response(dumps(document, ensure_ascii=False, separators=(",", ":")), content_type="application/json")


pages = Blueprint("pages", __name__, url_prefix="/_mock")


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
