"""A status by wish leaves the socket as the vendor's framework, Django or a gateway would send it."""

from collections.abc import Iterator

import pytest

from mock_oms.switches import Switches
from mock_oms.traffic.faults.fault import STATUSES
from tests.drf.fake_world import FULL
from tests.drf.project import django_app
from tests.drf.wire import Sent, call
from tests.system.wired import LIST, Answer, Wired, wired

#: The same refusal, asked of the real project: a plan that is not there, a token that nobody has.
REAL = {
    404: Sent(target=f"{LIST}404404/", headers={"Host": "shop", "Authorization": f"Token {FULL}"}),
    401: Sent(target=LIST, headers={"Host": "shop", "Authorization": "Token nope"}),
    403: Sent(target=LIST, headers={"Host": "shop", "Authorization": "Token fail-403"}),
    429: Sent(target=LIST, headers={"Host": "shop", "Authorization": "Token fail-429"}),
    500: Sent(target=LIST, headers={"Host": "shop", "Authorization": "Token fail-500"}),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Wired]:
    with wired() as running:
        yield running


def parts_of(answer: Answer) -> tuple[int | None, dict[str, str], bytes]:
    return answer.status, answer.vendors, answer.body


@pytest.mark.parametrize("status", [403, 429, 500, 502, 503])
def test_a_status_is_what_the_magic_token_of_that_status_gets(server: Wired, status: int) -> None:
    world = server.world({"on": "any", "effect": {"status": status}})
    twin = server.default.ask(Authorization=f"Token fail-{status}")
    assert twin.status == status
    assert parts_of(world.ask()) == parts_of(twin)


@pytest.mark.parametrize("status", REAL)
def test_a_status_is_what_the_real_framework_answers(server: Wired, status: int) -> None:
    world = server.world({"on": "any", "effect": {"status": status}})
    real = call(django_app(Switches()), REAL[status])
    answer = world.ask()
    assert real.status.startswith(str(status))
    assert parts_of(answer) == (int(real.status[:3]), dict(real.headers), real.body)


@pytest.mark.parametrize("status", [401, 404])
@pytest.mark.parametrize("auth", ["token", "bearer"])
def test_a_refusal_is_the_one_that_the_world_would_give_itself(server: Wired, status: int, auth: str) -> None:
    scheme = {"token": "Token", "bearer": "Bearer"}[auth]
    faulty = server.world({"on": "any", "effect": {"status": status}}, answers={"auth": auth})
    sound = server.world(answers={"auth": auth}, limits={"token": {"requests": 1}})
    sound.ask(Authorization=f"{scheme} {sound.token}")
    own = sound.ask(Authorization=f"{scheme} {sound.token}") if status == 401 else None
    if own is None:
        whole = server.world(answers={"auth": auth})
        own = whole.ask(f"{LIST}404404/", Authorization=f"{scheme} {whole.token}")
    assert parts_of(faulty.ask(Authorization=f"{scheme} {faulty.token}")) == parts_of(own)


def test_a_gateway_time_out_is_a_page_of_the_gateway(server: Wired) -> None:
    title = b"504 Gateway Time-out"
    page = b"<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<h1>%s</h1>\r\n</body>\r\n</html>\r\n"
    answer = server.world({"on": "any", "effect": {"status": 504}}).ask()
    length = str(len(answer.body))
    assert parts_of(answer) == (504, {"content-type": "text/html", "content-length": length}, page % (title, title))


@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_of_ones_own_is_said(server: Wired, status: int) -> None:
    answer = server.world({"on": "any", "effect": {"status": status, "retry_after": 3}}).ask()
    assert (answer.status, answer["retry-after"]) == (status, "3")


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_is_met_by_every_operation_with_its_own_methods(server: Wired, status: int) -> None:
    world = server.world({"on": "any", "effect": {"status": status}})
    answers = [world.ask(), world.ask(f"{LIST}41207/", "OPTIONS"), world.login(), world.ask("/nowhere/")]
    assert [(answer.status, answer.end) for answer in answers] == [(status, "complete")] * 4
    reads, login = "GET, HEAD, OPTIONS", "POST, OPTIONS"
    allow = [None] * 4 if status > 499 else [reads, reads, login, reads]
    assert [answer.vendors.get("allow") for answer in answers] == allow
    assert [entry.fault for entry in world.entries()] == [f"status {status}"] * 4


@pytest.mark.parametrize("status", STATUSES)
def test_head_has_the_headers_and_no_body_and_the_connection_goes_on(server: Wired, status: int) -> None:
    world = server.world({"on": "any", "effect": {"status": status}})
    with world.connected() as wire:
        get, head, again = wire.ask(), wire.ask(LIST, "HEAD"), wire.ask()
    assert (head.status, head.vendors, head.body) == (status, get.vendors, b"")
    assert parts_of(again) == parts_of(get)


def test_the_answer_names_the_world_and_the_instant(server: Wired) -> None:
    faulty, sound = server.world({"on": "any", "effect": {"status": 503}}), server.world()
    name = faulty.lease.world.origin.name
    line, other = faulty.ask()["x-mock-oms"], sound.ask()["x-mock-oms"]
    assert line.startswith(f"world={name} ")
    assert line.partition(" now=")[2] == other.partition(" now=")[2]
