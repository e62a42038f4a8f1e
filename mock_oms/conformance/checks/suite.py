"""The checks as tests of your own: `from mock_oms.conformance.checks.suite import *` gives one for each check and target.

The fixtures come from the pytest plugin; `--oms-target` says which OMS is crawled.
"""

from collections.abc import Mapping

import pytest

from mock_oms.conformance.checks import ALL
from mock_oms.conformance.finding import Result

__all__ = ["test_contract"]

#: Findings that a failure shows; more of one kind tell nothing new.
_SHOWN = 10


@pytest.mark.parametrize("oms_check", [check.name for check in ALL])
def test_contract(oms_check: str, oms_results: Mapping[str, Result]) -> None:
    """A check finds nothing; it is skipped where nothing was met that it could look at."""
    result = oms_results[oms_check]
    if result.findings:
        lines = [f"{result.claim} ({len(result.findings)} found, {result.looked} looked at)"]
        for one in result.findings[:_SHOWN]:
            where = f"{one.request}, {one.place}" if one.place else one.request
            sure = f"{one.provenance}, {one.source}" if one.source else one.provenance
            difference = f"expected {one.expected!r}, found {one.found!r}"
            lines.append(f"- {one.severity}: {where}: {one.message}; {difference} ({sure})")
        pytest.fail("\n".join(lines), pytrace=False)
    if result.unseen:
        pytest.skip(result.unseen)
