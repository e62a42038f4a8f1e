"""Which version of a scenario is played, what is told of broken files, and how a world is renewed; nobody watches."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from mock_oms.scenarios.building import Scenario, load_scenario
from mock_oms.scenarios.errors import Problem, ScenarioError
from mock_oms.scenarios.library import Library, LibraryState, UnknownScenarioError, Version, library_state
from mock_oms.server.reload import reloads
from mock_oms.server.security import real_tokens
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


def test_a_file_that_came_after_the_start_is_a_warning_also_where_nobody_had_looked(tmp_path: Path) -> None:
    (tmp_path / "before.yaml").write_text("description: x\nplans: 3\n", "utf-8")
    library = Library(tmp_path)
    (tmp_path / "after.yaml").write_text("description: x\nplans: 3\n", "utf-8")
    state = library.look()
    assert [[Path(name).name for name in found] for found in (state.failed, state.warned)] == [
        ["before.yaml"],
        ["after.yaml"],
    ]


def followed(folder: Path) -> tuple[Library, list[str]]:
    told: list[str] = []
    return Library(folder, tell=told.append), told


def test_a_library_that_follows_its_files_keeps_the_last_good_version_and_another_refuses_a_broken_one(
    tmp_path: Path,
) -> None:
    library, own = followed(tmp_path)[0], Library(tmp_path)
    written(tmp_path, "mine", text_of(1))
    good = library.named("mine")
    assert own.named("mine").digest == good.digest
    for name in ("mine", "never"):
        written(tmp_path, name, BROKEN)
    assert library.named("mine") is good
    for other, name in ((own, "mine"), (library, "never")):
        with pytest.raises(ScenarioError, match="planz"):
            other.named(name)
    (tmp_path / "mine.yaml").unlink()
    assert library.latest(good) is None
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


def test_the_file_of_the_default_world_is_looked_at_where_it_is_given_as_a_path_and_none_of_ours(
    tmp_path: Path,
) -> None:
    file = written(tmp_path, "mine", text_of(1))
    library = Library(None, own=str(file), tell=lambda _: None)
    library.load(str(file))
    written(tmp_path, "mine", BROKEN)
    assert (list(library.look().warned), library.watched()) == ([str(file)], (tmp_path,))
    assert (Library().look(), Library().watched()) == (LibraryState(), ())


def test_names_that_begin_with_a_dot_are_no_files_of_ours(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "mine.yaml").write_text("description: x\nplans: []\nprofiles: [slow]\n")
    for folder in (tmp_path, tmp_path / "profiles"):
        (folder / "._mine.yaml").write_bytes(b"\0\5\x16\7 Mac OS X")
        (folder / ".#mine.yaml").symlink_to("somebody@somewhere.1234")
    library = Library(tmp_path)
    assert (library.look().broken, [*library.look().digests]) == ({}, [str(tmp_path / "mine.yaml")])
    assert [name for name in (*library.files(), *library.profiles.files()) if name.startswith(".")] == []
    assert real_tokens(Settings(scenarios=tmp_path), library.load("mine")) == ()


def test_a_folder_that_has_gone_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    library, told = followed(folder)
    library.look()
    folder.rmdir()
    assert (list(library.look().warned), told) == ([str(folder)], [f"{folder}: there is no such folder."])


@pytest.mark.parametrize(("word", "follows"), [("on", True), ("off", False), ("auto", False)])
def test_files_are_followed_as_it_is_set_and_without_a_terminal_not(word: Any, *, follows: bool) -> None:
    assert reloads(Settings(reload=word)) is follows


def test_a_reset_takes_from_the_new_version_what_nobody_chose_and_keeps_what_was_chosen() -> None:
    of = made(seed=1, clock={"rate": 0})
    common: dict[str, Any] = {"name": "mine", "scenario": of, "opened": START, "token": "t", "ttl": timedelta(hours=1)}
    plain = WorldOrigin(**common, seed=1, start=of.starts(START), rate=0.0)
    chosen = WorldOrigin(**common, seed=3, start=START + timedelta(days=1), rate=60.0)
    new = made(seed=5, clock={"start": "2025-01-01T00:00:00Z", "rate": 2})
    assert with_new_version(chosen, new) == replace(chosen, scenario=new)
    after = with_new_version(plain, new)
    assert after == replace(plain, scenario=new, seed=5, start=new.starts(START), rate=2.0)
    assert after.clock.shown == after.start == new.document.clock.start


def test_kept_worlds_take_a_new_version_at_their_reset_and_keep_it(tmp_path: Path) -> None:
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
        again = WorldManager(library.load("default"), store=store, latest=library.latest)
        counts = {one.world.origin.name: one.world.reading().count for one in again.leases()}
        assert counts == {"default": 1, "mine": 3}
        lease = again.lease("default")
        assert again.reset(lease)
        assert lease.world.reading().count == 3


def test_one_file_that_takes_long_to_read_keeps_nobody_from_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("large", "small"):
        written(tmp_path, name, text_of(1))
    library, begun, over = Library(tmp_path), Event(), Event()

    def load(file: Path, *more: Any) -> Scenario:
        if file.stem == "large":
            begun.set()
            assert over.wait(30)
        return load_scenario(file, *more)

    monkeypatch.setattr("mock_oms.scenarios.library.load_scenario", load)
    with ThreadPoolExecutor(2) as pool:
        large = pool.submit(library.named, "large")
        try:
            assert begun.wait(30)
            assert pool.submit(library.named, "small").result(30).name == "small"
            assert library.glance() is None
        finally:
            over.set()
        assert large.result(30).name == "large"
