"""The table of what clients raise is what they raise."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_oms.traffic.faults.fault import STATUSES, BrokenBody, Connection, Shape
from tests.system.clients import EFFECTS, document, met
from tests.system.wired import Wired, wired

PAGE = Path(__file__).resolve().parents[2] / "docs" / "clients.md"


@pytest.fixture(scope="module")
def server() -> Iterator[Wired]:
    with wired() as running:
        yield running


def test_the_page_says_what_the_clients_raise(server: Wired) -> None:
    # On a machine that is busy for 0.4 s a client meets its timeout sooner; it is not busy three times in a row.
    said = PAGE.read_text(encoding="utf-8")
    assert said in (document(server) for _ in range(3))


def test_every_effect_has_its_row() -> None:
    kinds = {"status": [*STATUSES], "connection": [*Connection], "body": [*BrokenBody], "shape": [*Shape]}
    for kind, values in kinds.items():
        assert [effect[kind] for effect in EFFECTS.values() if kind in effect] == values


def test_aiohttp_meets_a_real_reset(server: Wired) -> None:
    assert met(server, {"connection": "reset"})["aiohttp"] == "`aiohttp.ClientOSError` from `get`"
