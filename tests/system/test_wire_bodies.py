"""Answers that are not what they say, or no longer as the contract says: on the wire, with their own length."""

import json
from collections.abc import Iterator

import pytest

from mock_oms.text import compact_json
from mock_oms.traffic.faults.body_changes import broken_body, reshaped_body
from mock_oms.traffic.faults.fault import LIST_SHAPES, BrokenBody, Shape
from tests.system.wired import LIST, Answer, Wired, wired

DETAIL = f"{LIST}41207/"
PAGE = f"{LIST}?limit=5&page=2"


@pytest.fixture(scope="module")
def server() -> Iterator[Wired]:
    with wired() as running:
        yield running


def broken(whole: Answer, kind: BrokenBody) -> tuple[bytes, str]:
    """What a whole answer becomes, which tests/unit/test_body_changes.py judges: its body and content type."""
    return broken_body(kind, whole.body, whole["content-type"])


@pytest.mark.parametrize("kind", BrokenBody)
@pytest.mark.parametrize("target", [LIST, DETAIL])
def test_a_broken_body_is_a_200_that_is_not_what_it_says(server: Wired, kind: BrokenBody, target: str) -> None:
    world, whole = server.world({"on": "any", "effect": {"body": kind}}), server.world().ask(target)
    answer = world.ask(target)
    assert (answer.status, answer.end) == (200, "complete")
    assert (answer.body, answer["content-type"]) == broken(whole, kind)
    own = {"content-type": answer["content-type"], "content-length": str(len(answer.body))}
    assert answer.vendors == {**whole.vendors, **own}
    assert [entry.fault for entry in world.entries()] == [f"body {kind}"]


@pytest.mark.parametrize("kind", BrokenBody)
def test_the_answer_to_a_login_is_broken_too_and_the_login_has_happened(server: Wired, kind: BrokenBody) -> None:
    fault = {"on": "login", "times": 1, "effect": {"body": kind}}
    world = server.world(fault, limits={"token": {"requests": 1}})
    assert [world.ask().status, world.ask().status] == [200, 401]
    answer = world.login()
    assert (answer.status, world.ask().status) == (200, 200)
    assert (answer.body, answer["content-type"]) == broken(world.login(), kind)


@pytest.mark.parametrize("effect", [{"body": "html"}, {"shape": "extra-field"}])
def test_a_fault_that_was_not_performed_is_no_hint(server: Wired, effect: dict[str, str]) -> None:
    world = server.world({"on": "any", "effect": effect})
    world.ask(f"{LIST}404404/")
    world.ask()
    first, second = [entry.hint or "" for entry in world.entries()]
    assert "fault" not in first
    assert "fault 1" in second


@pytest.mark.parametrize("kind", Shape)
@pytest.mark.parametrize("target", [PAGE, DETAIL])
def test_an_answer_has_another_shape_and_the_length_of_it(server: Wired, kind: Shape, target: str) -> None:
    sound = server.world()
    world, whole = server.world({"on": "any", "effect": {"shape": kind}}), sound.ask(target)
    before = compact_json(json.loads(sound.ask(f"{LIST}?limit=5").body)["results"][-1])
    answer = world.ask(target)
    assert answer.body == reshaped_body(kind, whole.body, previous=before)
    assert (answer.body != whole.body) == (target == PAGE or kind not in LIST_SHAPES)
    assert (answer.status, answer.end) == (200, "complete")
    assert answer.vendors == {**whole.vendors, "content-length": str(len(answer.body))}
    assert [entry.fault for entry in world.entries()] == [f"shape {kind}" if answer.body != whole.body else None]


def test_a_shape_of_lists_leaves_logins_alone(server: Wired) -> None:
    world = server.world({"on": "any", "effect": {"shape": "shuffle"}})
    assert json.loads(world.login().body) == {"key": world.token}


@pytest.mark.parametrize("effect", [*({"body": kind} for kind in BrokenBody), *({"shape": kind} for kind in Shape)])
def test_head_says_of_a_changed_answer_what_get_says(server: Wired, effect: dict[str, str]) -> None:
    world = server.world({"on": "any", "effect": effect})
    with world.connected() as wire:
        get, head, again = wire.ask(PAGE), wire.ask(PAGE, "HEAD"), wire.ask(PAGE)
    assert (head.status, head.vendors, head.body) == (200, get.vendors, b"")
    assert again.body == get.body
    assert {entry.fault for entry in world.entries()} == {" ".join(next(iter(effect.items())))}


def test_options_shows_no_plans_and_so_has_a_broken_body_but_no_shape(server: Wired) -> None:
    whole = server.world().ask(PAGE, "OPTIONS")
    shaped = server.world({"on": "any", "times": 1, "effect": {"shape": "extra-field"}})
    assert shaped.ask(PAGE, "OPTIONS").body == whole.body
    assert b"fulfilment_score" in shaped.ask(PAGE).body
    answer = server.world({"on": "any", "effect": {"body": "html"}}).ask(PAGE, "OPTIONS")
    assert (answer.body, answer["content-type"]) == broken(whole, BrokenBody.HTML)


@pytest.mark.parametrize("effect", [{"body": "html"}, {"shape": "extra-field"}])
@pytest.mark.parametrize(
    ("target", "status"), [(f"{LIST}404404/", 404), (LIST[:-1], 301), (f"{LIST}?page=99", 404), ("/nowhere/", 404)]
)
def test_what_is_no_success_is_not_changed_and_uses_no_fault_up(
    server: Wired, effect: dict[str, str], target: str, status: int
) -> None:
    world = server.world({"on": "any", "times": 1, "effect": effect})
    answer = world.ask(target)
    assert (answer.status, answer.body) == (status, server.world().ask(target).body)
    assert world.ask().body != server.world().ask().body
    assert [bool(entry.fault) for entry in world.entries()] == [False, True]


@pytest.mark.parametrize("effect", [{"body": "html"}, {"shape": "shuffle"}])
def test_no_changed_answer_is_cached(server: Wired, effect: dict[str, str]) -> None:
    world, whole = server.world({"on": "any", "skip": 2, "times": 2, "effect": effect}), server.world().ask().body
    bodies = [world.ask().body for _ in range(6)]
    assert [body == whole for body in bodies] == [True, True, False, False, True, True]


def test_an_indented_answer_keeps_its_indent_in_another_shape(server: Wired) -> None:
    accept = {"Accept": "application/json; indent=4"}
    whole = server.world().ask(DETAIL, **accept).body
    body = server.world({"on": "any", "effect": {"shape": "id-as-string"}}).ask(DETAIL, **accept).body
    assert body == whole.replace(b'"id": 41207', b'"id": "41207"', 1)
