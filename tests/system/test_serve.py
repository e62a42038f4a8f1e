"""`mock-oms serve` as people meet it: a process, a port, signals and exit codes."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from tests.system.running import TOKEN, Running, plain_environment, program, refused, serving

PLANS = "/api/v1/oms/orderexecutionplans/"
#: It says nothing that could be verified, and is told so.
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


def test_the_vendors_own_request_lists_plans(restock: Running) -> None:
    status, body = restock.get(PLANS)
    assert status == 200
    assert [plan["id"] for plan in json.loads(body)["results"]] == [41207]


def test_the_address_is_the_last_line_of_the_banner(restock: Running) -> None:
    assert restock.banner[-1].startswith("Serving on http://127.0.0.1:")


def test_the_banner_says_with_how_many_faults_and_limits_the_scenario_begins(restock: Running) -> None:
    assert "begins with" not in "\n".join(restock.banner)
    with serving("--scenario", "rough-day") as running:
        assert "  the scenario begins with 3 faults and 3 limits" in running.banner


def test_the_banner_names_scenario_clock_and_token(restock: Running) -> None:
    banner = "\n".join(restock.banner)
    assert "scenario restock" in banner
    assert "2024-03-05T09:00:00Z, frozen" in banner
    assert "Authorization: Token mock-oms-token" in banner


def test_ready_says_how_many_plans_there_are(restock: Running) -> None:
    status, body = restock.get("/_mock/health/ready", headers={})
    assert (status, json.loads(body)["plans"]) == (200, 1)


def test_the_contract_is_served(restock: Running) -> None:
    status, body = restock.get("/_mock/openapi.yaml", headers={})
    assert status == 200
    assert body == (Path(__file__).parents[2] / "openapi.yaml").read_bytes()


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (PLANS.rstrip("/"), 301),
        (f"/{PLANS}", 404),
        ("/api/v1/oms%2Forderexecutionplans/", 200),
        (f"{PLANS}41207/", 200),
        (f"{PLANS}%34%31%32%30%37/", 200),
        (f"{PLANS}%D9%A4%D9%A1%D9%A2%D9%A0%D9%A7/", 200),
        (f"{PLANS}%ff/", 404),
        (f"{PLANS}?page=%ff", 404),
    ],
)
def test_a_target_reaches_the_app_as_it_was_sent(restock: Running, target: str, status: int) -> None:
    assert restock.get(target)[0] == status


@pytest.mark.parametrize("target", ["worlds/default%2Fclock", "worlds/default%2fplans", "scenarios%2Frestock"])
def test_an_encoded_slash_ends_no_name(restock: Running, target: str) -> None:
    status, body = restock.get(f"/_mock/{target}", headers={})
    assert (status, json.loads(body)["status"]) == (404, 404)
    assert f"/_mock/{target}" in json.loads(body)["detail"]


def test_a_target_that_is_not_ascii_is_no_http(restock: Running) -> None:
    head = f"Host: localhost\r\nAuthorization: {TOKEN['Authorization']}\r\nConnection: close\r\n\r\n".encode()
    answer = restock.raw(b"GET " + PLANS.encode() + b"?limit=1&x=\xff HTTP/1.1\r\n" + head)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_cleanly(number: signal.Signals) -> None:
    with serving("--scenario", "restock") as running:
        running.process.send_signal(number)
        assert running.process.wait(timeout=10) == 0


@contextmanager
def at_work(folder: Path, clocks: int) -> Iterator[Running]:
    """A server that turns a clock for long, as often as this, and the clients that wait for it."""
    (folder / "slow.yaml").write_text(
        "description: Many wait for years.\nstock: {A: {}}\nplans: [{items: [A], count: 2000}]\n"
    )
    body = b'{"by": "366d"}'
    head = b"POST /_mock/worlds/default/clock/advance HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with serving("--scenario", str(folder / "slow.yaml")) as running, ExitStack() as stack:
        where = address_of(running)
        clients = [stack.enter_context(socket.create_connection(where, timeout=20)) for _ in range(clocks)]
        for client in clients:
            client.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        yield running
        for client in clients:
            with suppress(ConnectionResetError):
                assert client.recv(100) == b""


def test_a_signal_does_not_wait_for_a_clock_that_is_turned(tmp_path: Path) -> None:
    with at_work(tmp_path, 1) as running:
        assert running.get("/_mock/health/live", {})[0] == 200
        running.process.terminate()
        assert running.process.wait(timeout=10) == 0
        log = running.stopped()
    (said,) = [line for line in log if "health" not in line]
    assert said.endswith(" 1 answer still under way when the server stopped.\n")


def test_whoever_asks_for_its_health_waits_for_no_clock_that_is_turned(tmp_path: Path) -> None:
    with at_work(tmp_path, 9) as running:
        for target in ("health/live", "health/ready", "metrics"):
            assert running.get(f"/_mock/{target}", {})[0] == 200
        assert running.raw(VERIFY).startswith(b"HTTP/1.1 422 ")
        running.process.terminate()
        assert running.process.wait(timeout=10) == 0
        log = running.stopped()
    assert log[-1].endswith(" 9 answers still under way when the server stopped.\n")


def test_a_signal_while_it_starts_stops_it_cleanly(tmp_path: Path) -> None:
    """As PID 1 of a container it would not hear what it has not asked for."""
    scenario, state = tmp_path / "slow.yaml", tmp_path / "state"
    scenario.write_text("description: Long to read.\nplans:\n" + "  - {items: [A]}\n" * 60_000, encoding="utf-8")
    command = [program(), "serve", "--port", "0", "--scenario", str(scenario), "--state", str(state)]
    with subprocess.Popen(command, env=plain_environment()) as process:
        while not (state / "lock").exists():  # made before the scenario is read
            assert process.poll() is None
        process.terminate()
        assert process.wait(timeout=10) == 0


def test_a_taken_port_is_one_clear_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, said = refused("--port", port)
    assert code == 2
    assert said == f"Error: Port {port} on 127.0.0.1 is taken; name another with --port, or take any with --port 0.\n"


def test_an_address_of_another_machine_is_one_clear_sentence() -> None:
    code, said = refused("--host", "192.0.2.1", "--port", "0")
    assert code == 2
    assert said.startswith("Error: Cannot listen on 192.0.2.1 port 0: ")


def test_a_scenario_that_does_not_exist_names_the_nearest() -> None:
    code, said = refused("--scenario", "restok")
    assert (code, "the nearest is restock" in said) == (2, True)


def test_a_broken_scenario_shows_every_problem_with_its_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("description: x\nplans: [{state: complete}]\nsede: 1\n", encoding="utf-8")
    code, said = refused("--scenario", str(broken))
    assert code == 2
    assert f"{broken}:2: plans[0].state: found 'complete'" in said
    assert f"{broken}:3: sede: unknown key; the nearest is seed." in said


@pytest.mark.parametrize(
    ("flag", "value", "reason"),
    [
        ("--token", "", "is empty"),
        ("--token", "two words", "blanks"),
        ("--token", "a\nb", "control characters"),
        ("--token", "fail-500", "always fail"),
        ("--token", "gehéim", "visible ASCII"),
        ("--password", "", "is empty"),
        ("--control-token", "", "is empty"),
        ("--control-token", "gehéim", "visible ASCII"),
        ("--control-token", "two words", "visible ASCII"),
        ("--host", "", "is empty"),
        ("--port", "abc", "not a valid integer"),
    ],
)
def test_a_setting_that_cannot_work_is_refused(flag: str, value: str, reason: str) -> None:
    code, said = refused(flag, value)
    assert (code, reason in said, flag in said) == (2, True, True)


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--token", "gehéim"),
        ("--token", "geh eim"),
        ("--token", "fail-geh"),
        ("--password", "geh eim"),
        ("--password", "geh\n"),
    ],
)
def test_a_secret_that_is_refused_is_not_shown(flag: str, value: str) -> None:
    code, said = refused(flag, value)
    assert (code, "geh" in said) == (2, False)


def test_an_empty_variable_is_no_setting() -> None:
    more = {"MOCK_OMS_HOST": "", "MOCK_OMS_TOKEN": "", "MOCK_OMS_SCENARIO": "", "MOCK_OMS_CONTROL_TOKEN": ""}
    with serving(more=more) as running:
        assert running.get(PLANS)[0] == 200
        assert running.get("/_mock/openapi.yaml", {})[0] == 200


def test_the_contract_is_that_of_the_scenarios_switches(tmp_path: Path) -> None:
    scenario = tmp_path / "twenty.yaml"
    scenario.write_text("description: x\nplans: []\nanswers: {page_size: 20, state: object}\n", encoding="utf-8")
    with serving("--scenario", str(scenario)) as running:
        contract = yaml.safe_load(running.get("/_mock/openapi.yaml", {})[1])
    assert contract["components"]["parameters"]["limit"]["schema"]["default"] == 20


def test_two_workers_with_a_store_in_memory_are_refused() -> None:
    code, said = refused("--workers", "2")
    assert (code, "worlds would diverge" in said) == (2, True)


def test_an_unknown_store_is_refused() -> None:
    code, said = refused("--store", "redis://127.0.0.1/0")
    assert (code, "accepted: memory" in said) == (2, True)


def test_the_environment_sets_what_no_flag_says() -> None:
    more = {"MOCK_OMS_SCENARIO": "restock", "MOCK_OMS_TOKEN": "mine"}
    with serving(more=more) as running:
        assert running.get(PLANS, {"Authorization": "Token mine"})[0] == 200
        assert running.get(PLANS)[0] == 401
        assert "mine" not in "\n".join(running.banner)


def test_a_flag_wins_over_the_environment() -> None:
    with serving("--token", "flag", more={"MOCK_OMS_TOKEN": "environment"}) as running:
        assert running.get(PLANS, {"Authorization": "Token flag"})[0] == 200
        assert running.get(PLANS, {"Authorization": "Token environment"})[0] == 401


@pytest.mark.parametrize(
    ("flags", "variable", "there"),
    [([], {}, True), ([], {"MOCK_OMS_WORLD_HEADER": "off"}, False), (["--world-header", "off"], {}, False)],
)
def test_the_header_of_the_mock_is_there_until_it_is_switched_off(
    flags: list[str], variable: dict[str, str], there: bool
) -> None:
    with serving("--scenario", "restock", *flags, more=variable) as running:
        request = "GET /api/v1/oms/orderexecutionplans/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        head, _, _ = running.raw(request.encode()).partition(b"\r\n\r\n")
    assert (b"\r\nx-mock-oms: world=none" in head) is there
    assert (b"x-mock-oms" in head) is there


def test_a_control_token_guards_all_but_health() -> None:
    with serving("--scenario", "restock", "--control-token", "secret") as running:
        assert running.get("/_mock/health/live", {})[0] == 200
        assert running.get("/_mock/openapi.yaml", {})[0] == 401
        assert running.get("/_mock/openapi.yaml", {"Authorization": "Bearer secret"})[0] == 200


def test_a_json_log_is_one_object_for_each_request() -> None:
    with serving("--scenario", "restock", "--log", "json") as running:
        running.get(f"{PLANS}?limit=2")
        (line,) = map(json.loads, running.stopped())
    assert (line["method"], line["path"], line["status"]) == ("GET", f"{PLANS}?limit=2", 200)


def test_the_banner_of_a_json_log_is_one_event_that_names_the_address_and_no_token() -> None:
    with serving("--scenario", "rough-day", "--log", "json") as running:
        (line,) = running.banner
    found = json.loads(line)
    assert (found["event"], found["scenario"], found["world"], found["faults"]) == (
        "serving",
        "rough-day",
        "default",
        3,
    )
    assert found["message"] == f"Serving on {found['url']}"
    assert "mock-oms-token" not in line


def test_every_line_of_a_json_log_is_json_whatever_happens() -> None:
    with serving("--scenario", "restock", "--log", "json", more={"PYTHONWARNINGS": "always"}) as running:
        running.get(PLANS)
        running.raw(b"this is no request\r\n\r\n")
        running.get("/_mock/nothing", {})
        lines = [*running.banner, *running.stopped()]
    found = [json.loads(line) for line in lines]
    assert {"info", "warning"} <= {one["level"] for one in found}
    assert not [one for one in found if "time" not in one]


def test_a_start_that_is_refused_is_an_event_of_a_json_log() -> None:
    code, line = refused("--scenario", "nothing-of-this-name", "--log", "json")
    found = json.loads(line)
    assert (code, found["event"], found["level"]) == (2, "refused", "error")
    assert "nothing-of-this-name" in found["message"]


def test_a_log_that_is_no_terminal_has_no_colour_until_it_is_forced() -> None:
    for more, coloured in (({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)):
        with serving("--scenario", "restock", more={"NO_COLOR": "", "FORCE_COLOR": "", **more}) as running:
            running.get(PLANS)
            (line,) = running.stopped()
        assert ("\x1b[" in line) is coloured


def test_streams_and_connections_that_are_open_are_seen_in_a_scrape() -> None:
    with serving("--scenario", "restock") as running, socket.create_connection(address_of(running)) as reader:
        reader.sendall(b"GET /_mock/worlds/default/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        reader.recv(1)
        text = running.get("/_mock/metrics", {})[1].decode().splitlines()
    assert "mock_oms_streams_open 1.0" in text
    assert "mock_oms_connections_open 2.0" in text


def test_the_library_of_the_metrics_is_not_loaded_before_somebody_scrapes() -> None:
    code = "import sys, mock_oms.server.run; print('prometheus_client' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "False\n"


def test_no_log_line_holds_the_token() -> None:
    with serving("--scenario", "restock", "--token", "very-secret") as running:
        running.get(PLANS, {"Authorization": "Token very-secret"})
        log = running.stopped()
    assert len(log) == 1
    assert "very-secret" not in "\n".join([*running.banner, *log])


def test_it_listens_on_ipv6_too() -> None:
    with serving("--scenario", "restock", "--host", "::1") as running:
        assert running.banner[-1].startswith("Serving on http://[::1]:")
