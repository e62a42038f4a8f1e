"""`mock-oms request`, `verify` and `report`: what clients requested from the vendor's API in a running mock."""

import json
import os
import signal
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.names import Group
from mock_oms.cli.options import STATES, DurationType, as_json, completes, examples, with_journal, with_world
from mock_oms.cli.printing import coloured, plain, print_json, print_list, print_table, print_utf8, show, when
from mock_oms.text import counted, printable

if TYPE_CHECKING:
    from datetime import timedelta

    from mock_oms.client.traffic import JournalMethods, RequestPage
    from mock_oms.client.world import Streamed, World
    from mock_oms.traffic.journal.entry import JournalEntry

_OPERATIONS = click.Choice(["list", "detail", "login"])


@click.group("request", cls=Group)
def requests() -> None:
    """List, show and forget the requests that a world has answered."""


def _any_or_named(text: str) -> bool | str:
    """Any fault, none, or the name of one."""
    return {"true": True, "false": False}.get(text, text)


@requests.command("list", epilog=examples("request list --operation list --status 429"))
@click.option("--operation", type=_OPERATIONS, help="Only requests for this.")
@click.option("--plan", type=click.IntRange(min=0), shell_complete=completes("plan"), help="Only those for this plan.")
@click.option("--status", type=click.IntRange(100, 599), help="Only those that were answered so.")
@click.option("--state", type=click.Choice(STATES), help="Only details that were served in this state.")
@click.option(
    "--fault",
    type=_any_or_named,
    metavar="FAULT",
    help="Only those that met a fault (true), none (false), or this one.",
)
@click.option("--unmatched", is_flag=True, help="Only those that lead nowhere.")
@click.option("--since", type=click.IntRange(min=0), help="Only those after this number.")
@click.option("--before", type=click.IntRange(min=1), help="Only those before this number, to page back.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many, the newest."
)
@as_json
@with_journal
def list_(journal: "JournalMethods", *, unmatched: bool, as_json: bool, **filters: Any) -> None:  # noqa: ANN401  the options
    """List requests, the newest last, with the fault that they met and what was probably meant."""
    page = journal.requests(unmatched=unmatched or None, **filters)
    show(page, lambda: print_requests(page), as_json=as_json)


def print_requests(page: "RequestPage") -> None:
    """Print requests, and in words what is not among them."""
    rows = [
        (
            str(one.number),
            when(one.at),
            one.method,
            _target(one),
            str(one.status or "-"),
            one.fault or "",
            one.hint or "",
        )
        for one in page.requests
    ]
    kept, waiting = page.total - page.evicted, len(page.under_way)
    notes = (
        f"; the journal holds {kept:,}" if page.matched < kept else "",
        f"; {counted(page.evicted, 'older one')} dropped to make room" if page.evicted else "",
        f"; {waiting:,} more without an answer yet" if waiting else "",
    )
    head = ("number", "time", "method", "path", "status", "fault", "hint")
    print_list(head, rows, "request", page.matched, "more with --limit", notes="".join(notes))


@requests.command("show", epilog=examples("request show 17"))
@click.argument("number", type=click.IntRange(min=1), shell_complete=completes("request"))
@as_json
@with_journal
def show_request(journal: "JournalMethods", *, number: int, as_json: bool) -> None:
    """Show a request with its headers; secrets are replaced by short hashes."""
    found = plain(journal.request(number))
    if as_json:
        print_json(found)
        return
    headers = [*found.pop("headers"), ("", ""), *found.pop("answer_headers")]
    texts = {key: f"{value:g}" if isinstance(value, float) else str(value) for key, value in found.items()}
    print_table([(key.replace("_", " "), text) for key, text in texts.items() if found[key] is not None])
    click.echo("")
    print_table([(str(name), str(value)) for name, value in headers])


@requests.command(epilog=examples("request clear --world tour"))
@with_journal
def clear(journal: "JournalMethods") -> None:
    """Forget all requests; numbers go on."""
    journal.clear_requests()
    click.echo("no request is kept")


@requests.command(epilog=examples("request tail --world tour", "request tail --since now --json"))
@click.option("--since", metavar="ID", help="Begin after this id of the stream (--json shows them), or now.")
@as_json
@with_world
def tail(world: "World", *, since: str | None, as_json: bool) -> None:
    """Follow the requests and transitions of a world until Ctrl+C, or until it is closed."""
    from mock_oms.client.world import Lost

    # At once: as an exception it would be lost where it comes in the middle of a destructor, and we would wait on.
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    cut_off = True
    while cut_off:  # a stream that was cut off because the terminal was too slow for it is opened again
        cut_off = False
        for event in world.stream(since):
            if as_json:
                print_utf8(_json(event))
            else:
                click.echo(stream_line(event), color=True)
            since, cut_off = event.id, isinstance(event, Lost)


def _json(event: "Streamed") -> str:
    kind = {"Requested": "request", "Moved": "transition", "Lost": "lost"}[type(event).__name__]
    return f"{json.dumps({'event': kind, **plain(event)}, ensure_ascii=False)}\n"


def stream_line(event: "Streamed") -> str:
    """A line on what happened, in which nothing moves a terminal's cursor."""
    from mock_oms.client.failure_report import transition_line
    from mock_oms.client.world import Lost, Moved

    if isinstance(event, Moved):
        return printable(transition_line(event.transition))
    if isinstance(event, Lost):
        return f"Requests lost: {event.requests}; the journal had dropped them before they could be shown."
    one = event.request
    fault = f"  {one.fault}" if one.fault else ""
    hint = f" - {one.hint}" if one.hint else ""
    status = coloured(str(one.status or "-"), "status")
    return f"{when(one.at)}  {printable(f'{one.method} {_target(one)}')} {status}{printable(f'{fault}{hint}')}"


def _target(one: "JournalEntry") -> str:
    return f"{one.path}?{one.query}" if one.query else one.path


@click.command(
    epilog=examples(
        "verify detail --plan 41207 --min 2",
        "verify list --status 429 --exactly 0",
        "verify --order list --order detail",
    )
)
@click.argument("operation", type=_OPERATIONS, required=False)
@click.option("--plan", type=click.IntRange(min=0), shell_complete=completes("plan"), help="Of this plan.")
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
    **filters: Any,  # noqa: ANN401  the options
) -> None:
    """Verify that requests were made; exit code 1 with the reason and the nearest ones, if they were not."""
    from mock_oms.client.errors import VerificationError

    try:
        found = world.verify(operation, within=within, **filters)
    except VerificationError as error:
        if as_json:
            nearest = [{"differs": list(differs), "request": plain(one)} for one, differs in error.nearest]
            print_json({"ok": False, "reason": error.reason, "nearest": nearest})
            raise click.exceptions.Exit(1) from None
        raise click.ClickException(printable(str(error))) from None
    show(
        {"ok": True, **plain(found)},
        lambda: click.echo(f"{coloured('ok')}: {printable(found.reason)}", color=True),
        as_json=as_json,
    )


@click.command(epilog=examples("report --world tour"))
@as_json
@with_world
def report(world: "World", *, as_json: bool) -> None:
    """Report how each client of a world behaves: pace, back-off, waste, connections, patience."""
    clients = world.report()
    if as_json:
        print_json([{**plain(one), "operations": dict(one.operations)} for one in clients])
        return
    if not clients:
        click.echo(f"nobody has asked world {world.name} for anything")
    for one in clients:
        operations = ", ".join(f"{count} {operation}" for operation, count in one.operations)
        agent = printable(one.user_agent or "no user agent")
        click.echo(f"{agent} at {one.address}: {counted(one.requests, 'request')} ({operations})")
        print_table([(f"  {found.verdict}", found.check, found.sentence) for found in one.findings])
