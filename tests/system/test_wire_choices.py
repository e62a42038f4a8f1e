"""Which requests meet a fault, as HTTP says them; tests/unit/test_fault_decisions.py has how often and until when."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.system.wired import LIST, LOGIN, Wired, World, wired

DETAIL = f"{LIST}41207/"
DOWN = {"status": 503}


@pytest.fixture(scope="module")
def server() -> Iterator[Wired]:
    with wired() as running:
        yield running


def met_at(world: World, *targets: str) -> str:
    """A letter for each of these requests: `!` met the fault."""
    with world.connected() as wire:
        return "".join("!" if wire.ask(target).status == 503 else "." for target in targets)


def test_a_probability_is_drawn_from_the_seed_and_the_number_of_the_request(server: Wired) -> None:
    fault = {"on": "list", "probability": 0.5, "effect": DOWN}
    first, same, other = (server.world(fault, seed=seed) for seed in (1, 1, 2))
    met = met_at(first, *[LIST] * 60)
    assert 15 < met.count("!") < 45
    assert met_at(same, *[LIST] * 60) == met
    assert met_at(other, *[LIST] * 60) != met
    first.lease.traffic.restart(first.lease.world.reset)
    assert met_at(first, *[LIST] * 60) == met


@pytest.mark.parametrize(
    ("page", "queries", "met"),
    [
        (2, ("", "?page=1", "?page=2", "?limit=5&page=2", "?page=3", "?page="), "..!!.."),
        (1, ("", "?page=1", "?page=2", "?limit=5", "?page="), "!!.!!"),
    ],
)
def test_a_fault_is_for_one_page_of_which_the_first_need_not_be_named(
    server: Wired, page: int, queries: tuple[str, ...], met: str
) -> None:
    world = server.world({"on": "list", "when": {"page": page}, "effect": DOWN})
    assert met_at(world, *(f"{LIST}{query}" for query in queries)) == met


def test_a_fault_is_for_one_plan_whose_id_is_read_as_the_framework_reads_it(server: Wired) -> None:
    world = server.world({"on": "detail", "plan": 41207, "effect": DOWN})
    meant = (DETAIL, f"{LIST}041207/", f"{LIST}41207.json", f"{LIST}%34%31207/")
    assert met_at(world, *meant, LIST, f"{LIST}%2534%2531207/", f"{LIST}41208/") == "!!!!..."


def test_a_fault_is_for_plans_in_a_state(server: Wired) -> None:
    world = server.world({"on": "detail", "when": {"state": "completed"}, "effect": DOWN})
    before = world.ask(DETAIL).status
    world.lease.world.advance(timedelta(minutes=1))
    assert [before, world.ask(DETAIL).status] == [200, 503]


@pytest.mark.parametrize(
    ("path", "body", "met"),
    [
        (LOGIN, '{"username": "NAME", "password": "mock-oms"}', True),
        ("/api/i1/auth/login/", '{"username": "NAME", "password": "mock-oms"}', True),
        (LOGIN, "username=NAME&password=mock-oms", True),
        (LOGIN, '{"username": "somebody", "password": "mock-oms"}', False),
    ],
)
def test_a_fault_on_logins_is_met_by_those_of_the_worlds_own_user(
    server: Wired, path: str, body: str, met: bool
) -> None:
    world = server.world({"on": "login", "effect": DOWN})
    kind = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
    sent = body.replace("NAME", world.lease.world.origin.name).encode()
    answer = world.ask(path, "POST", sent, Authorization="", **{"Content-Type": kind})
    assert answer.status == (503 if met else 200)
    assert met_at(world, LIST, DETAIL) == ".."


def test_requests_are_numbered_in_the_journal_whoever_answers_them(server: Wired) -> None:
    world = server.world({"on": "list", "skip": 3, "times": 1, "effect": DOWN})
    met_at(world, LIST, LIST, LIST, LIST, LIST, "/nowhere/", DETAIL)
    entries = world.entries()
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5, 6, 7]
    assert [entry.status for entry in entries] == [200, 200, 200, 503, 200, 404, 200]
    assert [entry.fault for entry in entries] == [None] * 3 + ["status 503"] + [None] * 3
