"""`mock-oms contract` as people and programs type it, against the mock and against servers that misbehave."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Timer
from xml.etree import ElementTree as ET

import pytest
from click import Abort

from mock_oms.cli.oms_options import clear_stops
from mock_oms.cli.options import RefusedError
from mock_oms.conformance.checks import ALL
from mock_oms.testing import RunningServer, running_server
from tests.strange_oms import LIST, Answered, Asked, as_json, orderly, strange_oms
from tests.system.running import plain_environment, program
from tests.typed import refused, typed

SECRET = "s3cret-token-of-a-customer"
FAST = ("--rate", "1000", "--no-schemathesis")
REPORTS = ("report.xml", "report.md", "report.json")


@pytest.fixture(autouse=True)
def _no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMS_TOKEN", raising=False)


@pytest.fixture(scope="module")
def mock() -> Iterator[RunningServer]:
    with running_server(scenario="restock") as server:
        yield server


@pytest.mark.smoke
def test_a_mock_is_clean_and_prints_and_reports_the_same(mock: RunningServer, tmp_path: Path) -> None:
    xml, md, plain = files = [tmp_path / name for name in REPORTS]
    result = typed("contract", mock.url, *FAST, *(word for file in files for word in ("--report", file)))
    assert result.exit_code == 0, result.output
    assert "state-known" in result.stdout
    assert result.stdout.index("Not seen:\n") < result.stdout.index("  greatest-page-size: no page above the maximum ")
    assert "list: seen to its end" in result.stdout
    assert result.stdout.endswith("No findings.\n")
    assert ET.parse(xml).getroot()[0].attrib["tests"] == str(len(ALL))  # noqa: S314  it is ours
    assert md.read_text().startswith("# Contract of the OMS\n")
    report = json.loads(plain.read_text())
    assert (report["exit"], report["findings"], report["target"]) == (0, {}, mock.url)
    assert [one["check"] for one in report["results"]] == [check.name for check in ALL]


def test_findings_are_exit_code_1_with_request_and_place_and_cannot_move_the_cursor() -> None:
    with strange_oms(lambda _: as_json([{"id": 3, "state": "\x1b[2J\x07"}])) as oms:
        result = typed("contract", oms.url, *FAST, "--show-values")
    assert result.exit_code == 1
    assert "state-known [breaking] there is no such state\n" in result.stdout
    assert f"  request: GET {LIST}\n  place: [0].state\n" in result.stdout
    assert re.search(r"\n\d+ findings.*\n$", result.stdout)
    assert "\x1b" not in result.stdout


def test_schemathesis_asks_too_and_within_the_budget(mock: RunningServer) -> None:
    printed = json.loads(typed("contract", mock.url, "--rate", "1000", "--max-requests", "60", "--json").stdout)
    (made_up,) = [one for one in printed["results"] if one["check"] == "schemathesis"]
    assert (made_up["findings"], made_up["unseen"]) == ([], None)
    assert made_up["looked"] > 8
    assert int(printed["facts"]["requests"].split()[0]) <= 60


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("https://oms.example.net", "is not this machine: at most 200 GET, 2 per second"),
        ("https://192.0.2.7", "say --yes"),
        ("https://oms.example.net --yes", "set OMS_TOKEN, or name another variable"),
        ("OMS --token-file missing", "The token cannot be read from missing: No such file"),
        ("OMS --token-file missing --token-env OMS_TOKEN", "give one of them"),
        (f"http://127.0.0.1:8080{LIST}", "names more than a host"),
        ("OMS --switch lists=array", "--switch lists: unknown key; the nearest is list."),
        ("OMS --switch page_size=0", "--switch page_size: "),
        ("OMS --switch page_size=many", "--switch page_size: "),
        ("OMS --switch list", "--switch list: "),
        ("OMS --report report.html", "report.html"),
        ("OMS --report no-such-folder/report.xml", "report.xml"),
        ("OMS --max-age soon", "'soon' is no duration; accepted: 12h, 60d"),
    ],
)
def test_what_cannot_be_run_is_exit_code_2_and_a_sentence_before_anybody_is_asked(words: str, said: str) -> None:
    with strange_oms(orderly(1)) as oms:
        token = None if "--yes" in words else SECRET
        assert said in refused("contract", *words.replace("OMS ", f"{oms.url} ").split(), OMS_TOKEN=token)
    assert not oms.asked


def test_a_file_may_hold_the_token_and_a_switch_decides_how_it_is_sent(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{SECRET}\n")
    with strange_oms(orderly(1)) as oms:
        typed("contract", oms.url, *FAST, "--token-file", tmp_path / "token", "--switch", "auth=bearer")
    assert oms.asked[0].headers["Authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize(("package", "way_out"), [("jsonschema", ""), ("schemathesis", "--no-schemathesis")])
def test_an_extra_that_is_missing_is_named(package: str, way_out: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    said = refused("contract", "http://127.0.0.1:1")
    assert f"{package} is not installed; pip install 'mock-oms[contract]' brings it" in said
    assert way_out in said


def test_a_certificate_that_is_not_trusted_is_exit_code_2(tmp_path: Path) -> None:
    with running_server(tls="on", tls_ca=tmp_path / "ca.pem") as server:
        assert "is not trusted" in refused("contract", server.url, *FAST)
        assert typed("contract", server.url, *FAST, "--ca", str(server.ca)).exit_code == 0


def test_the_token_is_in_no_output_and_no_report_whatever_the_server_repeats(tmp_path: Path) -> None:
    def repeat(asked: Asked) -> Answered:
        said = asked.headers.get("Authorization", "")
        return as_json([{"id": 1, "state": said}], X_You_Said=said)

    files = [tmp_path / name for name in REPORTS]
    words = [word for file in files for word in ("--report", file)]
    with strange_oms(repeat) as oms:
        result = typed("contract", oms.url, "--rate", "1000", "--show-values", *words, OMS_TOKEN=SECRET)
    assert result.exit_code == 1
    texts = [result.stdout, result.stderr, *(file.read_text(encoding="utf-8") for file in files)]
    assert not [one for one in texts if SECRET in one]
    assert "[the token]" in result.stdout


def on_a_terminal(*words: str, at: str = "", keys: str = "") -> tuple[int, str]:
    """The exit code and all that a terminal showed but for colours; `keys` are pressed when it shows `at`."""
    ours, theirs = pty.openpty()
    command, environment = [program(), "contract", *words], plain_environment({"TERM": "xterm", "COLUMNS": "120"})
    with subprocess.Popen(command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown, limit = bytearray(), Timer(120, process.kill)
        limit.start()
        with suppress(OSError):  # so Linux says that the other side is closed
            while piece := os.read(ours, 65_536):
                shown += piece
                if keys and at.encode() in shown:
                    os.write(ours, keys.encode())
                    keys = ""
        limit.cancel()
    os.close(ours)
    return process.returncode, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())


def test_a_terminal_shows_a_table_with_what_each_check_claims(mock: RunningServer) -> None:
    code, shown = on_a_terminal(mock.url, *FAST, "--max-requests", "12")
    assert code == 0, shown
    texts = ("check looked at result what it claims", "state-known", "The budget of 12 requests is spent")
    assert [text in " ".join(shown.split()) for text in texts] == [True, True, True]


def test_another_host_is_asked_about_and_no_means_no() -> None:
    code, shown = on_a_terminal("http://192.0.2.7", at="Begin?", keys="n\n")
    assert code == 2
    assert "http://192.0.2.7 is not this machine: at most 200 GET, 2 per second. Begin?" in shown
    assert "Nothing was asked." in shown


def test_a_token_that_is_typed_is_not_shown() -> None:
    code, shown = on_a_terminal("http://192.0.2.7", "--yes", at="Token:", keys=f"two words {SECRET}\n")
    assert code == 2, shown
    assert [text in shown for text in ("Token:", "The token has blanks", SECRET)] == [True, True, False]


def test_an_abort_is_no_finding() -> None:
    with pytest.raises(RefusedError, match="Interrupted") as refusal, clear_stops():
        raise Abort
    assert refusal.value.exit_code == 2
