"""What `mock-oms serve` imports before it is ready: the start takes as long as its imports, so the rest waits until it is wanted."""

import sys
from collections.abc import Iterable

import pytest

from tests.system.running import program, serving

#: Packages that a start needs. Not here: flask-smorest, apispec and webargs (the control API comes with its first request), httpx,
#: trustme, watchfiles' work, prometheus-client, jsonschema and Schemathesis.
PACKAGES = {
    "anyio", "blinker", "click", "faker", "flask", "httptools", "itsdangerous", "jinja2", "markupsafe", "marshmallow",
    "mock_oms", "packaging", "rpds", "uvicorn", "uvloop", "watchfiles", "werkzeug", "yaml",
}  # fmt: skip
#: What else the report names: its heading, what belongs to the machine or measures coverage, and what uvicorn tries to import.
AROUND = {"imported package", "sitecustomize", "a2wsgi", "org", "coverage"}
#: What of our own it leaves out.
LEFT_OUT = (
    "mock_oms.api.control",
    "mock_oms.client",
    "mock_oms.conformance",
    "mock_oms.pytest_plugin",
    "mock_oms.testing",
    "mock_oms.worlds.state_folder",
)
#: Modules of our own; whoever raises this number says why in `docs/decisions.md`.
MOST = 116


def imports_in(lines: Iterable[str]) -> set[str]:
    """The modules that Python says it imported."""
    return {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")}


@pytest.mark.smoke
def test_a_server_imports_no_more_than_this_before_it_is_ready() -> None:
    with serving(program=program(), more={"PYTHONPROFILEIMPORTTIME": "1"}) as running:
        imported = imports_in(running.banner)
    others = {name.partition(".")[0] for name in imported} - set(sys.stdlib_module_names)
    assert {name for name in others if not name.startswith("_") and name not in AROUND} <= PACKAGES
    ours = {name for name in imported if name.startswith("mock_oms.")}
    assert [name for name in ours if name.startswith(LEFT_OUT)] == []
    assert len(ours) <= MOST


def test_a_check_of_its_health_imports_no_control_api() -> None:
    with serving(program=program(), more={"PYTHONPROFILEIMPORTTIME": "1"}) as running:
        answers = [running.get(f"/_mock/health/{path}")[0] for path in ("live", "ready")]
        later = imports_in(running.stopped())
    assert answers == [200, 200]
    assert {name for name in later if name.startswith("mock_oms.")} == {
        "mock_oms.api.control",
        "mock_oms.api.control.errors",
        "mock_oms.api.control.health",
    }
