"""The kinds of what is given on the command line, by variable or in a file of settings, where it is not any text."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from mock_oms.settings import fault_of_control_token, fault_of_token


class Word(click.ParamType[str]):
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
    "host": Word(),
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
        from mock_oms.scenario.fields import LONGEST, parse_duration, write_duration

        span = value if isinstance(value, timedelta) else parse_duration(str(value))
        if span is None or not timedelta() <= span <= LONGEST:
            self.fail(
                f"{value!r} is no duration; accepted: 90s, 30m, 1h30m, 2d, up to {write_duration(LONGEST)}.", param, ctx
            )
        return span
