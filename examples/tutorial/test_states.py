"""What is there is read, all of it."""

import pytest
from client import Client

from mock_oms.client import World


@pytest.mark.oms(scenario="restock")
def test_it_reads_the_state_of_a_plan(client: Client) -> None:
    assert client.states() == {41207: "start"}


def test_it_reads_every_page(client: Client, oms: World) -> None:
    assert len(client.states()) == oms.plans().count
