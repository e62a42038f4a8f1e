"""A scenario that is sent as JSON means what its file means."""

import json
from typing import Any

import pytest

from mock_oms.domain.setup import START
from mock_oms.domain.world import open_world
from mock_oms.scenarios.errors import ScenarioError
from mock_oms.scenarios.library import Library

LIBRARY = Library()


def test_every_shipped_scenario_is_the_same_when_it_is_sent() -> None:
    different = []
    for name in LIBRARY.files():
        shipped = LIBRARY.load(name)
        sent = LIBRARY.inline(json.loads(json.dumps(shipped.data)), called=shipped.lines.file.name)
        if (sent, sent.document) != (shipped, shipped.document) or sent.blueprint != shipped.blueprint:
            different.append(name)
    assert different == []


def test_a_scenario_that_is_sent_makes_the_same_plans() -> None:
    shipped = LIBRARY.load("restock")
    sent = LIBRARY.inline(shipped.data, called="restock")
    first, second = (open_world(one.setup(seed=None, opened=START)).contents.plans for one in (shipped, sent))
    assert (sent.name, sent.digest, second) == (shipped.name, shipped.digest, first)


def test_the_size_of_a_sent_scenario_is_that_of_its_letters_and_not_of_their_escapes() -> None:
    def sent(thousands: int) -> Any:
        return {"description": "x", "plans": [{"raw": {"id": 1, "state": "pending", "z": ["ü" * 1000] * thousands}}]}

    assert LIBRARY.inline(sent(2400)).document.plans
    with pytest.raises(ScenarioError, match="bytes as JSON in UTF-8; accepted: 5,000,000"):
        LIBRARY.inline(sent(2600))
