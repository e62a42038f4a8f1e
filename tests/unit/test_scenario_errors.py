"""What is wrong with a scenario file is said with place, line, what was found, what is accepted and what is nearest."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.scenarios.building import build_scenario
from mock_oms.scenarios.errors import Lines, ScenarioError
from mock_oms.scenarios.yaml_file import parse_yaml
from tests.profiles import examples
from tests.scenarios import FULL

FILE = Path("test.yaml")
NO_LINES = Lines(file=FILE, numbers={})
BASE = "description: A test.\nlocations: {WH1: {}, WH2: {}}\nstock: {TST-1: {}}\n"


def problems(text: str) -> list[str]:
    """What is wrong with this text, without the name of the file; nothing where it is accepted."""
    try:
        build_scenario(*parse_yaml(text, FILE))
    except ScenarioError as refused:
        return [str(one).removeprefix("test.yaml") for one in refused.problems]
    return []


def test_the_full_document_is_right() -> None:
    assert build_scenario(*parse_yaml(FULL, FILE)).document.seed == 7


#: One wrong value at a time: what is replaced in the full document | by what | how the sentence begins, with its line.
WRONG = r"""
seed: 7 | seed: seven | :2: seed: found 'seven'; accepted: a whole number from 0 to 9223372036854775807.
seed: 7 | seed: true | :2: seed: found true; accepted: a whole number from 0 to 9223372036854775807.
seed: 7 | seed: | :2: seed: found nothing; leave the key out or give it a value.
description: Everything. | description: 5 | :1: description: found 5; accepted: text.
locale: tr_TR | locale: tr_tr | :3: locale: found 'tr_tr'; accepted: tr_TR, en_US; the nearest is tr_TR.
rate: 60 | rate: fast | :4: clock.rate: found 'fast'; accepted: a number from 0 (frozen) over 1 (real time) to 86400.
rate: 60 | rate: .nan | :4: clock.rate: found nan; accepted: a number from 0 (frozen) over 1 (real time) to 86400.
priority: 10 | priority: -1 | :6: locations.WH1.priority: found -1; accepted: a whole number from 0 to 1000000.
active: true | active: on | :6: locations.WH1.active: found 'on'; accepted: true, false; the nearest is true.
name: Depo | name: 7 | :6: locations.WH1.name: found 7; accepted: text of 1 to 200 characters on one line (a number in quotes); the neares
{type: store, max | {type: stor, max | :7: locations.ST1.type: found 'stor'; accepted: warehouse, store; the nearest is store.
  ST1: {type |   ST1: 5\n  ST2: {type | :7: locations.ST1: found 5; accepted: a mapping with type, priority, name, city, active, max_quota
WH1: 5, | WH1: lots, | :9: stock.A.WH1.count: found 'lots'; accepted: a whole number from 0 to 1000000.
reserved: 3 | reservd: 3 | :9: stock.A.ST1.reservd: unknown key; the nearest is reserved.
  B: {} |   B: 4 | :10: stock.B: found 4, which says no location; accepted: a mapping of locations, such as {WH001: 4}.
first: 1m | first: 1:30 | :12: planner.first: found '1:30'; accepted: a duration such as 90s, 30m, 1h30m, 2d, from 0s to 366d; the nearest
first: 1m | first: 90 | :12: planner.first: found 90; accepted: a duration such as 90s, 30m, 1h30m, 2d, from 0s to 366d; the nearest is 1m
every: 30m | every: 0s | :13: planner.every: found '0s'; accepted: a duration such as 90s, 30m, 1h30m, 2d, from 1s to 7d.
default_location: WH1 | default_location: WH | :14: planner.default_location: found WH, which is no location of this scenario; the nearest
not_found: basic | not_found: simple | :15: planner.not_found: found 'simple'; accepted: basic, advanced.
sort: [priority,  | sort: [priorty,  | :19: planner.rules[1].sort[0]: found 'priorty'; accepted: priority, stock, density, same_city; the n
allow: [WH1] | allow: WH1 | :18: planner.rules[0].allow: found 'WH1'; accepted: a list, such as [WH1].
except: [ST1] | except: [ST7] | :18: planner.rules[0].except: found ST7, which is no location of this scenario; the nearest is ST1.
channel: web, payment_type: cash | chanel: web, payment_type: cash | :18: planner.rules[0].when.chanel: unknown key; the nearest is channel
items: [A, B], count | items: [A, C], count | :21: plans[0].items[1]: found C, which is no sku of this scenario; known: A, B.
created: -5m | created: 5m | :21: plans[0].created: found '5m'; accepted: a duration such as 90s, 30m, 1h30m, 2d, from -30d to 0s.
state: completed | state: completd | :22: plans[1].state: found 'completd'; accepted: start, pending, cancelled, completed; the nearest is
{raw: {id: 9, | {raw: {id: nine, | :23: plans[2].raw.id: a captured plan needs its `id`, a whole number from 1.
id: 9, state: pending | id: 9, state: open | :23: plans[2].raw.state: a captured plan needs its `state`
odd: [1, {x: null}] | odd: [1, {x: !!timestamp 2024-03-05}] | :23: plans[2].raw.odd[1].x: found 2024-03-05; accepted: what JSON has: text,
odd: [1, {x: null}] | odd: .inf | :23: plans[2].raw.odd: found inf; accepted: what JSON has
odd: [1, {x: null}] | odd: {1: a} | :23: plans[2].raw.odd: found the keys 1; accepted: what JSON has
restock: {sku: B | restok: {sku: B | :25: timeline[0]: found restok; accepted: `at` and one of restock, sell,
at: 45m, restock | at: -45m, restock | :25: timeline[0].at: found '-45m'; accepted: a duration such as 90s, 30m, 1h30m, 2d, from 0s to 366d
block: WH1 | block: {} | :27: timeline[2].block: found an empty mapping; block needs location, such as `block: WH001`.
block: WH1 | block: WH9 | :27: timeline[2].block.location: found WH9, which is no location of this scenario; the nearest is
stock_service: down | stock_service: off | :30: timeline[5].stock_service.state: found 'off'; accepted: up, down.
confirm: 60000 | confirm: 70 | :32: timeline[7].confirm.plan: found 70, which is no plan of this scenario.
run: plan-cancel | run: plan-cancl | :33: timeline[8].command.run: found plan-cancl, which is no command; the nearest is plan-cancel.
run: plan-cancel | run: [1] | :33: timeline[8].command.run: found a list of 1; accepted: a name, or a number.
sku: B}} | sku: Z}} | :34: timeline[9].cancel_item.sku: found Z, which is no sku of this scenario; known: A, B.
states: {completed: 9, pending: 1} | states: {completed: 0} | :38: backlog.states: all weights are 0; give at least one state a weight.
{completed: 9, pending | {done: 9, pending | :38: backlog.states.done: found 'done'; accepted: start, pending, cancelled, completed
on: list, | on: lst, | :40: faults[0].on: found 'lst'; accepted: list, detail, login, any; the nearest is list.
page_size: 10, | page_size: 101, | :48: answers.page_size: is above `max_page_size`, which is 100.
auth: token | auth: tokens | :48: answers.auth: found 'tokens'; accepted: token, bearer, both, off; the nearest is token.
{A: WH1, B: null} | {A: WH3} | :50: expect[0].location.A: found WH3, which is no location of this scenario; the nearest is WH1.
stock: {A: {WH1: 4}} | stock: {Z: {WH1: 4}} | :51: expect[1].stock.Z: found Z, which is no sku of this scenario
answers: | answer: 1\nanswers: | :48: answer: unknown key; the nearest is answers.
answers: | 5: 1\nanswers: | :48: 5: unknown key; known: description, seed, locale, clock, locations, stock, planner, plans, ….
"""


def test_a_wrong_value_is_refused_where_it_stands() -> None:
    rows = [row.replace(r"\n", "\n").split(" | ") for row in WRONG.strip().splitlines()]
    assert [right for right, _, _ in rows if right not in FULL] == []
    found = [(sentence, problems(FULL.replace(right, wrong, 1))) for right, wrong, sentence in rows]
    assert [row for row in found if len(row[1]) != 1 or not row[1][0].startswith(row[0])] == []


#: What follows `BASE` | how the first sentence begins.
DOCUMENTS = r"""
plans: 5 | :4: plans: found 5; accepted: a list.
plans: [5] | :4: plans[0]: found 5; accepted: a mapping with `items` (simulated), `state` (seeded)
plans: [{}] | :4: plans[0]: found an empty mapping; accepted: a mapping with `items`
plans: [{state: start, items: [TST-1]}] | :4: plans[0]: found state and items; accepted: one of them, which says what kind of plan it is.
plans: [{items: TST-1}] | :4: plans[0].items: found 'TST-1'; accepted: a list, such as [TST-1].
plans: [{state: '{0}'}] | :4: plans[0].state: found '{0}'; accepted:
plans: [{state: '{foo}'}] | :4: plans[0].state: found '{foo}'; accepted:
plans: [{state: start, count: 100001}] | :4: plans[0].count: found 100001; accepted:
plans: [{state: start, id: 5}, {state: start, id: 5}] | :4: plans[0]: the id 5 is used by more than
plans: [{raw: 5}] | :4: plans[0].raw: found 5; accepted: a plan as JSON;
plans: [{raw: {id: 1, state: start, 5: 5}}] | :4: plans[0].raw.5: found 5; accepted: text.
plans: []\ntimeline: [{at: 1h}] | :5: timeline[0]: found no event; accepted: `at` and one of
plans: []\ntimeline: [{block: WH1}] | :5: timeline[0].at: is missing: how long after the start, such as 45m.
plans: []\ntimeline: [{at: 1h, block: WH1, open: WH1}] | :5: timeline[0]: found block, open; accept
plans: []\nplanner: {type: store, rules: [{}]} | :5: planner.type: belongs into one of the `rules`
plans: []\nexpect: [{at: 1h}] | :5: expect[0]: expects nothing; add state
plans: [{id: 7, items: [TST-1]}]\nexpect: [{at: 1h, plan: 7, items: {}, location: {}}] | :5: expect[0]: expects nothing;
plans: []\nexpect: [{at: 1h, count: {}, stock: {}}] | :5: expect[0]: expects nothing; add state
plans: []\nexpect: [{at: 1h, stock: {TST-1: {}}}] | :5: expect[0]: expects nothing; add state
plans: []\nexpect: [{at: 1h, state: start}] | :5: expect[0].state: is a fact about one plan: say
plans: []\nclock: {start: tomorrow} | :5: clock.start: found 'tomorrow'; accepted: `now`, or a time
plans: []\nclock: {start: 2024-03-05} | :5: clock.start: found '2024-03-05'; accepted: `now`
plans: []\nclock: {start: 2024-03-05 09:00:00} | :5: clock.start: found '2024-03-05 09:00:00';
plans: []\nclock: {start: 2024-02-30T09:00:00Z} | :5: clock.start: found '2024-02-30T09:00:00Z';
plans: []\nclock: {start: !!timestamp 2024-03-05} | :5: clock.start: found 2024-03-05; accepted: `now`
plans: []\nseed: 9223372036854775808 | :5: seed: found 9223372036854775808; accepted: a whole number from 0 to
plans: []\nclock: {start: '0001-01-01T00:00:00+02:00'} | :5: clock.start: found '0001-01-01T00
plans: []\nclock: {start: 9999-12-31T23:59:59-02:00} | :5: clock.start: found '9999-12-31T23:5
plans: []\nclock: {start: 5} | :5: clock.start: found 5; accepted: `now`
plans: []\nplanner: {first: 1e3} | :5: planner.first: found '1e3'; accepted: a duration
plans: []\nplanner: {first: 99999d} | :5: planner.first: found '99999d'; accepted: a duration
plans: []\nplanner: {first: 999999999999s} | :5: planner.first: found '999999999999s'; accepted: a duration such as 90s, 30m, 1h30m, 2d, fr
plans: []\ntimeline: [{at: 366d1s, block: WH1}] | :5: timeline[0].at: found '366d1s'; accepted: a d
plans: []\nexpect: [{at: 367d, count: {start: 0}}] | :5: expect[0].at: found '367d'; accepted: a d
plans: []\nplanner: {first: ٣٠m} | :5: planner.first: found '٣٠m'; accepted: a duration
backlog: {count: 10001}\nanswers: {order: modified_date} | :5: answers.order: modified_date needs every plan at once: a backlog of 10000 at
backlog: {count: 10001}\nexpect: [{at: 0s, count: {start: 1}}] | :5: expect[0].count: counts every plan: a backlog of 10000 at most.
plans: [{state: start, id: 2147483647, count: 2}] | :4: plans[0]: its ids go up to 2147483648; accepted: up to 2147483647.
plans: [{state: start, count: 60000}, {state: start, count: 60000}] | :4: plans: found 120000 plans; accepted: up to 100000, a `b
plans: [{state: start, count: 60000, id: 1}, {state: start, count: 60000, id: 1}] | :4: plans: found 120000 plans; accepted: up t
"""


UNUSABLE = [
    ("", ": found nothing; accepted: a mapping with description, seed"),
    ("- a", ":1: found a list of 1; accepted: a mapping with description"),
    ("5", ":1: found 5; accepted: a mapping with description"),
    ("description: x", ":1: a scenario needs `plans` (an empty list will do) or a `backlog`."),
    ("plans: []", ":1: description: is missing."),
    (f"{BASE}plans: [{{items: [{'TST-1, ' * 1000}]}}]", ":4: plans[0].items: found 1000 items; accepted: up to 999."),
    (f"{BASE}plans: []\nseed: {'9' * 5000}", f":5: seed: found '{'9' * 79}; accepted: a whole number from 0 to"),
    *((BASE + row.split(" | ")[0].replace(r"\n", "\n"), row.split(" | ")[1]) for row in DOCUMENTS.strip().splitlines()),
]  # fmt: skip


def test_a_document_that_cannot_be_used_is_refused_where_it_is_wrong() -> None:
    found = [(sentence, problems(text)) for text, sentence in UNUSABLE]
    assert [row for row in found if not "\n".join(row[1]).startswith(row[0])] == []


@pytest.mark.parametrize(("text", "places"), [
    (FULL.replace("seed: 7", "seed: x").replace("rate: 60", "rate: x").replace("count: 10}}", "count: 0}}"),
     ":2: seed, :4: clock.rate, :25: timeline[0].restock.count"),
    (FULL.replace("seed: 7", "seed: x").replace("start: now", "start: 2024-02-30T09:00:00Z"),
     ":2: seed, :4: clock.start"),
    (BASE + "plans: []\ntimeline: [{at: soon, restock: {sku: 5, location: WH1}}]",
     ":5: timeline[0].at, :5: timeline[0].restock.count, :5: timeline[0].restock.sku"),
    ("description: x\nplans: []\nstock: {1: {2: x}}", ":3: stock.1, :3: stock.1.2, :3: stock.1.2.count"),
], ids=["lines", "a date that does not exist", "both of a line", "a key and its value"])  # fmt: skip
def test_all_wrong_values_of_a_file_are_told_at_once_in_the_order_of_its_lines(text: str, places: str) -> None:
    assert [": ".join(one.split(": ")[:2]) for one in problems(text)] == places.split(", ")


def test_all_broken_references_are_told_at_once_and_an_error_lists_all_problems_as_its_text() -> None:
    text = FULL.replace("WH1", "WH7").replace("  WH7: {name", "  WH1: {name")
    with pytest.raises(ScenarioError) as refused:
        build_scenario(*parse_yaml(text, FILE))
    assert len(refused.value.problems) == 11
    assert str(refused.value).splitlines() == [str(one) for one in refused.value.problems]


WORDS = ["{x}", "{0}", "A", "WH1", "start", "now", "1h", "-1h", "plan-cancel", "\ud800", "", "items", "raw"]
KEYS = st.text(max_size=4) | st.integers() | st.none()
ANYTHING = st.recursive(
    KEYS | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=6) | st.sampled_from(WORDS) | st.dates()
    | st.datetimes(timezones=st.sampled_from((UTC, None))) | st.binary(max_size=2),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(KEYS | st.sampled_from(("at", "id", "state", "items")), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
DOCUMENT = parse_yaml(FULL, FILE)[0]


def places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document."""
    yield place
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*place, key))


@examples(50)
@given(st.sampled_from([place for place in places(DOCUMENT) if place]), KEYS | st.booleans(), ANYTHING, st.booleans())
def test_anything_at_any_place_or_beside_it_is_accepted_or_refused(
    place: Any, key: Any, value: Any, beside: Any
) -> None:
    document = deepcopy(DOCUMENT)
    at = reduce(getitem, place[:-1], document)
    if beside and isinstance(at, list):
        at.append(value)
    else:
        at[key if beside else place[-1]] = value
    try:
        build_scenario(document, NO_LINES)
    except ScenarioError as error:
        assert all(one.message.endswith(".") for one in error.problems)  # noqa: PT017


@examples(50)
@given(ANYTHING)
def test_anything_as_a_document_is_accepted_or_refused(value: Any) -> None:
    with pytest.raises(ScenarioError):
        build_scenario(value, NO_LINES)


@pytest.mark.parametrize("inner", [{1: 2, "b": 3}, {(1, 2): 3}, {None: 1}, {1, 2}])
def test_the_effect_of_a_fault_is_json(inner: Any) -> None:
    """Everything in a file goes into the digest of its scenario."""
    with pytest.raises(ScenarioError, match=r"faults\[0\]\.effect\.status"):
        build_scenario({**DOCUMENT, "faults": [{"on": "list", "effect": {"status": inner}}]}, NO_LINES)
