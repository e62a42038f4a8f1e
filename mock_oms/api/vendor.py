"""The vendor's API: its paths, its views, who asks, and the order in which a call is checked."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mock_oms.api.django import check_host, indent_of, query_parameters, unresolved
from mock_oms.api.exchange import Answer, Call, ReadableWorld, Refused, ServerError, Worlds
from mock_oms.api.failures import SLOW, TOKENS, check_magic
from mock_oms.api.parsers import parsed
from mock_oms.api.rest_framework import (
    check_credentials,
    check_method,
    compact,
    listed,
    metadata,
    negotiated,
    not_found,
    plan_id,
    presented_token,
    rendered,
    throttled,
    unauthenticated,
)
from mock_oms.contract import wording
from mock_oms.contract.wording import INVALID_TOKEN, NO_MATCH, NOT_FOUND
from mock_oms.worlds.world_header import WorldHeader


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A call's header, split at blanks, and its token; `reading` is of its world if it is `known`, else the default."""

    words: tuple[bytes, ...]
    token: str | None
    known: bool
    reading: ReadableWorld

    @property
    def line(self) -> WorldHeader | None:
        """The line of the world that the call names, whatever becomes of the call; None where it names none.

        Who need not say who he is, and who asks for a failure, names the default world.
        """
        named = self.known or self.reading.answers.auth == "off" or self.token in TOKENS
        return self.reading.line if named else None


def caller_of(call: Call, worlds: Worlds) -> Caller:
    """Read the header of a call, and its world: once, so that everything about the call is of one instant."""
    words = tuple(call.authorization.encode("latin-1").split())
    token = presented_token(words)
    named = worlds.reading(token) if token else None
    return Caller(words=words, token=token, known=named is not None, reading=named or worlds.default())


def credentials(data: object) -> tuple[str, str]:
    """The user name and the password in a parsed body; refuses (400) what the serializer would."""
    if data is None:
        raise _invalid(wording.NO_DATA)
    if not isinstance(data, dict):
        raise _invalid(wording.no_dictionary(type(data).__name__))
    faults = {name: list(_faults(data, name)) for name in _FIELDS}
    if any(faults.values()):
        raise Refused(400, {name: texts for name, texts in faults.items() if texts})
    return _FIELDS["username"](str(data["username"])), _FIELDS["password"](str(data["password"]))


def wrong_credentials() -> Refused:
    """A 400 (not a 401) for a user who is not known."""
    return _invalid(wording.WRONG_LOGIN)


def _invalid(text: str) -> Refused:
    return Refused(400, {"non_field_errors": [text]})


#: How the text of each field is trimmed: blanks around a name are a slip, in a password they may be meant.
_FIELDS: dict[str, Callable[[str], str]] = {"username": str.strip, "password": str}


def _faults(data: dict[str, Any], name: str) -> Iterator[str]:
    if name not in data:
        yield wording.REQUIRED
    elif data[name] is None:
        yield wording.NULL
    elif _FIELDS[name](str(data[name])) == "":
        yield wording.BLANK
    elif isinstance(data[name], bool) or not isinstance(data[name], (str, int, float)):
        yield wording.NOT_TEXT
    else:
        yield from _forbidden_letters(_FIELDS[name](str(data[name])))


def _forbidden_letters(text: str) -> Iterator[str]:
    if "\0" in text:
        yield wording.NUL
    surrogate = next((letter for letter in text if "\ud800" <= letter <= "\udfff"), None)
    if surrogate:
        yield wording.surrogate(surrogate)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmittedCall:
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
    enter: Callable[[AdmittedCall], Callable[[], bytes]]

    @property
    def allow_header(self) -> str:
        """The methods as they stand in `Allow`."""
        return ", ".join(self.allow)


def admitted(visit: AdmittedCall) -> ReadableWorld:
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


def _list(visit: AdmittedCall) -> Callable[[], bytes]:
    reading = admitted(visit)
    return lambda: listed(visit.call, reading)


def _detail(visit: AdmittedCall) -> Callable[[], bytes]:
    reading = admitted(visit)
    return lambda: _plan(visit.pk, reading)


def _plan(pk: str, reading: ReadableWorld) -> bytes:
    plan = reading.detail(plan_id(pk))
    if plan is None:
        raise not_found(NO_MATCH if reading.answers.not_found == "model" else NOT_FOUND)
    return plan


def _login(visit: AdmittedCall) -> Callable[[], bytes]:
    _throttle(visit.worlds.login_wait())
    return lambda: _key(visit)


def _key(visit: AdmittedCall) -> bytes:
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
        visit = AdmittedCall(call=call, caller=caller, worlds=worlds, pk=said.get("pk", ""))
        return _negotiated_answer(view, visit, wanted_format)
    except ServerError as interruption:
        return interruption.answer


def _negotiated_answer(view: View, visit: AdmittedCall, wanted_format: str | None) -> Answer:
    try:
        media_type = negotiated(visit.call.accept, wanted_format)
    except Refused as refusal:
        return _refusal(view, refusal, indent=None)
    indent = indent_of(media_type)
    try:
        return rendered(_content(view, visit), allow=view.allow_header, indent=indent)
    except Refused as refusal:
        return _refusal(view, refusal, indent)


def _content(view: View, visit: AdmittedCall) -> bytes:
    """Admission comes before the method: an unknown caller is not told what he may not do."""
    act = view.enter(visit)
    check_method(visit.call.method, view.allow)
    return metadata(view.name) if visit.call.method == "OPTIONS" else act()


def _refusal(view: View, refusal: Refused, indent: int | None) -> Answer:
    return rendered(
        compact(refusal.data), allow=view.allow_header, indent=indent, status=refusal.status, extra=refusal.headers
    )
