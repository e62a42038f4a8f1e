"""What the commands share: the options of settings and of a running mock, and errors as one clear sentence."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import timedelta
from functools import partial, reduce, wraps
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, AnyStr, Literal, TypeVar, get_args, get_origin

import click

from mock_oms.cli.printing import progress
from mock_oms.settings import (
    BOUNDS,
    PREFIX,
    Settings,
    environment_variable,
    fault_of_control_token,
    fault_of_cors,
    fault_of_token,
    helps,
    is_service_link,
)
from mock_oms.text import printable
from mock_oms.tokens import ControlTokenError, given_token

if TYPE_CHECKING:
    from mock_oms.client.control import Control

    _TextType = click.ParamType[str]
    _SpanType = click.ParamType[timedelta]
else:
    _TextType = _SpanType = click.ParamType  # before click 8.3 it takes no type parameter when the program runs


class CheckedText(_TextType):
    """Text in which `fault` finds nothing wrong; of a secret, the sentence of `fault` shows nothing."""

    def __init__(self, fault: Callable[[str], str | None], name: str) -> None:
        self._fault, self.name = fault, name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401
        """The text that was given."""
        fault = self._fault(str(value))
        if fault:
            self.fail(fault, param, ctx)
        return str(value)


def _fault_of_word(word: str, what: str = "") -> str | None:
    good = word and word.isprintable() and " " not in word
    return None if good else f"{what or repr(word)} is empty or has blanks or control characters in it."


#: A token that the vendor's clients can send, and that does not stand for an error.
TOKEN = CheckedText(fault_of_token, "token")
#: A control token that a header can carry.
CONTROL_TOKEN = CheckedText(fault_of_control_token, "token")
#: The kinds of the settings that are not any text.
KINDS: dict[str, Any] = {
    **{one.name: click.Choice(get_args(one.type)) for one in fields(Settings) if get_origin(one.type) is Literal},
    **{one.name: click.Path(path_type=Path) for one in fields(Settings) if Path in get_args(one.type)},
    "host": CheckedText(_fault_of_word, "word"),
    "token": TOKEN,
    "password": CheckedText(partial(_fault_of_word, what="The password"), "word"),
    "control_token": CONTROL_TOKEN,
    "cors": CheckedText(fault_of_cors, "origins"),
    **{name: click.IntRange(*bounds) for name, bounds in BOUNDS.items()},
}


class DurationType(_SpanType):
    """A duration such as 90s, 30m, 1h30m, 2d."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:  # noqa: ANN401
        """The span of time that was written."""
        from mock_oms.scenarios.fields import LONGEST, parse_duration, write_duration

        span = value if isinstance(value, timedelta) else parse_duration(str(value))
        if span is None or not timedelta() <= span <= LONGEST:
            self.fail(
                f"{value!r} is no duration; accepted: 90s, 30m, 1h30m, 2d, up to {write_duration(LONGEST)}.", param, ctx
            )
        return span


C = TypeVar("C", bound=Callable[..., Any])
Command = Callable[..., None]

#: The states of a plan, written here too: to import the domain would slow every `--help`.
STATES = ("start", "pending", "cancelled", "completed")


class RefusedError(click.ClickException):
    """The command cannot be run as it was typed: one sentence on standard error, exit code 2."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


def _obey(context: click.Context, _: click.Parameter, named: Path | None) -> None:
    """Take from a file of settings what neither a flag nor the environment says."""
    from mock_oms.cli.settings_file import CONFIGURATION, configuration

    try:
        found = configuration(named)
    except RefusedError:
        if context.resilient_parsing:  # a shell completes, and no file is to blame now
            return
        raise
    if found is None:
        return
    # By the variable, not by the name: `plans --state` and `openapi --scenario` are no settings.
    said = {environment_variable(name): value for name, value in found.values.items()}
    options = [one for one in context.command.params if one.envvar in said]
    context.meta[CONFIGURATION] = found
    context.default_map = {str(one.name): said[str(one.envvar)] for one in options}
    if found.unread and not context.resilient_parsing:
        click.echo(f"Note: {found.unread}", err=True)


def completes(what: str) -> Callable[[click.Context, click.Parameter, str], Any]:
    """Completes these values in a shell; what finds them is imported when a shell asks."""

    def complete(context: click.Context, param: click.Parameter, incomplete: str) -> Any:  # noqa: ANN401  click's own
        from mock_oms.cli.completion_values import VALUES

        return VALUES[what](context, param, incomplete)

    return complete


def with_variable(flag: str, variable: str, **more: Any) -> Callable[[C], C]:  # noqa: ANN401  click's own
    """An option that an environment variable can say too."""
    return click.option(flag, envvar=f"{PREFIX}{variable}", show_envvar=True, **more)


#: Brings a file of settings to every option that has the variable of one.
CONFIG = with_variable(
    "--config",
    "CONFIG",
    type=click.Path(path_type=Path),
    is_eager=True,
    expose_value=False,
    callback=_obey,
    help="A file of settings, instead of mock-oms.toml or pyproject.toml in this folder.",
)


class _Setting(click.Option):
    """The option of a setting; a variable that Kubernetes wrote for a Service is ignored."""

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """The value of the variable; None where Kubernetes wrote it, which names a Service's port as we do ours."""
        said = super().resolve_envvar_value(ctx)
        return None if said is not None and self.name == "port" and is_service_link(said) else said


def setting(name: str) -> Callable[[C], C]:
    """The option of a setting, with its environment variable and its default; the first brings `--config` with it."""
    kind, default = KINDS.get(name, click.STRING), getattr(Settings(), name)
    # The flag of a setting that is on or off may stand alone.
    alone = {"is_flag": False, "flag_value": "on"} if "on" in getattr(kind, "choices", ()) else {}
    option: Callable[[C], C] = click.option(
        f"--{name.replace('_', '-')}",
        name,
        cls=_Setting,
        **alone,
        type=kind,
        default=default,
        show_default=default is not None,
        envvar=environment_variable(name),
        show_envvar=True,
        help=helps()[name],
        shell_complete=completes("scenario") if name == "scenario" else None,
    )
    return lambda command: option(with_config(command))


def with_config(command: C) -> C:
    """A command that takes a file of settings, once."""
    there = {one.name for one in getattr(command, "__click_params__", ())}
    return command if "config" in there else CONFIG(command)


def decorated(options: Iterable[Callable[[Any], Any]], command: Command) -> Command:
    """A command with these options, in their order."""
    return reduce(lambda wrapped, option: option(wrapped), reversed([*options]), command)


def every_setting(command: Command) -> Command:
    """The options of all settings, in the order of their declaration."""
    return decorated(map(setting, helps()), command)


#: What a client of https trusts; the server's variable, so that one environment serves both.
AUTHORITY = with_variable(
    "--ca",
    "TLS_CA",
    type=click.Path(path_type=Path),
    help="The authority to trust under https, as `serve --tls-ca` wrote it; without it, that of SSL_CERT_FILE.",
)
#: The file of a snapshot; `-` is standard input.
SNAPSHOT = click.File("r", encoding="utf-8")
#: Bytes, or letters, of a document that are read at most; far above what anybody captures, for a wrong path may lead to anything.
_MOST_OF_DOCUMENT = 100_000_000
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs; errors stay text.")


def examples(*commands: str) -> str:
    """What stands under the help of a command; each example is typed after `mock-oms`."""
    return "\n".join(["\b", "Examples:" if commands[1:] else "Example:", *(f"  mock-oms {one}" for one in commands)])


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn an error of a scenario into one sentence; any other error stays a traceback."""
    from mock_oms.scenarios.errors import ScenarioError

    try:
        yield
    except ScenarioError as error:
        raise RefusedError(str(error)) from None


def why_unreadable(error: ValueError | RecursionError) -> str:
    """What is wrong with a document of JSON or TOML."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    # Python's own sentence tells how to let longer numbers in.
    return "a number in it has thousands of digits" if type(error) is ValueError else str(error)


def document_in(file: IO[AnyStr]) -> AnyStr:
    """What a file of a document holds.

    :raises RefusedError: it is too long.
    """
    content = file.read(_MOST_OF_DOCUMENT + 1)
    if len(content) > _MOST_OF_DOCUMENT:
        raise RefusedError(f"{file.name} is larger than {_MOST_OF_DOCUMENT // 1_000_000} MB, so it is not read.")
    return content


def snapshot_in(file: IO[str]) -> dict[str, Any]:
    """The document that a file of a snapshot holds."""
    try:
        document = json.loads(document_in(file).removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"{file.name} is no snapshot: {why_unreadable(error)}.") from None
    if not isinstance(document, dict):
        raise RefusedError(f"{file.name} is no snapshot: it holds no JSON object.")
    return document


def mapping_in(text: str, place: str, example: str) -> dict[str, Any]:
    """What somebody has typed as YAML, which must be a mapping; `place` is what errors call it."""
    from mock_oms.scenarios.yaml_file import parse_yaml

    with clear_errors():
        found, _ = parse_yaml(text, Path(place))
    if not isinstance(found, Mapping):
        raise RefusedError(f"{text!r} is no {place.lower()}; write one as in a scenario: '{example}'.")
    return {str(key): said for key, said in found.items()}


# A running mock

_PATH = click.Path(path_type=Path)
_SERVER = (
    with_variable("--url", "URL", default="http://127.0.0.1:8080", show_default=True, help="The address of the mock."),
    CONFIG,
    with_variable("--control-token", "CONTROL_TOKEN", type=CONTROL_TOKEN, help="Its control token, if it has one."),
    with_variable("--control-token-file", "CONTROL_TOKEN_FILE", type=_PATH, help="A file that holds that token."),
    AUTHORITY,
)
_WORLD = with_variable(
    "--world",
    "WORLD",
    default="default",
    show_default=True,
    shell_complete=completes("world"),
    help="The world that is meant.",
)
_NO_WORLD = click.option(
    "--strangers", "no_world", is_flag=True, help="Those that name no world: their token is unknown."
)

#: How a control token is given to a command.
_TOKEN_WAYS = f"--control-token TOKEN, --control-token-file FILE, {PREFIX}CONTROL_TOKEN or {PREFIX}CONTROL_TOKEN_FILE"
#: The ways out that the control API names, and the commands that do the same.
_WAYS_OUT = (
    (r"GET /_mock/worlds/(\S+)/plans lists them", r"mock-oms plan list --world \1 lists them"),
    ("POST /_mock/worlds opens one", "mock-oms world new opens one"),
    (r"advance the clock by (\S+) first", r"mock-oms clock advance \1 first"),
    (r"confirm plan (\S+) first", r"mock-oms event add 'confirm: \1' first"),
    (
        r"(?<=There is no scenario )(\S+?)(?=[.;] )(.*)(or s|S)end the scenario itself",
        r"\1\2\3end a file: --scenario ./\1.yaml",
    ),
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
            waiting = partial(progress, "waiting for the mock")
            with Control(url, token, ca=ca, token_ways=_TOKEN_WAYS, waiting=waiting) as control:
                command(control, **given)
        except (ClientError, ControlTokenError) as error:
            sentence = str(error)
            for way_out, typed in _WAYS_OUT:
                sentence = re.sub(way_out, typed, sentence)
            raise RefusedError(sentence) from None

    return decorated(_SERVER, run)


def with_world(command: Command, *more: Callable[[Command], Command]) -> Command:
    """Give a command the world that its options name; with `more` options, perhaps the control API instead."""

    @wraps(command)
    def run(control: "Control", *, world: str, no_world: bool = False, **given: Any) -> None:  # noqa: ANN401  its own
        command(control if no_world else control.world(world), **given)

    return with_control(decorated((*more, _WORLD), run))


def with_named_world(command: Command) -> Command:
    """Give a command the world that its argument names, else its options."""

    @wraps(command)
    def run(control: "Control", *, world: str, name: str | None, **given: Any) -> None:  # noqa: ANN401  its own
        command(control.world(world if name is None else name), **given)

    named = click.argument("name", required=False, shell_complete=completes("world"))
    return with_control(decorated((named, _WORLD), run))


def with_journal(command: Command) -> Command:
    """Give a command the world that its options name, or the control API, which has the requests that name no world."""
    return with_world(command, _NO_WORLD)
