"""The client under test, which sleeps in its world and nowhere else."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from client import Client

from mock_oms.client import World


@pytest.fixture
def client(oms: World) -> Iterator[Client]:
    """A client of the world of this test; where it would sleep, the world's clock is turned."""
    with Client(oms.url, oms.token, sleep=lambda seconds: oms.advance(timedelta(seconds=seconds))) as client:
        yield client
