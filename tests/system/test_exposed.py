"""A mock that others can reach: its control API wants a token, and the banner says the one that was made."""

from pathlib import Path

import pytest

from mock_oms.testing import running_server
from tests.system.running import Running, serving
from tests.typed import printed

ALL = "0.0.0.0"  # noqa: S104  on a free port, for a moment


def statuses(running: Running, *tokens: str) -> list[int]:
    """What the control API answers without a token, and with each of these."""
    headers = ({}, *({"Authorization": f"Bearer {one}"} for one in tokens))
    return [running.get("/_mock/worlds", one)[0] for one in headers]


@pytest.mark.smoke
def test_a_token_is_made_said_once_and_demanded_but_for_health() -> None:
    with serving("--scenario", "restock", "--host", ALL) as running:
        (line,) = (one for one in running.banner if "Bearer" in one)
        token = line.rpartition("Bearer ")[2]
        assert statuses(running, "wrong", token) == [401, 401, 200]
        assert [running.get(f"/_mock/health/{one}", {})[0] for one in ("live", "ready")] == [200, 200]
        assert "ready" in printed("healthcheck", "--timeout", "60", MOCK_OMS_PORT=running.address.rpartition(":")[2])
        log = "".join(running.stopped())
    assert ("\n".join(running.banner) + log).count(token) == 1


def test_a_token_in_a_file_is_demanded_and_not_said(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("secret-of-16-or-more\n")
    with serving("--host", ALL, more={"MOCK_OMS_CONTROL_TOKEN_FILE": str(file)}) as running:
        assert not [one for one in ("secret-of", "Bearer") if one in "\n".join(running.banner)]
        file.write_text("another\n")
        assert statuses(running, "another", "secret-of-16-or-more") == [401, 401, 200]


@pytest.mark.parametrize("tls", ["off", "on"])
def test_a_server_in_a_test_knows_its_own_token_and_the_certificate_its_address(tls: str) -> None:
    with running_server(host=ALL, tls=tls) as running:
        assert running.url.startswith(f"http{'s' if tls == 'on' else ''}://{ALL}:")
        assert running.control.worlds()[0].name == "default"
        assert running.control_token
        assert running.control_token not in repr(running)
