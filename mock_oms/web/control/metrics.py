"""The metrics of the mock, for Prometheus."""

from typing import Any

from flask import Response, request

from mock_oms.web.control.routes import routes
from mock_oms.web.state import LOAD, Load, current_state

_TEXT = {"type": "string", "description": "Families of metrics, one line for each set of labels."}
_OPEN = {"content": {"application/openmetrics-text": {"schema": _TEXT}}}

metrics = routes("metrics", "What the mock has done so far, in numbers.")


@metrics.route("/metrics")
@metrics.doc(responses={200: _OPEN})
@metrics.response(200, _TEXT, content_type="text/plain")
def show_metrics() -> Any:
    """Counters over all worlds that never fall while the process lives, in the format of Prometheus or OpenMetrics.

    No label is a world, a token, a plan or a path. Requests are counted by the server in front; where the app runs
    under another one, they stay at zero.
    """
    from mock_oms.web.exposition import exposition  # noqa: PLC0415  60 ms that no start needs

    load: Load = request.environ.get(LOAD, Load())
    body, content_type = exposition(current_state().simulation, load, request.headers.get("Accept", ""))
    return Response(body, content_type=content_type)
