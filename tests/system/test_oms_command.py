"""A mock that the plugin starts by any command, as a process of its own."""

import shlex
import sys
import threading

import pytest

from mock_oms.client import Control, UnreachableError
from mock_oms.client.command import command_running
from mock_oms.client.errors import WishError
from tests.system.test_pytest_plugin import ran, tests

__all__ = ["tests"]

pytest_plugins = ["pytester"]
SERVE = f"{shlex.quote(sys.executable)} -m mock_oms serve"
USES = """
def test_a(oms):
    assert oms.plans().count == 0
    print("AT", oms.url)
def test_b(oms):
    print("AT", oms.url)
"""


def python(program: str) -> str:
    return shlex.join([sys.executable, "-c", program])


def test_a_command_serves_the_whole_session_with_the_scenarios_of_the_plugin(tests: pytest.Pytester) -> None:
    (tests.path / "mine").mkdir()
    (tests.path / "mine" / "quiet.yaml").write_text("description: x\nplans: []\n")
    tests.makeini("[pytest]\naddopts = -p no:cacheprovider\noms_scenario = quiet\noms_scenarios = mine\n")
    result = ran(tests, USES, "-s", "--oms-command", SERVE, passed=2)
    urls = {line.partition("AT ")[2].split()[0] for line in result.outlines if "AT http" in line}
    with pytest.raises(UnreachableError), Control(urls.pop()) as control:
        control.worlds()
    assert not urls


def test_the_address_is_read_from_a_banner_for_machines_too() -> None:
    with command_running(SERVE, {"log": "json"}) as url, Control(url) as control:
        assert [world.name for world in control.worlds()] == ["default"]


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("no-such-mock serve", "cannot be started: No such file or directory"),
        ("", "has no words"),
        ("'open", "cannot be split into words: No closing quotation"),
        (
            python("print('no port is free'); raise SystemExit(3)"),
            "has ended before it served. Its last lines:\n  no port",
        ),
        (python("pass"), "has ended before it served. It has printed nothing."),
        (python("import time; time.sleep(60)"), "has not said within 0.5 s where it serves. It has printed nothing."),
    ],
)
def test_a_command_that_serves_nowhere_is_a_sentence_with_its_last_lines(command: str, sentence: str) -> None:
    with pytest.raises(WishError) as refused, command_running(command, {}, patience=0.5 if "sleep" in command else 30):
        pass
    assert sentence in str(refused.value)


def test_a_command_that_is_typed_wins_over_the_environment_and_contradicts_an_address(
    tests: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCK_OMS_URL", "http://127.0.0.1:1")
    result = ran(tests, USES, "--oms-command", "no-such-mock", errors=2)
    result.stdout.fnmatch_lines(["oms_command: *"])
    both = tests.runpytest_inprocess("--oms-command", "x", "--oms-url", "http://127.0.0.1:1")
    both.stderr.fnmatch_lines(["*--oms-url names a mock that runs, --oms-command starts one: give one of them."])


def test_the_plugin_says_it_as_a_sentence_alone(tests: pytest.Pytester) -> None:
    result = ran(tests, USES, "--oms-command", "no-such-mock serve", errors=2)
    result.stdout.fnmatch_lines(["oms_command: The command 'no-such-mock serve' cannot be started: *"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_what_a_command_starts_itself_ends_with_it_even_if_it_does_not_listen() -> None:
    child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('Serving on http://x', flush=True); time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with command_running(python(parent), {}) as url:
        pass
    # Whoever reads what it prints meets the end only when none of the group is left.
    reading = [one for one in threading.enumerate() if one.name == "mock-oms-command"]
    assert (url, reading) == ("http://x", [])
