"""Who may ask is decided by the address that is bound; nothing here listens."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mock_oms.server.banner import exposure_lines
from mock_oms.server.run import bound
from mock_oms.server.security import Exposure, exposure_for, is_exposed
from mock_oms.settings import Settings
from mock_oms.tokens import ControlTokenError

ALL = "0.0.0.0"  # noqa: S104  bound, and never listened to


@contextmanager
def exposed(**settings: object) -> Iterator[Exposure]:
    wanted = Settings(**{"port": 0, **settings})  # type: ignore[arg-type]
    with bound(wanted) as listeners, exposure_for(wanted, *listeners) as exposure:
        yield exposure


LOOPBACK = ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "localhost"]
OTHERS = [ALL, "::", "192.0.2.7", "10.0.0.1", "2001:db8::1", "fe80::1%eth0", "::ffff:10.0.0.1", "oms.example", ""]


def test_every_address_but_loopback_is_exposed() -> None:
    assert [host for host in (*LOOPBACK, *OTHERS) if is_exposed(host)] == OTHERS


def found(exposure: Exposure) -> tuple[bool, str | None, str]:
    return exposure.made, exposure.settings.control_token, "".join(exposure_lines(exposure))


def test_where_others_can_ask_a_token_is_made_and_said_once() -> None:
    with exposed(host=ALL) as first, exposed(host=ALL) as second:
        (made, token, said), (made_too, other, _) = found(first), found(second)
    assert (made, made_too, None in {token, other}, token == other) == (True, True, False, False)
    assert said.count(f"Authorization: Bearer {token}\n") == 1
    assert str(token) not in repr(first)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_on_loopback_none_is_made(host: str) -> None:
    with exposed(host=host) as exposure:
        made, token, said = found(exposure)
    assert (made, token, "Bearer" in said) == (False, None, False)


@pytest.mark.parametrize("host", [ALL, "127.0.0.1"])
def test_a_token_that_is_given_is_demanded_wherever_the_mock_listens_and_not_said(tmp_path: Path, host: str) -> None:
    (tmp_path / "token").write_text("sixteen-letters-\n")
    for given in ({"control_token_file": tmp_path / "token"}, {"control_token": "sixteen-letters-"}):
        with exposed(host=host, **given) as exposure:
            assert found(exposure) == (False, "sixteen-letters-", "")


def test_where_others_can_guess_it_a_token_of_less_than_sixteen_characters_is_refused_and_not_shown(
    tmp_path: Path,
) -> None:
    file = tmp_path / "token"
    file.write_text("hush\n")
    accepted = "accepted there: at least 16 characters, as `openssl rand -base64 24` makes them."
    for given, says in (
        ({"control_token": "h"}, "The control token has 1 character, "),
        ({"control_token": "h" * 15}, "The control token has 15 characters, "),
        ({"control_token_file": file}, f"The control token in {file} has 4 characters, "),
    ):
        with pytest.raises(ControlTokenError) as raised, exposed(host=ALL, **given):
            raise AssertionError
        assert str(raised.value) == f"{says}and other machines reach {ALL}; {accepted}"
        with exposed(host="127.0.0.1", **given) as exposure:
            assert exposure.settings.control_token


def test_a_token_that_is_none_opens_no_exposed(tmp_path: Path) -> None:
    with pytest.raises(ControlTokenError), exposed(control_token_file=tmp_path / "missing"):
        raise AssertionError


def test_without_tls_an_address_is_http() -> None:
    with exposed() as exposure:
        assert (exposure.url.partition(":")[0], exposure.tls) == ("http", None)


def test_the_certificate_is_for_the_address_that_is_bound_too_and_the_banner_names_the_authority() -> None:
    with exposed(host="127.8.8.8", tls="on") as exposure:
        assert exposure.url.startswith("https://127.8.8.8:")
        assert exposure.tls is not None
        assert "127.8.8.8" in exposure.tls.names
        assert str(exposure.tls.ca) in found(exposure)[2]


def test_an_address_of_ipv6_stands_in_brackets() -> None:
    with socket.socket(socket.AF_INET6) as listener:
        listener.bind(("::1", 0))
        with exposure_for(Settings(tls="on"), listener) as exposure:
            assert exposure.url == f"https://[::1]:{listener.getsockname()[1]}"
