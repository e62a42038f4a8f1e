"""A plan that was given in full, as captured from a real system."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import Plan, Step
from mock_oms.rendering.renderer import Renderer
from mock_oms.switches import Switches

NOW = datetime(2024, 3, 5, 9, tzinfo=UTC)
CAPTURED = {"id": 7001, "state": {"odd": "ş"}, "commands": "?", "modified_date": None, "context": {"x": [1.5, None]}}


def captured(*history: Step, raw: dict[str, Any] = CAPTURED) -> Plan:
    modified = NOW + timedelta(hours=len(history))
    state = history[-1].target if history else State.PENDING
    return Plan(
        id=7001, order=7001, state=state, created=NOW, modified=modified, items=(), history=tuple(history), raw=raw
    )


def cancelled() -> Step:
    return Step(at=NOW, source=State.PENDING, target=State.CANCELLED, cause="plan-cancel")


@pytest.mark.parametrize(
    "answers", [Switches(), Switches(state="object", commands="comma", dates="date")], ids=["a", "b"]
)
def test_a_captured_plan_is_served_untouched_under_every_switch(answers: Switches) -> None:
    body = Renderer(answers).captured(captured())
    assert body == json.dumps(CAPTURED, ensure_ascii=False, separators=(",", ":")).encode()


def test_a_captured_plan_that_moved_shows_what_moved_in_place() -> None:
    body = json.loads(Renderer(Switches()).captured(captured(cancelled())))
    assert list(body.items()) == [
        ("id", 7001),
        ("state", "cancelled"),
        ("commands", []),
        ("modified_date", "2024-03-05T10:00:00.000000Z"),
        ("context", {"x": [1.5, None]}),
    ]


def test_what_moved_follows_the_switches() -> None:
    body = json.loads(
        Renderer(Switches(state="object", commands="comma", dates="date")).captured(captured(cancelled()))
    )
    assert (body["state"]["enum_value"], body["commands"], body["modified_date"]) == ("cancelled", "", "2024-03-05")


def test_the_capture_itself_never_changes() -> None:
    Renderer(Switches()).captured(captured(cancelled()))
    assert CAPTURED["modified_date"] is None
