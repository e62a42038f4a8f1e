"""A simulation of a few worlds with made-up plans: the frame's fidelity does not depend on what plans say."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from mock_oms.api.app import MockApp, create_app
from mock_oms.switches import Switches
from mock_oms.worlds.world_header import WorldHeader

if TYPE_CHECKING:
    from mock_oms.worlds.manager import WorldManager

FULL, EMPTY, SINGLE = "mock-oms-token", "empty-world", "single-world"
PASSWORD = "mock-oms"
NOW = datetime(2024, 3, 5, 9, tzinfo=UTC)


def _plan(plan_id: int) -> dict[str, Any]:
    return {
        "id": plan_id,
        "state": ("start", "pending", "cancelled", "completed")[plan_id % 4],
        "order": {"number": f"T{plan_id:05}", "customer": "Çağrı Şığoğlu", "notes": 'a "quote" \\ </b>', "rate": 1.5},
        "commands": [],
        "created_date": "2024-03-05T09:00:00.000000Z",
        "orderexecutionplanitem_set": [{"id": plan_id * 10, "quantity": 1, "stock_location": None, "live": True}],
        "context": {},
    }


#: Each world's plans by id; 7001 and its neighbours are the ids that the tests ask for.
WORLDS: dict[str, dict[int, dict[str, Any]]] = {
    FULL: {plan_id: _plan(plan_id) for plan_id in (0, 7, *range(7001, 7024))},
    EMPTY: {},
    SINGLE: {11: _plan(11)},
}


@dataclass(frozen=True, slots=True)
class FakeReading:
    """One of the worlds above, newest plan first."""

    answers: Switches
    plans: dict[int, bytes]
    name: str = "fake"

    @property
    def line(self) -> WorldHeader:
        return WorldHeader(world=self.name, scenario="fake", digest="0" * 12, seed=1, now=NOW, event=0)

    @property
    def count(self) -> int:
        return len(self.plans)

    def page(self, number: int, size: int) -> list[bytes]:
        newest_first = [self.plans[plan_id] for plan_id in sorted(self.plans, reverse=True)]
        return newest_first[(number - 1) * size : number * size]

    def detail(self, plan_id: int) -> bytes | None:
        return self.plans.get(plan_id)


class FakeSimulation:
    """The worlds above, all under the same switches."""

    def __init__(self, answers: Switches) -> None:
        self.worlds = {token: FakeReading(answers, _as_bytes(plans), token) for token, plans in WORLDS.items()}

    def reading(self, token: str) -> FakeReading | None:
        return self.worlds.get(token)

    def default(self) -> FakeReading:
        return self.worlds[FULL]

    def confidential(self) -> tuple[str, ...]:
        return ()

    def wait(self) -> None:
        return None

    def login_wait(self) -> None:
        return None

    def login(self, username: str, password: str) -> str | None:
        return token_of(username, password)


def app_of(simulation: FakeSimulation, *, world_header: bool = False) -> MockApp:
    """The app around these worlds; it asks no more of a simulation than they have.

    Without the header of our own, unless it is wanted: so what it answers can be compared with the framework as it is.
    """
    return create_app(cast("WorldManager", simulation), world_header=world_header)


def token_of(username: str, password: str) -> str | None:
    """A world's name logs in to it, all other names to the full one."""
    if password != PASSWORD:
        return None
    return username if username in WORLDS else FULL


def _as_bytes(plans: dict[int, dict[str, Any]]) -> dict[int, bytes]:
    return {key: json.dumps(plan, ensure_ascii=False, separators=(",", ":")).encode() for key, plan in plans.items()}
