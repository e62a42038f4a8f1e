"""What the commands share: options that stand for settings, and errors as one clear sentence."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import timedelta
from functools import reduce
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from mock_oms.settings import (
    PREFIX,
    Settings,
    environment_variable,
    fault_of_control_token,
    fault_of_token,
    helps,
    is_service_link,
)


class WordType(click.ParamType[str]):
    """Text without blanks or control characters; an HTTP header or an address can hold nothing else."""

    name = "word"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401
        """The word that was given."""
        word = str(value)
        fault = _fault_of_word(word)
        if fault:
            self.fail(f"{word!r} {fault}", param, ctx)
        return word


class Secret(click.ParamType[str]):
    """A secret; `fault` says what is wrong with one, and neither it nor anything here shows the secret."""

    def __init__(self, fault: Callable[[str], str | None], name: str) -> None:
        self._fault, self.name = fault, name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401
        """The secret that was given."""
        fault = self._fault(str(value))
        if fault:
            self.fail(fault, param, ctx)
        return str(value)


def _fault_of_word(word: str) -> str | None:
    good = word and word.isprintable() and " " not in word
    return None if good else "is empty or has blanks or control characters in it."


def _fault_of_password(password: str) -> str | None:
    fault = _fault_of_word(password)
    return fault and f"The password {fault}"


#: A token that the vendor's clients can send, and that does not stand for an error; a control token that headers carry.
TOKEN, CONTROL_TOKEN = Secret(fault_of_token, "token"), Secret(fault_of_control_token, "token")
#: The kinds of the settings that are not any text.
KINDS: dict[str, Any] = {
    "host": WordType(),
    "token": TOKEN,
    "password": Secret(_fault_of_password, "word"),
    "control_token": CONTROL_TOKEN,
    "port": click.IntRange(0, 65_535),
    "seed": click.IntRange(0, 2**63 - 1),
    "workers": click.IntRange(1, 64),
    "scenarios": click.Path(path_type=Path),
    "control_token_file": click.Path(path_type=Path),
    "allow_real_tokens": click.Choice(["on", "off"]),
    "tls": click.Choice(["on", "off"]),
    "tls_ca": click.Path(path_type=Path),
    "reload": click.Choice(["auto", "on", "off"]),
    "world_header": click.Choice(["on", "off"]),
    "hints": click.Choice(["on", "off"]),
    "observed": click.Path(path_type=Path),
    "state": click.Path(path_type=Path),
    "log": click.Choice(["text", "json"]),
}


class DurationType(click.ParamType[timedelta]):
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

#: The states of a plan, written here too: to import the domain would slow every `--help`.
STATES = ("start", "pending", "cancelled", "completed")


#: Settings whose flag may stand alone, with what it then means.
_ALONE: dict[str, dict[str, Any]] = {
    name: {"is_flag": False, "flag_value": "on"}
    for name in ("allow_real_tokens", "hints", "reload", "tls", "world_header")
}


class RefusedError(click.ClickException):
    """What was asked for cannot be done: said on standard error, exit code 2."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


def _obey(context: click.Context, _: click.Parameter, named: Path | None) -> None:
    """Let a file of settings say what neither a flag nor the environment says."""
    from mock_oms.cli.settings_file import CONFIGURATION, configuration

    found = None if context.resilient_parsing else configuration(named)
    if found is None:
        return
    # By the variable, not by the name: `plans --state` and `openapi --scenario` are no settings.
    said = {environment_variable(name): value for name, value in found.values.items()}
    options = [one for one in context.command.params if one.envvar in said]
    context.meta[CONFIGURATION] = found
    context.default_map = {str(one.name): said[str(one.envvar)] for one in options}
    if found.unread:
        click.echo(f"Note: {found.unread}", err=True)


#: Brings a file of settings to every option that has the variable of one.
CONFIG = click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar=f"{PREFIX}CONFIG",
    show_envvar=True,
    is_eager=True,
    expose_value=False,
    callback=_obey,
    help="A file of settings, instead of mock-oms.toml or pyproject.toml in this folder.",
)


class _Setting(click.Option):
    """The option of a setting; what others than us write into its variable is not heard."""

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """What the variable says: nothing where Kubernetes wrote it, which names a Service's port as we do ours."""
        said = super().resolve_envvar_value(ctx)
        return None if said is not None and self.name == "port" and is_service_link(said) else said


def setting(name: str) -> Callable[[C], C]:
    """The option of a setting, with its environment variable and its default; the first brings `--config` with it."""
    option = _option(name)

    def decorate(command: C) -> C:
        return option(with_config(command))

    return decorate


def with_config(command: C) -> C:
    """A command that takes a file of settings, once."""
    there = {one.name for one in getattr(command, "__click_params__", ())}
    return command if "config" in there else CONFIG(command)


def every_setting(command: C) -> C:
    """The options of all settings, in the order of their declaration."""
    return reduce(lambda wrapped, name: setting(name)(wrapped), reversed(list(helps())), command)


def _option(name: str) -> Callable[[C], C]:
    default = next(one.default for one in fields(Settings) if one.name == name)
    return click.option(
        f"--{name.replace('_', '-')}",
        name,
        cls=_Setting,
        **_ALONE.get(name, {}),
        type=KINDS.get(name, str),
        default=default,
        show_default=default is not None,
        envvar=environment_variable(name),
        show_envvar=True,
        help=helps()[name],
    )


#: What a client of https trusts; the server's variable, so that one environment serves both.
AUTHORITY = click.option(
    "--ca",
    type=click.Path(path_type=Path),
    envvar=environment_variable("tls_ca"),
    show_envvar=True,
    help="The authority to trust under https, as `serve --tls-ca` wrote it; without it, that of SSL_CERT_FILE.",
)
#: The file of a snapshot; `-` is standard input.
SNAPSHOT = click.File("r", encoding="utf-8")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs; errors stay text.")


@contextmanager
def clear_errors() -> Iterator[None]:
    """Turn what we foresee into one sentence each; what we do not foresee stays a traceback."""
    from mock_oms.scenarios.errors import ScenarioError

    try:
        yield
    except ScenarioError as error:
        raise RefusedError(str(error)) from None


def snapshot_in(file: IO[str]) -> dict[str, Any]:
    """The document that a file of a snapshot holds."""
    try:
        document = json.load(file)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise RefusedError(f"{file.name} is no snapshot: {error}.") from None
    except ValueError:  # Python's own sentence tells how to let longer numbers in
        raise RefusedError(f"{file.name} is no snapshot: a number in it has thousands of digits.") from None
    except RecursionError:
        raise RefusedError(f"{file.name} is no snapshot: it is nested too deeply.") from None
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


def printable(text: str) -> str:
    """A text for a terminal: what it could take for an order, such as ESC, is escaped; lines still end."""
    return "".join(one if one.isprintable() or one == "\n" else repr(one)[1:-1] for one in text)


def print_json(value: Any) -> None:  # noqa: ANN401
    """Print a value as JSON that people can read."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_table(rows: list[tuple[str, ...]]) -> None:
    """Print rows in columns; the last column is as long as it likes."""
    shown = [tuple(map(printable, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        click.echo("  ".join([*cells, row[-1]]).rstrip())
