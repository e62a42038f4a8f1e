"""`mock-oms contract` as people and programs type it, against the mock and against servers that misbehave."""

import json
import os
import pty
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from xml.etree import ElementTree as ET

import httpx
import pytest
from click import Abort
from click.testing import CliRunner, Result

from mock_oms.cli.main import main
from mock_oms.cli.oms_options import clear_stops
from mock_oms.cli.options import RefusedError
from mock_oms.conformance.checks import ALL
from mock_oms.testing import RunningServer, running_server
from tests.strange_oms import LIST, Answered, Asked, as_json, orderly, strange_oms
from tests.system.running import plain_environment

SECRET = "s3cret-token-of-a-customer"
FAST = ("--rate", "1000", "--no-schemathesis")
#: Seconds after which a command is ended that waits for somebody.
PATIENCE = 60.0
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMS_TOKEN", raising=False)


@pytest.fixture(scope="module")
def mock() -> Iterator[RunningServer]:
    with running_server() as server:
        yield server


def typed(*words: str, **environment: str) -> Result:
    return CliRunner().invoke(main, ["contract", *words], env=environment, catch_exceptions=False)


def refused(*words: str, **environment: str) -> str:
    """The sentence of a run that could not be made."""
    result = typed(*words, **environment)
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr


# What is shown


def test_a_mock_is_clean_and_prints_and_reports_the_same(mock: RunningServer, tmp_path: Path) -> None:
    files = {name: tmp_path / f"report.{name}" for name in ("xml", "md", "json")}
    words = [word for file in files.values() for word in ("--report", str(file))]
    result = typed(mock.url, *FAST, *words)
    assert result.exit_code == 0, result.output
    assert "state-known" in result.stdout
    assert "Not seen:\n  greatest-page-size: no page above the maximum was asked for" in result.stdout
    assert "list: seen to its end" in result.stdout
    assert result.stdout.endswith("No findings.\n")
    assert ET.parse(files["xml"]).getroot()[0].attrib["tests"] == str(len(ALL))  # noqa: S314  it is ours
    assert files["md"].read_text(encoding="utf-8").startswith("# Contract of the OMS\n")
    report = json.loads(files["json"].read_text(encoding="utf-8"))
    assert (report["exit"], report["findings"], report["target"]) == (0, {}, mock.url)
    assert [one["check"] for one in report["results"]] == [check.name for check in ALL]


def test_findings_are_exit_code_1_with_request_and_place_and_cannot_move_the_cursor() -> None:
    with strange_oms(lambda _: as_json([{"id": 3, "state": "\x1b[2J\x07"}])) as oms:
        result = typed(oms.url, *FAST, "--show-values")
    assert result.exit_code == 1
    assert "state-known [breaking] there is no such state\n" in result.stdout
    assert f"  request: GET {LIST}\n  place: [0].state\n" in result.stdout
    assert re.search(r"\n\d+ findings.*\n$", result.stdout)
    assert "\x1b" not in result.stdout


def test_schemathesis_asks_too_and_within_the_budget(mock: RunningServer) -> None:
    printed = json.loads(typed(mock.url, "--rate", "1000", "--max-requests", "90", "--json").stdout)
    (made_up,) = [one for one in printed["results"] if one["check"] == "schemathesis"]
    assert (made_up["findings"], made_up["unseen"]) == ([], None)
    assert made_up["looked"] > 8
    assert int(printed["facts"]["requests"].split()[0]) <= 90


# What cannot be run


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        (("https://oms.example.net",), {"OMS_TOKEN": SECRET}, "is not this machine: at most 200 GET, 2 per second"),
        (("https://192.0.2.7",), {"OMS_TOKEN": SECRET}, "say --yes"),
        (("https://oms.example.net", "--yes"), {}, "set OMS_TOKEN, or name another variable"),
        (("MOCK", *FAST), {"OMS_TOKEN": "wrong-one"}, "answered 401 to the first page of the list: is the token right"),
        (("MOCK", "--token-env", "CUSTOMER_TOKEN"), {}, "The variable CUSTOMER_TOKEN is not set or empty"),
        (("MOCK", "--token-file", "missing"), {}, "The token cannot be read from missing: No such file"),
        (("MOCK", "--token-file", "missing", "--token-env", "OMS_TOKEN"), {}, "give one of them"),
        ((f"http://127.0.0.1:8080{LIST}",), {}, "names more than a host"),
    ],
)
def test_what_cannot_be_run_is_exit_code_2_and_a_sentence(
    words: tuple[str, ...], environment: dict[str, str], said: str, mock: RunningServer
) -> None:
    assert said in refused(*(mock.url if word == "MOCK" else word for word in words), **environment)


def test_a_file_may_hold_the_token(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{SECRET}\n")
    with strange_oms(orderly(1)) as oms:
        typed(oms.url, *FAST, "--token-file", str(file))
    assert oms.asked[0].headers["Authorization"] == f"Token {SECRET}"


def test_a_switch_decides_how_the_token_is_sent() -> None:
    with strange_oms(orderly(1)) as oms:
        typed(oms.url, *FAST, "--switch", "auth=bearer", OMS_TOKEN=SECRET)
    assert oms.asked[0].headers["Authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--switch", "lists=array"), "--switch lists: unknown key; the nearest is list."),
        (("--switch", "list=tuple"), "--switch list: "),
        (("--switch", "page_size=0"), "--switch page_size: "),
        (("--switch", "page_size=many"), "--switch page_size: "),
        (("--switch", "list"), "--switch list: "),
        (("--report", "report.html"), "report.html"),
        (("--report", "no-such-folder/report.xml"), "report.xml"),
    ],
)
def test_an_option_that_is_none_is_refused_before_anybody_is_asked(words: tuple[str, ...], said: str) -> None:
    with strange_oms(orderly(1)) as oms:
        assert said in refused(oms.url, *words)
    assert not oms.asked


def test_a_report_that_cannot_be_written_is_exit_code_2(mock: RunningServer, tmp_path: Path) -> None:
    (tmp_path / "full.xml").symlink_to("/dev/full")
    result = typed(mock.url, *FAST, "--report", str(tmp_path / "full.xml"))
    assert result.exit_code == 2
    assert "full.xml cannot be written: No space left on device" in result.stderr


@pytest.mark.parametrize(("package", "way_out"), [("jsonschema", ""), ("schemathesis", "--no-schemathesis")])
def test_an_extra_that_is_missing_is_named(package: str, way_out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    said = refused("http://127.0.0.1:1")
    assert f"{package} is not installed; pip install 'mock-oms[contract]' brings it" in said
    assert way_out in said


def test_nobody_who_answers_is_exit_code_2() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert "gave no answer" in refused(f"http://127.0.0.1:{unused.getsockname()[1]}", *FAST)


def test_a_certificate_that_is_not_trusted_is_exit_code_2(tmp_path: Path) -> None:
    with running_server(tls="on", tls_ca=tmp_path / "ca.pem") as server:
        assert "is not trusted" in refused(server.url, *FAST)
        assert typed(server.url, *FAST, "--ca", str(server.ca)).exit_code == 0


# What is cut short


@pytest.mark.parametrize(("good", "code"), [(True, 2), (False, 1)])
def test_a_429_in_the_middle_is_told_and_nothing_found_until_then_is_no_proof(
    good: bool, code: int, mock: RunningServer
) -> None:
    real = httpx.Client(base_url=mock.url, headers={"Authorization": f"Token {mock.token}"}, trust_env=False)

    def answer(asked: Asked) -> Answered:
        if asked.number > 8:
            return as_json({"detail": "Request was throttled."}, 429, Retry_After="60")
        if not good:
            return as_json({"count": 1, "next": None, "previous": None, "results": [{"id": 1}]})
        found = real.get(asked.target, headers={"Host": asked.headers["Host"]})
        return Answered(status=found.status_code, body=found.content, headers=dict(found.headers))

    with real, strange_oms(answer) as oms:
        result = typed(oms.url, "--rate", "1000")
    assert result.exit_code == code, result.output
    said = "429 to request 9 (Retry-After: 60), and nothing more was asked. Nobody should ask before"
    assert said in result.stdout
    assert "schemathesis: no request was made" in result.stdout


def test_a_budget_that_is_spent_is_told_and_no_failure(mock: RunningServer) -> None:
    result = typed(mock.url, *FAST, "--max-requests", "5")
    assert result.exit_code == 0, result.output
    assert "The budget of 5 requests is spent" in result.stdout
    assert "5 of 5" in result.stdout


# The token


def test_the_token_is_in_no_output_and_no_report_whatever_the_server_repeats(tmp_path: Path) -> None:
    def repeat(asked: Asked) -> Answered:
        said = asked.headers.get("Authorization", "")
        return as_json([{"id": 1, "state": said}], X_You_Said=said)

    files = [tmp_path / f"report.{name}" for name in ("xml", "md", "json")]
    words = [word for file in files for word in ("--report", str(file))]
    with strange_oms(repeat) as oms:
        result = typed(oms.url, "--rate", "1000", "--show-values", *words, OMS_TOKEN=SECRET)
    assert result.exit_code == 1
    texts = [result.stdout, result.stderr, *(file.read_text(encoding="utf-8") for file in files)]
    assert not [one for one in texts if SECRET in one]
    assert "[the token]" in result.stdout


# On a terminal


def on_a_terminal(*words: str, at: str = "", keys: str = "") -> tuple[int, str]:
    """The exit code and all that a terminal showed but for colours; `keys` are pressed when it shows `at`."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from mock_oms.cli.main import main; main()", "contract", *words]
    environment = plain_environment({"TERM": "xterm", "COLUMNS": "120"})
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown, limit = bytearray(), Timer(PATIENCE, process.kill)
        limit.start()
        try:
            while piece := os.read(ours, 65_536):
                shown += piece
                if keys and at.encode() in shown:
                    os.write(ours, keys.encode())
                    keys = ""
        except OSError:  # so Linux says that the other side is closed
            pass
        limit.cancel()
    os.close(ours)
    return process.returncode, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())


def test_a_terminal_shows_a_table_and_how_far_it_is(mock: RunningServer) -> None:
    code, shown = on_a_terminal(mock.url, *FAST, "--max-requests", "12")
    assert code == 0, shown
    assert "┃ Check" in shown
    assert "state-known" in shown
    assert re.search(r"\b12/\d+ ", shown)


def test_another_host_is_asked_about_and_no_means_no() -> None:
    code, shown = on_a_terminal("http://192.0.2.7", at="Begin?", keys="n\n")
    assert code == 2
    assert "http://192.0.2.7 is not this machine: at most 200 GET, 2 per second. Begin?" in shown
    assert "Nothing was asked." in shown


def test_a_token_that_is_typed_is_not_shown() -> None:
    code, shown = on_a_terminal("http://192.0.2.7", "--yes", at="Token:", keys=f"two words {SECRET}\n")
    assert code == 2, shown
    assert SECRET not in shown
    assert "Token:" in shown
    assert "The token has blanks" in shown


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), Abort()])
def test_an_interruption_is_no_finding(interruption: BaseException) -> None:
    with pytest.raises(RefusedError, match="Interrupted") as refusal, clear_stops():
        raise interruption
    assert refusal.value.exit_code == 2
