"""The vendor's API: its paths, its views, and the order in which a call is checked."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from mock_oms.web.caller import Caller
from mock_oms.web.django import check_host, query_parameters, unresolved
from mock_oms.web.exchange import Answer, Call, Interrupted, Refused
from mock_oms.web.login import credentials, wrong_credentials
from mock_oms.web.magic import SLOW, check_magic
from mock_oms.web.media_types import indent_of
from mock_oms.web.pagination import listed
from mock_oms.web.parsers import parsed
from mock_oms.web.rest_framework import (
    check_credentials,
    check_method,
    compact,
    metadata,
    negotiated,
    not_found,
    plan_id,
    rendered,
    throttled,
    unauthenticated,
)
from mock_oms.web.worlds import ReadableWorld, Worlds
from mock_oms.wording import INVALID_TOKEN, NO_MATCH, NOT_FOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A call that has come as far as its view."""

    call: Call
    caller: Caller
    worlds: Worlds
    pk: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One view of the vendor: its name and methods as it tells them, and who may enter.

    `enter` refuses those who may not, and returns what to do for those who may, once their method is known.
    """

    name: str
    allow: tuple[str, ...]
    enter: Callable[[Visit], Callable[[], bytes]]

    @property
    def allow_header(self) -> str:
        """The methods as they stand in `Allow`."""
        return ", ".join(self.allow)


def admitted(visit: Visit) -> ReadableWorld:
    """The world that a caller's token names; refuses (401, 429, what magic tokens do) whoever may not see it now."""
    caller = visit.caller
    auth = caller.reading.answers.auth
    check_credentials(caller.words, auth)
    check_magic(caller.token, auth)
    if not caller.known and auth != "off" and caller.token != SLOW:
        raise unauthenticated(INVALID_TOKEN, auth)
    _throttle(visit.worlds.wait())
    return caller.reading


def _throttle(wait: int | None) -> None:
    if wait is not None:
        raise throttled(wait)


def _list(visit: Visit) -> Callable[[], bytes]:
    reading = admitted(visit)
    return lambda: listed(visit.call, reading)


def _detail(visit: Visit) -> Callable[[], bytes]:
    reading = admitted(visit)
    return lambda: _plan(visit.pk, reading)


def _plan(pk: str, reading: ReadableWorld) -> bytes:
    plan = reading.detail(plan_id(pk))
    if plan is None:
        raise not_found(NO_MATCH if reading.answers.not_found == "model" else NOT_FOUND)
    return plan


def _login(visit: Visit) -> Callable[[], bytes]:
    _throttle(visit.worlds.login_wait())
    return lambda: _key(visit)


def _key(visit: Visit) -> bytes:
    username, password = credentials(parsed(visit.call))
    token = visit.worlds.login(username, password)
    if token is None:
        raise wrong_credentials()
    return compact({"key": token})


_READ = ("GET", "HEAD", "OPTIONS")
LIST = View(name="Order Execution Plan List", allow=_READ, enter=_list)
DETAIL = View(name="Order Execution Plan Instance", allow=_READ, enter=_detail)
LOGIN = View(name="Login", allow=("POST", "OPTIONS"), enter=_login)

PLANS = "/api/v1/oms/orderexecutionplans"
_END = r"(?:/|\.(?P<format>[a-z0-9]+)/?)"

ROUTES: tuple[tuple[re.Pattern[str], View], ...] = (
    (re.compile(PLANS + _END), LIST),
    (re.compile(f"{PLANS}/(?P<pk>[^/.]+){_END}"), DETAIL),
    (re.compile("/api/(?:v1|i1)/auth/login/"), LOGIN),
)


def resolve(path: str) -> tuple[View, dict[str, str]] | None:
    """The view of a decoded path with what the path says (`pk`, `format`), or None where no view has it."""
    for pattern, view in ROUTES:
        found = pattern.fullmatch(path)
        if found:
            return view, {name: text for name, text in found.groupdict().items() if text is not None}
    return None


def respond(call: Call, caller: Caller, worlds: Worlds) -> Answer:
    """The vendor's answer to a call: host, path, then whatever the view says."""
    try:
        check_host(call.host)
        found = resolve(call.path)
        if found is None:
            return unresolved(call, resolve)
        view, said = found
        # The query is read only where it is needed: one that is too long for Django is no matter beside a suffix.
        wanted_format = said.get("format") or query_parameters(call).get("format")
        visit = Visit(call=call, caller=caller, worlds=worlds, pk=said.get("pk", ""))
        return _negotiated_answer(view, visit, wanted_format)
    except Interrupted as interruption:
        return interruption.answer


def _negotiated_answer(view: View, visit: Visit, wanted_format: str | None) -> Answer:
    try:
        media_type = negotiated(visit.call.accept, wanted_format)
    except Refused as refusal:
        return _refusal(view, refusal, indent=None)
    indent = indent_of(media_type)
    try:
        return rendered(_content(view, visit), allow=view.allow_header, indent=indent)
    except Refused as refusal:
        return _refusal(view, refusal, indent)


def _content(view: View, visit: Visit) -> bytes:
    """Admission comes before the method: an unknown caller is not told what he may not do."""
    act = view.enter(visit)
    check_method(visit.call.method, view.allow)
    return metadata(view.name) if visit.call.method == "OPTIONS" else act()


def _refusal(view: View, refusal: Refused, indent: int | None) -> Answer:
    return rendered(
        compact(refusal.data), allow=view.allow_header, indent=indent, status=refusal.status, extra=refusal.headers
    )
