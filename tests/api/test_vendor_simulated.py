"""The vendor's API around the real simulation."""

import json

import pytest
from flask.testing import FlaskClient

from mock_oms.api.app import create_app
from mock_oms.api.rest_framework import compact
from mock_oms.scenarios.library import Library
from mock_oms.worlds.manager import WorldManager
from tests.drf.cases import TOKEN
from tests.drf.tables import LIST, LOGIN


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(WorldManager(Library().load("default"))).test_client()


def test_every_plan_is_written_as_the_framework_would_write_it(client: FlaskClient) -> None:
    body = client.get(f"{LIST}?limit=100", headers=TOKEN).data
    assert compact(json.loads(body)) == body


def test_a_plan_is_the_same_in_the_list_and_by_itself(client: FlaskClient) -> None:
    for plan in client.get(LIST, headers=TOKEN).get_json()["results"]:
        assert client.get(f"{LIST}{plan['id']}/", headers=TOKEN).get_json() == plan


def test_a_client_that_logs_in_can_walk_all_pages(client: FlaskClient) -> None:
    key = client.post(LOGIN, json={"username": "sdk", "password": "mock-oms"}).get_json()["key"]
    url: str | None = f"http://oms.test{LIST}?limit=7"
    seen: list[int] = []
    while url:
        page = client.get(url, headers={"Authorization": f"Token {key}"}).get_json()
        seen += [plan["id"] for plan in page["results"]]
        url = page["next"]
    assert (len(seen), len(set(seen))) == (page["count"], page["count"])
