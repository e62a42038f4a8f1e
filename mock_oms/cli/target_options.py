"""What the commands share that ask an OMS: its address, its token, how politely, and whether it may be asked at all."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.options import AUTHORITY, RefusedError, with_config
from mock_oms.settings import Settings

if TYPE_CHECKING:
    from mock_oms.conformance.crawler.session import Politeness
    from mock_oms.conformance.crawler.target import Target
    from mock_oms.switches import Switches

#: The variable that holds the token unless another is named.
TOKEN = "OMS_TOKEN"  # noqa: S105  no secret
#: Bytes of a file that are read at most: no header carries so much.
_MOST = 8_192
_WAYS = f"set {TOKEN}, or name another variable with --token-env or a file with --token-file"
_OPTIONS = (
    click.option("--rate", type=click.FloatRange(0.01, 1000), help="Requests per second.  [2; on this machine 50]"),
    click.option(
        "--max-requests", type=click.IntRange(1, 1_000_000), default=200, show_default=True, help="Requests at most."
    ),
    click.option("--yes", is_flag=True, help="Do not ask before a host is asked that is not this machine."),
    click.option("--token-env", metavar="NAME", help=f"The variable that holds the token.  [{TOKEN}]"),
    click.option("--token-file", type=click.Path(path_type=Path), help="A file that holds the token."),
    AUTHORITY,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Whom to ask, and how, as the options say."""

    target: "Target"
    politeness: "Politeness"


def asking(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a target, and `asks`: makes an `Asking` of an address and the switches."""

    @wraps(command)
    def run(
        *,
        rate: float | None,
        max_requests: int,
        yes: bool,
        token_env: str | None,
        token_file: Path | None,
        ca: Path | None,
        **given: Any,  # noqa: ANN401  the command's own
    ) -> None:
        def asks(url: str, answers: "Switches") -> Asking:
            return _asking(
                _target(url, ca=ca, bearer=answers.auth == "bearer"),
                token=lambda target: token_for(target, token_env, token_file, wanted=answers.auth != "off"),
                rate=rate,
                max_requests=max_requests,
                yes=yes,
            )

        with clear_stops():
            command(asks=asks, **given)

    return with_config(reduce(lambda wrapped, option: option(wrapped), reversed(_OPTIONS), run))


def _asking(
    target: "Target",
    *,
    token: Callable[["Target"], str | None],
    rate: float | None,
    max_requests: int,
    yes: bool,
) -> Asking:
    from dataclasses import replace

    from mock_oms.conformance.crawler.session import RATE, RATE_HERE, Politeness

    pace = rate or (RATE_HERE if target.loopback else RATE)
    polite = Politeness(rate=pace, max_requests=max_requests)
    permitted(target, polite, yes=yes)
    return Asking(target=replace(target, token=token(target)), politeness=polite)


def _target(url: str, *, ca: Path | None, bearer: bool) -> "Target":
    from mock_oms.conformance.crawler.target import Target

    return Target(url=url, ca=ca, keyword="Bearer" if bearer else "Token")


def permitted(target: "Target", polite: "Politeness", *, yes: bool) -> None:
    """Ask whether a host may be asked that is not this machine, before anything connects to it.

    :raises RefusedError: it may not, or nobody is there to say so.
    """
    if yes or target.loopback:
        return
    what = f"{target.url} is not this machine: at most {polite.max_requests} GET, {polite.rate:g} per second"
    if not sys.stdin.isatty():
        raise RefusedError(f"{what}. Nobody is there to be asked whether that is meant; say --yes if it is.")
    if not click.confirm(f"{what}. Begin?", err=True):
        raise RefusedError("Nothing was asked.")


def token_for(target: "Target", variable: str | None, file: Path | None, *, wanted: bool = True) -> str | None:
    """The token: of the file or the variable that was named, of the usual variable, the mock's own, or as typed now.

    :raises RefusedError: what was named holds none, both were named, or there is none and nobody to type it.
    """
    if variable and file:
        raise RefusedError("--token-env and --token-file name two tokens; give one of them.")
    if file is not None:
        return _in_file(file)
    if found := os.environ.get(variable or TOKEN):
        return found
    if variable:
        raise RefusedError(f"The variable {variable} is not set or empty; it must hold the token.")
    if target.loopback:
        return Settings().token
    return _typed() if wanted else None


def _typed() -> str:
    if not sys.stdin.isatty():
        raise RefusedError(f"The OMS wants a token, and nobody is there to type it; {_WAYS}.")
    return str(click.prompt("Token", hide_input=True, err=True))


def _in_file(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            content = stream.read(_MOST + 1)
    except OSError as error:
        raise RefusedError(f"The token cannot be read from {file}: {error.strerror}.") from None
    if len(content) > _MOST:
        raise RefusedError(f"{file} is longer than {_MOST:,} bytes: it holds more than a token.")
    return content.decode("latin-1").strip()


@contextmanager
def clear_stops() -> Iterator[None]:
    """Turn what keeps an OMS from being asked into one sentence, an interruption too: exit code 1 is for findings."""
    from mock_oms.conformance.crawler.target import AskingError

    try:
        yield
    except AskingError as error:
        raise RefusedError(str(error)) from None
    except (KeyboardInterrupt, click.Abort):
        raise RefusedError("Interrupted before the end.") from None
