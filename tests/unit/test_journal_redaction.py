"""Secrets are taken out of what the journal keeps."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.traffic.journal.redaction import Redactor
from mock_oms.traffic.journal.secret_names import is_secret
from tests.profiles import examples

REDACTOR = Redactor(b"a key")
HASH = "[0-9a-f]{8}"

#: Long enough that no hash, scheme or name of a header contains one by chance.
secrets = st.text(st.characters(codec="latin-1", min_codepoint=33, exclude_characters="&"), min_size=12).filter(
    lambda text: not text.isspace()
)
names = st.sampled_from(b"Authorization authorization COOKIE X-Api-Key Proxy-Authorization X-Token Set-Cookie".split())
around = st.sampled_from(
    [
        *("{}", " {} ", "{0} {0}", "{} Token", "Unheard {}", "session={}; a=b", "Basic {}", 'Digest response="{}"'),
        *("Token {}", "Bearer {}", "Token{}", "Token:{}", "Token: {}", "token={}", '"Token {}"', "Token '{}'"),
        *("Token  {}  x", "Token Token {}", "\tToken\t{}", "\xa0Token\xa0{}"),
    ]
)
lines = st.builds(lambda name, frame, secret: (name, frame.format(secret), secret), names, around, secrets)


@examples(100)
@given(st.lists(lines, min_size=1, max_size=4))
def test_no_secret_survives_in_a_header_however_it_is_written_or_repeated(lines: list[tuple[bytes, str, str]]) -> None:
    redacted = REDACTOR.redacted((name, value.encode("latin-1")) for name, value, _ in lines)
    assert [name.encode() for name, _ in redacted] == [name for name, _, _ in lines]
    text = "\n".join(value for _, value in redacted)
    assert not [secret for _, _, secret in lines if secret in text]


@examples(100)
@given(
    secret=secrets,
    name=st.sampled_from(
        ["token", "Token", "password", "%74oken", "pass%77ord", "api_key", "access_token", "auth", "key"]
    ),
    before=st.sampled_from(("", "page=2&", "a=1;", "a&&b=&")),
    after=st.sampled_from(("", "&page=2", "&a=b=c", "&x;y")),
)
def test_no_secret_survives_in_a_query_and_the_rest_stays(secret: str, name: str, before: str, after: str) -> None:
    redacted = REDACTOR.redacted_text(f"{before}{name}={secret}{after}")
    assert re.fullmatch(f"{re.escape(before)}{name}={HASH}{re.escape(after)}", redacted)


@examples(100)
@given(st.text(st.sampled_from("abpage=&;2%+ "), max_size=20))
def test_a_query_without_a_secret_stays_as_it_was_sent(query: str) -> None:
    for one in (query, "x=tokens", "state=token", "q=basic", "a+b=c+d", "page=2;x=1"):
        assert REDACTOR.redacted_text(one) == one


def shown_of(name: bytes, value: str) -> str:
    ((_, shown),) = REDACTOR.redacted([(name, value.encode())])
    return shown


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Token mock-oms-token", f"Token {HASH}"),
        ("bearer  mock-oms-token ", f"bearer {HASH}"),
        ("Token:mock-oms-token", f"Token {HASH}"),
        ("Token", "Token"),
        ("", ""),
        ("mock-oms-token", HASH),
        ("Tokenmock-oms-token", HASH),
        ("Token a b c", f"Token {HASH}"),
        ("My-Own-Scheme abc", HASH),
    ],
)
def test_of_credentials_remain_a_known_scheme_and_a_hash(sent: str, shown: str) -> None:
    assert re.fullmatch(shown, shown_of(b"Authorization", sent))


def test_the_same_token_has_the_same_hash_under_any_scheme_and_another_one_under_another_key() -> None:
    sent = [(b"Authorization", b"Token abc"), (b"Authorization", b"Bearer abc")]
    hashes = {value.split()[1] for _, value in REDACTOR.redacted(sent)}
    assert len(hashes) == 1
    assert hashes.isdisjoint(value.split()[1] for _, value in Redactor(b"other").redacted(sent))


def test_headers_that_are_no_secret_stay_as_they_were_sent() -> None:
    sent = [(b"Host", b"oms.test"), (b"Accept", b"*/*"), (b"user-agent", b"po\xe7ler?x=1"), (b"Accept", b"a/b")]
    assert REDACTOR.redacted(sent) == tuple((name.decode(), value.decode("latin-1")) for name, value in sent)


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("http://oms.test/?page=2&token=mock-oms-token", f"http://oms[.]test/[?]page=2&token={HASH}"),
        ("http://u:S3cretValue99@h/?page=2", f"http://{HASH}@h/[?]page=2"),
        ("http://S3cretValue99@h/", f"http://{HASH}@h/"),
        ("http://h/a@b?to=me@here", "http://h/a@b[?]to=me@here"),
    ],
)
def test_secrets_users_and_passwords_in_the_address_of_a_referer_are_not_shown(header: str, shown: str) -> None:
    assert re.fullmatch(shown, shown_of(b"Referer", header))


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_the_words_of_a_name_say_whether_it_carries_a_secret() -> None:
    secret = (
        *("X-Auth", "X-Key", "X-Auth-Key", "X-Access-Key", "Ocp-Apim-Subscription-Key", "X-Jwt-Assertion", "X-Otp"),
        *(
            "x-accesskey",
            "x-authkey",
            "accessKey",
            "authToken",
            "AWSAccessKeyId",
            "jwt",
            "otp",
            "pin",
            "code",
            "smsCode",
            "X-Code",
            "PHPSESSID",
            "ASP.NET_SessId",
            "newpass",
            "db_pass",
            "psw",
            "creds",
            "tok",
            "sess",
            "X-Ticket",
        ),
        *("user[token]", "x.token", "oauth2_verifier", "xauth", "client_secret", "api_key", "apikey", "key1", "mfa"),
        *(
            "SAMLResponse",
            "PHPSESSIONID",
            "code_verifier",
            "şifre",
            "parola",
            "ｔｏｋｅｎ",
            "X-CSRFToken",
            "tOkEn",
            "mykey",
            "awsaccesskeyid",
        ),
    )
    plain = (
        *(
            "Accept",
            "Host",
            "User-Agent",
            "page",
            "limit",
            "status_code",
            "country_code",
            "erp_code",
            "sort_key",
            "author",
        ),
        *(
            "Idempotency-Key",
            "WWW-Authenticate",
            "authority",
            "X-Request-Id",
            "monkey",
            "turkey",
            "shipping",
            "spin",
            "state",
        ),
        *(
            "compass",
            "bypass",
            "assess",
            "stock",
            "credit",
            "encoded",
            "keyboard",
            "passenger",
            "Access-Control-Allow-Credentials",
        ),
    )
    assert [name for name in secret if not is_secret(name)] == []
    assert [name for name in plain if is_secret(name)] == []


def test_a_hint_is_shown_though_it_says_how_to_send_a_token() -> None:
    hint = "No token was sent: send `Authorization: Token KEY`."
    assert shown_of(b"X-Mock-Hint", hint) == hint


def test_a_host_with_a_port_is_shown_whatever_its_name_and_what_a_user_put_before_it_is_not() -> None:
    for host in ("auth:8080", "token.example.com:443", "[::1]:8080", "", "localhost"):
        assert shown_of(b"Host", host) == host
    assert re.fullmatch(HASH, shown_of(b"Host", "me:S3cretValue99@shop.example"))


def test_a_code_is_a_secret_unless_it_is_as_short_as_a_status_or_a_country() -> None:
    shown = "code=200&code=TR&x=1"
    assert REDACTOR.redacted_text(shown) == shown
    assert re.fullmatch(f"code={HASH}&code={HASH}", REDACTOR.redacted_text("code=4815&code=SplxlOBeZQQYbYS6WxSbIA"))


#: What stands in it is `S3cretValue99`; it is shown neither as a query, nor in a path, nor as the value of a header.
HIDING = [
    *("sig=S3cretValue99", "x=Token%20S3cretValue99", "a=1;x=bearer+S3cretValue99", "%2574oken=S3cretValue99"),
    *("http://h/cb#access_token=S3cretValue99", "http://h/?a=1#x;id_token=S3cretValue99", "to=//u:p@S3cretValue99@h/"),
    *(
        'data={"token":"S3cretValue99"}',
        'data={"a":[{"otp" : ["S3cretValue99"]}]}',
        "data=%7B%22pin%22:%22S3cretValue99%22%7D",
    ),
    *(
        r'data="{\"a\":\"{\\"token\\":\\"S3cretValue99\\"}\"}"',
        r'x={"\u0074oken":"S3cretValue99"}',
        '{"token":"S3cretValue99"}=1',
    ),
    *(
        "redirect=http%3A%2F%2Fh%2F%3Ftoken%3DS3cretValue99",
        "x=a%2526code%253DS3cretValue99",
        "x=http:%2F%2Fu:S3cretValue99@h",
    ),
    *("x=<token>S3cretValue99</token>", "x=X-Auth:+S3cretValue99", "x={token:S3cretValue99}", "x=[jwt=S3cretValue99]"),
    *(
        r"x=\x74oken=S3cretValue99",
        "x=%26lt%3Btoken%26gt%3BS3cretValue99",
        "x=JWT%20S3cretValue99",
        "x=Digest+S3cretValue99",
    ),
    'x=[{"name": "Authorization", "value": "S3cretValue99"}]',
    *("user:S3cretValue99@shop.example", "x=user:S3cretValue99@shop.example"),
    *("x=%252525252541%3DS3cretValue99", f"{'a=1;' * 600}b=c:S3cretValue99"),
    *(f"data={base64_of(text)}" for text in ('{"token":"S3cretValue99"}', "a=1&token=S3cretValue99")),
    f"/x/{base64_of('token=S3cretValue99?')}/y",
    *("/x/Bearer%20S3cretValue99/y", "/Token S3cretValue99", "x=/a/Token%2520S3cretValue99"),
]


def test_a_secret_is_not_shown_in_whatever_dress_it_stands_under_its_name() -> None:
    shown = {
        text: [REDACTOR.redacted_text(text), REDACTOR.logged_query(text), shown_of(b"X-Odd", text)] for text in HIDING
    }
    leaks = [(sent, one) for sent, texts in shown.items() for one in texts if re.search("S3cret|UzNjcmV0|M2NyZXR", one)]
    assert leaks == []
    assert [sent for sent, texts in shown.items() if not all(re.search(HASH, one) for one in texts)] == []


def test_what_is_no_secret_is_shown_as_it_was_sent_in_a_query_a_path_and_a_header() -> None:
    plain = [
        *("page=2&limit=20&status=pending", "created_date__gte=2026-01-01T00%3A00%3A00%2B03%3A00", "q=a%20b&ids=[1,2]"),
        *('filter={"status":"pending","code":200,"token":""}', "next=http://auth:8080/a?page=2", "token=&x=%C5%9F"),
        *("/api/v1/oms/orderexecutionplans/41207/", "/api/v1/auth/login/", "text/html;q=0.9, */*;q=0.1", "100%25"),
        *("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", 'W/"5-abc"', "4bf92f3577b34da6a3ce929d0e0e4736"),
    ]
    assert [text for text in plain if REDACTOR.redacted_text(text) != text] == []
    assert [text for text in plain if shown_of(b"X-Odd", text) != text] == []


def test_a_token_that_looks_real_is_shown_nowhere() -> None:
    token, jwt = "9f8e7d6c5b4a39281706f5e4d3c2b1a098765432", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
    texts = [
        form.format(one)
        for one in (token, token.upper(), jwt)
        for form in ("/a/{}/", "x={}", "a%20{}", "v {}, b", "%2F{}")
    ]
    shown = [
        show(text) for text in texts for show in (REDACTOR.redacted_text, REDACTOR.without_known, REDACTOR.logged_path)
    ]
    assert [one for one in shown if re.search("9f8e7d6c|9F8E7D6C|eyJ", one) or not re.search(HASH, one)] == []


def test_a_log_shows_no_address_of_somebodys_mail_in_a_path() -> None:
    assert re.fullmatch(f"/users/{HASH}/{HASH}/x", REDACTOR.logged_path("/users/me@here.test/you%40here.test/x"))


SECRET_IDS = [
    "known-one",
    "a-known-one-b",
    "mock-X" + "x" * 26,
    "f" * 40,
    "A" * 40,
    "own-secret.1",
    "token=x",
    "//me:w@x/",
]
PLAIN_IDS = ["*/*", "4bf92f3577b34da6a3ce929d0e0e4736", "f" * 41, "mock-short", "Token", "a=1", "http://x/"]


@pytest.mark.parametrize(
    ("text", "secret"), [*((one, True) for one in SECRET_IDS), *((one, False) for one in PLAIN_IDS)]
)
def test_an_id_with_a_token_in_it_becomes_its_hash_and_another_stays(text: str, secret: bool) -> None:
    headers = [(b"accept", b"*/*"), (b"authorization", b"Token own-secret"), (b"x-api-key", b"")]
    assert re.fullmatch(
        HASH if secret else re.escape(text), Redactor(b"a key", ["known-one", ""]).redacted_id(text, headers)
    )
