"""Which requests meet a fault: how often, from when, until when, and which of an operation's."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.system.wired import LIST, LOGIN, Wired, World, wired

DETAIL = f"{LIST}41207/"
DOWN = {"status": 503}


@pytest.fixture(scope="module")
def server() -> Iterator[Wired]:
    with wired() as running:
        yield running


def statuses(world: World, *targets: str) -> list[int | None]:
    return [world.ask(target).status for target in targets]


def meeting(world: World, requests: int, target: str = LIST) -> str:
    """A letter for each of so many requests: `!` met the fault."""
    with world.connected() as wire:
        return "".join("!" if wire.ask(target).status == 503 else "." for _ in range(requests))


@pytest.mark.parametrize(
    ("how_often", "met"),
    [
        ({}, "!!!!!!"),
        ({"times": 2}, "!!...."),
        ({"skip": 3}, "...!!!"),
        ({"skip": 1, "times": 3}, ".!!!.."),
    ],
)
def test_a_fault_is_met_so_often(server: Wired, how_often: dict[str, Any], met: str) -> None:
    assert meeting(server.world({"on": "list", "effect": DOWN, **how_often}), 6) == met


def test_a_fault_counts_the_requests_that_it_is_for_alone(server: Wired) -> None:
    world = server.world({"on": "detail", "skip": 1, "times": 1, "effect": DOWN})
    assert statuses(world, LIST, DETAIL, LIST, LIST, DETAIL, LIST, DETAIL) == [200, 200, 200, 200, 503, 200, 200]


def test_a_probability_is_drawn_from_the_seed_and_the_number_of_the_request(server: Wired) -> None:
    fault = {"on": "list", "probability": 0.5, "effect": DOWN}
    first, same, other = (server.world(fault, seed=seed) for seed in (1, 1, 2))
    met = meeting(first, 60)
    assert 15 < met.count("!") < 45
    assert meeting(same, 60) == met
    assert meeting(other, 60) != met
    first.lease.traffic.restart(first.lease.world.reset)
    assert meeting(first, 60) == met


def test_a_fault_ends_after_its_time_in_the_world(server: Wired) -> None:
    world = server.world({"on": "any", "ttl": "10m", "effect": DOWN})
    found = []
    for minutes in (0, 9, 1, 1):
        world.lease.world.advance(timedelta(minutes=minutes))
        found.append(world.ask().status)
    assert found == [503, 503, 200, 200]


def test_a_ramp_grows_with_the_time_of_the_world(server: Wired) -> None:
    world = server.world({"on": "any", "ramp": "10m", "effect": DOWN})
    found = []
    for minutes in (0, 5, 5, 60):
        world.lease.world.advance(timedelta(minutes=minutes))
        found.append(meeting(world, 40).count("!"))
    assert found[0] == 0
    assert 8 < found[1] < 32
    assert found[2:] == [40, 40]


def test_a_fault_is_for_one_page(server: Wired) -> None:
    world = server.world({"on": "list", "when": {"page": 2}, "effect": DOWN})
    queries = ("", "?page=1", "?page=2", "?limit=5&page=2", "?page=3", "?page=")
    assert statuses(world, *(f"{LIST}{query}" for query in queries)) == [200, 200, 503, 503, 200, 200]


def test_a_fault_is_for_the_first_page_also_where_no_page_is_named(server: Wired) -> None:
    world = server.world({"on": "list", "when": {"page": 1}, "effect": DOWN})
    queries = ("", "?page=1", "?page=2", "?limit=5", "?page=")
    assert statuses(world, *(f"{LIST}{query}" for query in queries)) == [503, 503, 200, 503, 503]


def test_a_fault_is_for_one_plan(server: Wired) -> None:
    world = server.world({"on": "detail", "plan": 41207, "effect": DOWN})
    others = [row for row in range(41208, 41232) if world.ask(f"{LIST}{row}/").status == 200]
    assert others
    assert statuses(world, DETAIL, LIST, f"{LIST}041207/", f"{LIST}41207.json") == [503, 200, 503, 503]


def test_a_plan_is_read_from_the_path_as_the_framework_reads_it(server: Wired) -> None:
    world = server.world({"on": "detail", "plan": 41207, "effect": DOWN})
    assert statuses(world, f"{LIST}%34%31207/", f"{LIST}%2534%2531207/") == [503, 404]


def test_a_fault_is_for_plans_in_a_state(server: Wired) -> None:
    world = server.world({"on": "detail", "when": {"state": "completed"}, "effect": DOWN})
    before = world.ask(DETAIL).status
    world.lease.world.advance(timedelta(minutes=1))
    assert [before, world.ask(DETAIL).status] == [200, 503]


def test_the_first_fault_that_applies_is_met(server: Wired) -> None:
    world = server.world(
        {"on": "detail", "effect": {"status": 500}},
        {"on": "any", "times": 1, "effect": {"status": 502}},
        {"on": "list", "effect": {"status": 504}},
    )
    assert statuses(world, DETAIL, LIST, LIST, DETAIL) == [500, 502, 504, 500]


@pytest.mark.parametrize("path", [LOGIN, "/api/i1/auth/login/"])
def test_a_fault_on_logins_is_met_by_them_alone(server: Wired, path: str) -> None:
    world = server.world({"on": "login", "effect": DOWN})
    body = f'{{"username": "{world.lease.world.origin.name}", "password": "mock-oms"}}'.encode()
    kind = {"Content-Type": "application/json"}
    assert world.ask(path, "POST", body, **kind, Authorization="").status == 503
    assert statuses(world, LIST, DETAIL) == [200, 200]


def test_a_login_as_somebody_else_is_no_affair_of_this_world(server: Wired) -> None:
    world = server.world({"on": "login", "effect": DOWN})
    body = b'{"username": "somebody", "password": "mock-oms"}'
    kind = {"Content-Type": "application/json"}
    assert world.ask(LOGIN, "POST", body, **kind, Authorization="").status == 200


def test_a_form_names_its_user_too(server: Wired) -> None:
    world = server.world({"on": "login", "effect": DOWN})
    body = f"username={world.lease.world.origin.name}&password=mock-oms".encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert world.ask(LOGIN, "POST", body, **kind, Authorization="").status == 503


def test_requests_are_numbered_in_the_journal_whoever_answers_them(server: Wired) -> None:
    world = server.world({"on": "list", "skip": 3, "times": 1, "effect": DOWN})
    statuses(world, LIST, LIST, LIST, LIST, LIST, "/nowhere/", DETAIL)
    entries = world.entries()
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5, 6, 7]
    assert [entry.status for entry in entries] == [200, 200, 200, 503, 200, 404, 200]
    assert [entry.fault for entry in entries] == [None] * 3 + ["status 503"] + [None] * 3
