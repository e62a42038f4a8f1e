"""The log on standard error: what its lines say, to people and to machines."""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from io import StringIO

import pytest

from mock_oms.server.log import JsonLines, LogFormatter, _InAThread, event_line, log_config, set_up_log
from mock_oms.text import wants_colour


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "coloured"),
    [
        (Terminal(), {}, True),
        (StringIO(), {}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (StringIO(), {"FORCE_COLOR": "1"}, True),
        (StringIO(), {"FORCE_COLOR": ""}, False),
        (Terminal(), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_colour_is_for_terminals_unless_told(stream: StringIO, environment: dict[str, str], coloured: bool) -> None:
    assert wants_colour(stream, environment) is coloured


def test_a_line_for_machines_is_one_line_with_its_event_and_its_message() -> None:
    line = event_line("serving", "Serving on\nhttp://x", url="http://x")
    assert line.count("\n") == 1
    wanted = {"event": "serving", "message": "Serving on\nhttp://x", "url": "http://x", "level": "info"}
    assert wanted.items() <= json.loads(line).items()


def test_a_traceback_stands_in_the_line_of_its_error() -> None:
    failed = (ValueError, ValueError("wrong"), None)
    line = JsonLines().format(logging.LogRecord("any", logging.ERROR, "file", 1, "It broke", None, failed))
    said = json.loads(line)
    assert ("\n" in line, said["level"], said["message"]) == (False, "error", "It broke")
    assert "ValueError: wrong" in said["traceback"]


def test_text_is_logged_as_text() -> None:
    assert log_config("text")["formatters"]["form"]["format"] == "%(asctime)s %(message)s"


@pytest.fixture
def as_json(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """Everything that is written to standard error while the log is JSON; then all is as it was."""
    stream, root = StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    for holder, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(holder, name, getattr(holder, name))
    monkeypatch.setattr(sys, "stderr", stream)
    set_up_log("json")
    try:
        yield stream
    finally:
        logging.captureWarnings(capture=False)
        root.handlers[:], root.level = handlers, level


def said_in(stream: StringIO) -> dict[str, str]:
    (line,) = stream.getvalue().splitlines()
    said: dict[str, str] = json.loads(line)
    return said


def test_the_traceback_of_a_crash_is_one_line_of_json(as_json: StringIO) -> None:
    sys.excepthook(ValueError, ValueError("wrong"), None)
    said = said_in(as_json)
    assert (said["level"], said["message"]) == ("critical", "ValueError: wrong")
    assert "ValueError: wrong" in said["traceback"]


def test_the_crash_of_a_thread_is_one_line_of_json(as_json: StringIO) -> None:
    # Not through a thread: pytest listens there too.
    threading.excepthook(threading.ExceptHookArgs((ValueError, ValueError("wrong"), None, None)))
    assert said_in(as_json)["message"] == "ValueError: wrong"


def test_a_warning_of_a_logger_is_one_line_of_json(as_json: StringIO) -> None:
    logging.getLogger("any").warning("%s is\nodd", "this")
    assert (said_in(as_json)["level"], said_in(as_json)["message"]) == ("warning", "this is\nodd")


def test_the_crash_of_a_server_whose_log_a_thread_writes_is_not_lost() -> None:
    code = "from mock_oms.server.log import log_in_a_thread as log\nwith log('json'): raise ValueError('wrong')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, json.loads(done.stderr)["message"]) == (1, "ValueError: wrong")


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_nobody_reads_in_time_is_lost_and_counted(form: LogFormatter) -> None:
    reading, writing = os.pipe()
    text = "x" * 999 + "\n"
    with os.fdopen(reading, "rb") as reader:
        with os.fdopen(writing, "w") as stream:
            raw = _InAThread(stream, form)
            for _ in range(3_000):  # nobody reads yet, and nobody waits
                raw.write(text.encode())
            said: list[bytes] = []
            thread = threading.Thread(target=lambda: said.extend(reader))
            thread.start()
            while raw._size:  # noqa: SLF001
                raw.drain()
            raw.write(b"the end\n")
            raw.drain()
        thread.join()
    *others, end = (line.decode().rstrip() for line in said)
    lost = [line for line in others if not line.startswith("xx")]
    sentences = [json.loads(line)["message"] if form == "json" else line for line in lost]
    assert end == "the end"
    assert {one.partition(" ")[2] for one in sentences} == {"lines of the log lost, for nobody read it in time."}
    assert sum(int(one.split()[0].replace(",", "")) for one in sentences) == 3_000 - (len(others) - len(lost))
