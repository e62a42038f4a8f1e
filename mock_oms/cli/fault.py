"""`mock-oms fault` and `mock-oms limits`: what stands between a world of a running mock and its clients."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.control_options import plain, when, with_world
from mock_oms.cli.options import STATES, DurationType, RefusedError, as_json, mapping_in, print_json, print_table

if TYPE_CHECKING:
    from mock_oms.client.traffic import FaultFacts
    from mock_oms.client.world import World

_KEYS: tuple[tuple[str, Any, str], ...] = (
    ("on", click.Choice(["list", "detail", "login", "any"]), "For which requests; without it any."),
    ("plan", click.IntRange(min=1), "Details of this plan alone."),
    ("page", click.IntRange(min=1), "This page of the list alone."),
    ("state", click.Choice(STATES), "Details of plans in this state alone."),
    ("status", int, "Answer with this status."),
    ("delay", str, "Answer later, such as 300ms."),
    ("connection", str, "What becomes of the connection: reset, empty, truncate, stall, dribble."),
    ("body", str, "A 200 that is not what it says, such as invalid-json."),
    ("shape", str, "JSON that drifts from the contract, such as missing-next."),
    ("times", click.IntRange(min=1), "How many requests meet it; without it there is no end."),
    ("skip", click.IntRange(min=0), "Let so many requests pass first."),
    ("probability", float, "How likely it is met, above 0 and up to 1."),
    ("ttl", DurationType(), "World time after which it ends."),
)


def _with_keys(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each key of a fault that one word can say."""
    options = [click.option(f"--{name}", type=kind, help=text) for name, kind, text in _KEYS]
    return reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


@click.group()
def fault() -> None:
    """Let the answers of a world be late, broken, wrong or refused."""


@fault.command(
    epilog="\b\nExamples:\n  mock-oms fault add --on list --status 503 --times 2\n"
    "  mock-oms fault add '{on: any, effect: {delay: {uniform: [1s, 3s]}}, probability: 0.2}'\n"
    "  mock-oms fault add --profile flaky"
)
@click.argument("fault", required=False)
@click.option("--profile", help="Add the faults and limits of this profile: flaky, slow, down, rate-limited, drifting.")
@_with_keys
@as_json
@with_world
def add(world: "World", *, fault: str | None, as_json: bool, **given: Any) -> None:  # noqa: ANN401  the options
    """Add a fault: by options, written as in a scenario, or all of a profile."""
    said = {key: value for key, value in given.items() if value is not None}
    if (fault is None) == (not said):
        raise RefusedError("Give the fault as text, or say it by options such as --status 503: one of the two.")
    added = world.fault(**(said if fault is None else mapping_in(fault, "FAULT", "{on: list, effect: {status: 503}}")))
    faults = added.added
    if as_json:
        print_json({"faults": list(map(_json, faults)), "limits": added.limits})
        return
    if faults:
        _print(faults)
    if added.limits:
        click.echo(f"limits: {_text(added.limits)}")


@fault.command("list", epilog="\b\nExample:\n  mock-oms fault list --world tour")
@as_json
@with_world
def list_(world: "World", *, as_json: bool) -> None:
    """List the faults of a world, with how many requests they were for and how many met them."""
    faults = world.faults()
    if as_json:
        print_json(list(map(_json, faults)))
    else:
        _print(faults)


@fault.command(epilog="\b\nExample:\n  mock-oms fault rm 3")
@click.argument("id", type=click.IntRange(min=1))
@with_world
def rm(world: "World", *, id: int) -> None:  # noqa: A002  as the list calls it
    """Take a fault away."""
    world.remove_fault(id)
    click.echo(f"fault {id} is gone")


@fault.command(epilog="\b\nExample:\n  mock-oms fault clear --world tour")
@with_world
def clear(world: "World") -> None:
    """Take all faults of a world away; its limits stay."""
    world.clear_faults()
    click.echo(f"world {world.name} has no faults")


def _json(one: "FaultFacts") -> dict[str, Any]:
    """A fault in the control API's own keys."""
    facts = dict(plain(one))
    return {**{key: value for key, value in facts.items() if key != "said"}, **one.said}


def _print(faults: "Iterable[FaultFacts]") -> None:
    rows = [(str(one.id), when(one.since), str(one.seen), str(one.met), one.origin, _text(one.said)) for one in faults]
    print_table([("id", "since", "for", "met", "of", "fault"), *rows])


def _text(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False)


@click.group()
def limits() -> None:
    """Show and set what a world allows: requests, the life of its token, logins."""


@limits.command(epilog="\b\nExample:\n  mock-oms limits show --world tour")
@as_json
@with_world
def show(world: "World", *, as_json: bool) -> None:
    """Show the limits of a world."""
    _print_limits(world.limits(), as_json=as_json)


class _Rate(click.ParamType[dict[str, Any]]):
    """So many requests in a window of world time, as LIMIT/WINDOW."""

    name = "limit/window"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:  # noqa: ANN401
        """The limit and its window."""
        limit, found, window = str(value).partition("/")
        if not (limit.isdecimal() and len(limit) < 10 and found):  # noqa: PLR2004  digits
            self.fail(f"{value!r} is not of the form LIMIT/WINDOW, such as 100/1m.", param, ctx)
        return {"limit": int(limit), "window": DurationType().convert(window, param, ctx)}


class _Life(click.ParamType[dict[str, Any]]):
    """The life of a token: so many requests, or a duration."""

    name = "requests or duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:  # noqa: ANN401
        """What ends it."""
        text = str(value)
        if text.isdecimal() and len(text) < 10:  # noqa: PLR2004  digits
            return {"requests": int(text)}
        return {"after": DurationType().convert(text, param, ctx)}


@limits.command(
    "set",
    epilog="\b\nExamples:\n  mock-oms limits set --quota 100/1m --token 1h\n  mock-oms limits set --none",
)
@click.option("--quota", type=_Rate(), help="Requests in a window of world time, such as 100/1m.")
@click.option("--login", type=_Rate(), help="Attempts to log in, the same way.")
@click.option("--token", type=_Life(), help="How long a token lives: so many requests, or world time such as 1h.")
@click.option("--none", is_flag=True, help="Lift all limits.")
@as_json
@with_world
def set_(world: "World", *, none: bool, as_json: bool, **given: dict[str, Any] | None) -> None:
    """Let these limits hold instead of all those before, and count anew."""
    said = {key: value for key, value in given.items() if value is not None}
    if none == bool(said):
        raise RefusedError("Say which limits are to hold, such as --quota 100/1m, or --none: one of the two.")
    _print_limits(world.limit(**said), as_json=as_json)


def _print_limits(found: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
    elif found:
        print_table([(kind, _text(said)) for kind, said in found.items()])
    else:
        click.echo("nothing is limited")
