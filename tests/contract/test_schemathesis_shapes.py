"""Schemathesis passes on a quiet world, and shapes of contract drift make it fail with what they break."""

import pytest

from mock_oms.traffic.faults.fault import Shape
from tests.contract.run_schemathesis import judge
from tests.system.wired import wired

#: Few requests of the list alone: each of them meets the fault.
FEW = (
    *("--phases", "fuzzing", "--mode", "positive", "--max-examples", "3", "--no-color"),
    *("--include-operation-id", "listOrderExecutionPlans"),
)
SCHEMA = "Response violates schema"
TWICE, LOST = "Custom check failed: `no_row_comes_twice`", "Custom check failed: `every_row_that_is_counted_comes`"
UNSORTED = "Custom check failed: `rows_are_in_the_order_of_the_contract`"

#: What Schemathesis says of shapes of drift: of one that breaks a schema, as tests/contract/test_drift_findings.py shows
#: of all, and of those that only checks of our own see.
VIOLATIONS: dict[Shape, tuple[str, ...]] = {
    Shape.DROP_FROM_PAGE: (LOST, "`count` says 25, and there are 22 rows"),
    Shape.EXTRA_FIELD: (SCHEMA, "fulfilment_score"),
    Shape.DUPLICATE_ACROSS_PAGES: (TWICE, "on one page or on two: [41222]"),
    Shape.SHUFFLE: (UNSORTED, "[41230, 41228, 41226"),
}


def judged(*faults: Shape) -> int:
    with wired(faults=[{"on": "any", "effect": {"shape": kind}} for kind in faults]) as server:
        host, port = server.address
        return judge(f"http://{host}:{port}", "vendor", list(FEW))


@pytest.mark.slow  # as `make test` shows with its run of the whole contract
def test_a_quiet_world_passes_with_our_own_checks(capfd: pytest.CaptureFixture[str]) -> None:
    assert judged() == 0
    assert "No issues found" in capfd.readouterr().out


@pytest.mark.parametrize(
    "kind", [Shape.DROP_FROM_PAGE, *(pytest.param(one, marks=pytest.mark.slow) for one in list(VIOLATIONS)[1:])]
)
def test_a_shape_fails_with_the_violation_that_it_names(kind: Shape, capfd: pytest.CaptureFixture[str]) -> None:
    assert judged(kind) == 1
    said = capfd.readouterr().out
    assert [words for words in VIOLATIONS[kind] if words not in said] == [], said
