"""`mock-oms requests tail`: requests and transitions of a world in a running mock, as they happen."""

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.common import as_json
from mock_oms.cli.remote import plain, when, with_world

if TYPE_CHECKING:
    from mock_oms.client.stream import Lost, Moved, Requested, Streamed
    from mock_oms.client.world import World


@click.command(
    epilog="\b\nExamples:\n  mock-oms requests tail --world tour\n  mock-oms requests tail --since now --json"
)
@click.option("--since", metavar="ID", help="Begin after this id of the stream (--json shows them), or now.")
@as_json
@with_world
def tail(world: "World", *, since: str | None, as_json: bool) -> None:
    """Follow the requests and transitions of a world until Ctrl+C, or until it is closed."""
    # At once: as an exception it would be lost where it comes in the middle of a destructor, and we would wait on.
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    for event in _followed(world, since):
        click.echo(_json(event) if as_json else _line(event))


def _followed(world: "World", since: str | None) -> Iterator["Streamed"]:
    """Every event; where the stream was cut off because the terminal was too slow for it, it is asked for again."""
    from mock_oms.client.stream import Lost

    cut_off = True
    while cut_off:
        cut_off = False
        for event in world.stream(since):
            yield event
            since, cut_off = event.id, isinstance(event, Lost)


def _json(event: "Streamed") -> str:
    kind = _WORDS[type(event).__name__]
    return json.dumps({"event": kind, **plain(event)}, ensure_ascii=False)


def _line(event: "Streamed") -> str:
    return _LINES[type(event).__name__](event)


def _request(event: "Requested") -> str:
    one = event.request
    target = f"{one.path}?{one.query}" if one.query else one.path
    fault = f"  {one.fault}" if one.fault else ""
    hint = f" - {one.hint}" if one.hint else ""
    return f"{when(one.at)}  {one.method} {target} {one.status or '-'}{fault}{hint}"


def _moved(event: "Moved") -> str:
    from mock_oms.client.account import transition_line

    return transition_line(event.transition)


def _lost(event: "Lost") -> str:
    return f"Requests lost: {event.requests}; the journal had dropped them before they could be shown."


_WORDS: Mapping[str, str] = {"Requested": "request", "Moved": "transition", "Lost": "lost"}
_LINES: Mapping[str, Callable[[Any], str]] = {"Requested": _request, "Moved": _moved, "Lost": _lost}
