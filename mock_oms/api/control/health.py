"""Health: an app of its own answers, for it is asked first, and the rest of the control API takes 0.1 s to make."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, request

from mock_oms.api.control.errors import MAX_ERRORS, ProblemError, guarded_app
from mock_oms.api.guard import may_know
from mock_oms.api.state import State, current_state
from mock_oms.domain import listing
from mock_oms.scenarios.library import ErrorsByFile
from mock_oms.worlds.store import DEFAULT

#: What everybody may know of a file.
_NO_REASON = "cannot be used: ask on this machine, or with the control token, for the reason."


def live() -> dict[str, Any]:
    """The process is up."""
    return {"status": "live"}


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
            f"Mend {them}, or take {them} away; `mock-oms scenario check` says the same.",
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


def health_app(state: State) -> Flask:
    """The app that answers the paths that are open to everybody."""
    app = guarded_app(state)
    for view in (live, ready):
        app.add_url_rule(f"/_mock/health/{view.__name__}", view_func=view)
    return app
