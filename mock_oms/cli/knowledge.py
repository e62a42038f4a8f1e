"""What `mock-oms contract` knows of the real OMS: the observation that it writes, and how old one may be."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mock_oms.findings.finding import Outcome
    from mock_oms.survey.survey import Survey

_NO_SIGN = "no header of its answers says that it is a mock, nor would one of a mock served with --world-header off"
#: The check of `--max-age`.
_AGE = "knowledge-is-fresh"


def write_down(survey: "Survey", outcome: "Outcome", file: Path) -> str | None:
    """Write the observation that a visit makes; of one that was cut short only say that it makes none.

    Returns why the file cannot be written, None where it was or need not be.
    """
    if outcome.cut_short is not None:
        why = "the visit was cut short, and half of a visit is no observation; run it again when the OMS answers"
        click.echo(f"{file} was left alone: {why}.", err=True)
        return None
    from mock_oms.live import wall_clock
    from mock_oms.observed.document import Host
    from mock_oms.observed.file import write_observed
    from mock_oms.observed.making import observed_of

    found = observed_of(survey, outcome.results, wall_clock())
    try:
        file.write_text(write_observed(found), encoding="utf-8")
    except OSError as error:
        return f"The observation cannot be written to {file}: {error.strerror}."
    if found.host is Host.LOOPBACK:
        click.echo(f"{file} takes {survey.target} for a real OMS: {_NO_SIGN}.", err=True)
    return None


def an_age(_: click.Context, __: click.Parameter, said: str | None) -> str | None:
    """What `--max-age` says, known to be one before anything is asked."""
    from mock_oms.observed.age import longest

    try:
        if said is not None:
            longest(said)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return said


def too_old(file: Path | None, max_age: str) -> str | None:
    """Why what we know of the real OMS is not fresh enough, None where it is; a file that cannot be used is not."""
    from mock_oms.live import wall_clock
    from mock_oms.observed.age import objection_to
    from mock_oms.scenario.problems import ScenarioError

    try:
        return objection_to(file, wall_clock(), max_age)
    except ScenarioError as error:
        return str(error)


def with_age(outcome: "Outcome", said: str | None) -> "Outcome":
    """The outcome with one check more: a finding, as it were, about ourselves, where knowledge is too old."""
    from mock_oms.findings.finding import Finding, Result, Severity

    found = () if said is None else (Finding(check=_AGE, severity=Severity.UNKNOWN, message=said, request=""),)
    result = Result(check=_AGE, claim="What we know of the real OMS is fresh enough.", findings=found, looked=1)
    return replace(outcome, results=(*outcome.results, result))
