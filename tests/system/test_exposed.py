"""A mock that others can reach: its control API wants a token, and the banner says the one that was made."""

import subprocess
from pathlib import Path

import pytest

from mock_oms.testing import running_server
from tests.system.running import Running, plain_environment, program, refused, serving

ALL = "0.0.0.0"  # noqa: S104  on a free port, for a moment


def asked(running: Running, token: str | None) -> int:
    """The status of a question to the control API."""
    return running.get("/_mock/worlds", {} if token is None else {"Authorization": f"Bearer {token}"})[0]


def test_a_token_is_made_said_once_and_demanded() -> None:
    with serving("--scenario", "restock", "--host", ALL) as running:
        (line,) = (one for one in running.banner if "Bearer" in one)
        token = line.rpartition("Bearer ")[2]
        assert [asked(running, one) for one in (None, "wrong", token)] == [401, 401, 200]
        assert [running.get(f"/_mock/health/{one}", {})[0] for one in ("live", "ready")] == [200, 200]
        log = "".join(running.stopped())
    assert ("\n".join(running.banner) + log).count(token) == 1


def test_a_token_in_a_file_is_demanded_and_not_said(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("secret\n")
    with serving("--host", ALL, more={"MOCK_OMS_CONTROL_TOKEN_FILE": str(file)}) as running:
        assert "secret" not in "\n".join(running.banner)
        assert "Bearer" not in "\n".join(running.banner)
        file.write_text("another\n")
        assert [asked(running, one) for one in (None, "another", "secret")] == [401, 401, 200]


def test_a_health_check_needs_no_token() -> None:
    with serving("--host", ALL) as running:
        done = subprocess.run(
            [program(), "healthcheck"],
            capture_output=True,
            check=False,
            env=plain_environment({"MOCK_OMS_PORT": running.address.rpartition(":")[2]}),
        )
    assert done.returncode == 0


def test_a_server_in_a_test_knows_its_own_token() -> None:
    with running_server(host=ALL) as running:
        assert running.control.worlds()[0].name == "default"
        assert running.control_token
        assert running.control_token not in repr(running)


def test_an_address_that_others_reach_is_one_of_the_certificate() -> None:
    with running_server(host=ALL, tls="on") as running:
        assert running.url.startswith(f"https://{ALL}:")
        assert running.control.worlds()[0].name == "default"


@pytest.mark.parametrize("content", ["", "two words", None])
def test_a_token_file_that_cannot_work_is_one_clear_sentence(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    code, said = refused("--port", "0", "--control-token-file", str(file))
    assert (code, said.startswith("Error: The control token"), str(file) in said, said.count("\n")) == (
        2,
        True,
        True,
        1,
    )
    assert "two words" not in said
