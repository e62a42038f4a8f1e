"""The checks as tests of your own: `from mock_oms.contract.checks.suite import *` gives one for each check and target."""

from importlib import import_module
from typing import Any

__all__ = ["test_contract"]  # noqa: F822  it comes from __getattr__


def __getattr__(name: str) -> Any:  # noqa: ANN401  whatever has the name
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(import_module("mock_oms.conformance.checks.suite"), name)
