"""Which version of a scenario is played, what is told of broken files, and how a world is renewed; nobody watches."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest

from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.errors import Problem, ScenarioError
from mock_oms.scenarios.library import Library, LibraryState, UnknownScenarioError, Version, library_state
from mock_oms.server.reload import reloads
from mock_oms.settings import Settings
from mock_oms.worlds.manager import WorldManager, with_new_version
from mock_oms.worlds.state_folder import state_folder
from mock_oms.worlds.store import WorldOrigin
from tests.scenarios import BROKEN, FAULTS, text_of, written
from tests.worlds import START, scenario


def made(**sections: object) -> Scenario:
    return scenario(**{"plans": [], **sections})


GOOD = Version(good=made())
PROBLEM = Problem(file="a.yaml", line=2, path="", message="it is broken.")
NEVER_GOOD = Version(problems=(PROBLEM,))
BROKEN_SINCE = replace(GOOD, problems=(PROBLEM,))


# What a look finds


def test_a_file_that_is_broken_at_the_first_look_has_failed() -> None:
    assert library_state({"a.yaml": NEVER_GOOD}, None).failed == {"a.yaml": ("a.yaml:2: it is broken.",)}


def test_a_file_that_has_failed_stays_so_until_it_is_mended() -> None:
    first = library_state({"a.yaml": NEVER_GOOD}, None)
    second = library_state({"a.yaml": NEVER_GOOD}, first)
    assert (list(second.failed), second.news) == (["a.yaml"], ())


def test_a_file_that_breaks_after_it_could_be_used_is_a_warning() -> None:
    before = library_state({"a.yaml": GOOD}, None)
    assert list(library_state({"a.yaml": BROKEN_SINCE}, before).warned) == ["a.yaml"]


def test_a_file_that_was_read_before_the_first_look_and_then_broke_is_a_warning() -> None:
    assert list(library_state({"a.yaml": BROKEN_SINCE}, None).warned) == ["a.yaml"]


def test_a_broken_file_that_comes_later_is_a_warning() -> None:
    assert list(library_state({"a.yaml": NEVER_GOOD}, LibraryState()).warned) == ["a.yaml"]


def test_the_same_error_is_news_once() -> None:
    before = library_state({"a.yaml": BROKEN_SINCE}, LibraryState())
    assert before.news == ("a.yaml:2: it is broken.",)
    assert library_state({"a.yaml": BROKEN_SINCE}, before).news == ()


def test_another_error_of_the_same_file_is_news() -> None:
    before = library_state({"a.yaml": BROKEN_SINCE}, LibraryState())
    other = replace(BROKEN_SINCE, problems=(replace(PROBLEM, line=3),))
    assert library_state({"a.yaml": other}, before).news == ("a.yaml:3: it is broken.",)


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ({"a.yaml": NEVER_GOOD}, {"a.yaml": GOOD}, "can be used again"),
        ({"a.yaml": BROKEN_SINCE}, {"a.yaml": GOOD}, "can be used again"),
        ({"a.yaml": GOOD}, {"a.yaml": Version(good=made(seed=9))}, "has changed"),
        ({}, {"a.yaml": GOOD}, "is there"),
        ({"a.yaml": GOOD}, {}, "is gone; its worlds live on."),
        ({"a.yaml": NEVER_GOOD}, {}, "is gone; its worlds live on."),
    ],
)
def test_what_becomes_of_a_file_is_news(before: dict[str, Version], now: dict[str, Version], said: str) -> None:
    (line,) = library_state(now, library_state(before, None)).news
    assert line.startswith(f"a.yaml: {said}")


def test_files_that_are_in_order_at_the_first_look_are_no_news() -> None:
    assert library_state({"a.yaml": GOOD}, None).news == ()


# A library that follows its files, and one that does not


def followed(folder: Path) -> tuple[Library, list[str]]:
    told: list[str] = []
    return Library(folder, tell=told.append), told


def test_a_broken_file_keeps_the_last_good_version_for_new_worlds(tmp_path: Path) -> None:
    library, _ = followed(tmp_path)
    written(tmp_path, "mine", text_of(1))
    good = library.named("mine")
    written(tmp_path, "mine", BROKEN)
    assert library.named("mine") is good


def test_a_library_that_does_not_follow_its_files_refuses_a_broken_one(tmp_path: Path) -> None:
    library = Library(tmp_path)
    written(tmp_path, "mine", text_of(1))
    library.named("mine")
    written(tmp_path, "mine", BROKEN)
    with pytest.raises(ScenarioError, match="planz"):
        library.named("mine")


def test_a_file_that_never_could_be_used_is_refused(tmp_path: Path) -> None:
    library, _ = followed(tmp_path)
    written(tmp_path, "mine", BROKEN)
    with pytest.raises(ScenarioError, match="planz"):
        library.named("mine")


def test_a_file_that_is_gone_opens_no_world_and_keeps_those_that_are_open(tmp_path: Path) -> None:
    library, _ = followed(tmp_path)
    written(tmp_path, "mine", text_of(1))
    played = library.named("mine")
    (tmp_path / "mine.yaml").unlink()
    assert library.latest(played) is None
    with pytest.raises(UnknownScenarioError):
        library.named("mine")


def test_a_profile_that_breaks_keeps_the_version_before_and_is_told_with_its_place(tmp_path: Path) -> None:
    library, told = followed(tmp_path)
    (tmp_path / "profiles").mkdir()
    profile = written(tmp_path / "profiles", "mine", f"description: Own.\n{FAULTS}")
    written(tmp_path, "mine", text_of(1, more="profiles: [mine]\n"))
    library.look()
    written(tmp_path / "profiles", "mine", BROKEN)
    assert list(library.look().warned) == [str(tmp_path / "mine.yaml")]
    assert told[0].startswith(f"{profile}:2:")
    assert library.named("mine").document.faults


def test_the_file_of_the_default_world_is_looked_at_where_it_is_given_as_a_path(tmp_path: Path) -> None:
    file = written(tmp_path, "mine", text_of(1))
    library = Library(None, own=str(file), tell=lambda _: None)
    library.load(str(file))
    written(tmp_path, "mine", BROKEN)
    assert list(library.look().warned) == [str(file)]
    assert library.watched() == (tmp_path,)


def test_no_file_of_ours_is_looked_at() -> None:
    library = Library()
    assert (library.look(), library.watched()) == (LibraryState(), ())


def test_a_folder_that_has_gone_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    library, told = followed(folder)
    library.look()
    folder.rmdir()
    assert list(library.look().warned) == [str(folder)]
    assert told == [f"{folder}: there is no such folder."]


@pytest.mark.parametrize(("word", "follows"), [("on", True), ("off", False), ("auto", False)])
def test_files_are_followed_as_it_is_set_and_without_a_terminal_not(
    word: Literal["on", "off", "auto"], *, follows: bool
) -> None:
    assert reloads(Settings(reload=word)) is follows


# How a world is opened again


def origin(seed: int = 1, rate: float = 0.0, **sections: object) -> WorldOrigin:
    of = made(seed=1, **sections)
    start = of.starts(START)
    return WorldOrigin(name="mine", scenario=of, seed=seed, start=start, opened=START, rate=rate, token="t", ttl=None)


def test_what_nobody_chose_is_as_the_new_version_says() -> None:
    new = made(seed=5, clock={"start": "2025-01-01T00:00:00Z", "rate": 2})
    after = with_new_version(origin(clock={"rate": 0}), new)
    assert (after.seed, after.start, after.rate) == (5, new.document.clock.start, 2)
    assert after.clock.shown == after.start


def test_what_was_chosen_stays() -> None:
    before = replace(origin(seed=3, rate=60.0, clock={"rate": 0}), start=START + timedelta(days=1))
    after = with_new_version(before, made(seed=5, clock={"start": "2025-01-01T00:00:00Z", "rate": 2}))
    assert (after.seed, after.start, after.rate) == (3, before.start, 60.0)


def test_name_token_and_end_stay() -> None:
    before = origin()
    after = with_new_version(before, made(seed=5))
    assert (after.name, after.token, after.ttl) == (before.name, before.token, before.ttl)


# Worlds that are kept


def test_a_kept_world_that_was_reset_to_a_new_version_is_revived_with_it(tmp_path: Path) -> None:
    folder, state = tmp_path / "scenarios", tmp_path / "state"
    folder.mkdir()
    written(folder, "default", text_of(1))
    library, _ = followed(folder)
    with state_folder(state) as store:
        simulation = WorldManager(library.load("default"), store=store, latest=library.latest)
        simulation.open(scenario=library.named("default"), name="mine", token="mine")
        written(folder, "default", text_of(3))
        assert simulation.reset(simulation.lease("mine"))
    with state_folder(state) as store:
        again = WorldManager(library.load("default"), store=store)
        counts = {one.world.origin.name: one.world.reading().count for one in again.leases()}
    assert counts == {"default": 1, "mine": 3}


def test_the_default_world_that_was_kept_takes_the_new_version_at_its_reset(tmp_path: Path) -> None:
    folder, state = tmp_path / "scenarios", tmp_path / "state"
    folder.mkdir()
    written(folder, "mine", text_of(1))
    with state_folder(state) as store:
        WorldManager(Library(folder).load("mine"), store=store)
    written(folder, "mine", text_of(3))
    library, _ = followed(folder)
    with state_folder(state) as store:
        simulation = WorldManager(library.load("mine"), store=store, latest=library.latest)
        lease = simulation.lease("default")
        before = lease.world.reading().count
        assert simulation.reset(lease)
        assert (before, lease.world.reading().count) == (1, 3)
