"""The poller against worlds of mock-oms: where it would wait, the world's clock is turned instead."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError

import pytest
from poller import GaveUpError, Poller

from mock_oms.client import World


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def polling(oms: World) -> Poller:
    """A poller for which time passes in the world, and nowhere else."""
    return Poller(oms.url, oms.token, wait=lambda seconds: oms.advance(timedelta(seconds=seconds)))


@pytest.mark.oms(scenario="restock", seed=3)
def test_it_sees_the_restock(oms: World) -> None:
    poller = polling(oms)
    oms.advance("1m")
    assert poller.in_state("pending") == [41207]
    oms.restock("TST-002-L", "WH001", 10)
    oms.advance("30m")
    assert poller.in_state("completed") == [41207]


@pytest.mark.oms(scenario="restock")
def test_it_watches_a_plan_until_it_is_completed(oms: World) -> None:
    assert list(polling(oms).watch([41207])) == [(41207, "start"), (41207, "pending"), (41207, "completed")]


@pytest.mark.oms(scenario="restock")
def test_it_stops_when_a_plan_is_cancelled(oms: World) -> None:
    changes = polling(oms).watch([41207])
    assert next(changes) == (41207, "start")
    oms.run(41207, "plan-cancel")
    assert list(changes) == [(41207, "cancelled")]


def test_it_reads_every_page(oms: World) -> None:
    poller = Poller(oms.url, oms.token, page_size=3)
    count = oms.plans().count
    assert count > 3
    assert len(poller.plans()) == count


@pytest.mark.oms(scenario="restock")
def test_it_sees_an_order_that_was_placed_meanwhile(oms: World) -> None:
    poller = polling(oms)
    assert set(poller.plans()) == {41207}
    new = oms.order(["TST-001-M"]).plan
    assert set(poller.plans()) == {41207, new}


def failing(oms: World, token: str) -> list[float]:
    """What a poller waits for that is never answered otherwise."""
    waits: list[float] = []
    with pytest.raises(GaveUpError, match="5 times"):
        Poller(oms.url, token, wait=waits.append).plans()
    return waits


@pytest.mark.parametrize("token", ["fail-429", "fail-503"])
def test_it_waits_as_long_as_the_answer_says(oms: World, token: str) -> None:
    assert failing(oms, token) == [17.0] * 4


@pytest.mark.parametrize("token", ["fail-500", "fail-502"])
def test_it_waits_twice_as_long_each_time_the_oms_is_broken(oms: World, token: str) -> None:
    assert failing(oms, token) == [1.0, 2.0, 4.0, 8.0]


def test_it_goes_on_when_the_oms_has_recovered(oms: World) -> None:
    poller = Poller(oms.url, "fail-503", wait=lambda _: setattr(poller, "token", oms.token))
    assert poller.plans()


def test_it_does_not_insist_on_a_wrong_token(oms: World) -> None:
    waits: list[float] = []
    with pytest.raises(HTTPError, match="401"):
        Poller(oms.url, "wrong", wait=waits.append).plans()
    assert waits == []


def test_it_gives_up_where_nobody_answers() -> None:
    with pytest.raises(GaveUpError, match="refused"):
        Poller("http://127.0.0.1:9", "any", wait=lambda _: None).plans()


@pytest.mark.oms(scenario="restock", seed=3)
def test_it_survives_a_flaky_oms(oms: World) -> None:
    oms.fault(profile="flaky")
    poller = Poller(oms.url, oms.token, wait=lambda _: None)
    assert [poller.in_state("start") for _ in range(15)] == [[41207]] * 15
    met = {one.fault for one in oms.requests().requests}
    assert {"status 500", "status 503", "connection reset"} & met


@pytest.mark.parametrize("fault", [{"connection": "reset"}, {"connection": "truncate"}, {"body": "invalid-json"}])
def test_it_tries_again_when_an_answer_is_broken(oms: World, fault: dict[str, str]) -> None:
    oms.fault(on="list", times=2, **fault)
    assert len(Poller(oms.url, oms.token, wait=lambda _: None).plans()) == 25
    assert [one.fault is None for one in oms.requests().requests][:3] == [False, False, True]


@pytest.mark.oms(scenario="restock")
def test_it_fails_aloud_where_the_contract_has_changed(oms: World) -> None:
    oms.fault(on="list", shape="missing-next")
    with pytest.raises(KeyError, match="next"):
        Poller(oms.url, oms.token).plans()


@pytest.mark.oms(scenario="restock")
def test_it_runs_by_itself_and_prints_what_changes(oms: World) -> None:
    oms.advance("1h")
    environment = {**os.environ, "OMS_URL": oms.url, "OMS_TOKEN": oms.token}
    command = [sys.executable, "-m", "poller"]
    done = subprocess.run(  # noqa: S603  this Python
        command, cwd=Path(__file__).parent, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "plan 41207: completed\n")
