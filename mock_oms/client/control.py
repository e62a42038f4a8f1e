"""The control API of one mock: its scenarios and its worlds."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mock_oms.client import arguments
from mock_oms.client.connection import PATIENCE, TOKEN_WAYS, Connection
from mock_oms.client.errors import WishError, is_refusal
from mock_oms.client.traffic import JournalMethods
from mock_oms.client.world import World
from mock_oms.contract.control_bodies import Lifecycle, ProfileFacts, ScenarioFacts, WorldFacts
from mock_oms.dataclass import dataclass
from mock_oms.settings import is_path

if TYPE_CHECKING:
    from mock_oms.scenarios.library import Library

__tracebackhide__ = is_refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """A mock that is ready: how many plans its default world has, and what is wrong with scenario files, by file.

    These have broken since it started; where there are none, it is ready without a warning.
    """

    plans: int
    errors: Mapping[str, tuple[str, ...]]


class Control(JournalMethods, AbstractContextManager["Control"]):
    """The control API at an address; as a context manager it closes its connections, and leaves worlds alone.

    Its requests are those that name no world.

    `url` is the address of the mock, such as `http://127.0.0.1:8080`; `token` its control token, if it has one.
    `patience` is how many seconds an answer may take; 20 times as many where a clock is turned or a log replayed.
    `ca` is the file of the authority to trust where the address is https, as `mock-oms serve --tls-ca` writes it; None:
    those of `SSL_CERT_FILE`, else the usual ones. `token_ways` says how users give a control token where they do not
    call this themselves; the refusal of one that is missing or wrong names it. `waiting` surrounds each request, so that
    a program may say that it waits.

    :raises mock_oms.client.errors.WishError: the address is none, no header can carry the token, or the file holds no
        certificates.
    """

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        patience: float = PATIENCE,
        ca: Path | str | None = None,
        token_ways: str = TOKEN_WAYS,
        waiting: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        file = None if ca is None else Path(ca)
        self._library: Library | None = None
        connection = Connection(url, token, patience=patience, ca=file, token_ways=token_ways, waiting=waiting)
        super().__init__(connection)
        self.url, self.ca = self._connection.url, self._connection.ca

    def ready(self) -> Readiness:
        """That the mock is ready.

        :raises mock_oms.client.errors.ControlError: with status 503, it is not; `errors` tells what is wrong by file.
        """
        answer = self._ask("GET", "health", "ready")
        errors = {file: tuple(lines) for file, lines in answer.get("errors", {}).items()}
        return Readiness(plans=answer["plans"], errors=errors)

    def scenarios(self) -> tuple[ScenarioFacts, ...]:
        """What can be played."""
        return tuple(map(ScenarioFacts.read, self._ask("GET", "scenarios")["scenarios"]))

    def lifecycle(self) -> Lifecycle:
        """The states that a plan can be in, and the transitions between them; `World.lifecycle` has the numbers of a world."""
        return Lifecycle.read(self._ask("GET", "lifecycle"))

    def profiles(self) -> tuple[ProfileFacts, ...]:
        """The profiles of faults and limits that can be added to every world; a world may have more."""
        return tuple(map(ProfileFacts.read, self._ask("GET", "profiles")["profiles"]))

    def worlds(self) -> tuple[WorldFacts, ...]:
        """Every world that is open, the default one first."""
        return tuple(map(WorldFacts.read, self._ask("GET", "worlds")["worlds"]))

    def world(self, name: str = "default") -> World:
        """A world that is open.

        :raises mock_oms.client.errors.ControlError: there is none of this name, or it has expired.
        :raises mock_oms.client.errors.WishError: no world can have this name.
        """
        arguments.world_name(name, lambda: [one.name for one in self.worlds()])
        return World(self._connection, WorldFacts.read(self._ask("GET", "worlds", name)))

    def open_world(
        self,
        *,
        scenario: str | Path | Mapping[str, Any] | None = None,
        seed: int | None = None,
        name: str | None = None,
        ttl: str | float | timedelta | None = "1h",
        clock: Mapping[str, Any] | None = None,
        snapshot: Mapping[str, Any] | None = None,
    ) -> World:
        """Open a world of a scenario (None: `default`), or the one that a snapshot was taken of.

        A scenario is a name that the mock knows, a path (a text with a slash in it or with the ending of one, too), or
        what a file would say. A file is read and checked here and sent whole, with the profiles beside it.

        `ttl` is how long it lives without use (None: for ever). `clock` may hold `start`, a time, and `rate`; what is
        not said is the scenario's, or the snapshot's.

        :raises mock_oms.client.errors.ControlError: the control API refuses.
        :raises mock_oms.client.errors.WishError: an argument cannot even be sent, or a file cannot be used.
        """
        if isinstance(scenario, Path) or (isinstance(scenario, str) and is_path(scenario)):
            whole = self._scenario_in(Path(scenario))
        else:
            whole = {"scenario": scenario}
        wanted = {**whole, "seed": seed, "name": name, "snapshot": snapshot}
        body = arguments.without_none({**wanted, "clock": arguments.clock(clock) if clock else None})
        body["ttl"] = arguments.duration(ttl)
        slow = snapshot is not None or isinstance(body.get("scenario"), Mapping)
        opened = self._ask("POST", "worlds", body=body, slow=slow)
        return World(self._connection, WorldFacts.read(opened))

    def _scenario_in(self, file: Path) -> dict[str, Any]:
        """What a body says of a scenario in a file of this machine; a file that has not changed is read once."""
        from mock_oms.scenarios.errors import ScenarioError  # noqa: PLC0415  as the next ones, only where a file is read
        from mock_oms.scenarios.library import Library  # noqa: PLC0415
        from mock_oms.scenarios.profiles import FOLDER  # noqa: PLC0415

        self._library = self._library or Library(elsewhere=True)
        try:
            scenario = self._library.load_file(file)
            files = self._library.profiles_of(scenario).files()
        except ScenarioError as error:
            raise WishError(str(error)) from None
        beside = file.parent / FOLDER
        profiles = {one.name: one.data for one in scenario.profiles if files[one.name].parent == beside}
        return {"scenario": scenario.data, "scenario_name": scenario.name, "profiles": profiles or None}

    def close(self) -> None:
        """Let go of the connections; the worlds stay open."""
        self._connection.close()

    def __exit__(self, *_: object) -> None:
        self.close()
