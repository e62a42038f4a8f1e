"""`mock-oms serve` as people meet it: a process, a port, signals and exit codes."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import yaml

from mock_oms.cli.main import main
from mock_oms.server.banner import exposure_lines
from mock_oms.server.run import CannotServeError, bind, bound, refuse_diverging_worlds
from mock_oms.server.security import exposure_for
from mock_oms.settings import Settings
from mock_oms.testing import running_server
from tests.system.forked import started
from tests.system.running import TOKEN, Running, plain_environment, program, refused, serving
from tests.typed import runner

PLANS = "/api/v1/oms/orderexecutionplans/"
#: It says nothing that could be verified, and is answered by that sentence.
VERIFY = (
    b"POST /_mock/worlds/default/verify HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
)


def address_of(running: Running) -> tuple[str, int]:
    where = urlsplit(running.address)
    return where.hostname or "", where.port or 0


@pytest.fixture(scope="module")
def restock() -> Iterator[Running]:
    with serving("--scenario", "restock") as running:
        yield running


@pytest.mark.smoke
def test_the_banner_names_scenario_clock_faults_token_and_last_the_address_that_lists_plans(restock: Running) -> None:
    banner = "\n".join(restock.banner)
    for part in (
        "scenario restock",
        "2024-03-05T09:00:00Z, frozen",
        "Authorization: Token mock-oms-token",
        "dashboard: http://127.0.0.1:",
        "/_mock/docs for people",
    ):
        assert part in banner
    assert restock.banner[-1].startswith("Serving on http://127.0.0.1:")
    assert "begins with" not in banner
    status, body = restock.get(PLANS)
    assert (status, [plan["id"] for plan in json.loads(body)["results"]]) == (200, [41207])
    assert json.loads(restock.get("/_mock/health/ready", headers={})[1])["plans"] == 1
    with serving("--scenario", "rough-day") as running:
        assert "  the scenario begins with 3 faults and 3 limits" in running.banner


def test_the_contract_is_served_as_the_scenarios_switches_have_it(restock: Running, tmp_path: Path) -> None:
    contract = (Path(__file__).parents[2] / "openapi.yaml").read_bytes()
    assert restock.get("/_mock/openapi.yaml", headers={}) == (200, contract)
    scenario = tmp_path / "twenty.yaml"
    scenario.write_text("description: x\nplans: []\nanswers: {page_size: 20, state: object}\n", encoding="utf-8")
    with running_server(scenario=str(scenario)) as server:
        other = yaml.safe_load(httpx.get(f"{server.url}/_mock/openapi.yaml", timeout=30, trust_env=False).content)
    assert other["components"]["parameters"]["limit"]["schema"]["default"] == 20


def test_a_target_reaches_the_app_as_it_was_sent(restock: Running) -> None:
    digits = (f"{PLANS}41207/", f"{PLANS}%34%31%32%30%37/", f"{PLANS}%D9%A4%D9%A1%D9%A2%D9%A0%D9%A7/")
    nowhere = (f"/{PLANS}", f"{PLANS}%ff/", f"{PLANS}?page=%ff")
    known = {PLANS.rstrip("/"): 301, "/api/v1/oms%2Forderexecutionplans/": 200}
    for target, status in {**known, **dict.fromkeys(digits, 200), **dict.fromkeys(nowhere, 404)}.items():
        assert restock.get(target)[0] == status
    for target in ("worlds/default%2Fclock", "worlds/default%2fplans", "scenarios%2Frestock"):  # ends no name
        status, body = restock.get(f"/_mock/{target}", headers={})
        assert (status, json.loads(body)["status"]) == (404, 404)
        assert f"/_mock/{target}" in json.loads(body)["detail"]
    head = f"Host: localhost\r\nAuthorization: {TOKEN['Authorization']}\r\nConnection: close\r\n\r\n".encode()
    answer = restock.raw(b"GET " + PLANS.encode() + b"?limit=1&x=\xff HTTP/1.1\r\n" + head)  # not ASCII, so no HTTP
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_streams_and_connections_that_are_open_are_seen_in_a_scrape(restock: Running) -> None:
    with socket.create_connection(address_of(restock)) as reader:
        reader.sendall(b"GET /_mock/worlds/default/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        reader.recv(1)
        text = restock.get("/_mock/metrics", {})[1].decode().splitlines()
    assert {"mock_oms_streams_open 1.0", "mock_oms_connections_open 2.0"} <= set(text)


def test_a_signal_stops_it_cleanly_and_no_log_line_holds_the_token() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with serving("--scenario", "restock", "--token", "very-secret") as running:
            running.get(PLANS, {"Authorization": "Token very-secret"})
            running.process.send_signal(number)
            assert running.process.wait(timeout=30) == 0
            log = running.stopped()
        assert len(log) == 1
        assert "very-secret" not in "\n".join([*running.banner, *log])


def test_neither_health_checks_nor_a_signal_wait_for_clocks_that_are_turned(tmp_path: Path) -> None:
    (tmp_path / "slow.yaml").write_text(
        "description: Many wait for years.\nstock: {A: {}}\nplans: [{items: [A], count: 2000}]\n"
    )
    body = b'{"by": "366d"}'
    head = b"POST /_mock/worlds/default/clock/advance HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with serving("--scenario", str(tmp_path / "slow.yaml")) as running, ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(address_of(running), timeout=30)) for _ in range(9)]
        for client in clients:
            client.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        for target in ("health/live", "health/ready", "metrics"):
            assert running.get(f"/_mock/{target}", {})[0] == 200
        assert running.raw(VERIFY).startswith(b"HTTP/1.1 422 ")
        running.process.terminate()
        assert running.process.wait(timeout=30) == 0
        log = running.stopped()
        for client in clients:
            with suppress(ConnectionResetError):
                assert client.recv(100) == b""
    assert log[-1].endswith(" 9 answers still under way when the server stopped.\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_starts_stops_it_cleanly(number: signal.Signals, tmp_path: Path) -> None:
    """PID 1 of a container has no handler of its own for the signal."""
    scenario, state = tmp_path / "slow.yaml", tmp_path / "state"
    scenario.write_text("description: Long to read.\nplans:\n" + "  - {items: [A]}\n" * 60_000, encoding="utf-8")
    command = ("mock-oms", "serve", "--port", "0", "--scenario", str(scenario), "--state", str(state))
    with started(*command, environment=plain_environment()) as process:
        while not (state / "lock").exists():  # made before the scenario is read
            with pytest.raises(TimeoutError):
                process.wait(0.01)
        process.send_signal(number)
        assert process.wait(timeout=30) == 0


def test_a_hangup_that_is_ignored_stays_so_as_under_nohup() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        assert runner().invoke(main, ["serve", "--config", "/dev/null", "--workers", "2"]).exit_code == 2
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_localhost_is_both_loopbacks_at_the_same_port_and_the_banner_says_so() -> None:
    with serving("--host", "localhost") as running:
        port = running.address.rpartition(":")[2]
        found = [f"http://{host}:{port}" for host in ("127.0.0.1", "[::1]")]
        statuses = [httpx.get(f"{one}/_mock/health/live", trust_env=False).status_code for one in found]
    assert statuses == [200, 200]
    assert f"  localhost is {found[0]}, also {found[1]}" in running.banner


def test_a_loopback_that_is_missing_is_left_out_and_one_whose_port_is_taken_is_not() -> None:
    settings = Settings(host="localhost", port=0)
    for hosts in (("127.0.0.1", "192.0.2.1"), ("192.0.2.1", "127.0.0.1")):
        with bound(settings, hosts) as listeners, exposure_for(settings, *listeners) as exposure:
            assert [one.getsockname()[0] for one in listeners] == ["127.0.0.1"]
            assert f"  localhost is {exposure.url}, and nothing else: this machine has one loopback\n" in [
                *exposure_lines(exposure)
            ]
    with pytest.raises(CannotServeError, match="Cannot listen on 192"), bound(settings, ["192.0.2.1"]):
        raise AssertionError
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotServeError, match=f"Port {port} on ::1 is taken"), bound(replace(settings, port=port)):
            raise AssertionError


# What it refuses


@pytest.mark.smoke
def test_a_taken_port_is_one_clear_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, error = refused("--port", port)
    assert code == 2
    assert error == f"Error: Port {port} on 127.0.0.1 is taken; name another with --port, or take any with --port 0.\n"


def test_one_address_has_one_server_however_many_start_at_once() -> None:
    first = Settings(port=0)
    with bind(first) as listener:
        with pytest.raises(CannotServeError, match="is taken"):
            bind(Settings(port=listener.getsockname()[1]))
        listener.listen()  # as the server does, once it answers
        with socket.create_connection(listener.getsockname()):
            pass


def test_settings_that_cannot_work_are_refused() -> None:
    for settings, says in (
        (Settings(host="192.0.2.1", port=0), "Cannot listen on 192.0.2.1 port 0: "),
        (Settings(host="ü..x", port=0), "Cannot listen on ü..x port 0: "),
        (Settings(workers=2), "worlds would diverge"),
        (Settings(store="redis://127.0.0.1/0"), "accepted: memory"),
    ):
        with pytest.raises(CannotServeError, match=says):  # noqa: PT012
            refuse_diverging_worlds(settings)
            bind(settings)


def test_a_broken_scenario_shows_every_problem_with_its_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("description: x\nplans: [{state: complete}]\nsede: 1\n", encoding="utf-8")
    code, errors = refused("--scenario", str(broken))
    assert code == 2
    assert f"{broken}:2: plans[0].state: found 'complete'" in errors
    assert f"{broken}:3: sede: unknown key; the nearest is seed." in errors


REFUSED = {
    "token": {
        "": "is empty",
        "geh words": "blanks",
        "a\nb": "control characters",
        "fail-geh": "always fail",
        "gehéim": "visible ASCII",
    },
    "password": {"": "is empty", "geh eim": "has blanks", "geh\n": "control characters"},
    "control-token": {"": "is empty", "gehéim": "visible ASCII", "two words": "visible ASCII"},
    "host": {"": "is empty"},
    "port": {"abc": "not a valid integer"},
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_setting_that_cannot_work_is_refused_and_a_secret_not_shown(name: str) -> None:
    for value, reason in REFUSED[name].items():
        result = runner().invoke(main, ["serve", f"--{name}", value], env={"MOCK_OMS_PORT": "0"})
        assert (result.exit_code, reason in result.stderr, f"--{name}" in result.stderr) == (2, True, True)
        assert "geh" not in result.stderr


def test_a_start_that_is_refused_is_an_event_of_a_json_log() -> None:
    code, line = refused("--scenario", "restok", "--log", "json")
    event = json.loads(line)
    assert (code, event["event"], event["level"]) == (2, "refused", "error")
    assert "the nearest is restock" in event["message"]


# What it logs


def test_a_json_log_is_json_whatever_happens() -> None:
    more = {"PYTHONWARNINGS": "always"}
    with serving("--scenario", "restock", "--log", "json", program=program(), more=more) as running:
        running.get(f"{PLANS}?limit=2")
        running.raw(b"this is no request\r\n\r\n")
        running.get("/_mock/nothing", {})
        (banner,) = running.banner
        log = list(map(json.loads, running.stopped()))
    (listed,) = (one for one in log if one.get("path") == f"{PLANS}?limit=2")
    assert (listed["method"], listed["status"]) == ("GET", 200)
    start = json.loads(banner)
    assert [start[key] for key in ("event", "scenario", "world", "faults")] == ["serving", "restock", "default", 0]
    assert start["message"] == f"Serving on {start['url']}"
    assert [start[key].removeprefix(start["url"]) for key in ("dashboard", "docs", "openapi")] == [
        "/_mock/",
        "/_mock/docs",
        "/_mock/openapi.json",
    ]
    assert "mock-oms-token" not in banner
    assert {"info", "warning"} <= {one["level"] for one in (start, *log)}
    assert not [one for one in (start, *log) if "time" not in one]


def test_the_library_of_the_metrics_is_not_loaded_before_somebody_scrapes() -> None:
    code = "import sys, mock_oms.server.run; print('prometheus_client' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "False\n"
