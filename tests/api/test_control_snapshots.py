"""Snapshots that were edited or are of an earlier version: read for what they say, or refused by their place."""

from typing import Any

import pytest

from tests.api.control import PLAN, Server, server

START = "2024-03-05T09:00:00Z"
BEFORE, LATER = "which is before its", "accepted: that time or a later one."
BLOCK, OPEN = {"block": "WH001"}, {"open": "WH001"}


@pytest.fixture
def mock() -> Server:
    return server()


def changed(mock: Server, **change: Any) -> dict[str, Any]:
    """A snapshot of a world at ten o'clock, with something else in it."""
    mock.opened("source", clock={"start": START})
    mock.done("PATCH", "/worlds/source/clock", {"now": "2024-03-05T10:00:00Z"})
    return {**mock.done("GET", "/worlds/source/snapshot"), **change}


def log(*entries: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """A log of events at these times of the morning."""
    return [
        {"number": number, "at": f"2024-03-05T{at}:00Z", **event} for number, (at, event) in enumerate(entries, start=1)
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"log": log(("09:30", BLOCK), ("09:20", OPEN))},
            f"The snapshot's log[1].at is 2024-03-05T09:20:00Z, {BEFORE} log[0].at, 2024-03-05T09:30:00Z; {LATER}",
        ),
        (
            {"log": log(("08:00", BLOCK))},
            f"The snapshot's log[0].at is 2024-03-05T08:00:00Z, {BEFORE} start, 2024-03-05T09:00:00Z; {LATER}",
        ),
        (
            {"log": log(("10:30", BLOCK))},
            f"The snapshot's clock.now is 2024-03-05T10:00:00Z, {BEFORE} log[0].at, 2024-03-05T10:30:00Z; {LATER}",
        ),
        (
            {"log": log(("09:30", BLOCK), ("09:30", {"confirm": PLAN}))},
            f"The snapshot's log[1] cannot happen: Plan {PLAN} is pending and not held: there is nothing to confirm.",
        ),
        (
            {"log": log(("09:30", {"block": "WH01"}))},
            "The snapshot's log[0] cannot happen: There is no location WH01 in this world; the nearest is WH001.",
        ),
        (
            {"clock": {"now": "2050-01-01T00:00:00Z", "rate": 0}},
            "The snapshot goes on for 9432d15h; accepted: 3660 days after its start.",
        ),
    ],
)  # fmt: skip
def test_an_edited_snapshot_is_refused_by_its_place(mock: Server, change: Any, sentence: str) -> None:
    document = changed(mock, **change)
    for method, path, body in (
        ("POST", "/worlds", {"snapshot": document}),
        ("PUT", "/worlds/source/snapshot", document),
    ):
        status, problem = mock.refused(method, path, body)
        assert (status, problem["detail"]) == (409, sentence)


def test_a_number_that_is_out_of_place_is_refused_by_its_place(mock: Server) -> None:
    document = changed(mock, log=[{**log(("09:30", BLOCK))[0], "number": 2}])
    errors = mock.refused("PUT", "/worlds/source/snapshot", document)[1]["errors"]
    assert errors == {"log[0].number": ["found 2; accepted: 1, for a log is numbered 1, 2, 3 and so on."]}


def test_a_null_of_a_quota_stands_in_log_and_snapshot(mock: Server) -> None:
    said = {"location": "WH001", "max_quota": None}
    mock.done("POST", "/worlds/default/events", {"quota": said})
    assert mock.done("GET", "/worlds/default/events")["events"][0]["quota"] == said
    snapshot = mock.done("GET", "/worlds/default/snapshot")
    assert (snapshot["version"], snapshot["log"][0]["quota"]) == (3, said)
    assert mock.done("GET", f"/worlds/{mock.opened(snapshot=snapshot)['name']}/snapshot") == snapshot


def test_in_version_1_what_was_left_out_of_a_quota_set_it_back(mock: Server) -> None:
    document, limit = changed(mock, version=1), ("09:10", {"quota": {"location": "WH001", "quota": 3, "max_quota": 4}})
    for said in ({}, {"quota": 1}, {"max_quota": 5}, {"quota": 2, "max_quota": 5}):
        meant = {"quota": 0, "max_quota": None, **said}
        of_old = log(limit, ("09:20", {"quota": {"location": "WH001", **said}}))
        mock.done("PUT", "/worlds/source/snapshot", {**document, "log": of_old})
        location = mock.simulation.lease("source").world.instant().world.contents.location("WH001")
        assert {"quota": location.quota, "max_quota": location.max_quota} == meant
        assert mock.done("GET", "/worlds/source/events")["events"][1]["quota"] == {"location": "WH001", **meant}


def test_an_order_without_items_in_a_snapshot_is_read_as_before(mock: Server) -> None:
    document = changed(mock, version=1, log=log(("09:20", {"order": {"items": [], "id": 7}})))
    mock.done("PUT", "/worlds/source/snapshot", document)
    assert mock.done("GET", "/worlds/source/plans/7")["state"] == "completed"


def test_a_world_with_seeded_plans_does_not_become_a_snapshot_of_a_version_that_made_others(mock: Server) -> None:
    mock.opened("source", scenario="bare-array", clock={"start": START})
    document = {**mock.done("GET", "/worlds/source/snapshot"), "version": 2}
    status, problem = mock.refused("PUT", "/worlds/source/snapshot", document)
    said = (
        "The version of the rules for seeded plans of this world is 2, of the snapshot 1: open a world from it instead."
    )
    assert (status, problem["detail"]) == (409, said)
    restored = mock.opened(snapshot=document)["name"]
    assert mock.done("GET", f"/worlds/{restored}/snapshot") == document


NUMBERS = [float("nan"), float("inf"), -1, 1e300, True, "1", None, 10**30]
TIMES = ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2024-02-30T00:00:00Z", "2024-03-05T09:00:00", "now", 3, None]


def test_a_value_that_is_none_is_refused_by_its_place_and_never_breaks_a_world(mock: Server) -> None:
    document = changed(mock, log=log(("09:20", BLOCK)))
    clock, entry = document["clock"], document["log"][0]
    wrong = [{"seed": one} for one in (*NUMBERS[:6], 1.5)] + [{"start": one} for one in TIMES]
    wrong += [{"clock": {**clock, "rate": one}} for one in NUMBERS] + [
        {"clock": {**clock, "now": one}} for one in TIMES
    ]
    wrong += [{"log": [{**entry, "at": one}]} for one in TIMES] + [
        {"log": [{**entry, "number": one}]} for one in NUMBERS
    ]
    before = mock.done("GET", "/worlds/source/snapshot")
    statuses = [mock.refused("PUT", "/worlds/source/snapshot", {**document, **one})[0] for one in wrong]
    assert set(statuses) == {400, 422}
    assert mock.done("GET", "/worlds/source/snapshot") == before
