"""Answers that are not what they say, or no longer as the contract says: on the wire, with their own length."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from mock_oms.traffic.faults.fault import LIST_SHAPES, BrokenBody, Shape
from tests.system.wired import LIST, Answer, Wired, World, wired

DETAIL = f"{LIST}41207/"
PAGE = f"{LIST}?limit=5&page=2"


@pytest.fixture(scope="module")
def server() -> Iterator[Wired]:
    with wired() as running:
        yield running


def spoiling(server: Wired, kind: str, **more: Any) -> World:
    return server.world({"on": "any", "effect": {"body": kind}, **more})


def shaping(server: Wired, kind: str, **more: Any) -> World:
    return server.world({"on": "any", "effect": {"shape": kind}, **more})


def is_json(body: bytes) -> bool:
    try:
        json.loads(body.decode())
    except ValueError:
        return False
    return True


def _is_latin(answer: Answer, whole: Answer) -> bool:
    text = answer.body.decode("iso-8859-9")
    return not is_json(answer.body) and set(json.loads(text)) == set(json.loads(whole.body))


SPOILT: Mapping[BrokenBody, Callable[[Answer, Answer], bool]] = {
    BrokenBody.INVALID_JSON: lambda answer, whole: not is_json(answer.body) and whole.body.startswith(answer.body),
    BrokenBody.HTML: lambda answer, _: answer["content-type"] == "text/html" and b"<h1>" in answer.body,
    BrokenBody.EMPTY: lambda answer, _: (answer["content-type"], answer.body) == ("application/json", b""),
    BrokenBody.WRONG_CONTENT_TYPE: lambda answer, whole: (
        (answer["content-type"], answer.body) == ("text/html; charset=utf-8", whole.body)
    ),
    BrokenBody.BAD_ENCODING: _is_latin,
}


@pytest.mark.parametrize("kind", BrokenBody)
@pytest.mark.parametrize("target", [LIST, DETAIL, PAGE])
def test_a_spoilt_body_is_a_200_that_is_not_what_it_says(server: Wired, kind: BrokenBody, target: str) -> None:
    world, whole = spoiling(server, kind), server.world().ask(target)
    answer = world.ask(target)
    assert (answer.status, answer.end, answer["content-length"]) == (200, "complete", str(len(answer.body)))
    assert SPOILT[kind](answer, whole)
    other = {"content-type", "content-length"}
    assert [pair for pair in answer.vendors.items() if pair[0] not in other] == [
        pair for pair in whole.vendors.items() if pair[0] not in other
    ]
    assert [entry.fault for entry in world.entries()] == [f"body {kind}"]


@pytest.mark.parametrize("kind", BrokenBody)
def test_a_login_is_spoilt_too_and_has_happened(server: Wired, kind: BrokenBody) -> None:
    fault = {"on": "login", "times": 1, "effect": {"body": kind}}
    world = server.world(fault, limits={"token": {"requests": 1}})
    assert [world.ask().status, world.ask().status] == [200, 401]
    answer = world.login()
    assert (answer.status, world.ask().status) == (200, 200)
    assert SPOILT[kind](answer, world.login())


@pytest.mark.parametrize("effect", [{"body": "html"}, {"shape": "extra-field"}])
def test_a_fault_that_was_not_performed_is_no_hint(server: Wired, effect: dict[str, str]) -> None:
    world = server.world({"on": "any", "effect": effect})
    world.ask(f"{LIST}404404/")
    world.ask()
    first, second = [entry.hint or "" for entry in world.entries()]
    assert "fault" not in first
    assert "fault 1" in second


def plans(answer: Answer) -> list[Any]:
    data = json.loads(answer.body)
    rows = data.get("results", [data]) if isinstance(data, dict) else data
    assert isinstance(rows, list)
    return rows


def _ids(answer: Answer) -> list[Any]:
    return [row["id"] for row in plans(answer)]


def _duplicates(answer: Answer, whole: Answer) -> bool:
    """On a second page the last row of the first one, and then its own without the last."""
    return _ids(answer)[1:] == _ids(whole)[:-1] and _ids(answer)[0] == _ids(whole)[0] + 1


def _each(answer: Answer, of_row: Callable[[Any], bool]) -> bool:
    return all(of_row(row) for row in plans(answer))


SHAPED: Mapping[Shape, Callable[[Answer, Answer], bool]] = {
    Shape.MISSING_NEXT: lambda answer, whole: set(json.loads(whole.body)) - set(json.loads(answer.body)) == {"next"},
    Shape.BARE_ARRAY: lambda answer, whole: json.loads(answer.body) == plans(whole),
    Shape.NULL_FIELD: lambda answer, _: _each(answer, lambda row: row["order"] is None),
    Shape.EXTRA_FIELD: lambda answer, whole: _each(answer, lambda row: len(row) == len(plans(whole)[0]) + 1),
    Shape.UNKNOWN_STATE: lambda answer, _: _each(
        answer, lambda row: row["state"] not in {"start", "pending", "completed", "cancelled"}
    ),
    Shape.ID_AS_STRING: lambda answer, whole: _ids(answer) == list(map(str, _ids(whole))),
    Shape.NO_TIMEZONE: lambda answer, _: _each(answer, lambda row: not row["created_date"].endswith("Z")),
    Shape.COMMANDS_AS_STRING: lambda answer, _: _each(answer, lambda row: isinstance(row["commands"], str)),
    Shape.DUPLICATE_ACROSS_PAGES: _duplicates,
    Shape.DROP_FROM_PAGE: lambda answer, whole: (
        len(_ids(answer)) == len(_ids(whole)) - 1 and set(_ids(answer)) < set(_ids(whole))
    ),
    Shape.SHUFFLE: lambda answer, whole: _ids(answer) != _ids(whole) and sorted(_ids(answer)) == sorted(_ids(whole)),
}
ON_PLANS = [shape for shape in Shape if shape not in LIST_SHAPES]


@pytest.mark.parametrize("kind", Shape)
def test_a_page_has_another_shape_and_the_length_of_it(server: Wired, kind: Shape) -> None:
    world, whole = shaping(server, kind), server.world().ask(PAGE)
    answer = world.ask(PAGE)
    assert SHAPED[kind](answer, whole)
    assert (answer.status, answer.end) == (200, "complete")
    assert {**whole.vendors, "content-length": str(len(answer.body))} == answer.vendors
    assert [entry.fault for entry in world.entries()] == [f"shape {kind}"]


@pytest.mark.parametrize("kind", ON_PLANS)
def test_a_detail_has_another_shape_and_the_length_of_it(server: Wired, kind: Shape) -> None:
    whole, answer = server.world().ask(DETAIL), shaping(server, kind).ask(DETAIL)
    assert SHAPED[kind](answer, whole)
    assert {**whole.vendors, "content-length": str(len(answer.body))} == answer.vendors


@pytest.mark.parametrize("kind", sorted(LIST_SHAPES))
def test_a_shape_of_lists_leaves_details_and_logins_alone(server: Wired, kind: Shape) -> None:
    world = shaping(server, kind)
    assert world.ask(DETAIL).body == server.world().ask(DETAIL).body
    assert json.loads(world.login().body) == {"key": world.token}
    assert [entry.fault for entry in world.entries()] == [None, None]


@pytest.mark.parametrize("effect", [*({"body": kind} for kind in BrokenBody), *({"shape": kind} for kind in Shape)])
@pytest.mark.parametrize("target", [LIST, PAGE, DETAIL])
def test_head_says_of_a_spoilt_answer_what_get_says(server: Wired, effect: dict[str, str], target: str) -> None:
    world = server.world({"on": "any", "effect": effect})
    with world.connected() as wire:
        get, head, again = wire.ask(target), wire.ask(target, "HEAD"), wire.ask(target)
    assert (head.status, head.body) == (200, b"")
    assert head.vendors == get.vendors
    assert again.body == get.body
    assert [entry.fault for entry in world.entries()][:2] in ([world.entries()[0].fault] * 2, [None, None])


@pytest.mark.parametrize("kind", Shape)
def test_options_tells_no_plans_and_has_no_shape(server: Wired, kind: Shape) -> None:
    world = shaping(server, kind, times=1)
    assert world.ask(PAGE, "OPTIONS").body == server.world().ask(PAGE, "OPTIONS").body
    assert SHAPED[kind](world.ask(PAGE), server.world().ask(PAGE))


@pytest.mark.parametrize("kind", BrokenBody)
def test_options_is_spoilt_as_every_200_is(server: Wired, kind: BrokenBody) -> None:
    answer = spoiling(server, kind).ask(PAGE, "OPTIONS")
    assert SPOILT[kind](answer, server.world().ask(PAGE, "OPTIONS"))


@pytest.mark.parametrize("effect", [{"body": "html"}, {"shape": "extra-field"}])
@pytest.mark.parametrize(
    ("target", "status"), [(f"{LIST}404404/", 404), (LIST[:-1], 301), (f"{LIST}?page=99", 404), ("/nowhere/", 404)]
)
def test_what_is_no_success_is_not_spoilt_and_uses_no_fault_up(
    server: Wired, effect: dict[str, str], target: str, status: int
) -> None:
    world = server.world({"on": "any", "times": 1, "effect": effect})
    answer = world.ask(target)
    assert (answer.status, answer.body) == (status, server.world().ask(target).body)
    assert world.ask().body != server.world().ask().body
    assert [bool(entry.fault) for entry in world.entries()] == [False, True]


@pytest.mark.parametrize("effect", [{"body": "html"}, {"shape": "shuffle"}])
def test_no_spoilt_answer_is_kept(server: Wired, effect: dict[str, str]) -> None:
    world, whole = server.world({"on": "any", "skip": 2, "times": 2, "effect": effect}), server.world().ask().body
    bodies = [world.ask().body for _ in range(6)]
    assert [body == whole for body in bodies] == [True, True, False, False, True, True]


def test_an_indented_answer_keeps_its_indent_in_another_shape(server: Wired) -> None:
    accept = {"Accept": "application/json; indent=4"}
    whole = server.world().ask(DETAIL, **accept).body
    body = shaping(server, "id-as-string").ask(DETAIL, **accept).body
    assert body == whole.replace(b'"id": 41207', b'"id": "41207"', 1)
