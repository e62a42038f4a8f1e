"""Whether the mock lives and is ready: open to everyone, for they tell nothing else."""

from typing import Any

from mock_oms.domain import listing
from mock_oms.store import DEFAULT
from mock_oms.web.control import told
from mock_oms.web.control.problems import MAX_ERRORS, UnusableScenariosError
from mock_oms.web.control.routes import routes
from mock_oms.web.state import current_state

health = routes("health", "Whether the mock lives and is ready.")


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

    503 where one could not at the start, and cannot yet. One that broke later is a warning: the server was ready.
    """
    state = current_state()
    condition = state.library.look()
    if condition.failed:
        raise UnusableScenariosError(condition.failed)
    # One that is being changed this moment is told as it was before.
    facts = {"status": "ready", "plans": listing.count(state.simulation.lease(DEFAULT).world.seen().world)}
    if condition.warned:
        errors = {file: list(found[:MAX_ERRORS]) for file, found in condition.warned.items()}
        return {**facts, "status": "warning", "errors": errors}
    return facts
