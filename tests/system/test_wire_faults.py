"""Faults on the wire: which requests meet them, statuses by wish, and answers that are not what they say.

tests/unit/test_fault_decisions.py has how often and until when a fault is met, test_body_changes.py what a body becomes.
"""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from mock_oms.switches import Switches
from mock_oms.text import framework_json
from mock_oms.traffic.faults.body_changes import broken_body, reshaped_body
from mock_oms.traffic.faults.fault import LIST_SHAPES, STATUSES, BrokenBody, Shape
from mock_oms.traffic.metrics import MetricName
from tests.drf.fake_world import FULL
from tests.drf.project import django_app
from tests.drf.wire import Sent, call
from tests.system.wired import LIST, LOGIN, Answer, Wired, World, wired

DETAIL = f"{LIST}41207/"
PAGE = f"{LIST}?limit=5&page=2"
DOWN = {"status": 503}


@pytest.fixture(scope="module")
def server() -> Iterator[Wired]:
    with wired() as running:
        yield running


# Which requests meet a fault


def met_at(world: World, *targets: str) -> str:
    """A letter for each of these requests: `!` met the fault."""
    with world.connected() as wire:
        return "".join("!" if wire.ask(target).status == 503 else "." for target in targets)


@pytest.mark.smoke
def test_a_fault_of_one_world_is_not_met_in_another(server: Wired) -> None:
    assert (met_at(server.world({"on": "any", "effect": DOWN}), LIST), met_at(server.world(), LIST)) == ("!", ".")


def test_a_probability_is_drawn_from_the_seed_and_the_number_of_the_request(server: Wired) -> None:
    fault = {"on": "list", "probability": 0.5, "effect": DOWN}
    first, same, other = (server.world(fault, seed=seed) for seed in (1, 1, 2))
    met = met_at(first, *[LIST] * 60)
    assert 15 < met.count("!") < 45
    assert met_at(same, *[LIST] * 60) == met
    assert met_at(other, *[LIST] * 60) != met
    first.lease.traffic.restart(first.lease.world.reset)
    assert met_at(first, *[LIST] * 60) == met


@pytest.mark.parametrize(("page", "met"), [(1, "!!..!!"), (2, "..!!..")])
def test_a_fault_is_for_one_page_of_which_the_first_need_not_be_named(server: Wired, page: int, met: str) -> None:
    world = server.world({"on": "list", "when": {"page": page}, "effect": DOWN})
    assert (
        met_at(world, *(LIST + query for query in ("", "?page=1", "?page=2", PAGE[len(LIST) :], "?limit=5", "?page=")))
        == met
    )


def test_a_fault_is_for_one_plan_whose_id_is_read_as_the_framework_reads_it_or_for_a_state(server: Wired) -> None:
    world = server.world({"on": "detail", "plan": 41207, "effect": DOWN})
    meant = (DETAIL, f"{LIST}041207/", f"{LIST}41207.json", f"{LIST}%34%31207/")
    assert met_at(world, *meant, LIST, f"{LIST}%2534%2531207/", f"{LIST}41208/") == "!!!!..."
    world = server.world({"on": "detail", "when": {"state": "completed"}, "effect": DOWN})
    before = world.ask(DETAIL).status
    world.lease.world.advance(timedelta(minutes=1))
    assert [before, world.ask(DETAIL).status] == [200, 503]


def test_a_fault_on_logins_is_met_by_those_of_the_worlds_own_user(server: Wired) -> None:
    world = server.world({"on": "login", "effect": DOWN})
    form, name = "username={}&password=mock-oms", world.lease.world.origin.name
    text = '{"username": "%s", "password": "mock-oms"}'
    for path, body, kind, status in (
        (LOGIN, text % name, "json", 503),
        ("/api/i1/auth/login/", text % name, "json", 503),
        (LOGIN, form.format(name), "x-www-form-urlencoded", 503),
        (LOGIN, text % "somebody", "json", 200),
    ):
        sent = {"Authorization": "", "Content-Type": f"application/{kind}"}
        assert world.ask(path, "POST", body.encode(), **sent).status == status
    assert met_at(world, LIST, DETAIL) == ".."


def test_requests_are_numbered_in_the_journal_whoever_answers_them(server: Wired) -> None:
    world = server.world({"on": "list", "skip": 3, "times": 1, "effect": DOWN})
    met_at(world, LIST, LIST, LIST, LIST, LIST, "/nowhere/", DETAIL)
    entries = world.entries()
    assert [entry.number for entry in entries] == [1, 2, 3, 4, 5, 6, 7]
    found = [(entry.status, entry.fault) for entry in entries]
    assert found == [*[(200, None)] * 3, (503, "status 503"), (200, None), (404, None), (200, None)]


# A status by wish leaves the socket as the vendor's framework, Django or a gateway would send it


#: The same refusal, asked of the real project: a plan that is not there, a token that nobody has.
REAL = {404: (f"{LIST}404404/", FULL), 401: (LIST, "nope"), **{n: (LIST, f"fail-{n}") for n in (403, 429, 500)}}


def parts_of(answer: Answer) -> tuple[int | None, dict[str, str], bytes]:
    return answer.status, answer.vendors, answer.body


@pytest.mark.parametrize("status", [403, 429, 500, 502, 503])
def test_a_status_is_what_the_magic_token_of_that_status_gets(server: Wired, status: int) -> None:
    world = server.faulty(status=status)
    twin = server.default.ask(Authorization=f"Token fail-{status}")
    assert twin.status == status
    assert parts_of(world.ask()) == parts_of(twin)


@pytest.mark.parametrize("status", REAL)
def test_a_status_is_what_the_real_framework_answers(server: Wired, status: int) -> None:
    world = server.faulty(status=status)
    target, token = REAL[status]
    headers = {"Host": "shop", "Authorization": f"Token {token}"}
    real = call(django_app(Switches()), Sent(target=target, headers=headers))
    assert real.status.startswith(str(status))
    assert parts_of(world.ask()) == (status, dict(real.headers), real.body)


@pytest.mark.parametrize("status", [401, 404])
@pytest.mark.parametrize("auth", ["token", "bearer"])
def test_a_refusal_is_the_one_that_the_world_would_give_itself(server: Wired, status: int, auth: str) -> None:
    scheme = {"token": "Token", "bearer": "Bearer"}[auth]
    faulty = server.world({"on": "any", "effect": {"status": status}}, answers={"auth": auth})
    sound = server.world(answers={"auth": auth}, limits={"token": {"requests": 1}} if status == 401 else {})
    _, own = (sound.ask(f"{LIST}404404/", Authorization=f"{scheme} {sound.token}") for _ in range(2))
    assert parts_of(faulty.ask(Authorization=f"{scheme} {faulty.token}")) == parts_of(own)


def test_a_gateway_time_out_is_a_page_of_the_gateway(server: Wired) -> None:
    title = b"504 Gateway Time-out"
    page = b"<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<h1>%s</h1>\r\n</body>\r\n</html>\r\n"
    answer = server.faulty(status=504).ask()
    length = str(len(answer.body))
    assert parts_of(answer) == (504, {"content-type": "text/html", "content-length": length}, page % (title, title))


@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_of_ones_own_is_said(server: Wired, status: int) -> None:
    answer = server.faulty(status=status, retry_after=3).ask()
    assert (answer.status, answer["retry-after"]) == (status, "3")


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_is_met_by_every_operation_with_its_own_methods(server: Wired, status: int) -> None:
    world = server.faulty(status=status)
    answers = [world.ask(), world.ask(f"{LIST}41207/", "OPTIONS"), world.login(), world.ask("/nowhere/")]
    assert [(answer.status, answer.end) for answer in answers] == [(status, "complete")] * 4
    reads, login = "GET, HEAD, OPTIONS", "POST, OPTIONS"
    allow = [None] * 4 if status > 499 else [reads, reads, login, reads]
    assert [answer.vendors.get("allow") for answer in answers] == allow
    assert [entry.fault for entry in world.entries()] == [f"status {status}"] * 4


@pytest.mark.parametrize("status", STATUSES)
def test_head_has_the_headers_and_no_body_and_the_connection_goes_on(server: Wired, status: int) -> None:
    world = server.faulty(status=status)
    with world.connected() as wire:
        get, head, again = wire.ask(), wire.ask(LIST, "HEAD"), wire.ask()
    assert (head.status, head.vendors, head.body) == (status, get.vendors, b"")
    assert parts_of(again) == parts_of(get)


def test_the_answer_names_the_world_and_the_instant(server: Wired) -> None:
    faulty, sound = server.faulty(status=503), server.world()
    name = faulty.lease.world.origin.name
    line, other = faulty.ask()["x-mock-oms"], sound.ask()["x-mock-oms"]
    assert line.startswith(f"world={name} ")
    assert line.partition(" now=")[2] == other.partition(" now=")[2]


# Answers that are not what they say, or no longer as the contract says


def broken(whole: Answer, kind: BrokenBody) -> tuple[bytes, str]:
    """What a whole answer becomes: its body and content type."""
    return broken_body(kind, whole.body, whole["content-type"])


@pytest.mark.parametrize("kind", BrokenBody)
@pytest.mark.parametrize("target", [LIST, DETAIL])
def test_a_broken_body_is_a_200_that_is_not_what_it_says(server: Wired, kind: BrokenBody, target: str) -> None:
    world, whole = server.faulty(body=kind), server.world().ask(target)
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


@pytest.mark.parametrize("kind", Shape)
@pytest.mark.parametrize("target", [PAGE, DETAIL])
def test_an_answer_has_another_shape_and_the_length_of_it(server: Wired, kind: Shape, target: str) -> None:
    sound = server.world()
    world, whole = server.faulty(shape=kind), sound.ask(target)
    before = framework_json(json.loads(sound.ask(f"{LIST}?limit=5").body)["results"][-1])
    answer = world.ask(target)
    assert answer.body == reshaped_body(kind, whole.body, previous=before)
    assert (answer.body != whole.body) == (target == PAGE or kind not in LIST_SHAPES)
    assert (answer.status, answer.end) == (200, "complete")
    assert answer.vendors == {**whole.vendors, "content-length": str(len(answer.body))}
    assert [entry.fault for entry in world.entries()] == [f"shape {kind}" if answer.body != whole.body else None]


def test_a_shape_of_lists_leaves_logins_alone(server: Wired) -> None:
    world = server.faulty(shape="shuffle")
    assert json.loads(world.login().body) == {"key": world.token}


@pytest.mark.parametrize("effect", [*({"body": kind} for kind in BrokenBody), *({"shape": kind} for kind in Shape)])
def test_head_says_of_a_changed_answer_what_get_says(server: Wired, effect: dict[str, str]) -> None:
    world = server.faulty(**effect)
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
    answer = server.faulty(body="html").ask(PAGE, "OPTIONS")
    assert (answer.body, answer["content-type"]) == broken(whole, BrokenBody.HTML)


@pytest.mark.parametrize("effect", [{"body": "html"}, {"shape": "extra-field"}])
def test_what_is_no_success_is_not_changed_and_uses_no_fault_up_and_is_no_hint(
    server: Wired, effect: dict[str, str]
) -> None:
    world, sound = server.world({"on": "any", "times": 1, "effect": effect}), server.world()
    for target, status in ((f"{LIST}404404/", 404), (LIST[:-1], 301), (f"{LIST}?page=99", 404), ("/nowhere/", 404)):
        answer = world.ask(target)
        assert (answer.status, answer.body) == (status, sound.ask(target).body)
    assert world.ask().body != sound.ask().body
    assert [bool(entry.fault) for entry in world.entries()] == [False] * 4 + [True]
    assert ["fault 1" in (entry.hint or "") for entry in world.entries()] == [False] * 4 + [True]
    assert "fault" not in (world.entries()[0].hint or "")


@pytest.mark.parametrize("effect", [{"body": "html"}, {"shape": "shuffle"}])
def test_no_changed_answer_is_cached(server: Wired, effect: dict[str, str]) -> None:
    world, whole = server.world({"on": "any", "skip": 2, "times": 2, "effect": effect}), server.world().ask().body
    bodies = [world.ask().body for _ in range(6)]
    assert [body == whole for body in bodies] == [True, True, False, False, True, True]


def test_an_answer_that_was_only_delayed_is_cached_and_is_the_same_as_without_a_delay(server: Wired) -> None:
    world, sound = server.world({"on": "any", "times": 2, "effect": {"delay": "1ms"}}), server.world()
    looks = server.simulation.metrics
    for target in (LIST, f"{DETAIL}?x=1") * 2:
        before = looks.counted(MetricName.CACHE)
        answer, wanted = world.ask(target), sound.ask(target)
        assert (answer.body, answer.vendors) == (wanted.body, wanted.vendors)
        assert world.entries()[-1].hint == sound.entries()[-1].hint
    found = [(entry.fault, entry.number) for entry in world.entries()]
    assert found == [("delay", 1), ("delay", 2), (None, 3), (None, 4)]
    after = looks.counted(MetricName.CACHE)
    assert (after["lane", "hit"] - before.get(("lane", "hit"), 0), after["lane", "miss"]) == (1, before["lane", "miss"])


def test_an_indented_answer_keeps_its_indent_in_another_shape(server: Wired) -> None:
    accept = {"Accept": "application/json; indent=4"}
    whole = server.world().ask(DETAIL, **accept).body
    body = server.faulty(shape="id-as-string").ask(DETAIL, **accept).body
    assert body == whole.replace(b'"id": 41207', b'"id": "41207"', 1)
