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
from mock_oms.cli.doctor.command import DoctorFinding, Level
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


def test_a_free_port_is_well() -> None:
    assert only(settings_checks.port, port=0).says == "A free port on 127.0.0.1 is taken at start."


def test_a_port_that_a_mock_answers_on_is_a_warning() -> None:
    with running_server() as server:
        finding = only(settings_checks.port, port=int(server.url.rpartition(":")[2]))
    assert (finding.level, "a mock-oms answers there" in finding.says) == (Level.WARNING, True)


def test_a_mock_that_listens_everywhere_is_asked_on_this_machine() -> None:
    with running_server(host=ANYWHERE) as server:
        finding = only(settings_checks.port, host=ANYWHERE, port=int(server.url.rpartition(":")[2]))
    assert finding.level is Level.WARNING


@contextmanager
def answering(body: bytes, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Somebody who answers everything so, on the port that is told."""

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


@pytest.mark.parametrize("body", [b"", b"[]", b"hello", b'{"status": "up"}', b"\xff"])
def test_a_port_that_a_stranger_answers_on_is_an_error(body: bytes) -> None:
    with answering(body) as port:
        finding = only(settings_checks.port, port=port)
    assert (finding.level, finding.says) == (
        Level.ERROR,
        f"Port {port} on 127.0.0.1 is taken, and no mock-oms answers there.",
    )


def test_under_tls_whoever_sits_on_the_port_is_asked_in_https() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    with answering(b'{"status": "live"}', context) as port:
        assert only(settings_checks.port, port=port, tls="on").level is Level.WARNING


def test_an_address_of_another_machine_is_an_error() -> None:
    finding = only(settings_checks.port, host="192.0.2.1", port=0)
    assert (finding.level, "--host" in finding.way_out) == (Level.ERROR, True)


# Who may use the control API, and under which names


@pytest.mark.parametrize(
    ("settings", "level", "says"),
    [
        ({}, "ok", "to this machine alone"),
        ({"control_token": "x"}, "ok", "demands its token"),
        ({"host": ANYWHERE, "control_token": "x"}, "ok", "demands its token"),
        ({"host": ANYWHERE, "control_token_file": Path("x")}, "ok", "demands its token"),
        ({"host": ANYWHERE}, "warning", "made anew at each start"),
    ],
)
def test_the_control_api_is_told_to_be_open_only_where_it_is(
    settings: Mapping[str, Any], level: str, says: str
) -> None:
    finding = only(settings_checks.control, **settings)
    assert (finding.level, says in finding.says) == (level, True)


@pytest.mark.parametrize(("names", "wrong"), [("a.example,10.0.0.5, ::1,*.b", 0), ("a b,,x_1", 2), ("-a,a..b", 2)])
def test_names_that_no_certificate_is_made_for_are_errors(names: str, wrong: int) -> None:
    assert levels(settings_checks.tls(Settings(tls="on", tls_names=names))) == ["error"] * wrong or ["ok"]
    assert sum(one.level is Level.ERROR for one in settings_checks.tls(Settings(tls="on", tls_names=names))) == wrong


def test_a_folder_for_the_certificate_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    finding = only(settings_checks.tls, tls="on", tls_ca=tmp_path / "none" / "ca.pem")
    assert (finding.level, finding.says) == (Level.ERROR, f"There is no folder {tmp_path / 'none'}.")


def test_settings_of_tls_without_it_are_a_warning(tmp_path: Path) -> None:
    finding = only(settings_checks.tls, tls_names="a", tls_ca=tmp_path / "ca.pem")
    assert (finding.level, finding.says) == (Level.WARNING, "--tls-names and --tls-ca means nothing without TLS.")


@pytest.mark.parametrize("settings", [{"workers": 2}, {"store": "redis://x"}])
def test_worlds_that_would_diverge_are_an_error(settings: Mapping[str, Any]) -> None:
    assert only(settings_checks.processes, **settings).level is Level.ERROR


# Scenarios and tokens


def test_all_that_is_shipped_holds_together() -> None:
    assert only(settings_checks.scenarios).level is Level.OK


def test_every_problem_of_every_scenario_is_told_as_the_check_tells_it(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("description: x\nplans: [{state: complete}]\nsede: 1\n", encoding="utf-8")
    expects = "description: x\nplans: [{id: 7, items: [A]}]\nexpect:\n  - {at: 1h, plan: 7, state: pending}\n"
    (tmp_path / "b.yaml").write_text(expects, encoding="utf-8")
    findings = list(settings_checks.scenarios(Settings(scenarios=tmp_path)))
    places = [one.says.partition(": ")[0] for one in findings]
    assert places == [f"{tmp_path}/a.yaml:2", f"{tmp_path}/a.yaml:3", f"{tmp_path}/b.yaml:4"]
    assert set(levels(findings)) == {"error"}


@pytest.mark.parametrize("settings", [{"scenario": "restok"}, {"scenarios": Path("nowhere")}])
def test_a_scenario_that_is_not_there_is_an_error(settings: Mapping[str, Any]) -> None:
    assert only(settings_checks.scenarios, **settings).level is Level.ERROR
    assert only(settings_checks.tokens, **settings).level is Level.OK

    assert only(settings_checks.scenarios, **settings).way_out.startswith(
        "Name what is there, with --scenario and --scenarios"
    )


def test_a_scenario_that_is_there_and_broken_is_to_be_mended(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("description: x\nplanz: []\n", encoding="utf-8")
    assert only(settings_checks.scenarios, scenarios=tmp_path).way_out.startswith("Mend the file")


@pytest.mark.parametrize("token", ["gehéim", "two gehm", "", "fail-gehm"])
def test_a_token_that_no_client_can_send_is_an_error_and_not_shown(token: str) -> None:
    finding = only(settings_checks.tokens, token=token)
    assert (finding.level, "geh" in finding.says) == (Level.ERROR, False)


@pytest.mark.parametrize(
    ("settings", "level"),
    [
        ({}, "ok"),
        ({"token": REAL}, "warning"),
        ({"token": REAL, "host": ANYWHERE}, "error"),
        ({"token": REAL, "host": ANYWHERE, "allow_real_tokens": "on"}, "warning"),
    ],
)
def test_a_real_looking_token_is_as_bad_as_serve_takes_it(settings: Mapping[str, Any], level: str) -> None:
    finding = only(settings_checks.tokens, **settings)
    assert (finding.level, REAL[:5] in finding.says) == (level, False)


# The folder of kept worlds


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


# The file of the control token


@pytest.mark.parametrize(
    ("content", "also", "level"),
    [
        (b"hush", None, "ok"),
        (b"hush\n", "hush", "ok"),
        (b"hush", "other", "error"),
        (b"", None, "error"),
        (b"hush hush", None, "error"),
        (b"\xff", None, "error"),
    ],
)
def test_a_file_of_the_control_token_must_hold_one(
    content: bytes, also: str | None, level: str, tmp_path: Path
) -> None:
    (tmp_path / "token").write_bytes(content)
    finding = only(settings_checks.control_token, control_token_file=tmp_path / "token", control_token=also)
    assert (finding.level, "hush" in finding.says, "is another one" in finding.says) == (level, False, also == "other")

    assert (finding.way_out == "Give one of them.") == (also == "other")


def test_a_file_of_the_control_token_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    finding = only(settings_checks.control_token, control_token_file=tmp_path / "none")
    assert (finding.level, "No such file" in finding.says) == (Level.ERROR, True)


# The machine


def test_the_versions_are_those_that_run() -> None:
    findings = list(machine.versions(Settings()))
    assert findings[0].says.startswith("mock-oms 0.")
    assert findings[1].says.endswith(", as pinned.")


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


def test_a_variable_that_nobody_looks_for_is_a_warning_with_the_nearest(no_variables: pytest.MonkeyPatch) -> None:
    no_variables.setenv("MOCK_OMS_PROT", "hush")
    finding = only(machine.variables)
    assert finding.level is Level.WARNING
    assert finding.says == ("MOCK_OMS_PROT is no variable that anything here looks for; the nearest is MOCK_OMS_PORT.")


@pytest.mark.parametrize("name", ["MOCK_OMS_URL", "MOCK_OMS_WORLD", "MOCK_OMS_CONFIG", "MOCK_OMS_TLS_CA", "MOCKS"])
def test_a_variable_that_somebody_looks_for_is_well(name: str, no_variables: pytest.MonkeyPatch) -> None:
    no_variables.setenv(name, "x")
    assert only(machine.variables).level is Level.OK


def test_what_kubernetes_writes_of_a_service_of_our_name_is_no_warning(no_variables: pytest.MonkeyPatch) -> None:
    for name, value in SERVICE_LINKS.items():
        no_variables.setenv(name, value)
    finding = only(machine.variables)
    assert finding.level is Level.OK
    assert finding.says.startswith("Passed over, because Kubernetes writes them of a Service mock-oms: MOCK_OMS_PORT, ")


def test_a_variable_beside_the_links_of_kubernetes_is_still_a_warning(no_variables: pytest.MonkeyPatch) -> None:
    for name, value in {**SERVICE_LINKS, "MOCK_OMS_PROT": "1", "MOCK_OMS_SERVICE_PART": "1"}.items():
        no_variables.setenv(name, value)
    warned = [one.says.split()[0] for one in machine.variables(Settings()) if one.level is Level.WARNING]
    assert warned == ["MOCK_OMS_PROT", "MOCK_OMS_SERVICE_PART"]


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
