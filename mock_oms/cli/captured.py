"""`mock-oms scenario new --from`: a scenario out of captured answers."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.options import RefusedError, clear_errors, document_in
from mock_oms.cli.printing import progress
from mock_oms.text import counted, printable, time_text

if TYPE_CHECKING:
    from mock_oms.conformance.recorder.allowed import RuleWalk
    from mock_oms.conformance.recorder.scenario import WrittenScenario
    from mock_oms.scenarios.captured_files import Plan

_STANDARD_INPUT = "-"
#: In which a plan may have been changed; a clock starts then.
_YEARS = range(1971, 2999)


def captured_scenario(sources: Sequence[str], out: Path, walk: "RuleWalk | None") -> None:
    """Write the scenario of the plans in these files; with a walk, with pseudonyms for all data."""
    from mock_oms.conformance.recorder.allowed import scrubbed
    from mock_oms.conformance.recorder.personal import personal_summary
    from mock_oms.conformance.recorder.pseudonyms import RecordingError
    from mock_oms.domain.events import HIGHEST_ID
    from mock_oms.domain.setup import CapturedPlan
    from mock_oms.scenarios.captured_files import latest
    from mock_oms.scenarios.yaml_file import MAX_BYTES

    every, bodies = _read(sources)
    plans = latest(every)
    personal = "" if walk else personal_summary(plans)
    try:
        kept = [plan for plan in scrubbed(plans, walk) if plan is not None] if walk else plans
    except RecordingError as error:
        raise RefusedError(str(error)) from None
    written = _written(kept, bodies, scrubbed=walk is not None)
    _write(out, written, private=bool(personal))
    if len(every) > len(plans):
        again = counted(len(every) - len(plans), "plan")
        click.echo(f"Found again: {again}; of each, the one with the latest modified_date is kept.", err=True)
    listed = max((page["count"] for page in bodies if _is_page(page)), default=0)
    if listed > len(plans):
        click.echo(f"Note: the list counts {counted(listed, 'plan')}, and {len(plans):,} are in these files.", err=True)
    if personal:
        click.echo(printable(f"Warning: {personal} --scrub replaces it."), err=True)
    click.echo(f"{out} is written with {counted(written.plans, 'plan')}; play it with: mock-oms serve --scenario {out}")
    unusable = sum(not CapturedPlan(raw=plan).is_usable for plan in kept)
    for number, why in (
        (unusable, f"without an id from 1 to {HIGHEST_ID}, or in a state that the mock does not know"),
        (
            written.left_out - unusable,
            f"for which there is no room: a scenario has at most {MAX_BYTES // 1_000_000} MB",
        ),
    ):
        if number:
            click.echo(f"Left out: {counted(number, 'plan')} {why}.", err=True)
    if written.left_out:
        raise click.exceptions.Exit(1)


def _is_page(body: Any) -> bool:  # noqa: ANN401  JSON
    return isinstance(body, dict) and isinstance(body.get("results"), list) and type(body.get("count")) is int


def _names_a_size(body: Any) -> bool:  # noqa: ANN401  JSON
    """Whether whoever captured a page had said how many rows it should have: its links repeat that."""
    links = [str(body.get(name)) for name in ("next", "previous")] if isinstance(body, dict) else []
    return any(re.search(r"[?&](limit|page_size)=", link) for link in links)


def _read(sources: Sequence[str]) -> "tuple[list[Plan], list[Any]]":
    """The plans in files, and the bodies that show how an OMS answers: a list in a file may be made by hand."""
    from mock_oms.scenarios.captured_files import CaptureError, answers_in, captures_in, plans_in

    plans: list[Plan] = []
    bodies: list[Any] = []
    for source in sources:
        name = "standard input" if source == _STANDARD_INPUT else source
        try:
            with click.open_file(source, "rb") as file:
                content = document_in(file)
            documents = captures_in(content)
            plans += plans_in(answers_in(documents))
            for document in documents:
                bodies += document if isinstance(document, list) else answers_in([document])
        except OSError as error:
            raise RefusedError(f"{name} cannot be read: {error.strerror}.") from None
        except CaptureError as error:
            raise RefusedError(f"{name} {error}") from None
    return plans, bodies


def _written(plans: "Sequence[Plan]", bodies: Sequence[Any], *, scrubbed: bool) -> "WrittenScenario":
    from mock_oms.conformance.crawl import Question, contents_of_bodies
    from mock_oms.conformance.recorder.scenario import Heading, Recording, scenario_of
    from mock_oms.conformance.switch_evidence import added
    from mock_oms.conformance.switch_evidence import counted as evidence
    from mock_oms.domain.events import HIGHEST_ID
    from mock_oms.domain.lifecycle import State
    from mock_oms.domain.setup import START, CapturedPlan
    from mock_oms.scenarios.captured_files import modified
    from mock_oms.scenarios.yaml_file import MAX_BYTES

    usable = [plan for plan in plans if CapturedPlan(raw=plan).is_usable]
    newest = max(map(modified, usable), default=START)
    recording = Recording(
        begun=time_text(newest if newest.year in _YEARS else START),
        shapes=added(
            evidence(contents_of_bodies([one for one in bodies if not _names_a_size(one)], Question.AGAIN)),
            evidence(contents_of_bodies([one for one in bodies if _names_a_size(one)], Question.SIZED)),
        ),
        left_out=len(plans) - len(usable),
    )
    for plan in usable:
        recording.see(plan, recording.first)
    made = "with pseudonyms for names, texts, numbers and dates, and scaled amounts" if scrubbed else "as they were"
    written = scenario_of(recording, Heading(f"Plans that were captured, {made}.", "Captured plans", 0))
    if not written.plans:
        why = (
            f"is small enough: a scenario has at most {MAX_BYTES // 1_000_000} MB"
            if usable
            else f"has an id from 1 to {HIGHEST_ID} and a state that the mock knows ({', '.join(State)})"
        )
        raise RefusedError(f"None of {counted(len(plans), 'plan')} {why}, so nothing was written.")
    return written


def _write(out: Path, written: "WrittenScenario", *, private: bool) -> None:
    """Write the scenario where no file is yet; one with personal data is readable only for its owner."""
    from mock_oms.scenarios.building import build_scenario
    from mock_oms.scenarios.checking import check
    from mock_oms.scenarios.errors import ScenarioError
    from mock_oms.scenarios.json_schema import schema_line
    from mock_oms.scenarios.yaml_file import parse_yaml

    with clear_errors(), progress("checking"):  # one that cannot be played is none
        problems = check(build_scenario(*parse_yaml(written.text, out)))
        if problems:
            raise ScenarioError(problems)
    write_new(out, f"{schema_line(out)}{written.text}", mode=0o600 if private else 0o666)


def write_new(file: Path, text: str, *, mode: int = 0o666) -> None:
    """Write a file that is not there yet."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise RefusedError(f"{file} cannot be written: {error.strerror}.") from None
