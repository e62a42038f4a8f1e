"""What a shell completes: values of options and arguments, of files here and of a running mock, or nothing."""

import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import create_server
from threading import Thread

import pytest
from click.shell_completion import ShellComplete

from mock_oms.cli.main import main
from mock_oms.client.world import World


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without settings."""
    monkeypatch.chdir(tmp_path)


def completed(line: str) -> list[str]:
    """What is offered for the last word of a line, which may be empty."""
    *words, incomplete = line.split(" ")
    items = ShellComplete(main, {}, "mock-oms", "_MOCK_OMS_COMPLETE").get_completions(words, incomplete)
    return [one.value if one.type == "plain" else f"{one.type}:{one.value}" for one in items]


def test_values_that_need_no_mock_are_completed() -> None:
    known = {
        "serve --scenario rest": ["restock"],
        "start --scenario rest": ["restock"],
        "plans --scenario state-o": ["state-object"],
        "scenario show rest": ["restock"],
        "scenarios check restock rest": ["restock"],
        "openapi --scenario bare": ["bare-array"],
        "drift restock bare": ["bare-array"],
        "scenario check ./mine": ["file:./mine"],
        "fault add --profile f": ["flaky"],
        "fault add --on d": ["detail"],
        "fault add --shape miss": ["missing-next"],
        "fault add --connection dr": ["dribble"],
        "fault add --status 40": ["401", "403", "404"],
        "advance --unt": ["--until"],
        "worlds sho": ["show"],
    }
    assert {line: completed(line) for line in known} == known


def test_scenarios_of_ones_own_folder_are_completed_as_the_settings_name_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, name in (("option", "mine-1"), ("variable", "mine-2"), ("file", "mine-3")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.yaml").touch()
        (tmp_path / folder / f".{name}.yaml").touch()
    assert completed(f"serve --scenarios {tmp_path}/option --scenario mine") == ["mine-1"]
    Path("mock-oms.toml").write_text('scenarios = "file"\n', encoding="utf-8")
    assert completed("scenario show mine") == ["mine-3"]
    monkeypatch.setenv("MOCK_OMS_SCENARIOS", "variable")
    assert completed("scenario show mine") == ["mine-2"]
    Path("mock-oms.toml").write_text("broken", encoding="utf-8")
    assert completed("scenario show mine") == ["mine-2"]


@pytest.mark.oms(scenario="restock")
def test_what_a_running_mock_has_is_completed(oms: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_OMS_URL", oms.url)
    monkeypatch.setattr("mock_oms.cli.completion_values._PATIENCE", 30.0)
    fault = oms.fault(status=503).added[0]
    known = {
        f"world show --world {oms.name[:-1]}": [oms.name],
        f"plan show --world {oms.name} 41": ["41207"],
        f"why --world {oms.name} ": ["41207"],
        f"verify --world {oms.name} --plan ": ["41207"],
        f"plan run --world {oms.name} 41207 ": ["plan-cancel"],
        f"fault rm --world {oms.name} ": [str(fault.id)],
        "world new --scenario rest": ["restock"],
    }
    assert {line: completed(line) for line in known} == known


class _Strange(BaseHTTPRequestHandler):
    """Answers every request with names that no shell should be given, and nothing else that is ours."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"worlds": [{"name": "a\\nplain,b"}, {"name": "$(date)"}, {"name": "`x`"}, {"name": " "}]}')

    def log_message(self, *_: object) -> None:
        """Say nothing."""


ASKING = ("world show --world ", "why ", "plan show 4", "fault rm ", "request show ", "world new --scenario nothing")


def test_where_no_mock_answers_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mock_oms.cli.completion_values._PATIENCE", 0.1)
    with create_server(("127.0.0.1", 0)) as silent, HTTPServer(("127.0.0.1", 0), _Strange) as strange:
        Thread(target=strange.serve_forever, daemon=True).start()
        ports = [silent.getsockname()[1], strange.server_address[1]]
        urls = [
            *(f"http://127.0.0.1:{port}" for port in ports),
            "http://127.0.0.1:1",
            "nonsense",
            "https://127.0.0.1:1",
        ]
        offered = {}
        for url in urls:
            monkeypatch.setenv("MOCK_OMS_URL", url)
            offered[url] = [one for line in ASKING for one in completed(line)]
        strange.shutdown()
    assert offered == {url: ["file:nothing"] for url in urls}
    assert capfd.readouterr() == ("", "")


def test_the_commands_of_a_plan_are_completed_without_a_mock_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCK_OMS_URL", "http://127.0.0.1:1")
    assert completed("plan run 41207 plan-ca") == ["plan-cancel"]


#: Completes the name of a scenario, and prints what was imported for it that takes long.
_HEAVY = """
import os, sys
from click.shell_completion import shell_complete
from mock_oms.cli.main import main
os.environ.update(COMP_WORDS="mock-oms serve --scenario resto", COMP_CWORD="3")
shell_complete(main, {}, "mock-oms", "_MOCK_OMS_COMPLETE", "bash_complete")
print(sorted({"yaml", "marshmallow", "flask", "httpx", "http", "ssl", "rich"} & {*sys.modules}))
"""


def test_the_name_of_a_scenario_is_completed_without_anything_that_takes_long_to_import() -> None:
    done = subprocess.run([sys.executable, "-c", _HEAVY], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == ["plain,restock", "[]"]
