"""How the commands print: JSON, tables that fit a terminal, colours, how far they are, and what a running mock answered."""

import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from shutil import get_terminal_size
from textwrap import wrap
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from mock_oms.text import counted, pace, printable, wants_colour

if TYPE_CHECKING:
    from mock_oms.client.world import World
    from mock_oms.contract.control_bodies import Transition


def print_json(value: Any) -> None:  # noqa: ANN401
    """Print a value as JSON that people can read."""
    print_utf8(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def print_utf8(text: str) -> None:
    """Print JSON or YAML, which is UTF-8 whatever the terminal has; half a letter is escaped as JSON escapes it."""
    click.echo(text.encode(errors="backslashreplace"), nl=False)


#: Words that are coloured where a cell is nothing else; of numbers only statuses are.
_COLOURS = (
    (re.compile("ok|good|clean|completed|status 2.."), "green"),
    (re.compile("start|status 3.."), "cyan"),
    (re.compile("warn|warning|pending|not run|status 4.."), "yellow"),
    (re.compile("error|bad|failed|[0-9,]+ findings?|status 5.."), "red"),
    (re.compile("cancelled"), "magenta"),
)
#: Columns of the last cell that are enough to wrap it beside the others; and those that stay of a cell: a time has them.
_BESIDE, _LEAST = 30, 20
_INDENT = "    "


def is_terminal() -> bool:
    """Whether people read the output as it is printed."""
    return sys.stdout.isatty()


def coloured(cell: str, name: str = "") -> str:
    """A cell in the colour of what it says, in a column or row of this name; as it is where colours are not wanted."""
    said = f"status {cell}" if name == "status" else cell.strip()
    colour = next((one for pattern, one in _COLOURS if pattern.fullmatch(said)), None)
    return click.style(cell, fg=colour) if colour and wants_colour(sys.stdout, os.environ) else cell


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows in columns; the last column is as long as it likes.

    On a terminal that is too narrow, the last column is wrapped, or goes below its row where too little room is left,
    and the longest other is shortened in the middle. A pipe gets everything.
    """
    shown = [tuple(map(printable, row)) for row in rows]
    *widths, last = [max(map(len, column)) for column in zip(*shown, strict=True)] or [0]
    margin = sum(widths) + 2 * len(widths)
    room = get_terminal_size().columns - margin if is_terminal() else last
    is_below = bool(widths) and room < min(last, _BESIDE)
    if is_below:
        longest = widths.index(max(widths))
        widths[longest] = min(widths[longest], max(_LEAST, widths[longest] - max(0, 2 - room)))
        margin, room = len(_INDENT), max(_LEAST, room + margin - len(_INDENT))
    for row in shown:
        names = shown[0] if len(row) > 2 else (row[0], row[0])  # noqa: PLR2004  a name and its value stand in a row
        cells = [_cell(*one) for one in zip(row, widths, names, strict=False)]
        ends = _wrapped(row[-1], room) if last > room else [row[-1]]
        first = [] if is_below else [coloured(ends.pop(0), names[-1])]
        lines = ["  ".join([*cells, *first]), *(" " * margin + one for one in ends if one)]
        click.echo("\n".join(one.rstrip() for one in lines), color=True)


def _cell(text: str, width: int, name: str) -> str:
    """A cell as wide as its column: coloured, and without its middle where it is too long."""
    left, right = width // 2, width - width // 2 - 1
    short = text if len(text) <= width else f"{text[:left]}…{text[-right:]}"
    return coloured(short, name) + " " * (width - len(short))


def _wrapped(text: str, width: int) -> list[str]:
    """A text in lines; what has no blanks, such as an address, stays whole."""
    lines = (wrap(one, width, break_long_words=False, break_on_hyphens=False) or [""] for one in text.split("\n"))
    return [line for several in lines for line in several]


def print_list(
    head: tuple[str, ...], rows: Sequence[tuple[str, ...]], noun: str, of: int = 0, more: str = "", notes: str = ""
) -> None:
    """Print rows below their head, and how many there are; `of` more, `more` says how to see them. `notes` follow."""
    if rows:
        print_table([head, *rows] if head else rows)
    total = counted(len(rows), noun) if rows else f"no {noun}s"
    click.echo((f"{len(rows):,} of {counted(of, noun)}; {more}" if of > len(rows) else total) + notes)


def print_counts(words: Iterable[str]) -> None:
    """Print how often each word stands there, such as `38 ok, 1 failed`."""
    click.echo(", ".join(f"{count:,} {word}" for word, count in Counter(words).items()))


#: Seconds before a line says what takes so long, and between two looks at it.
_PATIENCE, _PAUSE = 1.0, 0.2


@contextmanager
def progress(doing: str) -> Iterator[Callable[..., None]]:
    """Say on a terminal what takes long and how far it is, in one line that goes away; elsewhere say nothing.

    What is given takes how many are done, of how many, and which is next; it need not be called.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda *_: None
        return
    over, began, far = Event(), monotonic(), [""]

    def step(done: int, planned: int, which: str = "") -> None:
        far[0] = f" {done:,} of {planned:,}" + f" ({which})" * bool(which)

    def tell() -> None:
        while not over.wait(_PAUSE if monotonic() - began > _PATIENCE else _PATIENCE):
            text = printable(f"{doing}{far[0]}, {monotonic() - began:.0f} s")
            click.echo(f"\r\x1b[K{text[: get_terminal_size().columns - 1]}", nl=False, err=True, color=True)

    teller = Thread(target=tell, name="mock-oms-progress", daemon=True)
    teller.start()
    try:
        yield step
    finally:
        over.set()
        teller.join()
        if monotonic() - began > _PATIENCE:
            click.echo("\r\x1b[K", nl=False, err=True, color=True)


def show(facts: Any, text: Callable[[], None], *, as_json: bool) -> None:  # noqa: ANN401  any of the client's values
    """Print what the client answered: as JSON in the control API's own names, or by `text`."""
    if as_json:
        print_json(plain(facts))
    else:
        text()


def plain(facts: Any) -> Any:  # noqa: ANN401  as above
    """The client's values as JSON."""
    from mock_oms.text import time_text

    if is_dataclass(facts) and not isinstance(facts, type):
        return {one.name.rstrip("_"): plain(getattr(facts, one.name)) for one in fields(facts)}
    if isinstance(facts, (list, tuple)):
        return [plain(one) for one in facts]
    return time_text(facts.astimezone(UTC)) if isinstance(facts, datetime) else facts


def when(moment: datetime | None) -> str:
    """A time as people read it, in UTC; nothing where there is none."""
    from mock_oms.client.failure_report import shown

    return "" if moment is None else shown(moment)


def print_transitions(world: "World", transitions: "Iterable[Transition]") -> None:
    """Print what became of plans, and what the clock shows now."""
    rows = [(when(one.at), str(one.plan), one.from_ or "", one.to, one.cause) for one in transitions]
    if rows:
        print_table([("time", "plan", "from", "to", "cause"), *rows])
    print_clock(world)
    if missed := world.facts().missed:
        click.echo(
            f"Warning: {counted(len(missed), 'line')} of the timeline refused; `mock-oms world show` says why.",
            err=True,
        )


def print_clock(world: "World") -> None:
    """Print what a world's clock shows."""
    clock = world.clock
    click.echo(f"world {world.name}: {when(clock.now)}, {pace(clock.rate)}")
