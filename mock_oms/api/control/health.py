"""Health, metrics, the vendor's contract, and a page about the control API."""

from base64 import b64encode
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from mock_oms.api.control import schemas
from mock_oms.api.control.errors import MAX_ERRORS, ProblemError
from mock_oms.api.control.routes import Routes
from mock_oms.api.guard import may_know
from mock_oms.api.state import LOAD, Load, current_state
from mock_oms.contract.observation import observed_contract
from mock_oms.contract.openapi import contract_text
from mock_oms.domain import listing
from mock_oms.scenarios.library import ErrorsByFile
from mock_oms.worlds.store import DEFAULT

health = Routes("health", "Whether the mock lives and is ready.")
#: What everybody may know of a file.
_NO_REASON = "cannot be used: ask on this machine, or with the control token, for the reason."


@health.handles("GET", "/health/live", schemas.Live, doc={"security": []})
def live() -> dict[str, Any]:
    """The process is up."""
    return {"status": "live"}


@health.handles("GET", "/health/ready", schemas.Ready, refuses=(503,), doc={"security": []})
def ready() -> dict[str, Any]:
    """The default world answers, and every scenario in the folder of the user's own can be used.

    503 where one could not at the start, and cannot yet, and while the files are read for the first time. One that
    broke later is a warning: the server was ready. Clients from elsewhere without the control token see the names of
    the files, and not what is wrong with them.
    """
    state = current_state()
    condition = state.library.glance()
    if condition is None:
        sentence = "The mock is still reading the scenario files; ask again in a moment."
        raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, sentence)
    if condition.failed:
        failed = _shown(condition.failed)
        these, them = ("This file holds", "it") if len(failed) == 1 else ("These files hold", "them")
        raise ProblemError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            f"{these} no scenario that can be used: {', '.join(failed)}. "
            f"Mend {them}, or take {them} away; `mock-oms scenarios check` says the same.",
            errors=failed,
        )
    # One that is being changed this moment is shown as it was before.
    plans = listing.count(state.simulation.lease(DEFAULT).world.seen().world)
    facts = {"status": "ready", "plans": plans, "contract": state.last_checked}
    if condition.warned:
        return {**facts, "status": "warning", "errors": _shown(condition.warned)}
    return facts


def _shown(files: ErrorsByFile) -> dict[str, list[str]]:
    """What this client may know of them; a scenario may repeat a secret, and be wrong where it does."""
    state = current_state()
    if not may_know(request, state.control_token):
        files = {Path(file).name: (_NO_REASON,) for file in files}
    clean = state.redactor.without_known
    return {clean(file): list(map(clean, found[:MAX_ERRORS])) for file, found in files.items()}


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


@pages.get("/docs")
def docs() -> Response:
    """Every operation of the control API with its bodies, as `/_mock/openapi.json` describes them."""
    document = current_app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    text = render_template(
        "docs.html", style=_STYLE, host=request.host, checked=current_state().last_checked, **document
    )
    return Response(text, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _POLICY})
