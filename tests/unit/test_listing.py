"""The order of the list: every row once, in each of the stable orders; and an unstable one, on purpose."""

from collections import Counter

import pytest

from mock_oms.domain import listing
from mock_oms.domain.world import World
from tests.worlds import happened, later, opened


@pytest.fixture(scope="module")
def world() -> World:
    """Ids 1 to 12 (5 is a seeded one among the backlog), 30, and 1001 to 1003."""
    wanted = [{"id": 5, "state": "pending"}, {"id": 30, "state": "start"}]
    return opened(plans=[*wanted, {"state": "completed", "count": 3}], backlog={"count": 11, "states": {"pending": 1}})


IDS = [*range(1, 13), 30, 1001, 1002, 1003]


def every(world: World, order: str, size: int) -> list[int]:
    pages = -(-listing.count(world) // size)
    return [plan_id for page in range(1, pages + 1) for plan_id in listing.rows(world, order, page, size)]


@pytest.mark.parametrize("size", [1, 3, 16, 100])
def test_ids_go_up_or_down_and_every_plan_has_a_row(world: World, size: int) -> None:
    assert listing.count(world) == len(IDS)
    assert every(world, "id", size) == IDS
    assert every(world, "-id", size) == IDS[::-1]
    assert listing.window(world, "-id", 3, 4) == IDS[::-1][3:7]


@pytest.mark.parametrize("size", [1, 3, 16])
def test_the_plan_that_was_modified_longest_ago_comes_first(world: World, size: int) -> None:
    ids = every(world, "modified_date", size)
    dates = [world.contents.found(plan_id, world.now)[0].modified for plan_id in ids]
    assert dates == sorted(dates)
    assert sorted(ids) == IDS


def test_a_plan_that_moves_goes_to_the_end_by_date_and_plans_of_one_date_stand_by_id(world: World) -> None:
    moved = happened(world, "5m", command={"plan": 2, "run": "plan-cancel"})
    assert every(moved, "modified_date", 5)[-1] == 2
    ids = every(later(world, "12h"), "modified_date", 50)
    pending = [plan_id for plan_id in ids if plan_id in range(1, 13)]
    assert pending == sorted(pending)


@pytest.mark.parametrize("order", ["-id", "id", "modified_date", "unstable"])
def test_an_empty_world_and_a_page_past_the_end_have_no_rows(world: World, order: str) -> None:
    asked = ((opened(plans=[]), 1, 10), (world, 3, 16), (world, 10**12, 100))
    assert [listing.rows(one, order, page, size) for one, page, size in asked] == [[], [], []]


def test_an_unstable_page_is_full_and_has_no_row_twice(world: World) -> None:
    pages = [listing.rows(world, "unstable", page, 4) for page in (1, 2, 3, 4)]
    assert all(len(set(page)) == 4 and set(page) <= set(IDS) for page in pages)


def test_between_unstable_pages_rows_repeat_and_vanish_the_same_each_time(world: World) -> None:
    counts = Counter(every(world, "unstable", 4))
    assert max(counts.values()) > 1
    assert set(counts) != set(IDS)
    assert every(world, "unstable", 4) == every(later(world, "5m"), "unstable", 4)


def test_a_new_plan_takes_its_place_among_the_ids() -> None:
    new = opened(plans=[{"items": ["A"], "id": 9}, {"items": ["A"]}], stock={"A": {}})
    assert every(happened(new, "5m", order={"items": ["A"], "id": 500}), "id", 10) == [9, 500, 1001]
