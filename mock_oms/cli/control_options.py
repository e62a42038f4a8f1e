"""What the commands that drive a running mock share: where it is, which world is meant, and how answers are printed."""

import re
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.options import AUTHORITY, CONFIG, CONTROL_TOKEN, RefusedError, print_json, print_table, with_variable
from mock_oms.settings import PREFIX
from mock_oms.tokens import ControlTokenError, given_token

if TYPE_CHECKING:
    from mock_oms.client.control import Control
    from mock_oms.client.world import World
    from mock_oms.contract.control_bodies import Transition

Command = Callable[..., None]


_PATH = click.Path(path_type=Path)
_SERVER = (
    with_variable("--url", "URL", default="http://127.0.0.1:8080", show_default=True, help="The address of the mock."),
    CONFIG,
    with_variable("--control-token", "CONTROL_TOKEN", type=CONTROL_TOKEN, help="Its control token, if it has one."),
    with_variable("--control-token-file", "CONTROL_TOKEN_FILE", type=_PATH, help="A file that holds that token."),
    AUTHORITY,
)
_WORLD = with_variable("--world", "WORLD", default="default", show_default=True, help="The world that is meant.")
_NO_WORLD = click.option("--strangers", is_flag=True, help="Those that name no world: their token is unknown.")

#: How a control token is given to a command.
_TOKEN_WAYS = f"--control-token TOKEN, --control-token-file FILE, {PREFIX}CONTROL_TOKEN or {PREFIX}CONTROL_TOKEN_FILE"
#: The ways out that the control API names, and the commands that do the same.
_WAYS_OUT = (
    (r"GET /_mock/worlds/(\S+)/plans lists them", r"mock-oms plan list --world \1 lists them"),
    ("GET /_mock/scenarios lists them", "mock-oms scenarios list lists them"),
    ("POST /_mock/worlds opens one", "mock-oms world new opens one"),
)


def with_control(command: Command) -> Command:
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
        from mock_oms.client.errors import ClientError

        try:
            token = given_token(control_token, control_token_file)
            with Control(url, token, ca=ca, token_ways=_TOKEN_WAYS) as control:
                command(control, **given)
        except (ClientError, ControlTokenError) as error:
            sentence = str(error)
            for way_out, typed in _WAYS_OUT:
                sentence = re.sub(way_out, typed, sentence)
            raise RefusedError(sentence) from None

    wrapped: Command = run
    for option in reversed(_SERVER):
        wrapped = option(wrapped)
    return wrapped


def with_world(command: Command) -> Command:
    """Give a command the world that its options name."""

    @wraps(command)
    def run(control: "Control", *, world: str, **given: Any) -> None:  # noqa: ANN401  the command's own
        command(control.world(world), **given)

    return with_control(_WORLD(run))


def with_journal(command: Command) -> Command:
    """Give a command the world that its options name, or the control API, which has the requests that name no world."""

    @wraps(command)
    def run(control: "Control", *, world: str, strangers: bool, **given: Any) -> None:  # noqa: ANN401  as above
        command(control if strangers else control.world(world), **given)

    return with_control(_NO_WORLD(_WORLD(run)))


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
    from mock_oms.client.failure_report import pace

    clock = world.clock
    click.echo(f"world {world.name}: {when(clock.now)}, {pace(clock.rate)}")
