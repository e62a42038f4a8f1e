"""The public name of `mock_oms.conformance.checks`, where the checks are; both names stay importable."""

from importlib import import_module
from typing import Any

#: Said as text: a package imports only from packages below it, and the checks are above.
_HOME = "mock_oms.conformance.checks"


def __getattr__(name: str) -> Any:  # noqa: ANN401  whatever has the name
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(import_module(_HOME), name)
