"""What each check finds, and the way out that it names."""

import os
import resource
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import pytest
import trustme

from mock_oms.cli.doctor import machine, settings_checks
from mock_oms.cli.doctor.command import DoctorFinding, Level, checks
from mock_oms.settings import Settings
from mock_oms.testing import running_server
from mock_oms.worlds.state_folder import state_folder

REAL = "3f9ac0de" * 5
ANYWHERE = "0.0.0.0"  # noqa: S104  nothing listens there


def levels(findings: Iterable[DoctorFinding]) -> list[str]:
    return [one.level.value for one in findings]


def only(check: Callable[[Settings], Iterable[DoctorFinding]], **settings: Any) -> DoctorFinding:
    """The one finding of a check under these settings."""
    (finding,) = check(Settings(**settings))
    return finding


# The port


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

    with HTTPServer(("127.0.0.1", 0), Anybody) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("host", ["127.0.0.1", ANYWHERE])
def test_a_port_that_a_mock_answers_on_is_a_warning(host: str) -> None:
    with running_server(host=host) as server:
        finding = only(settings_checks.port, host=host, port=int(server.url.rpartition(":")[2]))
    assert (finding.level, "a mock-oms answers there" in finding.says) == (Level.WARNING, True)


@pytest.mark.parametrize("body", [b"", b"[]", b"hello", b'{"status": "up"}', b"\xff"])
def test_a_port_that_a_stranger_answers_on_is_an_error(body: bytes) -> None:
    with answering(body) as port:
        finding = only(settings_checks.port, port=port)
    says = f"Port {port} on 127.0.0.1 is taken, and no mock-oms answers there."
    assert (finding.level, finding.says) == (Level.ERROR, says)


def test_under_tls_a_taken_port_is_asked_in_https() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with answering(b'{"status": "live"}', context) as port:
        assert only(settings_checks.port, port=port, tls="on").level is Level.WARNING


# What the settings say by themselves


@pytest.mark.parametrize(
    ("check", "settings", "level", "says"),
    [
        ("port", {"port": 0}, "ok", "A free port on 127.0.0.1 is taken at start."),
        ("port", {"host": "192.0.2.1", "port": 0}, "error", "with --host"),
        ("control", {}, "ok", "to this machine alone"),
        ("control", {"control_token": "x"}, "ok", "demands its token"),
        ("control", {"host": ANYWHERE, "control_token": "x"}, "ok", "demands its token"),
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
        ("scenarios", {"scenario": "restok"}, "error", "Name what is there, with --scenario and --scenarios"),
        ("scenarios", {"scenarios": Path("nowhere")}, "error", "Name what is there, with --scenario and --scenarios"),
        ("tokens", {"scenario": "restok"}, "ok", ""),
        ("tokens", {}, "ok", "No token looks like"),
        ("tokens", {"token": "gehéim"}, "error", "visible ASCII"),
        ("tokens", {"token": "two gehm"}, "error", "blanks"),
        ("tokens", {"token": ""}, "error", "empty"),
        ("tokens", {"token": "fail-gehm"}, "error", "always fail"),
        ("tokens", {"token": REAL}, "warning", "Replace it."),
        ("tokens", {"token": REAL, "host": ANYWHERE}, "error", "--allow-real-tokens"),
        ("tokens", {"token": REAL, "host": ANYWHERE, "allow_real_tokens": "on"}, "warning", "Replace it."),
        ("state", {}, "ok", "--state FOLDER"),
    ],
)
def test_settings_are_well_or_wrong_and_no_secret_is_shown(
    check: str, settings: Mapping[str, Any], level: str, says: str
) -> None:
    finding = only(checks()[check], **settings)
    text = f"{finding.says} {finding.way_out}"
    assert (finding.level, says in text) == (level, True)
    assert not [secret for secret in ("geh", REAL[:5]) if secret in text]


def test_every_name_that_no_certificate_is_made_for_is_an_error() -> None:
    for names in ("a b,,x_1", "-a,a..b"):
        assert levels(settings_checks.tls(Settings(tls="on", tls_names=names))) == ["error", "error"]


def test_every_problem_of_every_scenario_is_reported_as_the_check_reports_it(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("description: x\nplans: [{state: complete}]\nsede: 1\n", encoding="utf-8")
    expects = "description: x\nplans: [{id: 7, items: [A]}]\nexpect:\n  - {at: 1h, plan: 7, state: pending}\n"
    (tmp_path / "b.yaml").write_text(expects, encoding="utf-8")
    findings = list(settings_checks.scenarios(Settings(scenarios=tmp_path)))
    places = [one.says.partition(": ")[0] for one in findings]
    assert places == [f"{tmp_path}/a.yaml:2", f"{tmp_path}/a.yaml:3", f"{tmp_path}/b.yaml:4"]
    assert {(one.level, one.way_out.partition(",")[0]) for one in findings} == {(Level.ERROR, "Mend the file")}


# The state folder and the file of the control token


@pytest.mark.parametrize("folder", ["there", "not/there/yet"])
def test_a_folder_that_can_be_used_is_well_and_stays_as_it_is(folder: str, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    assert only(settings_checks.state, state=tmp_path / folder).level is Level.OK
    assert [one.name for one in tmp_path.rglob("*")] == ["there"]


def test_a_folder_of_a_running_mock_is_a_warning_until_it_ends(tmp_path: Path) -> None:
    with state_folder(tmp_path):
        assert only(settings_checks.state, state=tmp_path).level is Level.WARNING
    assert only(settings_checks.state, state=tmp_path).level is Level.OK


def test_a_file_in_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert only(settings_checks.state, state=tmp_path / "file").level is Level.ERROR


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
    finding = only(settings_checks.control_token, control_token_file=tmp_path / "token", control_token=also)
    text = f"{finding.says} {finding.way_out}"
    assert (finding.level, says in text, "hush" in text) == (level, True, False)


# The machine


def test_the_versions_are_those_that_run() -> None:
    mock, faker = machine.versions(Settings())
    assert mock.says.startswith("mock-oms 0.")
    assert faker.says.endswith(", as pinned.")


#: What Kubernetes puts into every pod beside a Service of the name mock-oms.
SERVICE_LINKS = {
    "MOCK_OMS_PORT": "tcp://10.0.0.1:8080",
    "MOCK_OMS_PORT_8080_TCP": "tcp://10.0.0.1:8080",
    "MOCK_OMS_PORT_8080_TCP_ADDR": "10.0.0.1",
    "MOCK_OMS_PORT_8080_TCP_PORT": "8080",
    "MOCK_OMS_PORT_8080_TCP_PROTO": "tcp",
    "MOCK_OMS_SERVICE_HOST": "10.0.0.1",
    "MOCK_OMS_SERVICE_PORT": "8080",
    "MOCK_OMS_SERVICE_PORT_HTTP": "8080",
}


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without any variable that begins as ours do."""
    for name in [one for one in os.environ if one.startswith("MOCK_OMS_")]:
        monkeypatch.delenv(name)
    return monkeypatch


@pytest.mark.parametrize(
    ("variables", "warned"),
    [
        *(({f"MOCK_OMS_{name}": "x"}, []) for name in ("URL", "WORLD", "CONFIG", "TLS_CA")),
        ({"MOCKS": "x"}, []),
        ({"MOCK_OMS_PROT": "hush"}, ["MOCK_OMS_PROT"]),
        (SERVICE_LINKS, []),
        (
            {**SERVICE_LINKS, "MOCK_OMS_PROT": "1", "MOCK_OMS_SERVICE_PART": "1"},
            ["MOCK_OMS_PROT", "MOCK_OMS_SERVICE_PART"],
        ),
    ],
)
def test_a_variable_that_nobody_looks_for_is_a_warning(
    variables: Mapping[str, str], warned: list[str], no_variables: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        no_variables.setenv(name, value)
    findings = list(machine.variables(Settings()))
    assert [one.says.split()[0] for one in findings if one.level is Level.WARNING] == warned


def test_a_variable_is_named_with_the_nearest_and_the_links_of_kubernetes_are(no_variables: pytest.MonkeyPatch) -> None:
    no_variables.setenv("MOCK_OMS_PROT", "hush")
    says = "MOCK_OMS_PROT is no variable that anything here looks for; the nearest is MOCK_OMS_PORT."
    assert only(machine.variables).says == says
    no_variables.delenv("MOCK_OMS_PROT")
    for name, value in SERVICE_LINKS.items():
        no_variables.setenv(name, value)
    says = "Passed over, because Kubernetes writes them of a Service mock-oms: MOCK_OMS_PORT, "
    assert only(machine.variables).says.startswith(says)


def test_a_taken_soft_limit_of_open_files_is_a_warning() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    try:
        finding = only(machine.open_files)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (finding.level, finding.says.startswith("Only 512 files")) == (Level.WARNING, True)


def test_every_kind_of_fault_is_named() -> None:
    assert "body, connection, delay, shape, status" in only(machine.faults).says


def free_in(folder: Path, files: Mapping[str, str]) -> tuple[int, str]:
    """The least free memory, where the control groups say so."""
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="ascii")
    return min(machine.free_memory(folder))


@pytest.mark.parametrize(
    ("files", "free"),
    [
        ({"memory.max": "1000\n", "memory.current": "900\n"}, 100),
        ({"memory.max": "1000", "memory.current": "900", "memory.stat": "anon 1\ninactive_file 50\n"}, 150),
        ({"memory.max": "1000", "memory.current": "1200"}, 0),
        ({"memory/memory.limit_in_bytes": "1000", "memory/memory.usage_in_bytes": "1"}, 999),
    ],
)
def test_the_limit_of_a_container_counts(files: Mapping[str, str], free: int, tmp_path: Path) -> None:
    assert free_in(tmp_path, files) == (free, "within the limit of this container")


@pytest.mark.parametrize("files", [{}, {"memory.max": "max", "memory.current": "900"}, {"memory.max": "1000"}])
def test_without_a_limit_the_machine_counts(files: Mapping[str, str], tmp_path: Path) -> None:
    free, where = free_in(tmp_path, files)
    assert (0 < free <= psutil.virtual_memory().total, where) == (True, "on this machine")
