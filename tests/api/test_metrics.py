"""`/_mock/metrics`: what a scrape reads after real requests, and what it must never show."""

from itertools import product

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_families
from prometheus_client.parser import text_string_to_metric_families

from mock_oms.traffic.faults.fault import BrokenBody, Connection, Effect, Fault, FaultTarget, Shape
from mock_oms.worlds.manager import WorldManager
from tests.api.control import server
from tests.api.fronted import Fronted
from tests.drf.tables import LIST
from tests.drf.wire import Sent
from tests.worlds import scenario

TOKEN = "mock-oms-token"
HERE = {"Host": "127.0.0.1"}
PLANS = [{"id": 7001, "items": ["A"]}]
Values = dict[tuple[str, ...], float]


def fronted() -> Fronted:
    return Fronted(WorldManager(scenario(clock={"rate": 0}, plans=PLANS), token=TOKEN))


def asked(target: str = LIST, token: str = TOKEN, method: str = "GET") -> Sent:
    return Sent(target=target, headers={"Authorization": f"Token {token}"}, method=method)


def scraped(mock: Fronted) -> str:
    return mock.ask(Sent(target="/_mock/metrics", headers=HERE)).body.decode()


def values(text: str, name: str, *labels: str) -> Values:
    """The samples of this name by these labels."""
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples if one.name == name]
    return {tuple(one.labels[label] for label in labels): one.value for one in samples}


def requests_of(mock: Fronted) -> Values:
    return values(scraped(mock), "mock_oms_requests_total", "operation", "status", "fault")


def test_every_request_is_counted_once_whoever_answers_it() -> None:
    mock, other = fronted(), fronted()
    mock.asked([asked()] * 3 + [asked(f"{LIST}7001/"), asked(f"{LIST}1/"), asked("/nothing/"), asked(token="x")])
    assert mock.from_cache > 0
    scraped(mock)
    assert requests_of(mock) == {
        ("list", "200", "none"): 3,
        ("detail", "200", "none"): 1,
        ("detail", "404", "none"): 1,
        ("other", "404", "none"): 1,
        ("list", "401", "none"): 1,
        ("control", "200", "none"): 1,
    }
    assert requests_of(other) == {}  # several simulations of a process share no count


def test_a_histogram_counts_each_request_of_its_operation_and_the_cache_is_hit_or_missed() -> None:
    mock = fronted()
    mock.asked([asked()] * 5)
    text = scraped(mock)
    name = "mock_oms_request_duration_seconds"
    assert values(text, f"{name}_count", "operation")["list",] == 5
    buckets = values(text, f"{name}_bucket", "operation", "le")
    assert buckets["list", "0.0001"] <= buckets["list", "30.0"] <= buckets["list", "+Inf"] == 5
    assert 0 < values(text, f"{name}_sum", "operation")["list",] < 5
    found = values(text, "mock_oms_cache_lookups_total", "cache", "result")
    assert (found["lane", "hit"], found["lane", "miss"]) == (mock.from_cache, 5 - mock.from_cache)
    assert found["plans", "miss"] == values(scraped(mock), "mock_oms_plans_rendered_total")[()] == 1


@pytest.mark.parametrize(
    ("effect", "status", "kind"),
    [
        (Effect(status=503), "503", "status"),
        (Effect(body=BrokenBody.HTML), "200", "body"),
        (Effect(shape=Shape.SHUFFLE), "200", "shape"),
        (Effect(connection=Connection.RESET), "none", "connection"),
    ],
)
def test_a_fault_is_counted_under_its_kind_alone(effect: Effect, status: str, kind: str) -> None:
    mock = fronted()
    lease = mock.simulation.lease("default")
    lease.traffic.add([Fault(on=FaultTarget.LIST, effect=effect)], lease.world.latest.world.now, "test")
    mock.unanswered(asked())
    assert requests_of(mock) == {("list", status, kind): 1}


def test_a_scrape_shows_no_token_no_world_no_plan_and_no_path_and_the_counts_of_closed_worlds() -> None:
    mock = fronted()
    origin = mock.simulation.lease("default").world.origin
    lease = mock.simulation.open(origin.scenario, name="secret-world")
    mock.asked([asked(f"{LIST}7001/", lease.token), asked("/hidden/path/", "hidden-token"), asked()])
    mock.simulation.close("secret-world")
    assert requests_of(mock)["detail", "200", "none"] == 1  # the counts of a closed world remain
    words = [line.rpartition(" ")[0] for line in scraped(mock).splitlines()]  # numbers may hold any digits
    for hidden in (TOKEN, lease.token, "secret-world", "7001", "hidden", "orderexecutionplans", "127.0.0.1"):
        assert not any(hidden in one for one in words)


def test_worlds_events_and_transitions_are_counted() -> None:
    mock = server()
    mock.opened("mine")
    mock.done("POST", "/worlds/mine/clock/advance", {"by": "1m"})
    mock.done("POST", "/worlds/mine/plans/41207/commands", {"run": "plan-cancel"})
    mock.done("DELETE", "/worlds/mine")
    text = mock.ask("GET", "/metrics").text
    assert values(text, "mock_oms_worlds_total", "event") == {("opened",): 2, ("closed",): 1, ("expired",): 0}
    assert values(text, "mock_oms_worlds_open") == {(): 1}
    assert values(text, "mock_oms_events_total", "event") == {("command",): 1}
    assert values(text, "mock_oms_transitions_total", "from", "to") == {
        ("start", "pending"): 1,
        ("pending", "cancelled"): 1,
    }


@pytest.mark.parametrize("accept", ["", "text/plain", "application/openmetrics-text; version=1.0.0"])
def test_the_format_is_the_one_that_is_asked_for(accept: str) -> None:
    is_open = "openmetrics" in accept
    content_type = f"{accept if is_open else 'text/plain; version=0.0.4'}; charset=utf-8"
    answer = server().client.get("/_mock/metrics", headers={"Accept": accept})
    assert answer.content_type.startswith(content_type)
    families = open_families if is_open else text_string_to_metric_families
    assert "mock_oms_requests" in {family.name for family in families(answer.text)}


def test_a_version_that_is_none_is_answered_all_the_same() -> None:
    versions = ("abc", "1.x", "2.x", "", "9" * 5000, "\u0661", "1..2", "1_0", "999.999")
    for kind, version in product(("application/openmetrics-text", "text/plain"), versions):
        headers = {"Accept": f"{kind}; version={version}; escaping=x"}
        answer = server().client.get("/_mock/metrics", headers=headers)
        assert (answer.status_code, "mock_oms_build_info{" in answer.text) == (200, True), headers


def test_a_control_token_lets_prometheus_in_as_a_bearer() -> None:
    mock = server(control_token="secret")
    answers = [mock.client.get("/_mock/metrics", headers=one) for one in ({}, {"Authorization": "Bearer secret"})]
    assert [one.status_code for one in answers] == [401, 200]
