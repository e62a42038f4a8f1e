"""What the commands that drive a running mock share: where it is, which world is meant, and how answers are printed."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import reduce, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.options import AUTHORITY, CONFIG, CONTROL_TOKEN, RefusedError, print_json, print_table
from mock_oms.settings import PREFIX
from mock_oms.tokens import ControlTokenError, given_token

if TYPE_CHECKING:
    from mock_oms.client.control import Control
    from mock_oms.client.world import World
    from mock_oms.contract.control_bodies import Transition

_SERVER = (
    click.option(
        "--url",
        default="http://127.0.0.1:8080",
        show_default=True,
        envvar=f"{PREFIX}URL",
        show_envvar=True,
        help="The address of the mock.",
    ),
    CONFIG,
    click.option(
        "--control-token",
        type=CONTROL_TOKEN,
        envvar=f"{PREFIX}CONTROL_TOKEN",
        show_envvar=True,
        help="Its control token, if it has one.",
    ),
    click.option(
        "--control-token-file",
        type=click.Path(path_type=Path),
        envvar=f"{PREFIX}CONTROL_TOKEN_FILE",
        show_envvar=True,
        help="A file that holds that token.",
    ),
    AUTHORITY,
)
_WORLD = click.option(
    "--world",
    "world_name",
    default="default",
    show_default=True,
    envvar=f"{PREFIX}WORLD",
    show_envvar=True,
    help="The world that is meant.",
)


_STRANGERS = click.option("--strangers", is_flag=True, help="Those that name no world: their token is unknown.")

#: How a control token is said.
_TOKEN_WAYS = f"--control-token TOKEN, --control-token-file FILE, {PREFIX}CONTROL_TOKEN or {PREFIX}CONTROL_TOKEN_FILE"
#: The ways out that the control API names, and the commands that lead there.
_WAYS_OUT = (
    (r"GET /_mock/worlds/(\S+)/plans lists them", r"mock-oms plan list --world \1 lists them"),
    ("GET /_mock/scenarios lists them", "mock-oms scenarios list lists them"),
    ("POST /_mock/worlds opens one", "mock-oms world new opens one"),
)


def with_control(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the control API of the mock that its options name."""

    @wraps(command)
    def run(
        *,
        url: str,
        control_token: str | None,
        control_token_file: Path | None,
        ca: Path | None,
        **given: Any,  # noqa: ANN401  the command's own
    ) -> None:
        from mock_oms.client.control import Control

        with _clear_refusals():
            token = given_token(control_token, control_token_file)
            with Control(url, token, ca=ca, token_ways=_TOKEN_WAYS) as control:
                command(control, **given)

    return _optional(run, *_SERVER)


def with_world(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the world that its options name."""

    @wraps(command)
    def run(control: "Control", world_name: str, **given: Any) -> None:  # noqa: ANN401  the command's own
        command(control.world(world_name), **given)

    return with_control(_optional(run, _WORLD))


def with_journal(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the world that its options name, or what tells of the requests that name none."""

    @wraps(command)
    def run(control: "Control", world_name: str, *, strangers: bool, **given: Any) -> None:  # noqa: ANN401
        command(control if strangers else control.world(world_name), **given)

    return with_control(_optional(run, _STRANGERS, _WORLD))


def _optional(
    command: Callable[..., None], *options: Callable[[Callable[..., None]], Callable[..., None]]
) -> Callable[..., None]:
    return reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


@contextmanager
def _clear_refusals() -> Iterator[None]:
    from mock_oms.client.errors import ClientError

    try:
        yield
    except (ClientError, ControlTokenError) as error:
        raise RefusedError(_in_commands(str(error))) from None


def _in_commands(sentence: str) -> str:
    """A refusal of the control API for somebody who types commands."""
    for said, way_out in _WAYS_OUT:
        sentence = re.sub(said, way_out, sentence)
    return sentence


def print_facts(facts: Any) -> None:  # noqa: ANN401  any of the client's values
    """Print what the client answered as JSON, in the control API's own names."""
    print_json(plain(facts))


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
    click.echo(clock_line(world))


def clock_line(world: "World") -> str:
    """What a world's clock shows."""
    from mock_oms.client.failure_report import pace

    clock = world.clock
    return f"world {world.name}: {when(clock.now)}, {pace(clock.rate)}"
