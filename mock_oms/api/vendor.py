"""The vendor's API: its paths, its views, who calls, and the order in which a call is checked."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from mock_oms.api.django import check_host, query_parameters, unresolved
from mock_oms.api.exchange import Answer, Call, ReadableWorld, Refused, ServerError, Worlds
from mock_oms.api.failing_tokens import SLOW, TOKENS, check_magic
from mock_oms.api.rest_framework import (
    check_credentials,
    check_method,
    indent_of,
    listed,
    metadata,
    negotiated,
    not_found,
    parsed,
    plan_id,
    presented_token,
    refused,
    rendered,
    throttled,
    unauthenticated,
)
from mock_oms.contract import wording
from mock_oms.dataclass import dataclass
from mock_oms.text import framework_json
from mock_oms.worlds.world_header import WorldHeader


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A call's header, split at blanks, and its token; `world` is of its world if it is `known`, else the default."""

    words: tuple[bytes, ...]
    token: str | None
    known: bool
    world: ReadableWorld

    @property
    def line(self) -> WorldHeader | None:
        """The line of the world that the call names, whatever becomes of the call; None where it names none.

        Without authentication, and with a magic token, that is the default world.
        """
        named = self.known or self.world.answers.auth == "off" or self.token in TOKENS
        return self.world.line if named else None


def caller_of(call: Call, worlds: Worlds) -> Caller:
    """Read the header of a call, and its world: once, so that everything about the call is of one instant."""
    words = tuple(call.authorization.encode("latin-1").split())
    token = presented_token(words)
    named = worlds.reading(token) if token else None
    return Caller(words=words, token=token, known=named is not None, world=named or worlds.default())


def credentials(data: object) -> tuple[str, str]:
    """The user name and the password in a parsed body; refuses (400) what the serializer would."""
    if data is None:
        raise _invalid(wording.NO_DATA)
    if not isinstance(data, dict):
        raise _invalid(wording.no_dictionary(type(data).__name__))
    if faults := {name: texts for name in _FIELDS if (texts := list(_faults(data, name)))}:
        raise Refused(400, faults)
    return _FIELDS["username"](str(data["username"])), _FIELDS["password"](str(data["password"]))


def _invalid(text: str) -> Refused:
    return Refused(400, {"non_field_errors": [text]})


#: How the text of each field is trimmed: blanks around a name are a slip, in a password they may be meant.
_FIELDS: dict[str, Callable[[str], str]] = {"username": str.strip, "password": str}


def _faults(data: dict[str, Any], name: str) -> Iterator[str]:
    given = data.get(name)
    text = _FIELDS[name](str(given))
    if given is None:
        yield wording.NULL if name in data else wording.REQUIRED
    elif text == "":
        yield wording.BLANK
    elif isinstance(given, bool) or not isinstance(given, (str, int, float)):
        yield wording.NOT_TEXT
    else:
        if "\0" in text:
            yield wording.NUL
        yield from (wording.surrogate(letter) for letter in re.findall("[\ud800-\udfff]", text)[:1])


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One view of the vendor: its name and methods as it says them.

    `admit` refuses (401, 429, what magic tokens do) a caller who may not enter now; `act` makes the body of the answer,
    from the call, its caller, the worlds and the id in the path.
    """

    name: str
    allow: tuple[str, ...]
    admit: Callable[[Caller, Worlds], None]
    act: Callable[[Call, Caller, Worlds, str], bytes]

    @property
    def allow_header(self) -> str:
        """The methods as they stand in `Allow`."""
        return ", ".join(self.allow)


def _admit_reader(caller: Caller, worlds: Worlds) -> None:
    auth = caller.world.answers.auth
    check_credentials(caller.words, auth)
    check_magic(caller.token, auth)
    if not caller.known and auth != "off" and caller.token != SLOW:
        raise unauthenticated(wording.INVALID_TOKEN, auth)
    _throttle(worlds.wait())


def _throttle(wait: int | None) -> None:
    if wait is not None:
        raise throttled(wait)


def _detail(_: Call, caller: Caller, __: Worlds, pk: str) -> bytes:
    found = caller.world.detail(plan_id(pk))
    if found is None:
        raise not_found(wording.NO_MATCH if caller.world.answers.not_found == "model" else wording.NOT_FOUND)
    return found


def _login(call: Call, _: Caller, worlds: Worlds, __: str) -> bytes:
    token = worlds.login(*credentials(parsed(call)))
    if token is None:
        raise _invalid(wording.WRONG_LOGIN)  # 400, and not 401
    return framework_json({"key": token})


_READ = ("GET", "HEAD", "OPTIONS")
LIST = View(
    name="Order Execution Plan List",
    allow=_READ,
    admit=_admit_reader,
    act=lambda call, caller, *_: listed(call, caller.world),
)
DETAIL = View(name="Order Execution Plan Instance", allow=_READ, admit=_admit_reader, act=_detail)
LOGIN = View(
    name="Login", allow=("POST", "OPTIONS"), admit=lambda _, worlds: _throttle(worlds.login_wait()), act=_login
)

PLANS = "/api/v1/oms/orderexecutionplans"
_END = r"(?:/|\.(?P<format>[a-z0-9]+)/?)"

ROUTES: tuple[tuple[re.Pattern[str], View], ...] = (
    (re.compile(PLANS + _END), LIST),
    (re.compile(f"{PLANS}/(?P<pk>[^/.]+){_END}"), DETAIL),
    (re.compile("/api/(?:v1|i1)/auth/login/"), LOGIN),
)


def resolve(path: str) -> tuple[View, dict[str, str]] | None:
    """The view of a decoded path with what the path says (`pk`, `format`), or None where no view has it."""
    for pattern, view in ROUTES:  # twice for each request: a generator takes longer than the patterns
        found = pattern.fullmatch(path)
        if found is not None:
            return view, found.groupdict("")
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
        return _answer_of(view, call, caller, worlds, pk=said.get("pk", ""), wanted_format=wanted_format)
    except ServerError as interruption:
        return interruption.answer


def _answer_of(view: View, call: Call, caller: Caller, worlds: Worlds, *, pk: str, wanted_format: str | None) -> Answer:
    indent = None
    try:
        indent = indent_of(negotiated(call.accept, wanted_format))
        view.admit(caller, worlds)
        # Only now: a caller who may not enter does not learn which methods there are.
        check_method(call.method, view.allow)
        body = metadata(view.name) if call.method == "OPTIONS" else view.act(call, caller, worlds, pk)
        return rendered(body, allow=view.allow_header, indent=indent)
    except Refused as refusal:
        return refused(refusal, caller.world.answers, allow=view.allow_header, indent=indent)
