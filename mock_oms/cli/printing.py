"""How the commands print: JSON, tables, and what the client of a running mock answered."""

import json
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from mock_oms.text import pace, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mock_oms.client.world import World
    from mock_oms.contract.control_bodies import Transition


def print_json(value: Any) -> None:  # noqa: ANN401
    """Print a value as JSON that people can read."""
    print_utf8(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def print_utf8(text: str) -> None:
    """Print JSON or YAML, which is UTF-8 whatever the terminal has; half a letter is escaped as JSON escapes it."""
    click.echo(text.encode(errors="backslashreplace"), nl=False)


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows in columns; the last column is as long as it likes."""
    shown = [tuple(map(printable, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        click.echo("  ".join([*cells, row[-1]]).rstrip())


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


def print_clock(world: "World") -> None:
    """Print what a world's clock shows."""
    clock = world.clock
    click.echo(f"world {world.name}: {when(clock.now)}, {pace(clock.rate)}")
