"""The requests of a world, or of those that name none: read, verified, judged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from mock_oms.client import wishes
from mock_oms.client.errors import ControlError, VerificationError, WishError
from mock_oms.client.facts import Json, moment
from mock_oms.journal.entry import Entry
from mock_oms.journal.findings import Finding
from mock_oms.journal.report import ClientReport, polite
from mock_oms.journal.ring import SIZE
from mock_oms.operations import Operation


def read_entry(json: Json) -> Entry:
    """A request from JSON."""
    operation = json["operation"]
    read = {
        "at": moment(json["at"]),
        "wall": moment(json["wall"]),
        "operation": None if operation is None else Operation(operation),
        "headers": tuple((name, value) for name, value in json["headers"]),
        "answer_headers": tuple((name, value) for name, value in json["answer_headers"]),
    }
    return Entry(**{**{one.name: json[one.name] for one in fields(Entry)}, **read})


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPage:
    """Requests, the oldest first: the newest of those that `matched`.

    `total` is how many there were since the journal was cleared, `evicted` how many of these are kept no longer.
    """

    total: int
    evicted: int
    matched: int
    requests: tuple[Entry, ...]

    @classmethod
    def read(cls, json: Json) -> "RequestPage":
        """From JSON."""
        counts = {key: json[key] for key in ("total", "evicted", "matched")}
        return cls(**counts, requests=tuple(map(read_entry, json["requests"])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Requests were made as expected; `found` is how many."""

    reason: str
    found: int
    evicted: int


class Journaled:
    """Whatever has a journal."""

    def _ask(self, method: str, *path: str | int, **more: Any) -> Any:  # noqa: ANN401  JSON enters
        """What the control API answers."""
        raise NotImplementedError

    def requests(
        self,
        *,
        since: int | None = None,
        operation: str | None = None,
        plan: int | None = None,
        status: int | None = None,
        unmatched: bool | None = None,
        fault: bool | str | None = None,
        state: str | None = None,
        limit: int = 100,
    ) -> RequestPage:
        """The newest `limit` (up to 1000) requests for which all that is said holds, oldest first.

        `since` is a number: later ones are shown. `unmatched`: no route took them. `fault`: the name of the one that
        was met, such as `status 503`, or whether any was.
        """
        said = {"since": since, "operation": operation, "plan": plan, "status": status, "unmatched": unmatched}
        said |= {"fault": fault, "state": state, "limit": limit}
        query = {key: value for key, value in said.items() if value is not None}
        return RequestPage.read(self._ask("GET", "requests", query=query))

    def request(self, number: int) -> Entry:
        """A request by its number."""
        return read_entry(self._ask("GET", "requests", number))

    def clear_requests(self) -> None:
        """Forget all requests; numbers go on."""
        self._ask("DELETE", "requests")


class Judged(Journaled):
    """A world whose requests are verified and whose clients are reported on."""

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
        within: str | timedelta | None = None,
    ) -> Verified:
        """Demand that requests were made: so many of this kind (at least one), and those of `order` one after another.

        A step of the order is an operation, or a mapping such as `{"operation": "detail", "plan": 41207}`. `within`:
        only those of the last so much world time count.

        :raises mock_oms.client.errors.VerificationError: they were not; it names the nearest.
        """
        said = {"operation": operation, "plan": plan, "status": status, "page": page, "state": state, "method": method}
        count = _said({"min": min, "max": max, "exactly": exactly})
        steps = [{"operation": one} if isinstance(one, str) else dict(one) for one in order]
        span = None if within is None else wishes.duration(within)
        return self._verified(_said({**said, "count": count or None, "order": steps or None, "within": span}))

    def _verified(self, body: Mapping[str, Any]) -> Verified:
        try:
            found = self._ask("POST", "verify", body=body)
        except ControlError as error:
            if "nearest" not in error.problem:
                raise
            raise _unverified(error) from None
        return Verified(reason=found["reason"], found=found["found"], evicted=found["evicted"])

    def report(self) -> tuple[ClientReport, ...]:
        """How each client behaves, the busiest first: findings with a verdict and the requests that show it."""
        return tuple(map(_client, self._ask("GET", "client-report")["clients"]))

    def assert_polite(self, *, max_requests: int | None = None, max_per_second: float | None = None) -> None:
        """Demand that all requests together stayed within a budget, by wall time; None: there is no such limit.

        :raises mock_oms.client.errors.VerificationError: they did not.
        """
        page = self.requests(limit=SIZE)
        try:
            finding = polite(page.requests, max_requests, max_per_second, evicted=page.evicted)
        except ValueError as error:
            raise WishError(str(error)) from None
        if finding.verdict != "good":
            shown = ", ".join(map(str, finding.numbers[:10]))
            raise VerificationError(f"{finding.sentence} Over it: {shown or 'those that were evicted'}.")


def _said(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value is not None}


def _unverified(error: ControlError) -> VerificationError:
    nearest = tuple((read_entry(one["request"]), tuple(one["differs"])) for one in error.problem["nearest"])
    return VerificationError(error.detail, nearest)


def _client(json: Json) -> ClientReport:
    findings = tuple(Finding(**{**one, "numbers": tuple(one["numbers"])}) for one in json["findings"])
    return ClientReport(**{**json, "operations": tuple(json["operations"].items()), "findings": findings})
