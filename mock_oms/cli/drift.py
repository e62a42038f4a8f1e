"""`mock-oms drift`: the same questions to two OMS, and in what the answers differ."""

import json
import os
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.oms_options import (
    RATE,
    REPORT,
    YES,
    always_reported,
    max_requests,
    politeness_to,
    refuse_without_consent,
    show,
    token_for,
)
from mock_oms.cli.openapi import library_of, observation
from mock_oms.cli.options import RefusedError, as_json, clear_errors, completes, decorated, document_in, setting
from mock_oms.cli.printing import progress
from mock_oms.dataclass import dataclass
from mock_oms.settings import Settings
from mock_oms.urls import without_query
from mock_oms.worlds.host_clock import elapsed

if TYPE_CHECKING:
    from mock_oms.conformance.crawler.crawler import Progress
    from mock_oms.conformance.crawler.session import Politeness, Target
    from mock_oms.conformance.drift import Comparison
    from mock_oms.conformance.finding import Outcome
    from mock_oms.contract.observation import Observation

    #: How politely a target is asked.
    PolitenessTo = Callable[[Target], Politeness]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a side shows. `target` is how the report names it; `cut_short` why its crawl ended early, if no budget did.

    `is_captured`: it was in a file, and nobody was asked.
    """

    target: str
    observation: "Observation"
    is_captured: bool = False
    cut_short: str | None = None


def side_of(letter: str, named: str, given: Mapping[str, Any]) -> "Callable[[Progress], Seen]":
    """What asks a side: an OMS by its address, a scenario that is served for a moment, or what is in a file.

    `given` are the options. A person has agreed where an OMS is not on this machine, and there is a token for it.

    :raises RefusedError: nobody agrees, or there is no token.
    :raises mock_oms.conformance.crawler.session.TargetError: it is no address, or no header can carry the token.
    """
    from mock_oms.conformance.crawler.session import Target

    politeness = partial(politeness_to, rate=given["rate"], most=given["max_requests"])
    if "://" not in named:
        if is_captured(Path(named)):
            return lambda _: _in_file(Path(named))
        return partial(_served, named, given["scenarios"], given["observed"], politeness)
    keyword, ca, token_env, token_file = (
        given[f"{name}_{letter.lower()}"] for name in ("keyword", "ca", "token_env", "token_file")
    )
    target = Target(url=named, keyword=keyword, ca=ca, bearer=f"--keyword-{letter.lower()} Bearer")
    refuse_without_consent(target, politeness(target), yes=given["yes"])
    # One variable for each side, so that no token goes to a host that it is not for.
    variable = token_env or f"OMS_TOKEN_{letter}"
    if target.loopback and not (token_env or token_file or os.environ.get(variable)):
        token: str | None = Settings().token
    else:
        token = token_for(target, None if token_file else variable, token_file)
    return partial(_crawled, replace(target, token=token), politeness)


def is_captured(file: Path) -> bool:
    """Whether it is a file of JSON, for which nobody is asked: by its name, or where that says nothing, its first sign.

    :raises RefusedError: there is a file of that name that cannot be read.
    """
    if file.suffix in {".json", ".yaml", ".yml"}:
        return file.suffix == ".json"
    try:
        if not file.is_file():
            return False
        with file.open("rb") as stream:
            return stream.read(1_024).removeprefix(BOM_UTF8).lstrip()[:1] in {b"{", b"["}
    except OSError as error:
        raise RefusedError(f"{file} cannot be read: {error.strerror}.") from None


def _in_file(file: Path) -> Seen:
    from mock_oms.conformance.observation_file import SavedFileError, saved_observation
    from mock_oms.conformance.shapes import captured_shapes
    from mock_oms.worlds.host_clock import wall_clock

    try:
        with click.open_file(str(file), "rb") as stream:
            document = json.loads(document_in(stream))
        observed = saved_observation(document)
    except OSError as error:
        raise RefusedError(f"{file} cannot be read: {error.strerror}.") from None
    except SavedFileError as error:
        raise RefusedError(f"{file} cannot be used: {error}") from None
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"{file} is no JSON: {error}.") from None
    if observed is None:
        rows = document.get("results", [document]) if isinstance(document, dict) else document
        if not all(isinstance(one, dict) and "id" in one for one in (rows if isinstance(rows, list) else [rows])):
            raise RefusedError(
                f"{file} holds no plan, no list of plans, and nothing that --save-a has kept; accepted: one of these."
            )
        observed = captured_shapes(document, wall_clock())
    return Seen(target=str(file), observation=observed, is_captured=True)


def _served(
    named: str, scenarios: Path | None, observed: Path | None, politeness: "PolitenessTo", progress: "Progress"
) -> Seen:
    from mock_oms.conformance.crawler.session import Target
    from mock_oms.testing import running_server

    with clear_errors():
        scenario = library_of(scenarios, observation(observed)).load(named)
        keyword: Any = "Bearer" if scenario.answers.auth == "bearer" else "Token"
        with running_server(scenario=named, scenarios=scenarios, observed=observed) as server:
            here = Target(url=server.url, token=server.token, keyword=keyword)
            return replace(_crawled(here, politeness, progress), target=named)


def _crawled(target: "Target", politeness: "PolitenessTo", progress: "Progress") -> Seen:
    from mock_oms.conformance.crawler.crawler import crawl_target, opened
    from mock_oms.conformance.shapes import note, observed_shapes
    from mock_oms.worlds.host_clock import wall_clock

    crawl = crawl_target(target, politeness(target), progress)
    if not opened(crawl):
        raise RefusedError(crawl.ended or f"{target.url} shows no list of plans.")
    cut_short = note(crawl.ended) if crawl.ended and crawl.cut_short else None
    return Seen(target=target.url, observation=observed_shapes(crawl, wall_clock()), cut_short=cut_short)


_TITLE = "Drift from A to B"
_FILE = click.Path(path_type=Path, dir_okay=False)
_EXAMPLES = """\b
Examples:
  mock-oms drift http://127.0.0.1:8080 https://customer-oms.example.net --report drift.md
  mock-oms drift recorded.yaml https://customer-oms.example.net --observed oms-observed.yaml --patch patch.yaml
  mock-oms drift january.json recorded.yaml --json
"""


def _of_a_side(letter: str) -> tuple[Callable[..., Any], ...]:
    low, variable = letter.lower(), f"The variable that holds {letter}'s token.  [OMS_TOKEN_{letter}]"
    before, saved = "What stands before the token.", f"Keep what {letter} showed, without values, to compare it again."
    return (
        click.option(f"--token-env-{low}", metavar="NAME", help=variable),
        click.option(f"--token-file-{low}", type=_FILE, help=f"A file that holds {letter}'s token."),
        click.option(
            f"--keyword-{low}", type=click.Choice(["Token", "Bearer"]), default="Token", show_default=True, help=before
        ),
        click.option(f"--ca-{low}", type=_FILE, help=f"The authorities to trust for {letter} under https."),
        click.option(f"--save-{low}", type=_FILE, help=saved),
    )


@click.command(epilog=_EXAMPLES)
@click.argument("a", shell_complete=completes("scenario"))
@click.argument("b", shell_complete=completes("scenario"))
@partial(decorated, (*_of_a_side("A"), *_of_a_side("B")))
@setting("scenarios")
@setting("observed")
@RATE
@max_requests("Requests to each at most.")
@YES
@click.option("--patch", type=_FILE, help="Write what would make A like B: switches, and a JSON Patch to the contract.")
@REPORT
@as_json
def drift(a: str, b: str, **given: Any) -> None:  # noqa: ANN401  the options
    """Compare two OMS: A, which clients were written for, and B.

    Each is an address, a scenario (its name or its file, such as a recording; it is served meanwhile, as --observed
    says where its file is silent), or a JSON file: a list or a plan that somebody captured, or what --save-a has kept.
    Exit code 0: no difference. 1: differences. 2: they could not be compared, or not to the end.
    """
    import yaml

    from mock_oms.conformance.drift import compared
    from mock_oms.conformance.observation_file import saved_members

    with always_reported(given["reports"], _TITLE, f"{without_query(a)} and {without_query(b)}"):
        observation(given["observed"])  # one that is broken is refused before anybody is asked
        # Both are admitted before either is asked: nobody waits for A to learn that B has no token.
        sides = side_of("A", a, given), side_of("B", b, given)
        began = elapsed()
        with progress("asking") as step:
            here, there = (ask(step) for ask in sides)
        found = compared(here.observation, there.observation, names=(here.target, there.target))
    outcome = replace(_outcome(here, there, found), seconds=elapsed() - began)
    show(outcome, given["reports"], as_json=given["as_json"])
    for file, side in ((given["save_a"], here), (given["save_b"], there)):
        if file is not None and (why := _without_plans(side)):
            click.echo(f"{file} was left alone: of {side.target}, {why}.", err=True)
        elif file is not None:
            _write(file, json.dumps(saved_members(side.observation), ensure_ascii=False) + "\n")
    if given["patch"] is not None:
        patch = {"answers": dict(found.answers), "contract": [dict(one) for one in found.contract]}
        _write(given["patch"], str(yaml.safe_dump(patch, allow_unicode=True, sort_keys=False)))
    raise click.exceptions.Exit(int(outcome.exit))


def _outcome(a: Seen, b: Seen, found: "Comparison") -> "Outcome":
    from mock_oms.conformance.finding import Outcome

    # A file may hold what many requests brought, and is sent none.
    requests = [
        f"none to {letter}, which is a file"
        if seen.is_captured
        else f"{sum(one.asked for one in seen.observation.situations.values())} to {letter}"
        for letter, seen in (("A", a), ("B", b))
    ]
    are_alike = not any(one.findings for one in found.results)
    why_not = ((side, side.cut_short or (_without_plans(side) if are_alike else None)) for side in (a, b))
    cut_short = [f"{side.target}: {why}" for side, why in why_not if why]
    notes = [one for one in found.notes if one not in cut_short]
    if found.answers:
        said = ", ".join(f"{name}: {value}" for name, value in found.answers.items())
        notes.append(f"A scenario for A answers as B does with: answers: {{{said}}}")
    if found.contract:
        notes.append(f"The contract would need {len(found.contract):,} changes; --patch FILE writes them.")
    return Outcome(
        title=_TITLE,
        target=f"{a.target} and {b.target}",
        results=found.results,
        notes=tuple(notes),
        cut_short="; ".join(cut_short) or None,
        facts={"A": a.target, "B": b.target, "requests": ", ".join(requests)},
    )


def _without_plans(side: Seen) -> str | None:
    """Why a side shows nothing of what plans are like; None where it does."""
    from mock_oms.conformance.shapes import PLAN

    seen = any(PLAN in situation.fields for situation in side.observation.situations.values())
    return None if seen else "it shows no plan, so there is nothing to compare"


def _write(file: Path, text: str) -> None:
    from mock_oms.worlds.files import write_output

    try:
        write_output(file, text.encode())
    except OSError as error:
        raise RefusedError(f"{file} cannot be written: {error.strerror}.") from None
