"""Whether the mock lives and is ready: open to everyone, so that what is wrong is told only to who may know it."""

from pathlib import Path
from typing import Any

from flask import request

from mock_oms.domain import listing
from mock_oms.scenario.condition import Sentences
from mock_oms.store import DEFAULT
from mock_oms.web.control import told
from mock_oms.web.control.problems import MAX_ERRORS, StillReadingError, UnusableScenariosError
from mock_oms.web.control.routes import routes
from mock_oms.web.guard import may_know
from mock_oms.web.state import current_state

health = routes("health", "Whether the mock lives and is ready.")
#: What everybody is told of a file.
_NO_REASON = "cannot be used: ask on this machine, or with the control token, for the reason."


@health.route("/health/live")
@health.response(200, told.Live)
@health.doc(security=[])
def live() -> dict[str, Any]:
    """The process is up."""
    return {"status": "live"}


@health.route("/health/ready")
@health.response(200, told.Ready)
@health.refuses(503)
@health.doc(security=[])
def ready() -> dict[str, Any]:
    """The default world answers, and every scenario in the folder of the user's own can be used.

    503 where one could not at the start, and cannot yet, and while the files are read for the first time. One that
    broke later is a warning: the server was ready. Who asks from elsewhere without the control token is told the names
    of the files, and not what is wrong with them.
    """
    state = current_state()
    condition = state.library.glance()
    if condition is None:
        raise StillReadingError
    if condition.failed:
        raise UnusableScenariosError(_told(condition.failed))
    # One that is being changed this moment is told as it was before.
    plans = listing.count(state.simulation.lease(DEFAULT).world.seen().world)
    facts = {"status": "ready", "plans": plans, "contract": state.last_checked}
    if condition.warned:
        errors = {file: list(found[:MAX_ERRORS]) for file, found in _told(condition.warned).items()}
        return {**facts, "status": "warning", "errors": errors}
    return facts


def _told(files: Sentences) -> Sentences:
    """What this asker is told of them; a scenario may repeat a secret, and be wrong where it does."""
    state = current_state()
    if not may_know(request, state.control_token):
        files = {Path(file).name: (_NO_REASON,) for file in files}
    clean = state.redactor.without_known
    return {clean(file): tuple(map(clean, found)) for file, found in files.items()}
