"""The client's faults, limits and requests, over the plugin's server: real traffic, real faults."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from mock_oms.client import Control, ControlError, VerificationError, WishError, World
from mock_oms.client.failure_report import failure_report
from mock_oms.urls import Operation

pytestmark = pytest.mark.oms(scenario="restock")

PLAN = 41207
LIST = "/api/v1/oms/orderexecutionplans/"


def status(world: World, path: str = LIST) -> int:
    return httpx.get(f"{world.url}{path}", headers=world.headers, trust_env=False).status_code


# Faults


def test_a_fault_in_short_is_met_so_many_times_and_then_no_more(oms: World) -> None:
    fault = oms.fault(status=503, times=2, on="list")
    assert [status(oms) for _ in range(3)] == [503, 503, 200]
    assert fault.met == 2


@pytest.mark.parametrize(
    "said",
    [
        {"on": "detail", "plan": PLAN, "effect": {"status": 404}},
        {"on": "detail", "plan": PLAN, "status": 404},
        {"on": "detail", "state": "start", "effect": {"delay": "1ms"}, "status": 404},
        {"on": "detail", "status": 404, "delay": timedelta(milliseconds=1)},
        {"status": 404},
    ],
)
def test_keys_of_the_effect_may_stand_inside_it_or_beside_it(oms: World, said: dict[str, Any]) -> None:
    oms.fault(**said)
    assert status(oms, f"{LIST}{PLAN}/") == 404


def test_a_fault_ends_with_its_block_also_where_it_is_gone_already(oms: World) -> None:
    with oms.fault(status=500) as fault:
        assert ([one.id for one in oms.faults()], status(oms)) == ([fault.id], 500)
    assert (oms.faults(), status(oms)) == ((), 200)
    with oms.fault(status=500) as fault:
        oms.clear_faults()
    fault.remove()
    assert oms.faults() == ()


def test_a_fault_tells_what_it_is(oms: World) -> None:
    (fact,) = oms.fault(connection="truncate", fraction=0.25, on="list").facts()
    assert fact.said == {"on": "list", "effect": {"connection": "truncate", "fraction": 0.25}}
    assert (fact.origin, fact.since, fact.seen, fact.met) == ("control API", oms.now, 0, 0)


def test_a_profile_ends_with_its_block_and_leaves_the_limits_as_they_were(oms: World) -> None:
    oms.limit(quota={"limit": 3, "window": "1h"}, token={"after": timedelta(hours=2)})
    before = oms.limits()
    with oms.fault(profile="rate-limited") as profile:
        assert oms.limits()["quota"] == {"limit": 10, "window": "1m"}
        with pytest.raises(WishError, match="only the limits quota, login"):
            _ = profile.id
    assert oms.limits() == before


def test_what_is_no_fault_is_refused_with_the_place(oms: World) -> None:
    with pytest.raises(ControlError, match=re.escape("effect.status: found 200; accepted: 401, ")):
        oms.fault(status=200)
    with pytest.raises(ControlError, match="tims: unknown key; the nearest is times"):
        oms.fault(status=503, tims=2)
    with pytest.raises(WishError, match="effect: found 'status' beside status; accepted: a mapping"):
        oms.fault(effect="status", status=503)


def test_a_quota_is_held_and_lifted(oms: World) -> None:
    oms.limit(quota={"limit": 1, "window": "1m"})
    assert [status(oms), status(oms)] == [200, 429]
    assert oms.limit() == {}
    assert status(oms) == 200


# Requests


def test_requests_are_read_with_what_became_of_them_and_forgotten(oms: World) -> None:
    status(oms), status(oms, f"{LIST}{PLAN}"), status(oms, f"{LIST}{PLAN}/")
    page = oms.requests()
    assert [one.status for one in page.requests] == [200, 301, 200]
    assert [one.operation for one in page.requests] == [Operation.LIST, None, Operation.DETAIL]
    assert (page.total, page.evicted, page.matched) == (3, 0, 3)
    assert oms.request(2).hint is not None
    assert oms.token not in str(page)
    oms.clear_requests()
    assert (oms.requests().total, oms.facts().requests) == (0, 0)


def test_requests_are_filtered(oms: World) -> None:
    with oms.fault(status=503, on="list", times=1):
        status(oms), status(oms), status(oms, "/nowhere")
    assert [one.number for one in oms.requests(fault="status 503").requests] == [1]
    assert [one.number for one in oms.requests(fault=False, since=1).requests] == [2, 3]
    assert [one.number for one in oms.requests(unmatched=True).requests] == [3]


def test_requests_that_name_no_world_are_report_by_the_control_api(oms: World, oms_control: Control) -> None:
    before = oms_control.requests().total
    httpx.get(f"{oms.url}{LIST}", headers={"Authorization": "Token nobody"}, trust_env=False)
    page = oms_control.requests(status=401, limit=1)
    assert (page.total, page.requests[0].world, oms.requests().total) == (before + 1, None, 0)


# Verification


def test_what_was_asked_is_verified(oms: World) -> None:
    status(oms), status(oms, f"{LIST}{PLAN}/"), status(oms, f"{LIST}{PLAN}/")
    assert oms.verify("detail", plan=PLAN, min=2).found == 2
    assert oms.verify(order=["list", {"operation": "detail", "state": "start"}], within="1h").found == 2


def test_what_was_not_asked_fails_with_the_nearest(oms: World) -> None:
    status(oms, f"{LIST}{PLAN}/")
    with pytest.raises(VerificationError) as caught:
        oms.verify("detail", plan=PLAN, min=2)
    assert str(caught.value).splitlines()[0] == "expected at least 2 detail requests of plan 41207, found 1: number 1."
    with pytest.raises(AssertionError, match="nearest: number 1: plan is 41207, not 1"):
        oms.verify("detail", plan=1)
    with pytest.raises(ControlError, match="accepted: exactly alone, or min and max"):
        oms.verify("list", min=1, exactly=1)


def test_a_budget_is_held_or_named_with_what_went_over_it(oms: World) -> None:
    status(oms), status(oms)
    oms.assert_polite(max_requests=2)
    with pytest.raises(VerificationError, match=re.escape("Over it: 2.")):
        oms.assert_polite(max_requests=1)
    with pytest.raises(WishError, match="cannot be kept; accepted: 0 or more"):
        oms.assert_polite(max_requests=-1)


def test_clients_are_reported_on(oms: World) -> None:
    status(oms)
    (client,) = oms.report()
    assert (client.requests, client.operations) == (1, (("list", 1),))
    assert client.findings[0].check == "poll interval"


def test_the_failure_report_shows_the_newest_requests_with_fault_and_hint(oms: World) -> None:
    with oms.fault(status=503, on="list", times=1):
        status(oms), status(oms, f"{LIST}{PLAN}")
    report = failure_report(oms)
    assert f"GET {LIST} -> 503, met the fault status 503 - This is fault 1" in report
    assert f"GET {LIST}{PLAN} -> 301 - The final slash is missing" in report


def test_the_failure_report_counts_the_requests_that_it_does_not_show(oms: World) -> None:
    for _ in range(22):
        status(oms)
    assert "  2 earlier, of which 0 were evicted from the journal\n  3  2024-" in failure_report(oms)
