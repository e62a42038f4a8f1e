import os
import resource
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest
import trustme

from mock_oms.cli.doctor import diagnosis
from mock_oms.cli.doctor.command import DoctorFinding, Level
from mock_oms.settings import Settings
from mock_oms.testing import running_server
from mock_oms.worlds.state_folder import state_folder

REAL = "3f9ac0de" * 5
ANYWHERE = "0.0.0.0"  # noqa: S104  nothing listens there


def only(check: Callable[[Settings], Iterable[DoctorFinding]], **settings: Any) -> DoctorFinding:
    (finding,) = check(Settings(**settings))
    return finding


@contextmanager
def answering(body: bytes, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a server that answers everything so."""

    class Anybody(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Anybody) as server, ThreadPoolExecutor() as threads:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threads.submit(server.serve_forever)
        try:
            yield server.server_port
        finally:
            server.shutdown()


@pytest.mark.parametrize("host", ["127.0.0.1", ANYWHERE])
def test_a_port_that_a_mock_answers_on_is_a_warning(host: str) -> None:
    with running_server(host=host) as server:
        finding = only(diagnosis.port, host=host, port=int(server.url.rpartition(":")[2]))
    assert (finding.level, "a mock-oms answers there" in finding.says) == (Level.WARNING, True)


@pytest.mark.parametrize("body", [b"", b"[]", b"hello", b'{"status": "up"}', b"\xff"])
def test_a_port_that_a_stranger_answers_on_is_an_error(body: bytes) -> None:
    with answering(body) as port:
        finding = only(diagnosis.port, port=port)
    says = f"Port {port} on 127.0.0.1 is taken, and no mock-oms answers there."
    assert (finding.level, finding.says) == (Level.ERROR, says)


def test_under_tls_a_taken_port_is_asked_in_https() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with answering(b'{"status": "live"}', context) as port:
        assert only(diagnosis.port, port=port, tls="on").level is Level.WARNING


ASK = "Name what is there, with --scenario and --scenarios"
REAL_THERE = {"token": REAL, "host": ANYWHERE}


@pytest.mark.parametrize(
    ("check", "settings", "level", "says"),
    [
        ("port", {"port": 0}, "ok", "A free port on 127.0.0.1 is taken at start."),
        ("port", {"host": "192.0.2.1", "port": 0}, "error", "with --host"),
        ("control", {}, "ok", "to this machine alone"),
        ("control", {"control_token": "x"}, "ok", "demands its token"),
        ("control", {"host": ANYWHERE, "control_token": "x" * 16}, "ok", "demands its token"),
        ("control", {"host": ANYWHERE, "control_token": "x" * 15}, "error", "has 15 characters"),
        ("control", {"host": ANYWHERE, "control_token_file": Path("x")}, "ok", "demands its token"),
        ("control", {"host": ANYWHERE}, "warning", "made anew at each start"),
        ("processes", {}, "ok", "One process"),
        ("processes", {"workers": 2}, "error", "--workers 1"),
        ("processes", {"store": "redis://x"}, "error", "--store memory"),
        ("tls", {}, "ok", "--tls serves https"),
        ("tls", {"tls": "on", "tls_names": "a.example,10.0.0.5, ::1,*.b"}, "ok", "a.example"),
        ("tls", {"tls": "on", "tls_ca": Path("/none/ca.pem")}, "error", "There is no folder /none."),
        (
            "tls",
            {"tls_names": "a", "tls_ca": Path("x")},
            "warning",
            "--tls-names and --tls-ca means nothing without TLS.",
        ),
        ("scenarios", {}, "ok", "hold together"),
        ("scenarios", {"scenario": "restok"}, "error", ASK),
        ("scenarios", {"scenarios": Path("nowhere")}, "error", ASK),
        ("scenarios", {"scenarios": Path(__file__).parent}, "warning", "holds no scenario."),
        ("tokens", {"scenario": "restok"}, "ok", ""),
        ("tokens", {}, "ok", "No token looks like"),
        ("tokens", {"token": "gehéim"}, "error", "visible ASCII"),
        ("tokens", {"token": "two gehm"}, "error", "blanks"),
        ("tokens", {"token": ""}, "error", "empty"),
        ("tokens", {"token": "fail-gehm"}, "error", "always fail"),
        ("tokens", {"token": REAL}, "warning", "Replace it."),
        ("tokens", REAL_THERE, "error", "--allow-real-tokens"),
        ("tokens", {**REAL_THERE, "allow_real_tokens": "on"}, "warning", "Replace it."),
        ("state", {}, "ok", "--state FOLDER"),
    ],
)
def test_settings_are_judged_without_a_secret(check: str, settings: Mapping[str, Any], level: str, says: str) -> None:
    finding = only(diagnosis.CHECKS[check], **settings)
    text = f"{finding.says} {finding.way_out}"
    assert (finding.level, says in text) == (level, True)
    assert not [secret for secret in ("geh", REAL[:5]) if secret in text]


@pytest.mark.parametrize("names", ["a b,,x_1", "-a,a..b"])
def test_every_name_that_no_certificate_is_made_for_is_an_error(names: str) -> None:
    levels = [one.level for one in diagnosis.tls(Settings(tls="on", tls_names=names))]
    assert levels == [Level.ERROR, Level.ERROR]


def test_every_problem_of_every_scenario_is_reported_as_the_check_reports_it(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("description: x\nplans: [{state: complete}]\nsede: 1\n", encoding="utf-8")
    expects = "description: x\nplans: [{id: 7, items: [A]}]\nexpect:\n  - {at: 1h, plan: 7, state: pending}\n"
    (tmp_path / "b.yaml").write_text(expects, encoding="utf-8")
    findings = list(diagnosis.scenarios(Settings(scenarios=tmp_path)))
    places = [one.says.partition(": ")[0] for one in findings]
    assert places == [f"{tmp_path}/a.yaml:2", f"{tmp_path}/a.yaml:3", f"{tmp_path}/b.yaml:4"]
    assert {(one.level, one.way_out.partition(",")[0]) for one in findings} == {(Level.ERROR, "Mend the file")}


@pytest.mark.parametrize("folder", ["there", "not/there/yet"])
def test_a_folder_that_can_be_used_is_well_and_stays_as_it_is(folder: str, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    assert only(diagnosis.state, state=tmp_path / folder).level is Level.OK
    assert [one.name for one in tmp_path.rglob("*")] == ["there"]


def test_a_folder_of_a_running_mock_is_a_warning_until_it_ends_and_a_file_in_its_place_an_error(tmp_path: Path) -> None:
    with state_folder(tmp_path):
        assert only(diagnosis.state, state=tmp_path).level is Level.WARNING
    assert only(diagnosis.state, state=tmp_path).level is Level.OK
    (tmp_path / "file").touch()
    assert only(diagnosis.state, state=tmp_path / "file").level is Level.ERROR
    assert only(diagnosis.state, state=tmp_path / ("x" * 5_000)).level is Level.ERROR


@pytest.mark.parametrize(
    ("content", "also", "level", "says"),
    [
        (b"hush", None, "ok", "holds a control token"),
        (b"hush\n", "hush", "ok", "holds a control token"),
        (b"hush", "other", "error", "Give one of them."),
        (b"", None, "error", "Write one token into it"),
        (b"hush hush", None, "error", "Write one token into it"),
        (b"\xff", None, "error", "Write one token into it"),
        (None, None, "error", "No such file"),
    ],
)
def test_a_file_of_the_control_token_must_hold_one(
    content: bytes | None, also: str | None, level: str, says: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    finding = only(diagnosis.control_token, control_token_file=tmp_path / "token", control_token=also)
    text = f"{finding.says} {finding.way_out}"
    assert (finding.level, says in text, "hush" in text) == (level, True, False)


def test_the_versions_are_those_that_run() -> None:
    (mock,) = diagnosis.versions(Settings())
    assert mock.says.startswith("mock-oms 0.")


#: What Kubernetes puts into every pod beside a Service of the name mock-oms.
SERVICE_LINKS = {
    "MOCK_OMS_PORT": "tcp://10.0.0.1:8080",
    **{f"MOCK_OMS_PORT_8080_TCP{part}": "x" for part in ("", "_ADDR", "_PORT", "_PROTO")},
    **{f"MOCK_OMS_SERVICE_{part}": "x" for part in ("HOST", "PORT", "PORT_HTTP")},
}
LINKS_SAY = "Passed over, because Kubernetes writes them of a Service mock-oms: MOCK_OMS_PORT, "
PROT = "MOCK_OMS_PROT is no variable that anything here looks for; the nearest is MOCK_OMS_PORT."


@pytest.mark.parametrize(
    ("variables", "warned", "says"),
    [
        *(({f"MOCK_OMS_{name}": "x"}, [], "") for name in ("URL", "WORLD", "CONFIG", "TLS_CA")),
        ({"MOCKS": "x"}, [], ""),
        ({"MOCK_OMS_PROT": "hush"}, ["MOCK_OMS_PROT"], PROT),
        (SERVICE_LINKS, [], LINKS_SAY),
        (
            {**SERVICE_LINKS, "MOCK_OMS_PROT": "1", "MOCK_OMS_SERVICE_A": "1"},
            ["MOCK_OMS_PROT", "MOCK_OMS_SERVICE_A"],
            "",
        ),
    ],
)
def test_a_variable_that_nobody_looks_for_is_a_warning_with_the_nearest_but_for_the_links_of_kubernetes(
    variables: Mapping[str, str], warned: list[str], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in os.environ if one.startswith("MOCK_OMS_")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    findings = list(diagnosis.variables(Settings()))
    assert [one.says.split()[0] for one in findings if one.level is Level.WARNING] == warned
    assert [one.says for one in findings if one.says.startswith(says)]
    assert "hush" not in str(findings)


def test_a_taken_soft_limit_of_open_files_is_a_warning() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    try:
        finding = only(diagnosis.open_files)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (finding.level, finding.says.startswith("Only 512 files")) == (Level.WARNING, True)


def test_every_kind_of_fault_is_named() -> None:
    assert "body, connection, delay, shape, status" in only(diagnosis.faults).says


WITHIN = "within the limit of this container"


@pytest.mark.parametrize(
    ("files", "free", "where"),
    [
        ({"memory.max": "1000\n", "memory.current": "900\n"}, 100, WITHIN),
        ({"memory.max": "1000", "memory.current": "900", "memory.stat": "anon 1\ninactive_file 50\n"}, 150, WITHIN),
        ({"memory.max": "1000", "memory.current": "1200"}, 0, WITHIN),
        ({"memory/memory.limit_in_bytes": "1000", "memory/memory.usage_in_bytes": "1"}, 999, WITHIN),
        ({}, None, "on this machine"),
        ({"memory.max": "max", "memory.current": "900"}, None, "on this machine"),
        ({"memory.max": "1000"}, None, "on this machine"),
    ],
)
def test_the_limit_of_a_container_counts(files: dict[str, str], free: int | None, where: str, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="ascii")
    least, place = min(diagnosis.free_memory(tmp_path))
    assert (least if free is not None else None, place) == (free, where)
    assert free is not None or 0 < least <= psutil.virtual_memory().total
