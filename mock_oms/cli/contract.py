"""`mock-oms contract URL`: whether an OMS, the mock or a real one, answers as the contract says."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mock_oms import __version__
from mock_oms.cli.oms_options import REPORT, always_reported, crawl_options, require, show
from mock_oms.cli.openapi import observation
from mock_oms.cli.options import RefusedError, as_json, setting
from mock_oms.cli.printing import progress
from mock_oms.conformance.crawl import Crawl, contents_of
from mock_oms.conformance.finding import Finding, Outcome, Result, Severity
from mock_oms.conformance.switch_evidence import counted, shown, with_maximum
from mock_oms.switches import Switches
from mock_oms.urls import without_query

if TYPE_CHECKING:
    from mock_oms.conformance.crawler.crawler import Progress
    from mock_oms.conformance.crawler.session import Politeness, Session, Target


#: Values of switches, and others that an OMS with the first may show.
_COMPATIBLE: Mapping[tuple[str, object], frozenset[object]] = {
    ("auth", "both"): frozenset({"token", "bearer"}),
    ("order", "unstable"): frozenset({"-id", "id", "modified_date"}),
}
_NO_SIGN = "no header of its answers says that it is a mock, nor would one of a mock served with --world-header off"
_EXAMPLES = """\b
Examples:
  mock-oms contract http://127.0.0.1:8080
  OMS_TOKEN=... mock-oms contract https://customer-oms.example.net --switch page_size=20
  mock-oms contract http://127.0.0.1:8080 --report junit.xml --report report.md --json
"""
_TITLE = "Contract of the OMS"
#: The part of the budget that Schemathesis has, how many requests at most, and for how many operations.
_PART, _MOST, _GETS = 5, 40, 4


def _max_age(text: str) -> str:
    from mock_oms.conformance.observation_file import longest

    try:
        longest(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return text


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
    "--max-age", type=_max_age, metavar="DURATION", help="Fail where the observation is older (60d), or of no real OMS."
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
    admit: Callable[[str, Switches], "tuple[Target, Politeness]"],
    schemathesis: bool,
    show_values: bool,
    as_json: bool,
) -> None:
    """Compare what answers at URL with the contract: politely, by GET alone.

    Exit code 0: nothing found. 1: something differs. 2: it could not be asked, or not to the end.
    """
    from mock_oms.conformance.crawler.session import Session

    with always_reported(reports, _TITLE, without_query(url)):
        require("jsonschema")
        if schemathesis:
            require("schemathesis", way_out="--no-schemathesis")
        known = observed if max_age is None or (observed and observed.exists()) else None
        expected = expected_switches(switches, known)
        with Session(*admit(url, expected)) as session, progress("asking") as step:
            crawl, outcome = _checked(session, expected, step, schemathesis=schemathesis, show_values=show_values)
    if outcome.findings:
        outcome = replace(outcome, advice=_switch_advice(crawl, expected))
    unwritten = None if observe is None else _write_observation(crawl, outcome, observe)
    too_old: tuple[Finding, ...] = ()
    if max_age is not None:
        result = _freshness(observe or observed, max_age)
        outcome, too_old = replace(outcome, results=(*outcome.results, result)), result.findings
    show(outcome, reports, as_json=as_json)
    if unwritten:
        raise RefusedError(unwritten)
    if too_old:
        raise click.ClickException(too_old[0].message)
    raise click.exceptions.Exit(int(outcome.exit))


def expected_switches(switches: tuple[str, ...], observed: Path | None = None) -> Switches:
    """The expected switches: those given as `name=value`, then those that were `observed`, then the defaults."""
    from marshmallow import ValidationError

    from mock_oms.scenarios.fields import schema_for

    seen = observation(observed)
    given: dict[str, object] = dict(seen.answers) if seen else {}
    for one in switches:
        name, _, value = one.partition("=")
        given[name] = int(value) if value.isdecimal() else value
    try:
        found: Switches = schema_for(Switches)().load(given)
    except ValidationError as error:
        lines = (f"--switch {name}: {' '.join(map(str, why))}" for name, why in error.messages_dict.items())
        raise RefusedError("\n".join(lines)) from None
    return found


def _checked(
    session: "Session", expected: Switches, step: "Progress", *, schemathesis: bool, show_values: bool
) -> tuple[Crawl, Outcome]:
    """Crawl, run the checks, and let Schemathesis make up requests with what is left of the budget."""
    from mock_oms.conformance.checks import judged
    from mock_oms.conformance.crawler.crawler import crawl_session, is_cut, opened, plans_of
    from mock_oms.conformance.crawler.generated import EXAMPLES, generated
    from mock_oms.contract.openapi import contract_for

    polite = session.politeness
    reserved = min(_MOST, polite.max_requests // _PART) if schemathesis else 0
    began, counted_from = session.now(), session.counter()
    crawl = crawl_session(session, polite.max_requests - reserved, step)
    if crawl.ended and not opened(crawl):
        raise RefusedError(crawl.ended)
    results = judged(crawl, expected, show_values=show_values)
    if schemathesis:
        # Schemathesis validates by the contract's schemas too, and does not repeat the findings of these checks.
        known = [one for result in results for one in result.findings if one.check.startswith("schema-of-")]
        made_up = generated(
            session,
            contract_for(expected),
            ids=plans_of(crawl),
            examples=min(EXAMPLES, (polite.max_requests - session.requests) // _GETS),
            progress=step,
            show_values=show_values,
            known=known,
        )
        results = (*results, made_up)
    ended = crawl.ended or (str(session.ended) if session.ended else None)
    cut_short = ended if crawl.cut_short or is_cut(session.ended) else None
    return crawl, Outcome(
        title=_TITLE,
        target=crawl.target,
        results=results,
        notes=(*crawl.notes, *([ended] if ended and not cut_short else [])),
        cut_short=cut_short,
        seconds=session.counter() - counted_from,
        facts={
            "began": began.isoformat(timespec="seconds"),
            "requests": f"{session.requests} of {polite.max_requests}",
            "rate": f"at most {polite.rate:g} per second",
            "list": "seen to its end" if crawl.whole else "not seen to its end",
            "version": __version__,
        },
    )


def _switch_advice(crawl: Crawl, expected: Switches) -> str | None:
    """Which other switches the answers show, with the command line that expects them; None where there are none."""
    values: dict[str, str | int] = asdict(expected)
    differing = {
        name: value
        for name, value in shown(counted(contents_of(crawl))).items()
        if value not in {values[name], *_COMPATIBLE.get((name, values[name]), ())}
    }
    wanted = with_maximum({**values, **differing})
    found = {name: value for name, value in wanted.items() if value != values[name]}
    if not found:
        return None
    said = ", ".join(f"{name}={value} (expected: {values[name]})" for name, value in found.items())
    words = ["mock-oms", "contract", crawl.target]
    for name, value in {**values, **found}.items():
        if name in found or value != getattr(Switches(), name):
            words += ("--switch", f"{name}={value}")
    file = "write them down with --observe FILE, and say --observed FILE"
    return f"The answers speak for other switches: {said}. Expect them: {shlex.join(words)}; or {file}."


def _write_observation(crawl: Crawl, outcome: Outcome, file: Path) -> str | None:
    """Write the observation that a crawl makes, unless it was cut short; return why the file cannot be written."""
    from mock_oms.conformance.observation_file import write_observation
    from mock_oms.conformance.observe import observed_of
    from mock_oms.contract.observation import Host
    from mock_oms.worlds.files import write_output
    from mock_oms.worlds.host_clock import wall_clock

    if outcome.cut_short is not None:
        why = (
            "the crawl was cut short or met no plan, and that is no observation; run it again when the OMS shows plans"
        )
        click.echo(f"{file} was left alone: {why}.", err=True)
        return None
    found = observed_of(crawl, outcome.results, wall_clock())
    try:
        write_output(file, write_observation(found).encode())
    except OSError as error:
        return f"The observation cannot be written to {file}: {error.strerror}."
    if found.host is Host.LOOPBACK:
        click.echo(f"{file} takes {crawl.target} for a real OMS: {_NO_SIGN}.", err=True)
    return None


def _freshness(file: Path | None, max_age: str) -> Result:
    """A check about ourselves: what we know of the real OMS is not too old. A file that cannot be used is too old."""
    from mock_oms.conformance.observation_file import objection_to
    from mock_oms.scenarios.errors import ScenarioError
    from mock_oms.worlds.host_clock import wall_clock

    try:
        why = objection_to(file, wall_clock(), max_age)
    except ScenarioError as error:
        why = str(error)
    name, claim = "knowledge-is-fresh", "What we know of the real OMS is fresh enough."
    found = () if why is None else (Finding(check=name, severity=Severity.UNKNOWN, message=why, request=""),)
    return Result(check=name, claim=claim, findings=found, looked=1)
