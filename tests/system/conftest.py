"""What system tests share."""

import sys

import pytest
from _pytest.pytester import SysModulesSnapshot


class OwnModulesSnapshot(SysModulesSnapshot):
    """It takes away no module that a run imported but its own tests: extensions cannot be imported a second time."""

    def __init__(self, preserve: object = None) -> None:  # noqa: ARG002  pytest's
        before = {*sys.modules}

        def stays(name: str) -> bool:
            ours = name in before or name.startswith(("test_", "conftest")) or sys.modules[name] is None
            return not ours

        super().__init__(stays)


@pytest.fixture
def _modules_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """For `pytester.runpytest_inprocess`: what a run imports is there for those that follow."""
    monkeypatch.setattr("_pytest.pytester.SysModulesSnapshot", OwnModulesSnapshot)
