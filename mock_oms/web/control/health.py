"""Whether the mock lives and is ready: open to everyone, for they tell nothing else."""

from typing import Any

from mock_oms.domain import listing
from mock_oms.store import DEFAULT
from mock_oms.web.control import told
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
@health.doc(security=[])
def ready() -> dict[str, Any]:
    """The default world answers; one that is being changed this moment, as it was before."""
    world = current_state().simulation.lease(DEFAULT).world.seen().world
    return {"status": "ready", "plans": listing.count(world)}
