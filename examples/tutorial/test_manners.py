"""A day of polling a bad OMS harms neither side."""

import pytest
from client import Client

from mock_oms.client import World


@pytest.mark.oms(scenario="restock", seed=3)
def test_it_survives_a_flaky_oms(client: Client, oms: World) -> None:
    oms.fault(profile="flaky")
    assert list(client.watch(41207))[-1] == "completed"
    assert len(oms.requests(fault=True).requests) > 3


@pytest.mark.oms(scenario="restock")
def test_it_stays_within_a_quota(client: Client, oms: World) -> None:
    oms.limit(quota={"limit": 2, "window": "1h"})
    assert list(client.watch(41207, every=60))[-1] == "completed"
    oms.assert_polite()
