"""Which version of a scenario is played, what is told of broken files, and how a world is renewed; nobody watches."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

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


ANOTHER = replace(BROKEN_SINCE, problems=(replace(PROBLEM, line=3),))
SENTENCE = "a.yaml:2: it is broken."


@pytest.mark.parametrize(("looks", "failed", "warned"), [
    ([NEVER_GOOD], True, False), ([NEVER_GOOD, NEVER_GOOD], True, False), ([GOOD, BROKEN_SINCE], False, True),
    ([BROKEN_SINCE], False, True), ([None, NEVER_GOOD], False, True), ([GOOD], False, False),
], ids=["at the first look", "ever since", "later", "read and broken before the first look", "came later", "in order"])  # fmt: skip
def test_a_broken_file_has_failed_if_it_was_never_in_order_and_else_is_a_warning(
    looks: list[Version | None], *, failed: bool, warned: bool
) -> None:
    state = None
    for version in looks:
        state = library_state({"a.yaml": version} if version else {}, state)
    assert state is not None
    expected = {"a.yaml": (SENTENCE,)}
    assert (state.failed, state.warned) == (expected if failed else {}, expected if warned else {})


@pytest.mark.parametrize(("before", "now", "news"), [
    (NEVER_GOOD, GOOD, "a.yaml: can be used again"),
    (BROKEN_SINCE, GOOD, "a.yaml: can be used again"),
    (GOOD, Version(good=made(seed=9)), "a.yaml: has changed"),
    (None, GOOD, "a.yaml: is there"),
    (GOOD, None, "a.yaml: is gone; its worlds live on."),
    (NEVER_GOOD, None, "a.yaml: is gone; its worlds live on."),
    (GOOD, BROKEN_SINCE, SENTENCE), (BROKEN_SINCE, BROKEN_SINCE, None), (NEVER_GOOD, NEVER_GOOD, None),
    (BROKEN_SINCE, ANOTHER, "a.yaml:3: it is broken."),
    (GOOD, GOOD, None),
])  # fmt: skip
def test_what_becomes_of_a_file_is_news_once(before: Version | None, now: Version | None, news: str | None) -> None:
    first = library_state({"a.yaml": before} if before else {}, None)
    found = library_state({"a.yaml": now} if now else {}, first).news
    assert len(found) == (news is not None)
    assert all(line.startswith(str(news)) for line in found)
    assert first.news == ((SENTENCE,) if before is not None and before.problems else ())


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
def test_files_are_followed_as_it_is_set_and_without_a_terminal_not(word: Any, *, follows: bool) -> None:
    assert reloads(Settings(reload=word)) is follows


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
