"""The requests of a world, or of those that name none: read, verified, judged."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import fields
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Self

from mock_oms.client import arguments
from mock_oms.client.connection import Connection
from mock_oms.client.errors import ControlError, VerificationError, WishError, is_refusal
from mock_oms.contract.control_bodies import Body, Json, Verified, read
from mock_oms.dataclass import dataclass
from mock_oms.traffic.faults.fault import INSIDE
from mock_oms.traffic.journal.client_report import ClientReport, objections
from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.traffic.journal.journal import JOURNAL_SIZE

__tracebackhide__ = is_refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultFacts(Body):
    """An active fault: whose it is, since which world time, how many requests it was for and how many met it.

    `said` is the fault as a scenario has it.
    """

    id: int
    origin: str
    since: datetime
    seen: int
    met: int
    said: Mapping[str, Any]

    @classmethod
    def read(cls, json: Json) -> Self:
        """From JSON, where the keys of the fault stand beside the others."""
        beside = {one.name for one in fields(cls)}
        return read(cls, json, said={key: value for key, value in json.items() if key not in beside})


class Misbehaviour(AbstractContextManager["Misbehaviour"]):
    """Faults that were added together, and limits that came with them; as a context manager, until the end of it.

    `added` is what they were at first, `facts()` what they are now; `said` is how they were asked for.
    """

    def __init__(
        self, ask: Callable[..., Any], added: Json, before: Mapping[str, Any], said: Mapping[str, Any]
    ) -> None:
        self._ask, self._before, self.said = ask, before, said
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
            self._ask("DELETE", "faults", one, may_be_gone=True)
        if self.limits:
            now = self._ask("GET", "limits", may_be_gone=True) or {}
            changed = {key: value for key, value in now.items() if value != self.limits.get(key)}
            before = {key: self._before[key] for key in self.limits if key in self._before}
            self._ask("PUT", "limits", body={**before, **changed}, may_be_gone=True)

    def __exit__(self, *_: object) -> None:
        self.remove()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPage(Body):
    """Requests, the oldest first: the newest of those that `matched`.

    `total` is how many there were since the journal was cleared, `evicted` how many of these are kept no longer. Those
    `under_way` match, as far as is known of them, and have no answer yet.
    """

    total: int
    evicted: int
    matched: int
    requests: tuple[JournalEntry, ...]
    under_way: tuple[JournalEntry, ...] = ()


class JournalMethods:
    """What has a journal: a world, and a mock for the requests that name no world; `place` is its path."""

    def __init__(self, connection: Connection, *place: str) -> None:
        self._connection, self._ask = connection, partial(connection.ask, place=place)

    def requests(
        self,
        *,
        since: int | None = None,
        before: int | None = None,
        operation: str | None = None,
        plan: int | None = None,
        status: int | None = None,
        unmatched: bool | None = None,
        fault: bool | str | None = None,
        state: str | None = None,
        limit: int = 100,
    ) -> RequestPage:
        """The newest `limit` (up to 1000) requests for which all that is said holds, oldest first.

        `since` and `before` are numbers: those between are shown. `unmatched`: no route took them. `fault`: the name of the one that
        was met, such as `status 503`, or whether any was.
        """
        said = {"since": since, "before": before, "operation": operation, "plan": plan, "status": status}
        said |= {"unmatched": unmatched, "fault": fault, "state": state, "limit": limit}
        return RequestPage.read(self._ask("GET", "requests", query=arguments.without_none(said)))

    def request(self, number: int) -> JournalEntry:
        """A request by its number."""
        return read(JournalEntry, self._ask("GET", "requests", number))

    def clear_requests(self) -> None:
        """Forget all requests; numbers go on."""
        self._ask("DELETE", "requests")


class TrafficMethods(JournalMethods):
    """The faults and limits of a world, verification of its requests, and a report on its clients.

    `misbehaved` are the faults that this object added, `limited` the limits that it set last.
    """

    misbehaved: tuple[Misbehaviour, ...] = ()
    limited: dict[str, Any] | None = None

    def fault(self, *, on: str | None = None, profile: str | None = None, **said: Any) -> Misbehaviour:  # noqa: ANN401
        """Let requests meet a fault from now on, in a scenario's keywords, or the faults and limits of a `profile`.

        `fault(status=503, times=2, on="list")`, `fault(connection="reset", on="detail", plan=41207)`. Without `on` it is
        for any request.
        """
        if profile is None:
            before, body = {}, _spelled_out({"on": on or "any", **said})
        else:
            before, body = self.limits(), arguments.without_none({"profile": profile, "on": on}) | said
        added = Misbehaviour(self._ask, self._ask("POST", "faults", body=body), before, body)
        self.misbehaved += (added,)
        return added

    def faults(self) -> tuple[FaultFacts, ...]:
        """The active faults, in the order in which requests are compared with them."""
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
        """Let these limits hold instead of those before, and count again; without any, all are lifted.

        `quota` and `login` are such as `{"limit": 100, "window": "1m"}`, `token` is `{"requests": 50}` or
        `{"after": "1h"}`; a login renews it.
        """
        given = arguments.without_none({"quota": quota, "token": token, "login": login})
        self.limited = dict(self._ask("PUT", "limits", body=given))
        return self.limited

    def verify(
        self,
        operation: str | None = None,
        *,
        plan: int | None = None,
        status: int | None = None,
        page: int | None = None,
        state: str | None = None,
        method: str | None = None,
        min: int | None = None,  # noqa: A002  as the control API
        max: int | None = None,  # noqa: A002
        exactly: int | None = None,
        order: Iterable[str | Mapping[str, Any]] = (),
        within: str | float | timedelta | None = None,
    ) -> Verified:
        """Demand that requests were made: so many of this kind (at least one), and those of `order` one after another.

        What the journal has evicted, or what has no answer yet, is not taken for absent: an upper bound or an order that it
        may break fails.

        A step of the order is an operation, or a mapping such as `{"operation": "detail", "plan": 41207}`. `within`:
        only those of the last so much world time count.

        :raises mock_oms.client.errors.VerificationError: they were not; it names the nearest.
        """
        pattern = {"operation": operation, "plan": plan, "status": status, "page": page, "state": state}
        count = arguments.without_none({"min": min, "max": max, "exactly": exactly})
        steps = [{"operation": one} if isinstance(one, str) else dict(one) for one in order]
        rest = {"method": method, "count": count or None, "order": steps or None, "within": arguments.duration(within)}
        try:
            return Verified.read(self._ask("POST", "verify", body=arguments.without_none({**pattern, **rest})))
        except ControlError as error:
            if "nearest" not in error.problem:
                raise
            near = [(read(JournalEntry, one["request"]), tuple(one["differs"])) for one in error.problem["nearest"]]
            raise VerificationError(error.detail, near) from None

    def report(self) -> tuple[ClientReport, ...]:
        """How each client behaves, the busiest first: findings with a verdict and the requests that show it."""
        clients = self._ask("GET", "client-report")["clients"]
        return tuple(read(ClientReport, one, operations=tuple(one["operations"].items())) for one in clients)

    def assert_polite(
        self, *, max_requests: int | None = None, max_per_second: float | None = None, allow: str | Iterable[str] = ()
    ) -> None:
        """Demand that there were requests, and that the report finds nothing bad in any client.

        `allow` names checks of the report that may be bad all the same, such as `connections`. All requests together must
        also stay within a budget, by wall time; None: there is no such limit. With `max_requests=0` none is demanded.

        :raises mock_oms.client.errors.VerificationError: they did not, or the journal has evicted some of them.
        """
        page, allowed = self.requests(limit=JOURNAL_SIZE), (allow,) if isinstance(allow, str) else tuple(allow)
        try:
            found = objections(
                page.requests,
                max_requests,
                max_per_second,
                allow=allowed,
                evicted=page.evicted,
                under_way=page.under_way,
            )
        except ValueError as error:
            raise WishError(str(error)) from None
        if found:
            raise VerificationError("\n".join(found))


def _spelled_out(said: Mapping[str, Any]) -> dict[str, Any]:
    """A fault whose keys stand inside `effect` and `when`, if one of these was said; else as it is."""
    if not said.keys() & INSIDE:
        return dict(said)
    spelled: dict[str, Any] = dict(said)
    for place, keys in INSIDE.items():
        inside = {key: spelled.pop(key) for key in keys if key in spelled}
        given = spelled.get(place, {})
        twice = [key for key in inside if isinstance(given, Mapping) and key in given]
        if twice:
            raise WishError(f"{twice[0]}: stands beside `{place}`, and in it; accepted: one of them.")
        if inside and isinstance(given, Mapping):
            spelled[place] = {**given, **inside}
        elif inside:
            raise WishError(f"{place}: found {given!r} beside {', '.join(inside)}; accepted: a mapping.")
    return spelled
