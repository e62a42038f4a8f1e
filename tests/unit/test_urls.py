"""Where this machine asks a mock, and what of an address is shown."""

import pytest

from mock_oms.urls import url_here, without_query, without_user


@pytest.mark.parametrize(("host", "url"), [
    ("127.0.0.1", "http://127.0.0.1:80"),
    ("0.0.0.0", "http://127.0.0.1:80"),  # noqa: S104  nothing listens there
    ("::", "http://[::1]:80"), ("::1", "http://[::1]:80"), ("127.0.0.9", "http://127.0.0.9:80"),
    ("fe80::1%eth0", "http://[fe80::1%25eth0]:80"),
    ("localhost", "http://localhost:80"),
])  # fmt: skip
def test_this_machine_asks_where_the_mock_listens(host: str, url: str) -> None:
    assert url_here("http", host, 80) == url


@pytest.mark.parametrize(("url", "shown"), [
    ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ("http://user:secret@host:1/x", "http://…@host:1/x"),
    ("http://user:sec@ret@host", "http://…@host"),
    ("http://user:sec/ret@host", "http://…@host"),
    ("http://user:sec://ret@host", "http://…@host"),
    ("user:secret@host", "…@host"),
    ("nonnumeric port: 'secret@host'", "…@host'"),
])  # fmt: skip
def test_nothing_of_a_name_and_a_password_in_an_address_is_shown(url: str, shown: str) -> None:
    assert without_user(url) == shown


@pytest.mark.parametrize(("url", "shown"), [
    ("https://u:SECRETPW@other.example/login?customer=Ayse", "https://…@other.example/login?…"),
    ("/api/?customer=a@b.example", "/api/?…"),
    ("https://other.example/x#Ayse", "https://other.example/x#…"),
    ("https://other.example/x?a=1#Ayse", "https://other.example/x?…"),
    ("https://u:sec?ret@other.example/x", "https://…?…"),
    ("https://other.example/x/", "https://other.example/x/"),
    ("nowhere", "nowhere"),
])  # fmt: skip
def test_of_where_a_redirect_leads_neither_user_nor_query_is_shown(url: str, shown: str) -> None:
    assert without_query(url) == shown
