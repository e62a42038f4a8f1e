"""`--report` is written whatever comes of a run of `contract` or `drift`: who reads it sees why there is no more."""

import json
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from subprocess import PIPE, Popen, run
from threading import Event
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from mock_oms.testing import running_server
from tests.strange_oms import LIST, Answered, Answering, Asked, as_json, listed, orderly, strange_oms
from tests.system.running import plain_environment, program
from tests.typed import typed

SECRET = "s3cret-token-of-a-customer"
#: Serves an OMS, or nobody, at the address that it tells, until the end of the block.
Serving = Callable[[], AbstractContextManager[str]]
#: A file where nothing can be written to.
FULL = "/dev/full"


def told(file: Path) -> Any:
    return json.loads(file.read_bytes())


@contextmanager
def nobody() -> Iterator[str]:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}"


@contextmanager
def mock() -> Iterator[str]:
    with running_server(scenario="restock") as server:
        yield server.url


def answering(answer: Answering) -> Serving:
    @contextmanager
    def oms() -> Iterator[str]:
        with strange_oms(answer) as running:
            yield running.url

    return oms


def throttled(answer: Answering) -> Serving:
    """An OMS that has had enough after three requests."""
    return answering(lambda asked: as_json({}, 429, Retry_After="60") if asked.number > 3 else answer(asked))


def endless(asked: Asked) -> Answered:
    """A list whose one plan has an id that no address can hold."""
    page = {"count": 1, "next": None, "previous": None, "results": [{"id": "7" * 70_000, "state": "pending"}]}
    return as_json(page) if urlsplit(asked.target).path == LIST else as_json({"detail": "Not found."}, 404)


def sound(asked: Asked) -> Answered:
    """An empty list, and no plan: nothing that half a crawl could object to."""
    return listed(asked, count=0) if urlsplit(asked.target).path == LIST else as_json({"detail": "Not found."}, 404)


HTML = answering(lambda _: Answered(body=b"<html>Sign in</html>", headers={"Content-Type": "text/html"}))
CONTRACT, DRIFT = "contract URL --no-schemathesis", "drift restock URL"
#: What is in the way, with which words, what the run ends with, and what every report says of it. None: the run came
#: to its end, for the reports as for the exit code.
CASES: list[tuple[Serving, str, int, str | None]] = [
    (mock, f"{CONTRACT} --token-env WRONG", 2, "answered 401 to the first page of the list: is the token"),
    (nobody, CONTRACT, 2, "gave no answer"),
    (throttled(sound), CONTRACT, 1, "answered 429 to request 4"),
    (HTML, CONTRACT, 1, None),
    (answering(endless), CONTRACT, 1, "led to what no address can hold"),
    (mock, f"{CONTRACT} --max-requests 2", 0, None),
    (nobody, f"{CONTRACT} --token-env NONE", 2, "The variable NONE is not set or empty"),
    (nobody, f"{CONTRACT} --switch list=tuple", 2, "--switch list: "),
    (nobody, f"{CONTRACT} --observed none.yaml", 2, "none.yaml: "),
    (mock, f"{DRIFT} --token-env-b WRONG", 2, "answered 401 to the first page of the list: is the token"),
    (throttled(orderly(3)), DRIFT, 1, "429 to request 4"),
    (HTML, DRIFT, 1, None),
    (mock, f"{DRIFT} --max-requests 2", 0, None),
    (nobody, f"{DRIFT} --token-env-b NONE", 2, "The variable NONE is not set or empty"),
]


@pytest.mark.parametrize(("oms", "words", "code", "why"), CASES)
def test_every_report_is_written_and_says_why_there_is_no_more(
    oms: Serving, words: str, code: int, why: str | None, tmp_path: Path
) -> None:
    files = [tmp_path / f"report.{name}" for name in ("xml", "md", "json")]
    reports = [word for file in files for word in ("--report", file)]
    with oms() as url:
        result = typed(*words.replace("URL", url).split(), "--rate", "1000", *reports, WRONG=SECRET)
    assert result.exit_code == code, result.output
    junit, markdown, plain = (file.read_text(encoding="utf-8") for file in files)
    assert SECRET not in junit + markdown + plain
    document = json.loads(plain)
    assert document["exit"] == code
    (suite,) = ET.fromstring(junit)  # noqa: S314  it is ours
    errors = [one.attrib["message"] for one in suite.findall("testcase/error")]
    assert suite.attrib["errors"] == str(len(errors))
    if why is None:
        assert (errors, document["cut_short"], "cut short" in markdown) == ([], None, False)
    else:
        top = markdown.splitlines()[2].replace("\\", "")
        assert [why in one for one in (*errors, top, document["cut_short"])] == [True] * 3


@pytest.mark.parametrize(("words", "on"), [("contract", "list"), (DRIFT.removesuffix(" URL"), "detail")])
def test_a_run_that_was_cut_short_without_findings_is_said_to_be_no_clean_one(
    words: str, on: str, tmp_path: Path
) -> None:
    with running_server(scenario="restock") as server:
        server.control.world().fault(on=on, status=429, skip=2)
        result = typed(*words.split(), server.url, "--report", tmp_path / "r.json")
    assert (result.exit_code, told(tmp_path / "r.json")["exit"]) == (2, 2), result.output
    generated = result.stdout.count("schemathesis: no request was made")
    assert (generated, result.stdout.count("answered 429")) == ((1, 2) if words == "contract" else (0, 1))


def test_without_an_outcome_nothing_is_printed_an_older_report_replaced_and_no_password_shown(tmp_path: Path) -> None:
    (tmp_path / "r.md").write_text("all was well", encoding="utf-8")
    reports = ("--report", tmp_path / "r.md", "--report", tmp_path / "r.json")
    result = typed("contract", "http://me:hush@127.0.0.1:1", "--no-schemathesis", "--json", *reports)
    assert (result.exit_code, result.stdout) == (2, "")
    markdown, plain = ((tmp_path / name).read_text(encoding="utf-8") for name in ("r.md", "r.json"))
    assert [text for text in ("all was well", "hush") if text in markdown + plain + result.stderr] == []
    assert json.loads(plain)["target"] == "http://…@127.0.0.1:1"


@pytest.mark.parametrize("target", [mock, nobody])
def test_a_report_that_cannot_be_written_keeps_no_other_from_being_written(target: Serving, tmp_path: Path) -> None:
    (tmp_path / "full.xml").symlink_to(FULL)
    reports = ("--report", tmp_path / "full.xml", "--report", tmp_path / "r.json")
    with target() as url:
        result = typed("contract", url, "--no-schemathesis", *reports)
    assert result.exit_code == 2
    assert "full.xml cannot be written: No space left on device" in result.stderr
    assert ("gave no answer" in result.stderr) is (target is nobody)
    assert told(tmp_path / "r.json")["title"] == "Contract of the OMS"


@pytest.mark.parametrize("option", ["--patch", "--save-a"])
def test_another_file_that_cannot_be_written_keeps_no_report_from_being_written(option: str, tmp_path: Path) -> None:
    result = typed("drift", "restock", "restock", option, tmp_path / "none" / "file", "--report", tmp_path / "r.json")
    assert (result.exit_code, "file cannot be written" in result.stderr) == (2, True)
    assert told(tmp_path / "r.json")["exit"] == 0


def test_a_mistake_of_ours_is_reported_too_and_stays_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing: dict[str, object] = {}
    monkeypatch.setattr("mock_oms.conformance.checks.judged", lambda *_, **__: nothing[SECRET])
    with mock() as url, pytest.raises(KeyError):
        typed("contract", url, "--no-schemathesis", "--report", tmp_path / "r.json")
    assert told(tmp_path / "r.json")["cut_short"] == "mock-oms itself failed (KeyError)."


@pytest.fixture
def _interruptible() -> Iterator[None]:
    """SIGINT is not ignored, as it is in the background of a shell: a command that is begun would inherit that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_interruptible")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_job_that_is_ended_from_outside_leaves_its_report(number: signal.Signals, tmp_path: Path) -> None:
    asked, ended = Event(), Event()

    def waiting(_: Asked) -> Answered:
        asked.set()
        ended.wait(60)
        return Answered()

    with strange_oms(waiting) as oms:
        words = [program(), "contract", oms.url, "--no-schemathesis", "--report", str(tmp_path / "r.json")]
        with Popen(words, stderr=PIPE, text=True, env=plain_environment({"OMS_TOKEN": "x"})) as command:
            try:
                assert asked.wait(60)
                command.send_signal(number)
                _, said = command.communicate(timeout=60)
            finally:
                command.kill()
                ended.set()
    assert (command.returncode, said) == (2, "Error: Interrupted before the end.\n")
    assert told(tmp_path / "r.json")["cut_short"] == "Interrupted before the end."


def test_what_nobody_can_print_is_reported(tmp_path: Path) -> None:
    with mock() as url, Path(FULL).open("w", encoding="utf-8") as full:
        words = [program(), "contract", url, "--no-schemathesis", "--report", str(tmp_path / "r.json")]
        done = run(words, stdout=full, stderr=PIPE, text=True, env=plain_environment(), check=False, timeout=60)
    assert done.stderr == "Error: The output cannot be written: No space left on device.\n"
    assert told(tmp_path / "r.json")["exit"] == 0
