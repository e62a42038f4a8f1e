"""How commands print: tables that fit a terminal and are whole in a pipe, colours, totals, and how far they are."""

import sys
from collections.abc import Callable
from functools import partial
from io import StringIO
from threading import Event
from threading import enumerate as threads

import pytest

from mock_oms.cli.printing import coloured, print_counts, print_list, print_table, progress
from mock_oms.cli.requests import print_requests, stream_line
from mock_oms.client.traffic import RequestPage
from mock_oms.client.world import Requested
from tests.entries import entry

ROWS = [
    ("number", "path", "status", "hint"),
    ("1", "/api/v1/oms/orderexecutionplans/", "503", "This is fault 1, status 503, of the control API."),
    ("2", f"/api/v1/oms/{'x' * 60}/41207/", "200", ""),
]


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """What is printed on a terminal of so many columns; None: in a pipe."""

    def show(prints: Callable[[], object], columns: int | None, **environment: str) -> str:
        for name, said in {"COLUMNS": str(columns or 40), "TERM": "xterm", "NO_COLOR": "1", **environment}.items():
            monkeypatch.setenv(name, said)
        output = StringIO() if columns is None else Terminal()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", output)
            prints()
        return output.getvalue()

    return show


def test_a_pipe_gets_every_row_whole_and_in_one_line(shown: Callable[..., str]) -> None:
    lines = shown(lambda: print_table(ROWS), None).splitlines()
    assert [line.split("  ")[0].strip() for line in lines] == ["number", "1", "2"]
    assert [[cell in line for cell in row] for line, row in zip(lines, ROWS, strict=True)] == [[True] * 4] * 3


@pytest.mark.parametrize("columns", [60, 80, 100, 132])
def test_no_line_of_a_table_is_wider_than_the_terminal(columns: int, shown: Callable[..., str]) -> None:
    text = shown(lambda: print_table(ROWS), columns)
    assert max(map(len, text.splitlines())) <= columns
    assert "This is fault 1, status 503, of the control API." in " ".join(text.split())


def test_on_a_narrow_terminal_hints_go_below_their_row_and_a_path_loses_its_middle(shown: Callable[..., str]) -> None:
    lines = shown(lambda: print_table(ROWS), 80).splitlines()
    assert lines[3:] == ["    This is fault 1, status 503, of the control API.", lines[4]]
    assert (lines[4].split()[0], lines[4].split()[1][:12], lines[4].split()[1][-7:]) == ("2", "/api/v1/oms/", "/41207/")
    assert "x…x" in lines[4]


def test_a_last_column_with_room_is_wrapped_beside_the_others(shown: Callable[..., str]) -> None:
    rows = [("ok", "versions", "one two " * 12), ("warning", "tokens", f"three\n{'y' * 90}")]
    lines = shown(lambda: print_table(rows), 60).splitlines()
    assert lines[1].startswith(" " * len("warning  versions  ") + "one")
    assert [line.split()[-1] for line in lines[-2:]] == ["three", "y" * 90]


def test_a_table_is_printed_however_narrow_the_terminal_is_and_without_rows(shown: Callable[..., str]) -> None:
    for columns in (1, 2, 5, 20, 40):
        text = shown(lambda: print_table(ROWS), columns)
        assert all(
            word in text for word in ["This", "is", "fault", "1,", "status", "503,", "of", "the", "control", "API."]
        ), columns
    assert shown(lambda: print_table([]), 80) == shown(lambda: print_table([]), None) == ""


def test_what_a_table_says_of_states_and_statuses_is_coloured_where_colours_are_wanted(
    shown: Callable[..., str],
) -> None:
    rows = [("plan", "state", "status"), ("503", "pending", "503")]
    red, yellow = "\x1b[31m503\x1b[0m", "\x1b[33mpending\x1b[0m"
    texts = {
        "terminal": shown(lambda: print_table(rows), 80, NO_COLOR=""),
        "forced": shown(lambda: print_table(rows), None, NO_COLOR="", FORCE_COLOR="1"),
        "refused": shown(lambda: print_table(rows), 80),
        "dumb": shown(lambda: print_table(rows), 80, NO_COLOR="", FORCE_COLOR="", TERM="dumb"),
        "pipe": shown(lambda: print_table(rows), None, NO_COLOR="", FORCE_COLOR=""),
    }
    is_coloured = {name: (text.count(red), text.count(yellow), text.count("\x1b")) for name, text in texts.items()}
    coloured_once = (1, 1, 4)
    assert is_coloured == {
        "terminal": coloured_once,
        "forced": coloured_once,
        "refused": (0, 0, 0),
        "dumb": (0, 0, 0),
        "pipe": (0, 0, 0),
    }


def test_a_number_is_no_status_where_nothing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    said = [coloured("404"), coloured("404", "status"), coloured("  bad"), coloured("badly"), coloured("3 findings")]
    assert ["\x1b" in one for one in said] == [False, True, True, False, True]


def test_a_list_ends_with_how_many_there_are(shown: Callable[..., str]) -> None:
    head, row = ("id", "fault"), ("1", "late")
    ends = [
        shown(lambda: print_list(head, [], "fault"), None),
        shown(lambda: print_list(head, [row], "fault"), None).splitlines()[-1],
        shown(lambda: print_list(head, [row, row], "fault", 1_234, "more with --limit"), None).splitlines()[-1],
        shown(lambda: print_counts(["ok", "failed", "ok"]), None),
    ]
    assert ends == ["no faults\n", "1 fault", "2 of 1,234 faults; more with --limit", "2 ok, 1 failed\n"]


def test_the_list_of_requests_says_in_words_what_is_not_in_it(shown: Callable[..., str]) -> None:
    pages = [
        RequestPage(total=0, evicted=0, matched=0, requests=()),
        RequestPage(total=5, evicted=0, matched=0, requests=()),
        RequestPage(total=1_248, evicted=14, matched=1_234, requests=()),
        RequestPage(total=3, evicted=1, matched=0, requests=()),
    ]
    assert [shown(partial(print_requests, one), None).rstrip("\n") for one in pages] == [
        "no requests",
        "no requests; the journal holds 5",
        "0 of 1,234 requests; more with --limit; 14 older ones dropped to make room",
        "no requests; the journal holds 2; 1 older one dropped to make room",
    ]


def test_no_request_moves_the_cursor_of_who_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    loud = entry(path="/a\x1b[2J", query="b=\x9b2J", hint="\x07c", status=404)
    line = stream_line(Requested(id="1", request=loud))
    assert line.isprintable()
    assert line.endswith("/a\\x1b[2J?b=\\x9b2J 404 - \\x07c")


class Watched(Terminal):
    """A terminal that tells when something was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.told = Event()

    def write(self, text: str) -> int:
        length = super().write(text)
        self.told.set()
        return length


def test_progress_is_one_line_on_a_terminal_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mock_oms.cli.printing._PATIENCE", 0.0)
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("TERM", "xterm")
    error = Watched()
    monkeypatch.setattr(sys, "stderr", error)
    with progress("checking") as step:
        step(3, 39, "a-scenario\x1b[2J of a long name")
        assert error.told.wait(30)
    first, *_, last = error.getvalue().removeprefix("\r").split("\r")
    assert (first, last) == ("\x1b[Kchecking 3 of 39 (a-scenario\\", "\x1b[K")


@pytest.mark.parametrize(("error", "term"), [(StringIO(), "xterm"), (Terminal(), "dumb")])
def test_progress_is_silent_in_a_pipe_and_on_a_dumb_terminal(
    error: StringIO, term: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mock_oms.cli.printing._PATIENCE", 0.0)
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(sys, "stderr", error)
    with progress("checking") as step:
        step(3, 39)
    assert (error.getvalue(), [one.name for one in threads() if "progress" in one.name]) == ("", [])
