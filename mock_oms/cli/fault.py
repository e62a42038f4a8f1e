"""`mock-oms fault` and `mock-oms limit`: faults that the clients of a world meet, and what the world allows them."""

import json
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.names import Group
from mock_oms.cli.options import (
    STATES,
    DurationType,
    RefusedError,
    as_json,
    completes,
    decorated,
    examples,
    mapping_in,
    with_world,
)
from mock_oms.cli.printing import plain, print_list, print_table, show, when

if TYPE_CHECKING:
    from mock_oms.client.traffic import FaultFacts
    from mock_oms.client.world import World

#: The keys of a fault that can be given as one word each.
_KEYS: tuple[tuple[str, Any, str], ...] = (
    ("on", click.Choice(["list", "detail", "login", "any"]), "For which requests; without it any."),
    ("plan", click.IntRange(min=1), "Details of this plan alone."),
    ("page", click.IntRange(min=1), "This page of the list alone."),
    ("state", click.Choice(STATES), "Details of plans in this state alone."),
    ("status", int, "Answer with this status: 401, 403, 404, 429, 500, 502, 503, 504."),
    ("retry-after", click.IntRange(0, 86_400), "With --status 429 or 503: seconds in Retry-After; without it 17."),
    ("delay", str, "Answer later, such as 300ms."),
    ("connection", str, "What becomes of the connection: reset, empty, truncate, stall, dribble."),
    (
        "fraction",
        float,
        "With --connection truncate: how much of the body comes, above 0 and up to 0.99; without it 0.5.",
    ),
    ("bytes-per-second", click.IntRange(min=1), "With --connection dribble: how fast; without it 100."),
    ("max", str, "With --connection stall or dribble: when it ends, in real time such as 500ms; without it 30s."),
    ("body", str, "A 200 that is not what it says: invalid-json, html, empty, wrong-content-type, bad-encoding."),
    (
        "shape",
        str,
        (
            "JSON that drifts from the contract: missing-next, bare-array, null-field, extra-field, unknown-state, "
            "id-as-string, no-timezone, commands-as-string, duplicate-across-pages, drop-from-page, shuffle."
        ),
    ),
    ("times", click.IntRange(min=1), "How many requests meet it; without it there is no end."),
    ("skip", click.IntRange(min=0), "Let so many requests pass first."),
    ("probability", float, "How likely it is met, above 0 and up to 1."),
    ("ttl", str, "World time after which it ends, such as 1h or 500ms."),
    ("ramp", str, "World time in which its probability and delay grow to what is said, such as 10m."),
)
#: Those of them whose values a shell completes.
_COMPLETED = {"plan", "status", "connection", "body", "shape"}


@click.group(cls=Group)
def fault() -> None:
    """Let the answers of a world be late, broken, wrong or refused."""


@fault.command(
    epilog=examples(
        "fault add --on list --status 503 --retry-after 3 --times 2",
        "fault add '{delay: {uniform: [1s, 3s]}, probability: 0.2}'",
        "fault add --profile flaky",
    )
)
@click.argument("words", nargs=-1, metavar="[FAULT]")
@click.option(
    "--profile",
    shell_complete=completes("profile"),
    help="Add the faults and limits of this profile: flaky, slow, down, rate-limited, drifting.",
)
@partial(
    decorated,
    [
        click.option(f"--{name}", type=kind, help=text, shell_complete=completes(name) if name in _COMPLETED else None)
        for name, kind, text in _KEYS
    ],
)
@as_json
@with_world
def add(world: "World", *, words: tuple[str, ...], as_json: bool, **options: Any) -> None:  # noqa: ANN401  the keys
    """Add a fault: by options, written as in a scenario, or all of a profile."""
    given = {key: value for key, value in options.items() if value is not None}
    if bool(words) == bool(given):
        raise RefusedError("Give the fault as text, or say it by options such as --status 503: one of the two.")
    if words:
        is_pairs = all("=" in word and ":" not in word for word in words)
        written = ", ".join(word.replace("=", ": ", 1) for word in words) if is_pairs else " ".join(words)
        given = mapping_in(f"{{{written}}}" if is_pairs else written, "FAULT", "{on: list, status: 503}")
    added = world.fault(**given)

    def text() -> None:
        if added.added:
            print_table([_HEAD, *_rows(added.added)])
        if added.limits:
            click.echo(f"limits: {_text(added.limits)}")

    show({"faults": list(map(_json, added.added)), "limits": added.limits}, text, as_json=as_json)


@fault.command("list", epilog=examples("fault list --world tour"))
@as_json
@with_world
def list_(world: "World", *, as_json: bool) -> None:
    """List the faults of a world, with how many requests they were for and how many met them."""
    faults = world.faults()
    show(list(map(_json, faults)), lambda: print_list(_HEAD, _rows(faults), "fault"), as_json=as_json)


@fault.command("profiles", epilog=examples("fault profiles --world tour"))
@as_json
@with_world
def profiles(world: "World", *, as_json: bool) -> None:
    """List the profiles of faults and limits that can be added to a world."""
    found = world.profiles()
    rows = [(one.name, one.description) for one in found]
    show(found, lambda: print_list((), rows, "profile"), as_json=as_json)


@fault.command(epilog=examples("fault rm 3"))
@click.argument("id", type=click.IntRange(min=1), shell_complete=completes("fault"))
@with_world
def rm(world: "World", *, id: int) -> None:  # noqa: A002  as the list calls it
    """Take a fault away."""
    world.remove_fault(id)
    click.echo(f"fault {id} is gone")


@fault.command(epilog=examples("fault clear --world tour"))
@with_world
def clear(world: "World") -> None:
    """Take all faults of a world away; its limits stay."""
    world.clear_faults()
    click.echo(f"world {world.name} has no faults")


def _json(one: "FaultFacts") -> dict[str, Any]:
    """A fault in the control API's own keys."""
    return {**{key: value for key, value in plain(one).items() if key != "said"}, **one.said}


_HEAD = ("id", "since", "for", "met", "of", "fault")


def _rows(faults: "Iterable[FaultFacts]") -> list[tuple[str, ...]]:
    from mock_oms.traffic.faults.fault import flat

    return [
        (str(one.id), when(one.since), str(one.seen), str(one.met), one.origin, _text(flat(one.said))) for one in faults
    ]


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False)


@click.group("limit", cls=Group)
def limits() -> None:
    """Show and set what a world allows: requests, the life of its token, logins."""


@limits.command("show", epilog=examples("limit show --world tour"))
@as_json
@with_world
def show_limits(world: "World", *, as_json: bool) -> None:
    """Show the limits of a world."""
    _show_limits(world.limits(), as_json=as_json)


def _is_count(text: str) -> bool:
    return text.isdecimal() and len(text) < 10  # noqa: PLR2004  digits


def _quota(text: str) -> dict[str, Any]:
    limit, found, window = text.partition("/")
    if not (_is_count(limit) and found):
        raise click.BadParameter(f"{text!r} is not of the form LIMIT/WINDOW, such as 100/1m.")
    return {"limit": int(limit), "window": DurationType().convert(window, None, None)}


def _life(text: str) -> dict[str, Any]:
    return {"requests": int(text)} if _is_count(text) else {"after": DurationType().convert(text, None, None)}


@limits.command("set", epilog=examples("limit set --quota 100/1m --token 1h", "limit set --none"))
@click.option(
    "--quota", type=_quota, metavar="LIMIT/WINDOW", help="Requests in a window of world time, such as 100/1m."
)
@click.option("--login", type=_quota, metavar="LIMIT/WINDOW", help="Attempts to log in, the same way.")
@click.option(
    "--token",
    type=_life,
    metavar="REQUESTS OR DURATION",
    help="How long a token lives: so many requests, or world time such as 1h.",
)
@click.option("--none", is_flag=True, help="Lift all limits.")
@as_json
@with_world
def set_(world: "World", *, none: bool, as_json: bool, **options: dict[str, Any] | None) -> None:
    """Let these limits hold instead of all those before, and count anew."""
    given = {key: value for key, value in options.items() if value is not None}
    if none == bool(given):
        raise RefusedError("Say which limits are to hold, such as --quota 100/1m, or --none: one of the two.")
    _show_limits(world.limit(**given), as_json=as_json)


def _show_limits(found: Mapping[str, Any], *, as_json: bool) -> None:
    rows = [(kind, _text(limit)) for kind, limit in found.items()]
    show(found, lambda: print_table(rows) if rows else click.echo("nothing is limited"), as_json=as_json)
