"""`--report` is written whatever comes of a run of `contract` or `drift`: who reads it sees why there is no more."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE, Popen, run
from threading import Event
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from mock_oms.cli.main import main
from mock_oms.testing import running_server
from tests.strange_oms import LIST, Answered, Answering, Asked, as_json, listed, orderly, strange_oms
from tests.system.running import plain_environment, program

SECRET = "s3cret-token-of-a-customer"
#: Serves an OMS, or nobody, at the address that it tells, until the end of the block.
Serving = Callable[[], AbstractContextManager[str]]
#: A file where nothing can be written to.
FULL = "/dev/full"


def typed(*words: object, **more: str) -> Result:
    return CliRunner().invoke(main, list(map(str, words)), env=plain_environment(more), catch_exceptions=False)


@contextmanager
def nobody() -> Iterator[str]:
    """An address at which nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}"


def answering(answer: Answering) -> Serving:
    """An OMS that answers so."""

    @contextmanager
    def oms() -> Iterator[str]:
        with strange_oms(answer) as running:
            yield running.url

    return oms


@contextmanager
def mock() -> Iterator[str]:
    with running_server(scenario="restock") as server:
        yield server.url


def page(status: int, **headers: str) -> Answered:
    """What a proxy answers in place of the OMS."""
    return Answered(status=status, body=b"<html>Sign in</html>", headers={"Content-Type": "text/html", **headers})


def throttled_after(number: int, answer: Answering) -> Answering:
    """An OMS that has had enough after so many requests."""

    def answered(asked: Asked) -> Answered:
        return as_json({"detail": "Throttled."}, 429, Retry_After="60") if asked.number > number else answer(asked)

    return answered


def endless(asked: Asked) -> Answered:
    """A list whose one plan has an id that no address can hold."""
    page = {"count": 1, "next": None, "previous": None, "results": [{"id": "7" * 70_000, "state": "pending"}]}
    return as_json(page) if urlsplit(asked.target).path == LIST else as_json({"detail": "Not found."}, 404)


def sound(asked: Asked) -> Answered:
    """An empty list, and no plan: nothing that half a visit could object to."""
    path = urlsplit(asked.target).path
    if path == LIST:
        return listed(asked, count=0)
    return as_json({"detail": "Not found."}, 404)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is in the way, with which words and token, what the run ends with, and what every report says of it.

    `cut_short` None: the run came to its end, for the reports as for the exit code.
    """

    oms: Serving
    words: tuple[str, ...] = ()
    token: str | None = None
    code: int = 2
    cut_short: str | None = None


CASES = {
    "a wrong token": Case(oms=mock, token=SECRET, cut_short="answered 401 to the first page of the list: is the token"),
    "no permission": Case(oms=answering(lambda _: as_json({}, 403)), cut_short="answered 403 to the first page"),
    "a refused connection": Case(oms=nobody, cut_short="gave no answer"),
    "429 at once": Case(
        oms=answering(throttled_after(0, sound)), cut_short="answered 429 to request 1 (Retry-After: 60)"
    ),
    "429 in the middle": Case(oms=answering(throttled_after(3, sound)), code=1, cut_short="answered 429 to request 4"),
    "HTML and 502": Case(oms=answering(lambda _: page(502)), cut_short="answered 502 to the first page of the list"),
    "a redirect": Case(oms=answering(lambda _: page(302, Location="/login")), cut_short="redirects to /login"),
    "HTML in place of JSON": Case(oms=answering(lambda _: page(200)), code=1),
    "a plan nobody can ask for": Case(oms=answering(endless), code=1, cut_short="led to what no address can hold"),
    "a budget that is spent": Case(oms=mock, words=("--max-requests", "2"), code=0),
    "no token": Case(oms=nobody, words=("--token-env", "NONE"), cut_short="The variable NONE is not set or empty"),
    "no switch": Case(oms=nobody, words=("--switch", "list=tuple"), cut_short="--switch list: "),
    "no observation": Case(oms=nobody, words=("--observed", "none.yaml"), cut_short="none.yaml: "),
}


DRIFTS = {
    "a wrong token": Case(oms=mock, token=SECRET, cut_short="answered 401 to the first page of the list: is the token"),
    "429 in the middle": Case(oms=answering(throttled_after(3, orderly(3))), code=1, cut_short="429 to request 4"),
    "HTML in place of JSON": Case(oms=answering(lambda _: page(200)), code=1),
    "a budget that is spent": Case(oms=mock, words=("--max-requests", "2"), code=0),
    "no token": Case(oms=nobody, words=("--token-env-b", "NONE"), cut_short="The variable NONE is not set or empty"),
}
BOTH = [
    *(
        pytest.param(("contract",), ("--no-schemathesis",), case, id=f"contract: {name}")
        for name, case in CASES.items()
    ),
    *(pytest.param(("drift", "restock"), (), case, id=f"drift: {name}") for name, case in DRIFTS.items()),
]


@pytest.mark.parametrize(("command", "more", "case"), BOTH)
def test_every_report_is_written_and_says_why_there_is_no_more(
    command: tuple[str, ...], more: tuple[str, ...], case: Case, tmp_path: Path
) -> None:
    files = [tmp_path / f"report.{name}" for name in ("xml", "md", "json")]
    words = [word for file in files for word in ("--report", file)]
    environment = {"OMS_TOKEN": case.token, "OMS_TOKEN_B": case.token} if case.token else {}
    with case.oms() as url:
        result = typed(*command, url, "--rate", "1000", *more, *case.words, *words, **environment)
    assert result.exit_code == case.code, result.output
    junit, markdown, plain = (file.read_text(encoding="utf-8") for file in files)
    assert_alike(case.cut_short, junit, markdown, json.loads(plain))
    assert json.loads(plain)["exit"] == case.code
    assert SECRET not in junit + markdown + plain


def assert_alike(why: str | None, junit: str, markdown: str, plain: dict[str, object]) -> None:
    """The three reports say of the same run that it was cut short, and why, or none does."""
    (suite,) = ET.fromstring(junit)  # noqa: S314  it is ours
    errors = [one.attrib["message"] for one in suite.findall("testcase/error")]
    top = markdown.splitlines()[2].replace("\\", "")
    assert suite.attrib["errors"] == str(len(errors))
    if why is None:
        assert (errors, plain["cut_short"], "cut short" in markdown) == ([], None, False)
    else:
        assert [why in one for one in (*errors, top, str(plain["cut_short"]))] == [True] * 3


# What a report does not hide


def test_a_run_that_was_cut_short_without_findings_is_said_to_be_no_clean_one(tmp_path: Path) -> None:
    with running_server(scenario="restock") as server:
        server.control.world().fault(on="list", status=429, skip=2)
        result = typed("contract", server.url, "--no-schemathesis", "--report", tmp_path / "r.json")
    assert result.exit_code == 2
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["exit"] == 2
    assert result.stdout.count("answered 429") == 1


def test_standard_output_is_empty_where_there_is_no_outcome(tmp_path: Path) -> None:
    with nobody() as url:
        result = typed("contract", url, "--no-schemathesis", "--json", "--report", tmp_path / "r.json")
    assert (result.stdout, "gave no answer" in result.stderr) == ("", True)


def test_a_password_in_an_address_stands_in_no_report(tmp_path: Path) -> None:
    result = typed("contract", "http://me:hush@127.0.0.1:1", "--no-schemathesis", "--report", tmp_path / "r.json")
    assert result.exit_code == 2
    text = (tmp_path / "r.json").read_text(encoding="utf-8")
    assert ("hush" in text, json.loads(text)["target"]) == (False, "http://…@127.0.0.1:1")


def test_an_older_report_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "r.md"
    file.write_text("all was well", encoding="utf-8")
    with nobody() as url:
        typed("contract", url, "--no-schemathesis", "--report", file)
    assert "all was well" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("target", [mock, nobody])
def test_a_report_that_cannot_be_written_keeps_no_other_from_being_written(target: Serving, tmp_path: Path) -> None:
    (tmp_path / "full.xml").symlink_to(FULL)
    reports = ("--report", tmp_path / "full.xml", "--report", tmp_path / "r.json")
    with target() as url:
        result = typed("contract", url, "--no-schemathesis", *reports)
    assert result.exit_code == 2
    assert "full.xml cannot be written: No space left on device" in result.stderr
    assert ("gave no answer" in result.stderr) is (target is nobody)
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["title"] == "Contract of the OMS"


def test_a_mistake_of_ours_is_reported_too_and_stays_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError(SECRET)

    monkeypatch.setattr("mock_oms.conformance.checks.judged", broken)
    with mock() as url, pytest.raises(KeyError):
        typed("contract", url, "--no-schemathesis", "--report", tmp_path / "r.json")
    text = (tmp_path / "r.json").read_text(encoding="utf-8")
    assert json.loads(text)["cut_short"] == "mock-oms itself failed (KeyError)."


def test_an_interruption_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mock_oms.conformance.checks.judged", interrupted)
    with mock() as url:
        result = typed("contract", url, "--no-schemathesis", "--report", tmp_path / "r.json")
    assert (result.exit_code, result.stderr) == (2, "Error: Interrupted before the end.\n")
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["cut_short"] == "Interrupted before the end."


def test_a_job_that_is_ended_from_outside_leaves_its_report(tmp_path: Path) -> None:
    asked, ended = Event(), Event()

    def waiting(_: Asked) -> Answered:
        asked.set()
        ended.wait(20)
        return Answered()

    report = tmp_path / "r.json"
    with strange_oms(waiting) as oms:
        words = [program(), "contract", oms.url, "--no-schemathesis", "--report", str(report)]
        with Popen(words, stderr=PIPE, text=True, env=plain_environment({"OMS_TOKEN": "x"})) as command:
            assert asked.wait(20)
            command.terminate()
            _, said = command.communicate(timeout=20)
        ended.set()
    assert (command.returncode, said) == (2, "Error: Interrupted before the end.\n")
    assert json.loads(report.read_text(encoding="utf-8"))["cut_short"] == "Interrupted before the end."


def test_what_nobody_can_print_is_reported(tmp_path: Path) -> None:
    report = tmp_path / "r.json"
    with mock() as url, Path(FULL).open("w", encoding="utf-8") as full:
        words = [program(), "contract", url, "--no-schemathesis", "--report", str(report)]
        done = run(words, stdout=full, stderr=PIPE, text=True, env=plain_environment(), check=False, timeout=60)
    assert done.stderr == "Error: The output cannot be written: No space left on device.\n"
    assert json.loads(report.read_text(encoding="utf-8"))["exit"] == 0


def test_a_longest_age_that_is_none_is_refused_before_anybody_is_asked() -> None:
    with strange_oms(orderly(1)) as oms:
        result = typed("contract", oms.url, "--max-age", "soon", OMS_TOKEN="x")
    assert (result.exit_code, oms.asked) == (2, [])
    assert "'soon' is no duration; accepted: 12h, 60d" in result.stderr


# drift


def test_two_halves_that_do_not_differ_were_not_compared_to_the_end(tmp_path: Path) -> None:
    with running_server(scenario="restock") as server:
        server.control.world().fault(on="detail", status=429, skip=2)
        result = typed("drift", "restock", server.url, "--report", tmp_path / "r.json")
    assert result.exit_code == 2, result.output
    assert result.stdout.count("answered 429") == 1


@pytest.mark.parametrize("option", ["--patch", "--save-a"])
def test_another_file_that_cannot_be_written_keeps_no_report_from_being_written(option: str, tmp_path: Path) -> None:
    result = typed("drift", "restock", "restock", option, tmp_path / "none" / "file", "--report", tmp_path / "r.json")
    assert (result.exit_code, "file cannot be written" in result.stderr) == (2, True)
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["exit"] == 0
