"""Requests to try on both applications: the tables' rows, put into requests, subject by subject."""

import json
from collections.abc import Iterable
from dataclasses import replace
from itertools import product

from tests.drf.fake_world import EMPTY, FULL, SINGLE
from tests.drf.tables import (
    ACCEPTS,
    AUTHORIZATIONS,
    BROKEN_LOGINS,
    FORMATS,
    HOSTS,
    IDS,
    LIST,
    LOGIN,
    LOGINS,
    METHODS,
    OTHER_HEADERS,
    PATHS,
    QUERIES,
    TYPED_LOGINS,
)
from tests.drf.wire import Sent

TOKEN = {"Authorization": f"Token {FULL}", "Host": "shop-oms.akinon.net"}

#: Headers that break a login, or that it has to ignore.
_MORE = (
    {"Authorization": "Token nope"},
    {"Accept": "text/html"},
    *({"Content-Length": text} for text in ("0", "5", "x", "-1", "9999999")),
)


def _gets(targets: Iterable[str], **headers: str) -> list[Sent]:
    return [Sent(target=target, headers={**TOKEN, **headers}) for target in targets]


def _posts(bodies: Iterable[tuple[str | None, bytes]]) -> list[Sent]:
    return [
        Sent(method="POST", target=LOGIN, headers={} if kind is None else {"Content-Type": kind}, body=body)
        for kind, body in bodies
    ]


def _with(row: Sent, **headers: str) -> Sent:
    return replace(row, headers={**row.headers, **headers})


def _authorizations() -> list[Sent]:
    targets = (("GET", LIST), ("POST", LIST), ("GET", f"{LIST}404404/"), ("OPTIONS", f"{LIST}7001/"))
    rows = [Sent(method=method, target=target) for method, target in targets]
    rows += [Sent(target=LIST, headers={"Authorization": text}) for text in AUTHORIZATIONS]
    magic = (text for text in AUTHORIZATIONS if "fail-" in text or "nope" in text)
    rows += [Sent(method="PUT", target=f"{LIST}x/", headers={"Authorization": text}) for text in magic]
    return [*rows, *(_with(row, Accept="*/*; indent=2") for row in rows[:20])]


def _methods() -> list[Sent]:
    paths = ("7001/", "404404/", "x/", "7001", "?page=99")
    targets = (LIST, *(f"{LIST}{path}" for path in paths), LOGIN, "/nowhere/")
    rows = [Sent(method=method, target=target, headers=TOKEN) for method, target in product(METHODS, targets)]
    return [*rows, *(Sent(method=method, target=LIST, headers=TOKEN, body=b'{"broken": ') for method in METHODS)]


def _accepts() -> list[Sent]:
    rows = [Sent(target=f"{LIST}7001/", headers={**TOKEN, "Accept": text}) for text in ACCEPTS]
    rows += [
        _with(row, Accept=text) for row in _gets([f"{LIST}?limit=2&page=2"]) for text in ACCEPTS if "indent" in text
    ]
    rows += [
        Sent(method=method, target=target, headers={"Accept": text})
        for method, target in product(("GET", "OPTIONS"), (LIST, LIST[:-1], LOGIN, "/x"))
        for text in ("text/html", "*/*;indent=4")
    ]
    formats = [*(LIST + text for text in FORMATS), *(f"{LIST}7001/{text}" for text in FORMATS)]
    return [*rows, *_gets(formats), *_gets(formats, Accept="text/html"), *_gets(formats, Accept="*/*;indent=1")]


def _bodies() -> list[Sent]:
    kinds = ("application/json", "multipart/form-data", "x")
    return [_with(row, **{"Content-Type": kind}) for row in _gets((LIST, f"{LIST}7001/")) for kind in kinds]


def _other_headers() -> list[Sent]:
    row = Sent(target=f"{LIST}?page=2&q=%C3%A7", headers=TOKEN)
    rows = [_with(row, **headers) for headers in OTHER_HEADERS]
    return [*rows, *(replace(each, method=method) for each in rows for method in ("OPTIONS", "POST"))]


def _logins() -> list[Sent]:
    rows = _posts(("application/json", json.dumps(data).encode()) for data in LOGINS)
    rows += _posts(("application/json", body) for body in BROKEN_LOGINS)
    rows += _posts(TYPED_LOGINS)
    targets = (*(f"{LOGIN}{text}" for text in FORMATS), "/api/i1/auth/login/", LOGIN[:-1])
    return [
        *rows,
        *(_with(row, Accept="application/json; indent=4") for row in rows[:6]),
        *(_with(rows[0], **headers) for headers in _MORE),
        *(replace(rows[0], target=target) for target in targets),
    ]


CASES: dict[str, list[Sent]] = {
    "authorization": _authorizations(),
    "methods": _methods(),
    "accept": _accepts(),
    "ids": _gets(f"{LIST}{text}{end}" for text, end in product(IDS, ("/", ""))),
    "paths": [*_gets(PATHS), *(Sent(method="POST", target=target) for target in PATHS)],
    "queries": _gets(f"{LIST}{text}" for text in QUERIES),
    "queries with a suffix": _gets(f"{LIST[:-1]}.json{text}" for text in QUERIES),
    "queries on one plan": _gets(
        f"{LIST}{path}{text}" for path, text in product(("7001/", "7001.json"), QUERIES[-60:])
    ),
    "other worlds": [
        _with(row, Authorization=f"Token {world}")
        for row in _gets(
            f"{LIST}{text}" for text in ("", "?page=1", "?page=2", "?page=last", "?limit=1", "11/", "7001/")
        )
        for world in (EMPTY, SINGLE)
    ],
    "hosts": [_with(row, Host=host) for row in _gets((f"{LIST}?page=2", "/x", LIST[:-1])) for host in HOSTS],
    "no host": [Sent(target=f"{LIST}?page=2", headers={"Authorization": TOKEN["Authorization"]})],
    "other headers": _other_headers(),
    "bodies on GET": [replace(row, body=b"{") for row in _bodies()],
    "logins": _logins(),
}
