"""`mock-oms requests`, `verify` and `report`: what was asked of the vendor's API in a running mock."""

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.control_options import plain, print_facts, when, with_journal, with_world
from mock_oms.cli.options import STATES, DurationType, as_json, print_json, print_table

if TYPE_CHECKING:
    from datetime import timedelta

    from mock_oms.client.traffic import JournalMethods, RequestPage
    from mock_oms.client.world import Lost, Moved, Requested, Streamed, World
    from mock_oms.traffic.journal.client_report import ClientReport
    from mock_oms.traffic.journal.entry import JournalEntry


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
    from mock_oms.client.world import Lost

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
    from mock_oms.client.failure_report import transition_line

    return transition_line(event.transition)


def _lost(event: "Lost") -> str:
    return f"Requests lost: {event.requests}; the journal had dropped them before they could be shown."


_WORDS: Mapping[str, str] = {"Requested": "request", "Moved": "transition", "Lost": "lost"}
_LINES: Mapping[str, Callable[[Any], str]] = {"Requested": _request, "Moved": _moved, "Lost": _lost}


_OPERATIONS = click.Choice(["list", "detail", "login"])


@click.group()
def requests() -> None:
    """List, show and forget the requests that a world has answered."""


class _Fault(click.ParamType["bool | str"]):
    """Any fault, none, or the name of one."""

    name = "fault"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bool | str:  # noqa: ANN401, ARG002
        """True, false or the name."""
        return {"true": True, "false": False}.get(str(value), str(value))


@requests.command("list", epilog="\b\nExample:\n  mock-oms requests list --operation list --status 429")
@click.option("--operation", type=_OPERATIONS, help="Only requests for this.")
@click.option("--plan", type=click.IntRange(min=0), help="Only those for this plan.")
@click.option("--status", type=click.IntRange(100, 599), help="Only those that were answered so.")
@click.option("--state", type=click.Choice(STATES), help="Only details that were served in this state.")
@click.option("--fault", type=_Fault(), help="Only those that met a fault (true), none (false), or this one.")
@click.option("--unmatched", is_flag=True, help="Only those that lead nowhere.")
@click.option("--since", type=click.IntRange(min=0), help="Only those after this number.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many, the newest."
)
@as_json
@with_journal
def list_(journal: "JournalMethods", *, unmatched: bool, as_json: bool, **wanted: Any) -> None:  # noqa: ANN401  the options
    """List requests, the newest last, with the fault that they met and what was probably meant."""
    page = journal.requests(unmatched=unmatched or None, **wanted)
    if as_json:
        print_facts(page)
    else:
        _print(page)


def _print(page: "RequestPage") -> None:
    rows = [_row(one) for one in page.requests]
    print_table([("number", "time", "method", "path", "status", "fault", "hint"), *rows])
    click.echo(f"{len(rows):,} of {page.matched:,}; there were {page.total:,}, of which {page.evicted:,} are gone")


def _row(one: "JournalEntry") -> tuple[str, ...]:
    status = str(one.status or "-")
    return str(one.number), when(one.at), one.method, _target(one), status, one.fault or "", one.hint or ""


def _target(one: "JournalEntry") -> str:
    return f"{one.path}?{one.query}" if one.query else one.path


@requests.command(epilog="\b\nExample:\n  mock-oms requests show 17")
@click.argument("number", type=click.IntRange(min=1))
@as_json
@with_journal
def show(journal: "JournalMethods", *, number: int, as_json: bool) -> None:
    """Show a request with its headers; secrets are replaced by short hashes."""
    found = plain(journal.request(number))
    if as_json:
        print_json(found)
        return
    headers = [*found.pop("headers"), ("", ""), *found.pop("answer_headers")]
    print_table([(key.replace("_", " "), _word(value)) for key, value in found.items() if value is not None])
    click.echo("")
    print_table([(str(name), str(value)) for name, value in headers])


def _word(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


@requests.command(epilog="\b\nExample:\n  mock-oms requests clear --world tour")
@with_journal
def clear(journal: "JournalMethods") -> None:
    """Forget all requests; numbers go on."""
    journal.clear_requests()
    click.echo("no request is kept")


@click.command(
    epilog="\b\nExamples:\n  mock-oms verify detail --plan 41207 --min 2\n"
    "  mock-oms verify list --status 429 --exactly 0\n"
    "  mock-oms verify --order list --order detail"
)
@click.argument("operation", type=_OPERATIONS, required=False)
@click.option("--plan", type=click.IntRange(min=0), help="Of this plan.")
@click.option("--status", type=click.IntRange(100, 599), help="Answered so.")
@click.option("--page", type=click.IntRange(min=1), help="For this page of the list.")
@click.option("--state", type=click.Choice(STATES), help="Served in this state.")
@click.option("--min", type=click.IntRange(min=0), help="At least so many; without any number, one.")
@click.option("--max", type=click.IntRange(min=0), help="At most so many.")
@click.option("--exactly", type=click.IntRange(min=0), help="So many.")
@click.option("--order", type=_OPERATIONS, multiple=True, help="One after another; give it several times.")
@click.option("--within", type=DurationType(), help="Only those of the last so much world time.")
@as_json
@with_world
def verify(
    world: "World",
    *,
    operation: str | None,
    as_json: bool,
    within: "timedelta | None",
    **wanted: Any,  # noqa: ANN401  the options
) -> None:
    """Verify that requests were made; exit code 1 with the reason and the nearest ones, if they were not."""
    from mock_oms.client.errors import VerificationError

    try:
        found = world.verify(operation, within=within, **wanted)
    except VerificationError as error:
        if as_json:
            nearest = [{"differs": list(differs), "request": plain(one)} for one, differs in error.nearest]
            print_json({"ok": False, "reason": error.reason, "nearest": nearest})
            raise click.exceptions.Exit(1) from None
        raise click.ClickException(str(error)) from None
    if as_json:
        print_json({"ok": True, **plain(found)})
    else:
        click.echo(found.reason)


@click.command(epilog="\b\nExample:\n  mock-oms report --world tour")
@as_json
@with_world
def report(world: "World", *, as_json: bool) -> None:
    """Report how each client of a world behaves: pace, back-off, waste, connections, patience."""
    found = world.report()
    if as_json:
        print_json([{**plain(one), "operations": dict(one.operations)} for one in found])
        return
    if not found:
        click.echo(f"nobody has asked world {world.name} for anything")
    for one in found:
        _print_client(one)


def _print_client(one: "ClientReport") -> None:
    asked = ", ".join(f"{count} {operation}" for operation, count in one.operations)
    click.echo(f"{one.user_agent or 'no user agent'} at {one.address}: {one.requests} requests ({asked})")
    print_table([(f"  {found.verdict}", found.check, found.sentence) for found in one.findings])


requests.add_command(tail)
