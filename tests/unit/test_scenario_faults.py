"""Faults and limits in files: what is written is read as the same, and what is wrong is told where it stands."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.scenarios.building import build_scenario
from mock_oms.scenarios.errors import ScenarioError
from mock_oms.scenarios.schema import LIMITS_SCHEMA, FaultSchema, without_defaults
from mock_oms.scenarios.yaml_file import parse_yaml
from mock_oms.traffic.faults.limits import Expiry, Limits
from tests.faults import LIMITS, fault, faults
from tests.profiles import examples

FILE = Path("test.yaml")
HEAD = "description: A test.\nplans: [{id: 7, state: pending}]\n"


def problems(text: str) -> list[str]:
    """What is wrong with this text; nothing where it is accepted."""
    try:
        build_scenario(*parse_yaml(HEAD + text, FILE))
    except ScenarioError as refused:
        return [str(one).removeprefix("test.yaml") for one in refused.problems]
    return []


@examples(50)
@given(st.tuples(st.just(FaultSchema), faults()) | st.tuples(st.just(LIMITS_SCHEMA), LIMITS))
def test_a_fault_and_limits_that_were_written_are_read_as_the_same(written: tuple[Any, Any]) -> None:
    schema, one = written
    assert schema().load(json.loads(json.dumps(without_defaults(one)))) == one


@pytest.mark.parametrize("written", [
    {"on": "list", "effect": {"status": 503}}, {"on": "any", "effect": {"delay": "300ms"}},
    {"on": "list", "when": {"page": 2}, "effect": {"delay": {"uniform": ["0s", "1s500ms"]}, "body": "html"}},
    {"on": "detail", "plan": 7, "when": {"state": "start"}, "effect": {"shape": "null-field"}, "ttl": "1h30m"},
    {"on": "any", "effect": {"delay": {"fixed": "2m", "max": "3m", "place": "between"}}, "probability": 0.5},
])  # fmt: skip
def test_a_fault_is_written_without_its_defaults(written: dict[str, Any]) -> None:
    assert without_defaults(fault(**written)) == written


def test_limits_are_written_without_those_that_there_are_none_of() -> None:
    assert without_defaults(Limits(token=Expiry(requests=3))) == {"token": {"requests": 3}}
    assert without_defaults(Limits()) == {}


def test_a_maximum_may_stand_inside_a_distribution() -> None:
    kinds: Any = {"normal": {"mean": "1s", "deviation": "1s"}, "lognormal": {"median": "1s", "sigma": 1}}
    for kind, parts in kinds.items():
        inside = fault(effect={"delay": {kind: {**parts, "max": "9s"}}})
        assert inside == fault(effect={"delay": {kind: parts, "max": "9s"}})


# What is wrong. The faults of these files begin on line 4, the limits and profiles on line 3.

FAULTS = """
{on: lst, effect: {status: 503}} | [0].on: found 'lst'; accepted: list, detail, login, any; the nearest is list.
{on: any} | [0]: the fault does nothing; accepted: one of status, connection, body, shape, and a delay beside it or alone.
{on: any, status: 505} | [0].status: found 505; accepted: 401,
{stauts: 503} | [0].stauts: unknown key; the nearest is status.
{status: 503, effect: {status: 503}} | [0].status: stands beside `effect`; accepted: inside it, or without it.
{page: 2, when: {page: 2}, on: list, status: 503} | [0].page: stands beside `when`; accepted: inside it, or without it.
{status: 503, body: html} | [0].body: stands beside `status`; accepted: only one of
{status: 500, retry_after: 3} | [0].retry_after: belongs to `status: 429 or 503` alone.
{page: 2, status: 503} | [0].page: means nothing with `on: any`; accepted: on: list.
{on: detail, page: 2, status: 503} | [0].page: means nothing with `on: detail`; accepted: on: list.
{on: login, shape: shuffle} | [0].shape: means nothing with `on: login`; accepted: on: list or any.
{delay: {uniform: [2s, 1s]}} | [0].delay.uniform: its first duration is the longer one;
{page: null, status: 503} | [0].page: found nothing; leave the key out or give it a value.
503 | [0]: found 503; accepted: a mapping with on, plan
{on: any, effect: {status: 505}} | [0].effect.status: found 505; accepted: 401, 403, 404, 429, 500, 502, 503, 504
{on: any, effect: {status: true}} | [0].effect.status: found true; accepted: 401, 403,
{on: any, effect: {status: null}} | [0].effect.status: found nothing; leave the key out or give it a value.
{on: any, effect: {}} | [0].effect: it does nothing; accepted: one of status, connection, body, shape, and a delay
{on: any, effect: {statuss: 503, delay: 1s}} | [0].effect.statuss: unknown key; the nearest is status.
{on: any, effect: {status: 503, body: html}} | [0].effect.body: stands beside `status`; accepted: only one of status, connection, body, sha
{on: any, effect: {status: 500, retry_after: 5}} | [0].effect.retry_after: belongs to `status: 429 or 503` alone.
{on: any, effect: {connection: rest}} | [0].effect.connection: found 'rest'; accepted: reset, empty, truncate, stall, dribble; the nearest
{on: any, effect: {connection: truncate, fraction: 1}} | [0].effect.fraction: found 1; accepted: a number above 0 and up to 0.99.
{on: any, effect: {connection: dribble, bytes_per_second: 0}} | [0].effect.bytes_per_second: found 0; accepted: a whole number from 1 to 10
{on: any, effect: {connection: stall, max: 11m}} | [0].effect.max: found '11m'; accepted: a duration such as 300ms, 2s, 1m30s, from 1ms to
{on: any, effect: {connection: stall, fraction: 0.3}} | [0].effect.fraction: belongs to `connection: truncate` alone.
{on: any, effect: {body: html, max: 2s}} | [0].effect.max: belongs to `connection: stall or dribble` alone.
{on: login, effect: {shape: missing-next}} | [0].effect.shape: means nothing with `on: login`; accepted: on: list or any.
{on: any, effect: {body: htm}} | [0].effect.body: found 'htm'; accepted: invalid-json, html, empty, wrong-conten
{on: list, effect: {shape: missing}} | [0].effect.shape: found 'missing'; accepted: missing-next, bare-array,
{on: detail, effect: {shape: shuffle}} | [0].effect.shape: means nothing with `on: detail`; accepted: on: list or any.
{on: any, effect: {delay: 2m}} | [0].effect.delay: found '2m'; accepted: a duration from 1ms to 1m such as 300ms, or (up to 10m) a mapping
{on: any, effect: {delay: {}}} | [0].effect.delay: says nothing; accepted: one of fixed, uniform, normal, lognor
{on: any, effect: {delay: {fixed: 1s, uniform: [1s, 2s]}}} | [0].effect.delay.uniform: stands beside `fixed`; accepted: only one of
{on: any, effect: {delay: {uniform: [1s]}}} | [0].effect.delay.uniform: found a list of 1; accepted: a list of two
{on: any, effect: {delay: {uniform: [2s, 1s]}}} | [0].effect.delay.uniform: its first duration is the longer one
{on: any, effect: {delay: {uniform: [1s, x]}}} | [0].effect.delay.uniform[1]: found 'x'; accepted: a duration
{on: any, effect: {delay: {fixed: 2m}}} | [0].effect.delay.fixed: is above `max`, which is 60s; accepted: a `max`
{on: any, effect: {delay: {lognormal: {median: 1s, sigma: 1, max: 5s}, max: 5s}}} | [0].effect.delay.max: stands inside the distribution to
{on: any, effect: {delay: {lognormal: {median: 7s, sigma: 1, max: 5s}}}} | [0].effect.delay.lognormal: is above `max`, which is 5s; accepte
{on: any, effect: {delay: {normal: {mean: 1s}}}} | [0].effect.delay.normal.deviation: is missing.
{on: any, effect: {delay: {fixed: 1s, place: befor}}} | [0].effect.delay.place: found 'befor'; accepted: before, between; the nearest is be
{on: list, plan: 7, effect: {status: 503}} | [0].plan: means nothing with `on: list`; accepted: on: detail.
{on: detail, plan: 8, effect: {status: 503}} | [0].plan: found 8, which is no plan of this scenario.
{on: any, when: {page: 2}, effect: {status: 503}} | [0].when.page: means nothing with `on: any`; accepted: on: list.
{on: detail, when: {state: open}, effect: {status: 503}} | [0].when.state: found 'open'; accepted: start, pending
{on: any, times: 0, effect: {status: 503}} | [0].times: found 0; accepted: a whole number from 1 to 1000000.
{on: any, skip: -1, effect: {status: 503}} | [0].skip: found -1; accepted: a whole number from 0 to 1000000.
{on: any, probability: 0, effect: {status: 503}} | [0].probability: found 0; accepted: a number above 0 and up to 1.
{on: any, probability: .nan, effect: {status: 503}} | [0].probability: found nan; accepted: a number above 0
{on: any, ttl: 0s, effect: {status: 503}} | [0].ttl: found '0s'; accepted: a duration such as 300ms, 2s, 1m30s, fr
{on: any, ramp: soon, effect: {status: 503}} | [0].ramp: found 'soon'; accepted: a duration such as 300ms, 2s, 1m3
"""
SECTIONS = """
limits: {quta: {limit: 1, window: 1m}} | limits.quta: unknown key; the nearest is quota.
limits: {quota: {limit: 0, window: 1m}} | limits.quota.limit: found 0; accepted: a whole number from 1 to 10000.
limits: {quota: {limit: 1}} | limits.quota.window: is missing.
limits: {login: null} | limits.login: found nothing; leave the key out or give it a value.
limits: {token: {}} | limits.token: says nothing; accepted: one of requests, after.
limits: {token: {requests: 1, after: 1m}} | limits.token.after: stands beside `requests`; accepted: only one of
limits: {token: 5} | limits.token: found 5; accepted: a mapping with
profiles: flaky | profiles: found 'flaky'; accepted: a list, such as [flaky].
profiles: [flakey] | profiles[0]: found flakey, which is no profile; the nearest is flaky.
profiles: [slow, slow] | profiles[1]: found slow a second time; name each profile once.
"""


ROWS = [
    *(("faults:\n  - ", ":4: faults", row) for row in FAULTS.strip().splitlines()),
    *(("", ":3: ", row) for row in SECTIONS.strip().splitlines()),
]


def test_a_wrong_fault_or_section_is_refused_where_it_stands() -> None:
    rows = [(above, place, *row.split(" | ")) for above, place, row in ROWS]
    found = [(f"{place}{sentence}", problems(f"{above}{written}\n")) for above, place, written, sentence in rows]
    assert [row for row in found if len(row[1]) != 1 or not row[1][0].startswith(row[0])] == []


def test_all_that_is_wrong_with_faults_is_told_at_once() -> None:
    text = """\
faults:
  - {on: list, plan: 7, effect: {status: 505, retry_after: 1, body: html}, times: 0}
  - {on: any, effect: {delay: {fixed: x, uniform: [2s, 1s]}}}
limits: {token: {}}
"""
    first = ("effect.body", "effect.retry_after", "effect.status", "plan", "times")
    second = ("fixed", "uniform", "uniform")
    assert [": ".join(one.split(": ")[:2]) for one in problems(text)] == [
        *(f":4: faults[0].{one}" for one in first),
        *(f":5: faults[1].effect.delay.{one}" for one in second),
        ":6: limits.token",
    ]
