"""`mock-oms contract URL`: whether an OMS, the mock or a real one, answers as the contract says."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

import click

from mock_oms.cli.oms_options import REPORT, CrawlOptions, always_reported, crawl_options, progress, require, show
from mock_oms.cli.openapi import observation
from mock_oms.cli.options import RefusedError, as_json, setting
from mock_oms.conformance.crawl import Crawl, contents_of
from mock_oms.conformance.switch_evidence import counted, shown, with_maximum
from mock_oms.switches import Switches
from mock_oms.urls import without_user

if TYPE_CHECKING:
    from mock_oms.conformance.crawler.crawler import Progress
    from mock_oms.conformance.crawler.session import Session
    from mock_oms.conformance.finding import Outcome, Result


#: Values that cannot be told from what their answers show.
_ALSO: Mapping[tuple[str, object], frozenset[object]] = MappingProxyType(
    {
        ("auth", "both"): frozenset({"token", "bearer"}),
        ("order", "unstable"): frozenset({"-id", "id", "modified_date"}),
    }
)


def other_switches(survey: Crawl, expected: Switches) -> Mapping[str, str | int]:
    """The switches that the answers of a visit speak for and that are not those expected, in their order."""
    seen = shown(counted(contents_of(survey)))
    told = {name: value for name, value in seen.items() if not _meets(value, name, expected)}
    wanted = with_maximum({**_values(expected), **told})
    return {name: value for name, value in wanted.items() if value != getattr(expected, name)}


def switch_advice(survey: Crawl, expected: Switches) -> str | None:
    """Which switches these are, with the command line that expects them; None where there are none."""
    found = other_switches(survey, expected)
    if not found:
        return None
    said = ", ".join(f"{name}={value} (expected: {getattr(expected, name)})" for name, value in found.items())
    wanted = {**_values(expected), **found}
    turned = (
        f"{name}={value}" for name, value in wanted.items() if name in found or value != getattr(Switches(), name)
    )
    words = ["mock-oms", "contract", survey.target, *(word for one in turned for word in ("--switch", one))]
    file = "write them down with --observe FILE, and say --observed FILE"
    return f"The answers speak for other switches: {said}. Expect them: {shlex.join(words)}; or {file}."


def _meets(value: object, name: str, expected: Switches) -> bool:
    wanted = getattr(expected, name)
    return value == wanted or value in _ALSO.get((name, wanted), ())


def _values(answers: Switches) -> Mapping[str, str | int]:
    return {one.name: getattr(answers, one.name) for one in fields(Switches)}


_NO_SIGN = "no header of its answers says that it is a mock, nor would one of a mock served with --world-header off"
#: The check of `--max-age`.
_AGE = "knowledge-is-fresh"


def write_observation(survey: "Crawl", outcome: "Outcome", file: Path) -> str | None:
    """Write the observation that a visit makes; of one that was cut short only say that it makes none.

    Returns why the file cannot be written, None where it was or need not be.
    """
    if outcome.cut_short is not None:
        why = "the visit was cut short, and half of a visit is no observation; run it again when the OMS answers"
        click.echo(f"{file} was left alone: {why}.", err=True)
        return None
    from mock_oms.conformance.observation_file import write_observation
    from mock_oms.conformance.observe import observed_of
    from mock_oms.contract.observation import Host
    from mock_oms.worlds.open_world import wall_clock

    found = observed_of(survey, outcome.results, wall_clock())
    try:
        file.write_text(write_observation(found), encoding="utf-8")
    except OSError as error:
        return f"The observation cannot be written to {file}: {error.strerror}."
    if found.host is Host.LOOPBACK:
        click.echo(f"{file} takes {survey.target} for a real OMS: {_NO_SIGN}.", err=True)
    return None


def age_limit(_: click.Context, __: click.Parameter, said: str | None) -> str | None:
    """What `--max-age` says, known to be one before anything is asked."""
    from mock_oms.conformance.observation_file import longest

    try:
        if said is not None:
            longest(said)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return said


def age_finding(file: Path | None, max_age: str) -> str | None:
    """Why what we know of the real OMS is not fresh enough, None where it is; a file that cannot be used is not."""
    from mock_oms.conformance.observation_file import objection_to
    from mock_oms.scenarios.errors import ScenarioError
    from mock_oms.worlds.open_world import wall_clock

    try:
        return objection_to(file, wall_clock(), max_age)
    except ScenarioError as error:
        return str(error)


def outcome_with_age(outcome: "Outcome", said: str | None) -> "Outcome":
    """The outcome with one check more: a finding, as it were, about ourselves, where knowledge is too old."""
    from mock_oms.conformance.finding import Finding, Result, Severity

    found = () if said is None else (Finding(check=_AGE, severity=Severity.UNKNOWN, message=said, request=""),)
    result = Result(check=_AGE, claim="What we know of the real OMS is fresh enough.", findings=found, looked=1)
    return replace(outcome, results=(*outcome.results, result))


_EXAMPLES = """\b
Examples:
  mock-oms contract http://127.0.0.1:8080
  OMS_TOKEN=... mock-oms contract https://customer-oms.example.net --switch page_size=20
  mock-oms contract http://127.0.0.1:8080 --report junit.xml --report report.md --json
"""
_TITLE = "Contract of the OMS"
#: Which part of the budget is kept for Schemathesis, and how many requests at most.
_KEPT, _KEPT_MOST = 5, 40
_GETS = 4
#: How the checks are called that judge by the contract's schemas, as Schemathesis does.
_SCHEMA = "schema-of-"


@click.command(epilog=_EXAMPLES)
@click.argument("url")
@crawl_options
@click.option("--switch", "switches", multiple=True, metavar="NAME=VALUE", help="What is expected: list=array, ...")
@click.option(
    "--schemathesis/--no-schemathesis",
    default=True,
    show_default=True,
    help="Whether requests are made up from the contract as well.",
)
@click.option(
    "--observe",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write down what was seen, in counts and shapes, for `--observed`.",
)
@setting("observed")
@click.option(
    "--max-age",
    metavar="DURATION",
    callback=age_limit,
    help="Fail where the observation is older (60d), or of no real OMS.",
)
@click.option("--show-values", is_flag=True, help="Show texts that were found, customers' data among them.")
@REPORT
@as_json
def contract(
    url: str,
    switches: tuple[str, ...],
    reports: tuple[Path, ...],
    observe: Path | None,
    observed: Path | None,
    max_age: str | None,
    *,
    asks: Callable[[str, "Switches"], CrawlOptions],
    schemathesis: bool,
    show_values: bool,
    as_json: bool,
) -> None:
    """Compare what answers at URL with the contract: politely, by GET alone.

    Exit code 0: nothing found. 1: something differs. 2: it could not be asked, or not to the end.
    """
    with always_reported(reports, _TITLE, without_user(url)):
        _require(schemathesis=schemathesis)
        known = observed if max_age is None or (observed and observed.exists()) else None
        answers = expected_switches(switches, known)
        survey, outcome = crawl_and_check(
            asks(url, answers), answers, schemathesis=schemathesis, show_values=show_values
        )
    outcome = advised(outcome, survey, answers)
    unwritten = None if observe is None else write_observation(survey, outcome, observe)
    said = None if max_age is None else age_finding(observe or observed, max_age)
    show(outcome if max_age is None else outcome_with_age(outcome, said), reports, as_json=as_json)
    _end(outcome, unwritten, said)


def _end(outcome: "Outcome", unwritten: str | None, too_old: str | None) -> NoReturn:
    """Leave with the exit code of an outcome, or with the sentence that counts for more."""
    if unwritten:
        raise RefusedError(unwritten)
    if too_old:
        raise click.ClickException(too_old)
    raise click.exceptions.Exit(int(outcome.exit))


def advised(outcome: "Outcome", survey: "Crawl", answers: "Switches") -> "Outcome":
    """With the switches that the answers speak for, where something was found that they may explain."""
    return replace(outcome, advice=switch_advice(survey, answers)) if outcome.findings else outcome


def _require(*, schemathesis: bool) -> None:
    require("jsonschema")
    if schemathesis:
        require("schemathesis", way_out="--no-schemathesis")


def crawl_and_check(
    asked: CrawlOptions, answers: "Switches", *, schemathesis: bool, show_values: bool
) -> "tuple[Crawl, Outcome]":
    """What was seen, and what it came to."""
    from mock_oms.conformance.crawler.session import Session

    with Session(asked.target, asked.politeness) as session, progress() as shown:
        return outcome_of(session, answers, schemathesis=schemathesis, show_values=show_values, shown=shown)


def expected_switches(switches: tuple[str, ...], observed: Path | None = None) -> "Switches":
    """What is expected, as `name=value`; of what is not said, what was `observed` before.

    :raises RefusedError: a switch or its value is unknown, or the file of the observation cannot be used.
    """
    from marshmallow import ValidationError

    from mock_oms.scenarios.derive import schema_for
    from mock_oms.switches import Switches

    pairs = dict(one.partition("=")[::2] for one in switches)
    given = {name: int(value) if value.isdecimal() else value for name, value in pairs.items()}
    seen = observation(observed)
    given = {**(seen.answers if seen else {}), **given}
    try:
        found: Switches = schema_for(Switches)().load(given)
    except ValidationError as error:
        said = "\n".join(f"--switch {name}: {' '.join(map(str, why))}" for name, why in error.messages_dict.items())
        raise RefusedError(said) from None
    return found


def outcome_of(
    session: "Session", answers: "Switches", *, schemathesis: bool, show_values: bool, shown: "Progress"
) -> "tuple[Crawl, Outcome]":
    """Visit, judge, and let Schemathesis ask with what is left.

    :raises RefusedError: the list did not open.
    """
    from mock_oms.conformance.checks import judged
    from mock_oms.conformance.crawler.crawler import crawl_session, opened

    most = session.politeness.max_requests
    kept = min(_KEPT_MOST, most // _KEPT) if schemathesis else 0
    began = session.timing.now()
    survey = crawl_session(session, most - kept, shown)
    if survey.ended and not opened(survey):
        raise RefusedError(survey.ended)
    results = judged(survey, answers, show_values=show_values)
    if schemathesis:
        results = (*results, _made_up(session, answers, survey, results, show_values=show_values, shown=shown))
    return survey, _outcome(session, survey, results, began.isoformat(timespec="seconds"))


def _made_up(
    session: "Session",
    answers: "Switches",
    survey: "Crawl",
    results: "tuple[Result, ...]",
    *,
    show_values: bool,
    shown: "Progress",
) -> "Result":
    from mock_oms.conformance.crawler.crawler import plans_of
    from mock_oms.conformance.crawler.generated import EXAMPLES, generated
    from mock_oms.contract.openapi import contract_for

    told = [one for result in results for one in result.findings if one.check.startswith(_SCHEMA)]
    left = (session.politeness.max_requests - session.asked) // _GETS
    return generated(
        session,
        contract_for(answers),
        ids=plans_of(survey),
        examples=min(EXAMPLES, left),
        progress=shown,
        show_values=show_values,
        told=told,
    )


def _outcome(session: "Session", survey: "Crawl", results: "tuple[Result, ...]", began: str) -> "Outcome":
    from importlib.metadata import version

    from mock_oms.conformance.crawler.crawler import is_cut_short
    from mock_oms.conformance.finding import Outcome

    facts = {
        "began": began,
        "requests": f"{session.asked} of {session.politeness.max_requests}",
        "rate": f"at most {session.politeness.rate:g} per second",
        "list": "seen to its end" if survey.whole else "not seen to its end",
        "version": version("mock-oms"),
    }
    ended = survey.ended or (str(session.ended) if session.ended else None)
    cut_short = ended if survey.cut_short or is_cut_short(session) else None
    return Outcome(
        title=_TITLE,
        target=survey.target,
        results=results,
        notes=(*survey.notes, *([ended] if ended and not cut_short else [])),
        cut_short=cut_short,
        facts=facts,
    )
