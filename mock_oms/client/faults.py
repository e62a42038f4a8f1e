"""The faults and limits of a world, as its driver sets them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from mock_oms.client.errors import ControlError, WishError
from mock_oms.client.facts import Json, moment
from mock_oms.scenario.fields import write_duration

_GONE = {404, 410}
#: Keys that stand inside `effect` and `when`, and may be said beside them.
_INSIDE: Mapping[str, tuple[str, ...]] = {
    "effect": (
        "status", "retry_after", "delay", "connection", "fraction", "bytes_per_second", "max", "body", "shape"
    ),
    "when": ("page", "state"),
}  # fmt: skip

Ask = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultFacts:
    """A fault that stands: whose it is, since which world time, how many requests it was for and how many met it.

    `said` is the fault as a scenario has it.
    """

    id: int
    origin: str
    since: datetime
    seen: int
    met: int
    said: Mapping[str, Any]

    @classmethod
    def read(cls, json: Json) -> "FaultFacts":
        """From JSON."""
        plain = {key: json[key] for key in ("id", "origin", "seen", "met")}
        said = {key: value for key, value in json.items() if key not in {*plain, "since"}}
        return cls(**plain, since=moment(json["since"]), said=said)


class Misbehaviour:
    """Faults that were added together, and limits that came with them; as a context manager, until the end of it.

    `added` is what they were at first, `facts()` what they are now.
    """

    def __init__(self, ask: Ask, added: Json, before: Mapping[str, Any]) -> None:
        self._ask, self._before = ask, before
        self.limits: Mapping[str, Any] = added["limits"]
        self.added = tuple(map(FaultFacts.read, added["faults"]))
        self.ids = tuple(one.id for one in self.added)

    @property
    def id(self) -> int:
        """The id of the fault, of several the first.

        :raises mock_oms.client.errors.WishError: a profile has limits alone.
        """
        if not self.ids:
            raise WishError(f"There is no fault, only the limits {', '.join(self.limits)}; accepted: `limits`.")
        return self.ids[0]

    def facts(self) -> tuple[FaultFacts, ...]:
        """The faults as they are now, with how many requests met them."""
        return tuple(FaultFacts.read(self._ask("GET", "faults", one)) for one in self.ids)

    @property
    def met(self) -> int:
        """How many requests met one of them."""
        return sum(one.met for one in self.facts())

    def remove(self) -> None:
        """Take the faults away, and let the limits be as before; what is gone already stays so."""
        for one in self.ids:
            self._gone_or("DELETE", "faults", one)
        if self.limits:
            now = self._gone_or("GET", "limits") or {}
            kept = {key: value for key, value in now.items() if value != self.limits.get(key)}
            lifted = {key: self._before[key] for key in self.limits if key in self._before and key not in kept}
            self._gone_or("PUT", "limits", body={**kept, **lifted})

    def _gone_or(self, *request: str | int, **more: Any) -> Any:  # noqa: ANN401  JSON enters
        try:
            return self._ask(*request, **more)
        except ControlError as error:
            if error.status not in _GONE:
                raise
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


class Faulty:
    """A world that can be told to misbehave."""

    def _ask(self, method: str, *path: str | int, **more: Any) -> Any:  # noqa: ANN401  JSON enters
        """What the control API answers."""
        raise NotImplementedError

    def fault(self, *, on: str | None = None, profile: str | None = None, **said: Any) -> Misbehaviour:  # noqa: ANN401
        """Let requests meet a fault from now on, in a scenario's keywords, or the faults and limits of a `profile`.

        What stands inside `effect` and `when` may be said at once: `fault(status=503, times=2, on="list")`,
        `fault(connection="reset", on="detail", plan=41207)`. Without `on` it is for any request.
        """
        if profile is not None:
            before = self.limits()
            body = {"profile": profile, **({} if on is None else {"on": on}), **said}
            return Misbehaviour(self._ask, self._ask("POST", "faults", body=_plain(body)), before)
        added = self._ask("POST", "faults", body=_plain(_spelled_out({"on": on or "any", **said})))
        return Misbehaviour(self._ask, added, {})

    def faults(self) -> tuple[FaultFacts, ...]:
        """The faults that stand, the first that is held against a request first."""
        return tuple(map(FaultFacts.read, self._ask("GET", "faults")["faults"]))

    def remove_fault(self, fault: int) -> None:
        """Take a fault away, by its id."""
        self._ask("DELETE", "faults", fault)

    def clear_faults(self) -> None:
        """Take all faults away; limits stay."""
        self._ask("DELETE", "faults")

    def limits(self) -> dict[str, Any]:
        """The limits that hold, as a scenario has them."""
        return dict(self._ask("GET", "limits"))

    def limit(
        self,
        *,
        quota: Mapping[str, Any] | None = None,
        token: Mapping[str, Any] | None = None,
        login: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Let these limits hold instead of those before, and count anew; without any, all are lifted.

        `quota` and `login` are such as `{"limit": 100, "window": "1m"}`, `token` is `{"requests": 50}` or
        `{"after": "1h"}`; a login renews it.
        """
        given = {"quota": quota, "token": token, "login": login}
        body = {key: value for key, value in given.items() if value is not None}
        return dict(self._ask("PUT", "limits", body=_plain(body)))


def _spelled_out(said: Mapping[str, Any]) -> dict[str, Any]:
    """A fault whose keys stand where a scenario has them."""
    spelled: dict[str, Any] = dict(said)
    for place, keys in _INSIDE.items():
        inside = {key: spelled.pop(key) for key in keys if key in spelled}
        given = spelled.get(place, {})
        if inside and isinstance(given, Mapping):
            spelled[place] = {**given, **inside}
        elif inside:
            raise WishError(f"{place}: found {given!r} beside {', '.join(inside)}; accepted: a mapping.")
    return spelled


def _plain(said: Any) -> Any:  # noqa: ANN401  whatever a caller wishes
    """The same with spans of time as the control API reads them."""
    if isinstance(said, Mapping):
        return {key: _plain(value) for key, value in said.items()}
    if isinstance(said, (list, tuple)):
        return [_plain(one) for one in said]
    return write_duration(said) if isinstance(said, timedelta) else said
