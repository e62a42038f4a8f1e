"""The requests of a world, their verification, and a report on its clients."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from flask import Response, current_app, request

from mock_oms import __version__
from mock_oms.api.control import schemas
from mock_oms.api.control.errors import ProblemError
from mock_oms.api.control.routes import Routes, leased, world_time
from mock_oms.api.har import har
from mock_oms.api.state import current_state
from mock_oms.text import counted
from mock_oms.traffic.journal.client_report import client_report
from mock_oms.traffic.journal.entry import JournalEntry
from mock_oms.traffic.journal.journal import Filter, Journal, JournalPage
from mock_oms.traffic.journal.verification import Verification, VerificationResult, verified

HAR = "application/har+json"
_JSON = "application/json"
_AS_HAR = {"content": {HAR: {"schema": {"type": "object", "description": "The same as an HTTP archive (HAR 1.2)."}}}}

journal = Routes("requests", "What was asked of the vendor's API, and how well its clients behave.")


_LISTS: dict[str, Any] = {
    "answer": schemas.RequestList,
    "query": schemas.RequestQuery,
    "doc": {"responses": {200: _AS_HAR}},
}


@journal.handles("GET", "/worlds/<world:world>/requests", **_LISTS)
def list_requests(query: dict[str, Any], world: str) -> Response | JournalPage:
    """The newest requests of a world, the oldest of them first; with `Accept: application/har+json` as an archive."""
    return _shown(leased(world).traffic.journal.page(query["wanted"], query["limit"]))


@journal.handles("DELETE", "/worlds/<world:world>/requests", status=204)
def clear_requests(world: str) -> Response:
    """Forget all requests of a world; numbers go on."""
    leased(world).traffic.journal.clear()
    return Response(status=204)


@journal.handles("GET", "/worlds/<world:world>/requests/<number:number>", schemas.Request)
def show_request(world: str, number: int) -> JournalEntry:
    """A request by its number."""
    return _found(leased(world).traffic.journal, number, f"of world {world}")


@journal.handles("GET", "/requests", **_LISTS)
def list_requests_of_no_world(query: dict[str, Any]) -> Response | JournalPage:
    """The newest requests that name no world: their token is unknown, or missing."""
    return _shown(current_state().simulation.unknown_tokens.page(query["wanted"], query["limit"]))


@journal.handles("DELETE", "/requests", status=204)
def clear_requests_of_no_world() -> Response:
    """Forget all requests that name no world; numbers go on."""
    current_state().simulation.unknown_tokens.clear()
    return Response(status=204)


@journal.handles("GET", "/requests/<number:number>", schemas.Request, refuses=(404,))
def show_request_of_no_world(number: int) -> JournalEntry:
    """A request that names no world, by its number."""
    return _found(current_state().simulation.unknown_tokens, number, "of those that name no world")


@journal.handles(
    "POST",
    "/worlds/<world:world>/verify",
    schemas.Verified,
    body=(schemas.Expected, {"operation": "detail", "plan": 41207, "count": {"max": 2, "min": 0}}),
    refuses=(409,),
)
def verify(wanted: Verification, world: str) -> VerificationResult:
    """Whether requests were made as expected; 409, with the reason and the nearest ones, where they were not."""
    lease = leased(world)
    page = _written(lease.traffic.journal)
    verdict = verified(
        wanted,
        page.entries,
        world_time(lease),
        page.evicted,
        evicted_until=page.evicted_until,
        under_way=page.under_way,
    )
    if verdict.ok:
        return verdict
    nearest, counts = schemas.Near(many=True).dump(verdict.nearest), ("found", "evicted", "under_way")
    more = {name: getattr(verdict, name) for name in counts}
    raise ProblemError(HTTPStatus.CONFLICT, verdict.reason, nearest=nearest, **more)


@journal.handles("GET", "/worlds/<world:world>/client-report", schemas.Report, refuses=(409,))
def report_clients(world: str) -> dict[str, Any]:
    """How each client behaves: its pace, back-off, wasted requests, connections and patience, with a verdict each."""
    page = _written(leased(world).traffic.journal)
    found = client_report(page.entries, evicted=page.evicted)
    return {"evicted": page.evicted, "clients": [{**asdict(one), "operations": dict(one.operations)} for one in found]}


def _written(journal: Journal) -> JournalPage:
    """All that a journal holds. Where no server before the app writes one, whatever is said of it would hold."""
    if not current_state().performs:
        raise ProblemError(
            HTTPStatus.CONFLICT, "This app has no front that writes a journal; start the mock with mock-oms serve."
        )
    return journal.page(Filter(), journal.size)


def _shown(page: JournalPage) -> Response | JournalPage:
    if request.accept_mimetypes.best_match([_JSON, HAR]) == HAR:
        older = page.matched - len(page.entries)
        why = ((older, "by the limit"), (page.evicted, "dropped from the journal"))
        said = ", ".join(f"{count:,} {how}" for count, how in why if count)
        left_out = f"Older ones left out: {said}." if said else ""
        archive = har(page.entries, __version__, request.scheme, left_out=left_out)
        return Response(current_app.json.dumps(archive, separators=(",", ":")), content_type=HAR)
    return page


def _found(journal: Journal, number: int, whose: str) -> JournalEntry:
    page = journal.page(Filter(number=number), 1)
    if not page.entries:
        known = journal.numbers
        there = f"numbers {known[0]} to {known[-1]} are kept" if known else "none is kept"
        older = f", {counted(page.evicted, 'older one')} dropped" if page.evicted else ""
        sentence = f"There is no request {number} {whose}: {there}{older}."
        raise ProblemError(HTTPStatus.NOT_FOUND, sentence)
    return page.entries[0]
