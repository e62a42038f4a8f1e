"""What clients put, or could put, into the parts of a request: one table for each part."""

import json
from itertools import product

from tests.drf.fake_world import EMPTY, FULL, PASSWORD, SINGLE

LIST = "/api/v1/oms/orderexecutionplans/"
LOGIN = "/api/v1/auth/login/"

METHODS = (
    "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "get", "Post",
    "DISPATCH", "_",
)  # fmt: skip

AUTHORIZATIONS = (
    "", " ", "\t", "Token", "token", "Token ", "Token\t", "Bearer", "Basic bW9jazpvbXM=", "Basic", "Digest x=y", FULL,
    f"Token {FULL}", f"token {FULL}", f"TOKEN {FULL}", f"tOkEn   {FULL}", f"Token\t{FULL}", f"  Token {FULL}  ",
    f"Bearer {FULL}", f"bearer {FULL}", f"BEARER\t {FULL}", f"Token{FULL}", f"Token:{FULL}", f"Token={FULL}",
    f"Token {FULL},", f'Token "{FULL}"', f"Token {FULL} ", f"Token {FULL} x", "Token a b c d", "Bearer a b",
    "Bearer nope", "Token nope", f"Token {FULL.upper()}", f"Token {FULL}\xa0", f"\xa0Token {FULL}", f"Token\xa0{FULL}",
    f"Token\x0b{FULL}", "Token \xff", "Token \xc3\xa7", "Token \xe7ay", "T\xf6ken x", "Token " + "x" * 5_000,
    f"Token {EMPTY}", f"Token {SINGLE}", "Token fail-403", "Token fail-429", "Token fail-500", "Token fail-inactive",
    "Bearer fail-429", "Token FAIL-403", "Token fail-403 x", "Token ' OR 1=1", "Token None", "Token 0",
    "\u0130Token".encode().decode("latin-1"), "JWT x", "Token Token",
)  # fmt: skip

ACCEPTS = (
    "", " ", ",", ",,,", ";", "*", "*/*", "*/", "/*", "/", "application/json", "APPLICATION/JSON",
    "Application/Json ; q=1", "application/*", "application/", "application", "*/json", "json", "text/html", "text/*",
    "text/html, */*", "text/html,*/*;q=0.1",
    "text/html, application/xhtml+xml, application/xml;q=0.9, image/webp, */*;q=0.8",
    "text/html;q=1, application/json;q=0", "application/json;q=0", "*/*;q=0", "application/json;q=nan",
    "application/json;q", "application/json;q=", "application/json;;", "application/json; charset=utf-8",
    "application/json;version=2", "application/vnd.api+json", "application/problem+json", "application/xml", "image/*",
    "application/json;indent=4", "application/json; indent=2", "application/json; indent=0",
    "application/json; indent=-3", "application/json; indent=8", "application/json; indent=9",
    "application/json; indent=1_0", "application/json; indent=x", "application/json; indent=",
    "application/json; indent", 'application/json; indent="3"', "application/json; INDENT=3",
        "application/json;q=0.5;indent=1", "application/json;indent=1;q=0.5",
    "*/*; indent=4", "application/*; indent=2", "*/*;q=0.3;indent=2", "*/json;indent=3", '*/*; x="a; indent=4"',
    "*/*; x=a b; indent=1", "text/html; indent=4", "text/html; indent=4, application/json",
    "application/json, */*; indent=4", "*/*; indent=4, application/json",
    "application/json; indent=\uff13".encode().decode("latin-1"), "application/json; indent*=utf-8''3",
     "application/json; indent*0=1; indent*1=2", "text/plain; x*=nope''3, */*",
    "application/json\t", "\tapplication/json", "application /json", "application/json/", "application/json/x",
    "application//json", "a,b,c,application/json", "application/json,", "*/*\xa0", "*/*;\xff=1",
    ",".join(["text/html"] * 63 + ["application/json"]),
    "text/" + "x" * 300 + ", application/json",
    "application/json," + "x" * 9_000,  "application/json" + " " * 300, "x" * 9_000,
)  # fmt: skip

FORMATS = (
    "?format=json", "?format=", "?format=JSON", "?format=api", "?format=html", "?format=xml",
    "?format=json&format=api", "?format=api&format=json", "?format=json%20", "?Format=api", "?format=%6Ason",
    "?format", "?format=json&page=2", "?format=.json",
)  # fmt: skip

IDS = (
    "7001", "7023", "7024", "0", "-0", "+0", "00", "7", "007", "-7", "+7", "--7", "+-7", "7+", "00007001", "+7001",
    "%2B7001", "0_7001", "7_001", "7__001", "_7001", "7001_", " 7001", "%207001", "7001%20", "%20%207001%09",
    "7001%0A", "%0A7001", "%C2%A07001", "%E2%80%837001", "%E3%80%807001", "%1C7001", "%EF%BB%BF7001", "%E2%80%8B7001",
    "%D9%A7%D9%A0%D9%A0%D9%A1", "%EF%BC%97%EF%BC%90%EF%BC%90%EF%BC%91", "%E0%A5%AD001", "%F0%9D%9F%97", "%C2%B9",
    "%E2%85%A0", "%E4%B8%83", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "9" * 30,
    "1" + "0" * 399, "9" * 4_300, "9" * 4_301, "0" * 4_300, "0" * 4_301 + "7", "7001.", "7001.5", "7001.0",
    "7001.json", "7001.json/", "7001.JSON", "7001.json5", "7001.api", "7001.xml", "7001.html", "7001..json",
    "7001.json.json", ".json", ".7001", "nope.json", "7024.json", "7001,json", "7001e0", "7e3", "0x1B59", "0b1",
    "1.0e3", "7001j", "7001L", "abc", "null", "None", "True", "nan", "inf", "Infinity", "last", "undefined", "me", "%",
    "%2", "%zz", "%25", "%00", "7001%00", "%FF", "%C3", "%C3%A7", "7001%FF", "%ED%A0%80", "%F0%9F%92%A9", "%2F",
    "7001%2F", "%2F7001", "7001%2Fx", "7001%2E5", "7001%2Ejson", "7001;a=1", "7001&x=1", "7001%3Fpage=2", "7001%23x",
    "7001:8", "7001@x", "7001~", "7001*", "(7001)", "[7001]", "{7001}", "'7001'", "%227001%22", "7001'--", "..", ".",
    "%2E%2E", "...", "7001 7002", "7001,7002", "7,001", "\u00e7", "\u06f7", "7001\\", "7001%5C", "$", "7001%0D%0A",
    "7001%0Ajson", "7001.json%0A", "7001%0A.json", "7001.\u0131", "7001.json%20", "7001.%6Ason", "7001.a_b",
)  # fmt: skip

PATHS = (
    "", "/", "//", "/api", "/api/", "/api/v1/", "/api/v1/oms", "/api/v1/oms/", "/api/v1/oms/orderexecutionplan/",
    "/api/v2/oms/orderexecutionplans/", "/api/i1/oms/orderexecutionplans/", "/API/v1/oms/orderexecutionplans/",
    "/api/v1/oms/OrderExecutionPlans/", LIST[:-1], LIST, LIST + "/", "/" + LIST, "/" + LIST[:-1],
    "//api//v1//oms//orderexecutionplans//", "/api/v1//oms/orderexecutionplans/", "/api/v1/oms//orderexecutionplans/",
    "/api/v1/./oms/orderexecutionplans/", "/api/v1/../v1/oms/orderexecutionplans/", LIST + "7001/items/",
    LIST + "7001//", LIST + "/7001/", LIST[:-1] + "?page=2", LIST[:-1] + "?a=%20&b=\u00e7&c=[x]", LIST + "7001?x=1",
    LIST[:-1] + ".json", LIST[:-1] + ".json/", LIST[:-1] + ".json//", LIST[:-1] + ".api", LIST[:-1] + ".JSON",
    LIST[:-1] + ".", LIST[:-1] + ".json?page=2", LIST[:-1] + ".json/?limit=3", LIST[:-1] + "%0A", LIST + "%0A",
    LIST[:-1] + "%2F", LIST[:-1] + "%2f", LIST[:-1] + "%2F7001%2F", "%2Fapi/v1/oms/orderexecutionplans/",
    "/api%2Fv1/oms/orderexecutionplans/", "/%61pi/v1/oms/orderexecutionplans/", LIST[:-1] + "%20/",
    LIST[:-1] + ";v=1/", LIST[:-1] + "#x", LIST[:-1] + "%3F/", LIST[:-1] + "s/", LIST[:-1] + "%FF/", LIST[:-1] + "%FF",
    LIST + "%FF", LIST + "\u00e7", LIST + "%C3%A7", LIST + "a b", LIST + "a%22b", LIST + "7001%3F", LIST + "~!*'()",
    LIST + "[]{}|\\^`", LIST + "x" * 20_000, LIST[:-1] + "?" + "x" * 20_000, "/favicon.ico", "/robots.txt", "/admin/",
    "/static/x.css", "/\u00e7", "/%FF", "/<script>", "*", "api/v1/oms/orderexecutionplans/", LOGIN, LOGIN[:-1],
    LOGIN + "x/", "/api/i1/auth/login", "/api/i1/auth/login/", "/api/v1/auth/login.json", "/api/v1/auth/logout/",
    "/api/v1/auth/", "/_mockery/", "/_moc", "/__mock/", "/api/_mock/",
)  # fmt: skip

NUMBERS = (
    "", "0", "1", "2", "3", "4", "7", "8", "25", "26", "-1", "-0", "+2", "%2B2", "002", "2.0", "2.", "2e0", "1_0",
    "0x2", " 2", "%202%20", "+2+", "%092", "last", "LAST", "Last", "last%20", "first", "none", "null", "true", "abc",
    "99999999999999999999", "9" * 4_300, "9" * 4_301, "%D9%A2", "%EF%BC%92", "%C2%B2", "%00", "2%00", "%FF", "%", "%2",
    "%zz", "2;3", "2,3", "2%26limit=3", "[2]", "%C2%A02", "\u00e7", "2#x", "1%2B1", "100", "101", "1000",
)  # fmt: skip

QUERIES = (
    *(f"?page={number}" for number in NUMBERS), *(f"?limit={number}" for number in NUMBERS),
    *(f"?page_size={number}" for number in ("3", "0", "x", "101", "")),
    *(f"?page={page}&limit={limit}" for page, limit in product(("1", "2", "3", "last", "0"), ("1", "5", "12",
    "25", "x"))),
    "?", "??", "?&", "?&&page=2&&", "?page", "?=2", "?page=2&page=3", "?page=3&page=2", "?page=2&page=",
    "?page=&page=2", "?limit=3&limit=4&page=2", "?limit=4&limit=x", "?Page=2", "?PAGE=2", "?page%20=2", "?%70age=2",
    "?page=2&%70age=3", "?page[]=2", "?pag%C3%A9=2&page=2", "?page=2;limit=3", "?z=1&a=2&page=2&m=3&limit=3",
    "?page=2&limit=3&pk__in=1,2,3", "?page=2&sort=id&sort=-id", "?sort=-id&page=2&empty=&flag", "?page=2&a=b=c",
    "?page=2&a=%2B+%20x", "?page=2&q=%C3%87a%C4%9Fr%C4%B1", "?page=2&q=\u00c7a\u011fr\u0131", "?page=2&q=%FF%FE",
    "?page=2&q=%", "?page=2&q=%zz", "?page=2&q=%2", "?page=2&q=%00", "?page=2&q=<b>", "?page=2&q='\"",
    "?page=2&q=[x]&r={y}", "?page=2&q=a/b?c", "?page=2&q=a#b", "?page=2&q=\\", "?page=2&q=|^`~", "?page=2&q=a:b@c",
    "?page=2&q=$,!*()", "?q=%F0%9F%92%A9&page=2", "?created_date__gte=2024-03-05T09:00:00Z&page=2", "?page=2&=x",
    "?page=2&=&=", "?page=2&limit=3&%00=1", "?offset=10&page=2", "?page=2 ", "?page=2\t",
    "?" + "&".join(f"a{n}=1" for n in range(999)) + "&page=2", "?" + "&".join(f"a{n}=1" for n in range(1_001)),
    "?" + "x" * 5_000 + "&page=2", "?page=2&q=%e7", "?page=2&q=%u0131", "?page=2&a=1&a=2&a=1", "?b=2&B=1&page=2",
    "?page=2&a.b=1&a-b=2&a_b=3", "?page=2&%2F=%2F", "?page=2&+=+",
)  # fmt: skip

HOSTS = (
    "localhost", "localhost:8080", "127.0.0.1:1", "[::1]", "[::1]:8080", "SHOP-oms.Akinon.NET", "shop.", "shop.:80",
    ".", ".:80", "..", "-", "a..b", "", " ", "a b", "a/b", "a@b", "http://a", "a:", "a:b", "a:80:80", "[::1", "::1",
    "[g::1]", "a,b", "a\xe7", "xn--a", "a?b", "a#b", "a:99999999", "[::1]x", "a%20b", "<a>", "[1.2]",
)  # fmt: skip

OTHER_HEADERS: tuple[dict[str, str], ...] = (
    {"If-None-Match": "*"}, {"If-Modified-Since": "Tue, 05 Mar 2024 09:00:00 GMT"}, {"Range": "bytes=0-10"},
    {"Accept-Encoding": "gzip, br"}, {"Accept-Language": "tr-TR,tr;q=0.9"}, {"Accept-Charset": "iso-8859-9"},
    {"Cookie": "lang=tr; a=b"}, {"Origin": "https://elsewhere.test"},
    {"Origin": "https://elsewhere.test", "Access-Control-Request-Method": "GET"}, {"X-Http-Method-Override": "DELETE"},
    {"X-Forwarded-Host": "other.test", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "1"},
    {"X-Requested-With": "XMLHttpRequest"}, {"Content-Type": "application/json; charset=utf-16"},
    {"Content-Type": "text/plain; charset=latin-1"}, {"Content-Type": "text/plain; charset=nope"},
    {"Content-Type": "text/plain; charset"}, {"Content-Length": "x"},
    {"Content-Length": "-5"}, {"Expect": "100-continue"}, {"Upgrade": "h2c"}, {"User-Agent": ""},
    {"X-Csrftoken": "x", "Referer": "https://elsewhere.test/"},
)  # fmt: skip

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
    (None, _OBJECT), ("", _OBJECT), ("text/plain", _OBJECT), ("application/xml", b"<a/>"), (_JSON, _OBJECT),
    ("Application/JSON", _OBJECT), ("application/json; charset=utf-8", _OBJECT),
    ("application/json; charset=nope", _OBJECT), ("application/json; charset", _OBJECT),
    ("application/json; charset=", _OBJECT), ("application/json, text/plain", _OBJECT), ("*", _OBJECT),
    ("application", _OBJECT), ("json", _OBJECT), ("application/vnd.api+json", _OBJECT), ("text/json", _OBJECT),
    ('text/"quoted"', _OBJECT), ("text/\xe7", _OBJECT), (_FORM, _FIELDS),
    ("application/x-www-form-urlencoded; charset=utf-8", _FIELDS), (_FORM, b"username=a"), (_FORM, b""),
    (_FORM, b"username=&password="), (_FORM, b"&&"), (_FORM, b"username=a&username=b&password=x&password=mock-oms"),
    (_FORM, b"username=%FF&password=mock-oms"), (_FORM, b"username=\xff&password=mock-oms"),
    (_FORM, b"username=%00&password=%20"), (_FORM, _OBJECT),
    ("application/x-www-form-urlencoded; charset=latin-1", b"username=%E7&password=mock-oms"),
    (_FORM, b"&".join(b"a=1" for _ in range(1_001))), (_FORM, b"username=+a+&password=mock-oms"),
    (_PARTS, _multipart(_NAME, _WORD)), ("multipart/form-data", _multipart(_NAME, _WORD)),
    ('multipart/form-data; boundary="BOUND"', _multipart(_NAME, _WORD)), (_PARTS, _multipart(_NAME)),
    (_PARTS, _multipart()), (_PARTS, b"x"), (_PARTS, b""), (_PARTS, b"junk\r\n" + _multipart(_NAME, _WORD) + b"junk"),
    (_PARTS, _multipart(_field("username", b"x", '; filename="a.txt"'), _WORD)),
    (_PARTS, _multipart(_NAME, _field("username", b"x", '; filename="a.txt"'), _WORD)),
    (_PARTS, _multipart(_NAME, _field("username", b""), _WORD)),
    (_PARTS, _multipart(_field("username", b"\xff"), _WORD)),
    (_PARTS, _multipart(_field("username", "Çağrı".encode()), _WORD)),
    (_PARTS, _multipart(b"Content-Disposition: form-data; name=username\r\nContent-Type: text/plain\r\n\r\nanyone", _WORD)),
    (_PARTS, _multipart(_field("username", b"a\r\n"), _WORD)),
    (_PARTS, _multipart(_field("username", b"z" * 3_000), _WORD)),
    (_PARTS, _multipart(_NAME.replace(b"\r\n\r\n", b"\r\ncontent-disposition\r\n\r\n"), _WORD)),
    ("multipart/mixed; boundary=BOUND", _multipart(_NAME, _WORD)),
    ("multipart/form-data; boundary=BOUND; charset=latin-1", _multipart(_field("username", b"\xe7"), _WORD)),
)  # fmt: skip
