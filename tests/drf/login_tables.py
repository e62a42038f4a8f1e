"""What clients send, or could send, to log in: bodies as data, as octets, and under every content type."""

import json

from tests.drf.fake_world import EMPTY, PASSWORD

_GOOD = {"username": "anyone", "password": PASSWORD}
_OBJECT, _FIELDS = json.dumps(_GOOD).encode(), b"username=anyone&password=mock-oms"
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
_PARTS = "multipart/form-data; boundary=BOUND"


def _multipart(*parts: bytes) -> bytes:
    return b"".join(b"--BOUND\r\n" + part + b"\r\n" for part in parts) + b"--BOUND--\r\n"


def _field(name: str, value: bytes, more: str = "") -> bytes:
    return f'Content-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value


_NAME, _WORD = _field("username", b"anyone"), _field("password", b"mock-oms")

#: Bodies of a login in JSON, as data.
LOGINS: tuple[object, ...] = (
    _GOOD, {**_GOOD, "more": 1}, {**_GOOD, "password": "wrong"}, {**_GOOD, "password": f" {PASSWORD}"},
    {**_GOOD, "username": EMPTY}, {**_GOOD, "username": f" {EMPTY} "}, {"username": "anyone"}, {"password": PASSWORD},
    {}, {"Username": "anyone", "Password": PASSWORD}, {"email": "a@b.c", "password": PASSWORD}, [], [_GOOD], [1], None,
    0, 7, 1.5, "", "text", True, False, 10**30, {**_GOOD, "username": None}, {**_GOOD, "password": None},
    {"username": None, "password": None}, {**_GOOD, "username": ""}, {**_GOOD, "username": " \t\n"},
    {**_GOOD, "password": ""}, {**_GOOD, "password": " "}, {**_GOOD, "username": 7}, {**_GOOD, "username": 0},
    {**_GOOD, "username": 1.5}, {**_GOOD, "username": True}, {**_GOOD, "username": False}, {**_GOOD, "username": []},
    {**_GOOD, "username": {}}, {**_GOOD, "username": ["a"]}, {**_GOOD, "password": 7},
    {**_GOOD, "password": [PASSWORD]}, {**_GOOD, "username": "a\0b"}, {**_GOOD, "username": "\0"},
    {**_GOOD, "username": "\ud800"}, {**_GOOD, "username": "\0\udfff\ud800"},
    {**_GOOD, "password": "\0", "username": "\ud800"}, {**_GOOD, "username": "Çağrı"},
    {**_GOOD, "username": "x" * 10_000}, {"username": [], "password": None}, {**_GOOD, "username": 1e300},
    {**_GOOD, "username": "\u2028"}, {**_GOOD, "username": "\u2028a"},
)  # fmt: skip

#: Bodies of a login as octets, said to be JSON.
BROKEN_LOGINS = (
    b"", b" ", b"{", b"}", b"nul", b"{'username': 1}", b'{"username": "a",}', b'{"a": NaN}', b'{"a": -Infinity}',
    b"Infinity", b'{"a": 1e999}', b'{"username": 1e999, "password": "x"}', b'{"a": 01}', b'"\xff"', b"\xff\xfe",
    b'\xef\xbb\xbf{"a": 1}', b'{"username": "a\nb"}', b'{"username": "a", "username": "b", "password": "mock-oms"}',
    b"{} {}", b"[" * 50,  b'{"a": "\xc3\xa7"', b"1" * 4_301, b"username=a&password=mock-oms",
    b'{"username": "a", "password": "mock-oms"}\n\n', b'{"a": "\\u12"}', b"// x\n{}", b"\0",
    b'\r\n\t {"username": "anyone", "password": "mock-oms"}', "{}".encode("utf-16"), b"\xc3\xa7", b"[1, 2", b'{"a" 1}',
    b'{1: 2}', b'"\\x"', b"[" * 100_000,
)  # fmt: skip

#: Content types with bodies that fit them, or do not.
TYPED_LOGINS: tuple[tuple[str | None, bytes], ...] = (
    (None, _OBJECT), ("", _OBJECT), ("text/plain", _OBJECT), ("application/xml", b"<a/>"),
    (_JSON, _OBJECT), ("Application/JSON", _OBJECT),
    ("application/json; charset=utf-8", _OBJECT),
        ("application/json; charset=nope", _OBJECT),
    ("application/json; charset", _OBJECT), ("application/json; charset=", _OBJECT),
    ("application/json, text/plain", _OBJECT),  ("*", _OBJECT), ("application", _OBJECT), ("json", _OBJECT),
    ("application/vnd.api+json", _OBJECT), ("text/json", _OBJECT),
    ('text/"quoted"', _OBJECT), ("text/\xe7", _OBJECT), (_FORM, _FIELDS),
    ("application/x-www-form-urlencoded; charset=utf-8", _FIELDS),
    (_FORM, b"username=a"), (_FORM, b""),
    (_FORM, b"username=&password="), (_FORM, b"&&"),
    (_FORM, b"username=a&username=b&password=x&password=mock-oms"),
    (_FORM, b"username=%FF&password=mock-oms"),
    (_FORM, b"username=\xff&password=mock-oms"),
    (_FORM, b"username=%00&password=%20"),
    (_FORM, _OBJECT),
    ("application/x-www-form-urlencoded; charset=latin-1", b"username=%E7&password=mock-oms"),

    (_FORM, b"&".join(b"a=1" for _ in range(1_001))),
    (_FORM, b"username=+a+&password=mock-oms"),
    (_PARTS, _multipart(_NAME, _WORD)),
    ("multipart/form-data", _multipart(_NAME, _WORD)),
    ('multipart/form-data; boundary="BOUND"', _multipart(_NAME, _WORD)),

    (_PARTS, _multipart(_NAME)), (_PARTS, _multipart()),
    (_PARTS, b"x"), (_PARTS, b""),

    (_PARTS, b"junk\r\n" + _multipart(_NAME, _WORD) + b"junk"),
    (_PARTS, _multipart(_field("username", b"x", '; filename="a.txt"'), _WORD)),

    (_PARTS, _multipart(_NAME, _field("username", b"x", '; filename="a.txt"'), _WORD)),
    (_PARTS, _multipart(_NAME, _field("username", b""), _WORD)),
    (_PARTS, _multipart(_field("username", b"\xff"), _WORD)),
    (_PARTS, _multipart(_field("username", "Çağrı".encode()), _WORD)),

    (_PARTS,
    _multipart(b"Content-Disposition: form-data; name=username\r\nContent-Type: text/plain\r\n\r\nanyone", _WORD)),

    (_PARTS, _multipart(_field("username", b"a\r\n"), _WORD)),
    (_PARTS, _multipart(_field("username", b"z" * 3_000), _WORD)),

    (_PARTS, _multipart(_NAME.replace(b"\r\n\r\n", b"\r\ncontent-disposition\r\n\r\n"), _WORD)),

    ("multipart/mixed; boundary=BOUND", _multipart(_NAME, _WORD)),
    ("multipart/form-data; boundary=BOUND; charset=latin-1", _multipart(_field("username", b"\xe7"), _WORD)),
)  # fmt: skip
