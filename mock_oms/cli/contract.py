"""`mock-oms contract URL`: whether an OMS, the mock or a real one, answers as the contract says."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from mock_oms.cli.common import RefusedError, as_json, setting
from mock_oms.cli.knowledge import an_age, too_old, with_age, write_down
from mock_oms.cli.observing import observation
from mock_oms.cli.outcomes import REPORT, always_reported, progress, require, show
from mock_oms.cli.targets import Asking, asking
from mock_oms.urls import without_user

if TYPE_CHECKING:
    from mock_oms.answers import Answers
    from mock_oms.asking.session import Session
    from mock_oms.asking.visit import Progress
    from mock_oms.findings.finding import Outcome, Result
    from mock_oms.survey.survey import Survey

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
@asking
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
    callback=an_age,
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
    asks: Callable[[str, "Answers"], Asking],
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
        answers = answers_of(switches, known)
        survey, outcome = asked_and_judged(
            asks(url, answers), answers, schemathesis=schemathesis, show_values=show_values
        )
    outcome = advised(outcome, survey, answers)
    unwritten = None if observe is None else write_down(survey, outcome, observe)
    said = None if max_age is None else too_old(observe or observed, max_age)
    show(outcome if max_age is None else with_age(outcome, said), reports, as_json=as_json)
    _end(outcome, unwritten, said)


def _end(outcome: "Outcome", unwritten: str | None, too_old: str | None) -> NoReturn:
    """Leave with the exit code of an outcome, or with the sentence that counts for more."""
    if unwritten:
        raise RefusedError(unwritten)
    if too_old:
        raise click.ClickException(too_old)
    raise click.exceptions.Exit(int(outcome.exit))


def advised(outcome: "Outcome", survey: "Survey", answers: "Answers") -> "Outcome":
    """With the switches that the answers speak for, where something was found that they may explain."""
    from mock_oms.cli.expecting import advice

    return replace(outcome, advice=advice(survey, answers)) if outcome.findings else outcome


def _require(*, schemathesis: bool) -> None:
    require("jsonschema")
    if schemathesis:
        require("schemathesis", way_out="--no-schemathesis")


def asked_and_judged(
    asked: Asking, answers: "Answers", *, schemathesis: bool, show_values: bool
) -> "tuple[Survey, Outcome]":
    """What was seen, and what it came to."""
    from mock_oms.asking.session import Session

    with Session(asked.target, asked.politeness) as session, progress() as shown:
        return examined(session, answers, schemathesis=schemathesis, show_values=show_values, shown=shown)


def answers_of(switches: tuple[str, ...], observed: Path | None = None) -> "Answers":
    """What is expected, as `name=value`; of what is not said, what was `observed` before.

    :raises RefusedError: a switch or its value is unknown, or the file of the observation cannot be used.
    """
    from marshmallow import ValidationError

    from mock_oms.answers import Answers
    from mock_oms.scenario.derive import schema_for

    pairs = dict(one.partition("=")[::2] for one in switches)
    given = {name: int(value) if value.isdecimal() else value for name, value in pairs.items()}
    seen = observation(observed)
    given = {**(seen.answers if seen else {}), **given}
    try:
        found: Answers = schema_for(Answers)().load(given)
    except ValidationError as error:
        said = "\n".join(f"--switch {name}: {' '.join(map(str, why))}" for name, why in error.messages_dict.items())
        raise RefusedError(said) from None
    return found


def examined(
    session: "Session", answers: "Answers", *, schemathesis: bool, show_values: bool, shown: "Progress"
) -> "tuple[Survey, Outcome]":
    """Visit, judge, and let Schemathesis ask with what is left.

    :raises RefusedError: the list did not open.
    """
    from mock_oms.asking.visit import opened, visited
    from mock_oms.contract.checks import judged

    most = session.politeness.max_requests
    kept = min(_KEPT_MOST, most // _KEPT) if schemathesis else 0
    began = session.timing.now()
    survey = visited(session, most - kept, shown)
    if survey.ended and not opened(survey):
        raise RefusedError(survey.ended)
    results = judged(survey, answers, show_values=show_values)
    if schemathesis:
        results = (*results, _made_up(session, answers, survey, results, show_values=show_values, shown=shown))
    return survey, _outcome(session, survey, results, began.isoformat(timespec="seconds"))


def _made_up(
    session: "Session",
    answers: "Answers",
    survey: "Survey",
    results: "tuple[Result, ...]",
    *,
    show_values: bool,
    shown: "Progress",
) -> "Result":
    from mock_oms.asking.generated import EXAMPLES, generated
    from mock_oms.asking.visit import plans_of
    from mock_oms.contract import contract_for

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


def _outcome(session: "Session", survey: "Survey", results: "tuple[Result, ...]", began: str) -> "Outcome":
    from importlib.metadata import version

    from mock_oms.asking.visit import is_cut_short
    from mock_oms.findings.finding import Outcome

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
