"""Schemathesis passes on a quiet world, and shapes of contract drift make it fail with what they break."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from mock_oms.traffic.faults.fault import Shape
from tests.contract import paging_checks
from tests.contract.run_schemathesis import judge
from tests.system.wired import LIST, wired

#: Few requests of the list alone: each of them meets the fault.
FEW = (
    *("--phases", "fuzzing", "--mode", "positive", "--max-examples", "3", "--no-color"),
    *("--include-operation-id", "listOrderExecutionPlans"),
)
#: What our own checks say of the shapes that break no schema, and the name of the check.
PAGING: dict[Shape, tuple[str, str]] = {
    Shape.DUPLICATE_ACROSS_PAGES: ("no_row_comes_twice", "on one page or on two: [41222]"),
    Shape.DROP_FROM_PAGE: ("every_row_that_is_counted_comes", "`count` says 25, and there are 22 rows"),
    Shape.SHUFFLE: ("rows_are_in_the_order_of_the_contract", "[41230, 41228, 41226"),
}
#: What Schemathesis says of them, and of a shape that breaks a schema, as test_drift_findings.py shows of all.
VIOLATIONS: dict[Shape, tuple[str, str]] = {
    kind: (f"Custom check failed: `{check}`", words) for kind, (check, words) in PAGING.items()
} | {Shape.EXTRA_FIELD: ("Response violates schema", "fulfilment_score")}


@contextmanager
def answering(*faults: Shape) -> Iterator[str]:
    with wired(faults=[{"on": "any", "effect": {"shape": kind}} for kind in faults]) as server:
        host, port = server.address
        yield f"http://{host}:{port}"


@pytest.mark.parametrize("kind", PAGING)
def test_a_check_of_ours_says_which_rows_are_wrong_and_nothing_of_a_quiet_world(kind: Shape) -> None:
    name, words = PAGING[kind]
    check, token = getattr(paging_checks, name), {"Authorization": "Token mock-oms-token"}
    with answering() as url:
        check(None, requests.get(f"{url}{LIST}", headers=token, timeout=30), None)
    with answering(kind) as url, pytest.raises(AssertionError) as said:
        check(None, requests.get(f"{url}{LIST}", headers=token, timeout=30), None)
    assert words in str(said.value)


@pytest.mark.slow
def test_a_quiet_world_passes_with_our_own_checks(capfd: pytest.CaptureFixture[str]) -> None:
    with answering() as url:
        assert judge(url, "vendor", list(FEW)) == 0
    assert "No issues found" in capfd.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("kind", VIOLATIONS)
def test_a_shape_fails_with_the_violation_that_it_names(kind: Shape, capfd: pytest.CaptureFixture[str]) -> None:
    with answering(kind) as url:
        assert judge(url, "vendor", list(FEW)) == 1
    said = capfd.readouterr().out
    assert [words for words in VIOLATIONS[kind] if words not in said] == [], said
