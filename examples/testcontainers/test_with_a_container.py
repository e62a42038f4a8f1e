"""Tests whose mock is a container that they start themselves."""

from collections.abc import Iterator

import httpx
import pytest

from mock_oms.testing import MockOmsContainer


@pytest.fixture(scope="session")
def mock() -> Iterator[MockOmsContainer]:
    with MockOmsContainer("mock-oms") as mock:
        yield mock


def test_a_plan_is_completed_after_a_restock(mock: MockOmsContainer) -> None:
    # A world for this test alone, in the container that all share.
    with mock.control.open_world(scenario="restock") as world:
        world.advance("1h")
        plan = httpx.get(f"{world.url}/api/v1/oms/orderexecutionplans/41207/", headers=world.headers)
        assert plan.json()["state"] == "completed"
