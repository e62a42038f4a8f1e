"""What the mock says about itself: whether it lives, whether it is ready, and the contract that it serves."""

from flask import Blueprint, Response, jsonify, request

from mock_oms.contract import contract_text
from mock_oms.web.guard import refusal
from mock_oms.web.state import current_state

control = Blueprint("control", __name__, url_prefix="/_mock")


@control.before_request
def _guard() -> Response | None:
    reason = refusal(request, current_state().control_token)
    return None if reason is None else problem(403, "Forbidden", reason)


@control.get("/health/live")
def live() -> Response:
    """The process is up."""
    return jsonify(status="live")


@control.get("/health/ready")
def ready() -> Response:
    """The default world answers."""
    reading = current_state().simulation.default()
    reading.page(1, 1)
    return jsonify(status="ready", plans=reading.count)


@control.get("/openapi.yaml")
def contract() -> Response:
    """The contract under the switches of the default world."""
    text = contract_text(current_state().simulation.default().answers)
    return Response(text, content_type="application/yaml")


def problem(status: int, title: str, detail: str) -> Response:
    """An answer of the form `application/problem+json`."""
    response = jsonify(status=status, title=title, detail=detail)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response
