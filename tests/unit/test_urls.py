"""Where this machine asks a mock, and what of an address is shown."""

from typing import Any

import pytest

from mock_oms.urls import url_here, without_query, without_user


@pytest.mark.parametrize(("host", "shown"), [
    ("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]"),  # noqa: S104
    ("127.0.0.9", "127.0.0.9"), ("fe80::1%eth0", "[fe80::1%25eth0]"), ("localhost", "localhost"),
])  # fmt: skip
def test_this_machine_asks_where_the_mock_listens(host: str, shown: str) -> None:
    assert url_here("http", host, 80) == f"http://{shown}:80"


@pytest.mark.parametrize(("shows", "url", "shown"), [
    (without_user, "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    (without_user, "http://user:secret@host:1/x", "http://…@host:1/x"),
    *((without_user, f"http://user:sec{one}ret@host", "http://…@host") for one in ("@", "/", "://")),
    (without_user, "user:secret@host", "…@host"),
    (without_user, "nonnumeric port: 'secret@host'", "…@host'"),
    (without_query, "https://u:SECRETPW@other.example/login?customer=Ayse", "https://…@other.example/login?…"),
    (without_query, "/api/?customer=a@b.example", "/api/?…"),
    (without_query, "https://other.example/x#Ayse", "https://other.example/x#…"),
    (without_query, "https://other.example/x?a=1#Ayse", "https://other.example/x?…"),
    (without_query, "https://u:sec?ret@other.example/x", "https://…?…"),
    *((without_query, url, url) for url in ("https://other.example/x/", "nowhere")),
])  # fmt: skip
def test_nothing_of_a_user_is_shown_and_of_where_a_redirect_leads_no_query(shows: Any, url: str, shown: str) -> None:
    assert shows(url) == shown
