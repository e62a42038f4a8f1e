"""The header `X-Mock-Hint`: only where it is asked for, and also on answers from kept bytes."""

from collections.abc import Iterator

import httpx
import pytest

from mock_oms.testing import running_server

LIST = "/api/v1/oms/orderexecutionplans/"
HINT = "x-mock-hint"


@pytest.fixture(scope="module")
def asked() -> Iterator[httpx.Client]:
    with running_server(scenario="restock", hints="on") as server:
        headers = {"Authorization": f"Token {server.token}"}
        with httpx.Client(base_url=server.url, headers=headers) as client:
            yield client


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        (LIST[:-1], 301, "slash"),
        (f"{LIST}99/", 404, "no plan"),
        (f"{LIST}?page=7", 404, "1 page"),
        (f"{LIST}?state=pending", 200, "state"),
        ("/api/v1/oms/order-execution-plans/", 404, "orderexecutionplans"),
    ],
)
def test_an_answer_says_what_was_probably_meant(asked: httpx.Client, path: str, status: int, says: str) -> None:
    # The second answer to the same request may come from kept bytes.
    for _ in range(2):
        answer = asked.get(path)
        assert answer.status_code == status
        assert says in answer.headers[HINT].lower()


def test_an_answer_that_was_wanted_says_nothing(asked: httpx.Client) -> None:
    assert HINT not in asked.get(LIST).headers


def test_no_answer_carries_a_hint_unless_it_is_asked_for() -> None:
    with running_server(scenario="restock") as server:
        assert (
            HINT not in httpx.get(f"{server.url}{LIST}99/", headers={"Authorization": f"Token {server.token}"}).headers
        )
