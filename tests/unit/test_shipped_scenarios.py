"""The scenarios that we ship: each does what it says, and its expectations would notice if it did not."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mock_oms.domain import listing
from mock_oms.domain.lifecycle import State
from mock_oms.domain.plan import ItemState
from mock_oms.domain.setup import START, CapturedPlan
from mock_oms.domain.world import World, open_world
from mock_oms.rendering.fake_data.generator import Generator
from mock_oms.rendering.fake_data.products import collection
from mock_oms.scenarios.building import Scenario, build_scenario
from mock_oms.scenarios.building import load_scenario as read_scenario
from mock_oms.scenarios.checking import check
from mock_oms.scenarios.document import Expectation
from mock_oms.scenarios.errors import Lines, Place, ScenarioError
from mock_oms.scenarios.yaml_file import read_yaml
from mock_oms.settings import shipped
from mock_oms.switches import Switches

FOLDER = shipped("scenarios")
FILES = sorted(FOLDER.glob("*.yaml"))
EVERY_FILE = pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])

#: Files that are longer than a flow is: a shop with twelve stories, and two hundred locations on twenty-six lines.
LONG = {"default", "many-locations"}
WORLDS = {"default", "large"}  # to play in, rather than one flow each


load_scenario = cache(read_scenario)


def shipped_scenario(name: str) -> Scenario:
    return load_scenario(FOLDER / f"{name}.yaml")


def world_of(scenario: Scenario, after: timedelta = timedelta()) -> World:
    return open_world(scenario.setup(seed=None, opened=START)).advance(START + after)


@EVERY_FILE
def test_a_file_does_what_it_says_at_several_times(file: Path) -> None:
    scenario = load_scenario(file)
    assert check(scenario) == []
    assert len({one.at for one in scenario.document.expect}) > 1


@EVERY_FILE
def test_a_file_is_short_described_in_a_sentence_and_stands_still_unless_people_are_to_watch(file: Path) -> None:
    lines, document = file.read_text(encoding="utf-8").splitlines(), load_scenario(file).document
    content = [line for line in lines if line.strip() and not line.strip().startswith("#")]
    assert 10 <= len(content) <= (100 if file.stem in LONG else 40)
    assert max(map(len, lines)) <= 120
    assert re.fullmatch(r"[A-Z][^.!?\n]+\.", document.description)
    assert (document.clock.start, document.clock.rate) == (START, 1 if file.stem == "default" else 0)


def test_at_least_sixteen_flows_are_shipped_each_with_a_seed_of_its_own() -> None:
    seeds = Counter(load_scenario(file).document.seed for file in FILES)
    assert seeds.most_common(1)[0][1] == 1
    assert len({file.stem for file in FILES} - WORLDS) >= 16
    assert {file.stem for file in FILES} >= (LONG | WORLDS)


def wrong_facts(expected: Expectation, locations: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Every single fact of an expectation, alone and falsified."""
    if expected.state is not None:
        yield {"state": next(state for state in State if state != expected.state)}
    if expected.attempts is not None:
        yield {"attempts": expected.attempts + 1}
    for sku, code in (expected.location or {}).items():
        yield from ({"location": {sku: other}} for other in (None, *list(locations)[:2]) if other != code)
    for sku, item in (expected.items or {}).items():
        yield {"items": {sku: next(state for state in ItemState if state != item)}}
    for state, count in (expected.count or {}).items():
        yield {"count": {state: count + 1}}
    for sku, cells in (expected.stock or {}).items():
        yield from ({"stock": {sku: {code: free - 1}}} for code, free in cells.items())


@EVERY_FILE
def test_every_expectation_states_facts_and_each_of_them_can_fail(file: Path) -> None:
    scenario = load_scenario(file)
    facts = [(one, list(wrong_facts(one, scenario.blueprint.locations))) for one in scenario.document.expect]
    assert all(found for _, found in facts)
    wrong = tuple(Expectation(at=one.at, plan=one.plan, **fact) for one, found in facts for fact in found)
    problems = check(replace(scenario, document=replace(scenario.document, expect=wrong)))
    noticed = {int(problem.path.removeprefix("expect[").partition("]")[0]) for problem in problems}
    assert [one for number, one in enumerate(wrong) if number not in noticed] == []


def parts(data: Mapping[str, Any]) -> Iterator[Place]:
    """The places that a flow is made of: its plans, what happens to them, and how the planner works."""
    for section in ("plans", "timeline"):
        yield from ((section, number) for number in range(len(data.get(section, ()))))
    for key in data.get("planner", ()):
        rules = data["planner"][key] if key == "rules" else ()
        yield from (("planner", "rules", number) for number in range(len(rules)) if len(rules) > 1)
        yield "planner", key


def without(data: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
    rest = deepcopy(data)
    section: Any = rest
    for part in place[:-1]:
        section = section[part]
    del section[place[-1]]
    return rest


def is_missed(data: Mapping[str, Any], lines: Lines, place: Place) -> bool:
    """Whether the file without this part is refused, or does not do what it says."""
    try:
        return check(build_scenario(without(data, place), lines)) != []
    except ScenarioError:
        return True


@EVERY_FILE
def test_a_part_that_is_taken_away_is_missed(file: Path) -> None:
    data, lines = read_yaml(file)
    assert [place for place in parts(data) if not is_missed(data, lines, place)] == []


def test_default_begins_with_twenty_five_plans_in_all_states_and_large_with_a_million_and_two_that_move() -> None:
    world = world_of(shipped_scenario("default"))
    states = Counter(plan.state for plan in world.contents.plans.values())
    assert listing.count(world) == 25
    assert set(states) == set(State)
    world = world_of(shipped_scenario("large"))
    assert (len(world.contents.backlog), listing.count(world)) == (1_000_000, 1_000_002)


@pytest.mark.parametrize(("name", "plan", "seen"), [
    ("blocked-location", 51401, [["WH001"], ["WH001"], ["WH001", "STORE01"]]),
    ("stock-service-down", 52702, [[], [], [], ["WH001"]]),
    ("many-locations", 53201, [200] * 4),
])  # fmt: skip
def test_attempts_see_what_is_there(name: str, plan: int, seen: list[Any]) -> None:
    scenario = shipped_scenario(name)
    found = world_of(scenario, scenario.document.expect[-1].at).find(plan)
    assert found
    locations = [[one.location for one in attempt.seen] for attempt in found[0].attempts]
    assert (locations if isinstance(seen[0], list) else [len(set(one)) for one in locations]) == seen


def test_a_row_stands_on_two_pages_when_an_order_comes_between_them_and_a_late_change_on_the_last() -> None:
    drifting, late = map(shipped_scenario, ("drifting-pages", "late-change"))

    def rows(scenario: Scenario, page: int, minutes: int) -> list[int]:
        answers, world = scenario.answers, world_of(scenario, timedelta(minutes=minutes))
        return list(listing.rows(world, answers.order, page, answers.page_size))

    assert set(rows(drifting, 1, 0)) & set(rows(drifting, 2, 1)) == {16}
    assert rows(late, 2, 0)[-1] == 53101


def test_several_plans_have_one_order_odd_data_no_barcode_and_raw_the_eight_documented_fields() -> None:
    several, odd = map(shipped_scenario, ("several-plans-one-order", "odd-data"))
    plans = world_of(several, several.document.expect[-1].at).contents.plans.values()
    assert (len(plans), len({plan.order for plan in plans})) == (3, 1)
    generator = Generator(odd.document.seed, odd.document.locale)
    barcodes = [generator.catalogue.product(sku).barcode for sku in odd.document.stock or ()]
    assert (barcodes[0], bool(barcodes[1])) == (None, True)
    (raw,) = shipped_scenario("raw").blueprint.plans
    assert isinstance(raw, CapturedPlan)
    documented = "id state order commands created_date modified_date orderexecutionplanitem_set context"
    assert list(raw.raw) == documented.split()


def test_no_shipped_scenario_sells_a_collection_of_a_season_to_come() -> None:
    early = []
    for file in FILES:
        scenario = load_scenario(file)
        start = scenario.starts(START)
        begun = {sku: collection(sku, start) for sku in scenario.setup(seed=None, opened=START).skus}
        early += [(file.stem, sku) for sku, one in begun.items() if one and one[1] > start]
    assert early == []


def test_files_about_answers_change_these_switches_and_all_others_none() -> None:
    changed = {file.stem: load_scenario(file).answers for file in FILES}
    assert {name: answers for name, answers in changed.items() if answers != Switches()} == {
        "bare-array": Switches(list="array"),
        "bearer": Switches(auth="bearer"),
        "drifting-pages": Switches(page_size=5),
        "state-object": Switches(state="object", commands="comma", dates="date"),
    }
