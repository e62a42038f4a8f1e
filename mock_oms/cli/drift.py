"""`mock-oms drift`: the same questions to two OMS, and in what the answers differ."""

import json
import os
from codecs import BOM_UTF8
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from mock_oms.cli.oms_options import (
    RATE,
    REPORT,
    YES,
    always_reported,
    max_requests,
    politeness_to,
    progress,
    refuse_without_consent,
    show,
    token_for,
)
from mock_oms.cli.openapi import library_of, observation
from mock_oms.cli.options import RefusedError, as_json, clear_errors, decorated, setting
from mock_oms.settings import Settings
from mock_oms.urls import without_user

if TYPE_CHECKING:
    from mock_oms.conformance.crawler.crawler import Progress
    from mock_oms.conformance.crawler.session import Politeness, Target
    from mock_oms.conformance.drift import Comparison
    from mock_oms.conformance.finding import Outcome
    from mock_oms.contract.observation import Observation


#: Suffixes that say what is in a file.
_TELLING = {".json", ".yaml", ".yml"}
#: Bytes of a file among which its first sign is looked for.
_BEGINNING = 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side as it was typed: `letter` is A or B, `named` an address, a file, or a scenario by its name.

    `observed` is the file of what was seen of a real OMS: a scenario answers so. `rate` is in requests per second;
    None: 2, on this machine 50.
    """

    letter: str
    named: str
    token_env: str | None
    token_file: Path | None
    keyword: Literal["Token", "Bearer"]
    ca: Path | None
    scenarios: Path | None
    observed: Path | None
    rate: float | None
    max_requests: int

    @property
    def is_captured(self) -> bool:
        """Whether it is a file of JSON, for which nobody is asked: by its name, or where that says nothing, its first sign.

        :raises RefusedError: there is a file of that name that cannot be read.
        """
        file = Path(self.named)
        if "://" in self.named:
            return False
        if file.suffix in _TELLING:
            return file.suffix == ".json"
        try:
            if not file.is_file():
                return False
            with file.open("rb") as stream:
                return stream.read(_BEGINNING).removeprefix(BOM_UTF8).lstrip()[:1] in {b"{", b"["}
        except OSError as error:
            raise RefusedError(f"{file} cannot be read: {error.strerror}.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a side shows. `target` is how the report names it; `cut_short` why its crawl ended early, if no budget did."""

    target: str
    observation: "Observation"
    cut_short: str | None = None


def admitted(side: Side, *, yes: bool) -> "Target | None":
    """Whom to ask, with a token, once a person has agreed where it is not this machine; None for a file or a scenario.

    :raises RefusedError: nobody agrees, or there is no token.
    :raises mock_oms.conformance.crawler.session.TargetError: it is no address, or no header can carry the token.
    """
    from mock_oms.conformance.crawler.session import Target

    if "://" not in side.named:
        return None
    bearer = f"--keyword-{side.letter.lower()} Bearer"
    target = Target(url=side.named, keyword=side.keyword, ca=side.ca, bearer=bearer)
    refuse_without_consent(target, politeness_to(target, side.rate, side.max_requests), yes=yes)
    # One variable for each side, so that no token goes to a host that it is not for.
    variable = side.token_env or f"OMS_TOKEN_{side.letter}"
    if target.loopback and not (side.token_env or side.token_file or os.environ.get(variable)):
        return replace(target, token=Settings().token)
    return replace(target, token=token_for(target, None if side.token_file else variable, side.token_file))


def seen_of(side: Side, target: "Target | None", progress: "Progress") -> Seen:
    """What a side shows: an OMS that is asked, a scenario that is served for a moment, or a file.

    :raises RefusedError: it shows nothing, for whatever reason.
    :raises mock_oms.conformance.crawler.session.CrawlError: it cannot be asked.
    """
    from mock_oms.conformance.observation_file import SavedFileError, saved_observation
    from mock_oms.conformance.shapes import captured_shapes
    from mock_oms.worlds.open_world import wall_clock

    if target is not None:
        return _crawled(target, politeness_to(target, side.rate, side.max_requests), progress)
    if side.is_captured:
        file = Path(side.named)
        try:
            document = json.loads(file.read_bytes())
        except OSError as error:
            raise RefusedError(f"{file} cannot be read: {error.strerror}.") from None
        except (ValueError, RecursionError) as error:
            raise RefusedError(f"{file} is no JSON: {error}.") from None
        try:
            if saved := saved_observation(document):
                return Seen(target=str(file), observation=saved)
        except SavedFileError as error:
            raise RefusedError(f"{file} cannot be used: {error}") from None
        listed = document.get("results") if isinstance(document, dict) and "results" in document else document
        if not all(isinstance(one, dict) and "id" in one for one in (listed if isinstance(listed, list) else [listed])):
            raise RefusedError(
                f"{file} holds no plan, no list of plans, and nothing that --save-a has kept; accepted: one of these."
            )
        return Seen(target=str(file), observation=captured_shapes([document], wall_clock()))
    from mock_oms.conformance.crawler.session import Target
    from mock_oms.testing import running_server

    library = library_of(side.scenarios, observation(side.observed))
    with clear_errors():
        scenario = library.load(side.named)
        keyword: Any = "Bearer" if scenario.answers.auth == "bearer" else "Token"
        with running_server(scenario=side.named, scenarios=side.scenarios, observed=side.observed) as server:
            here = Target(url=server.url, token=server.token, keyword=keyword)
            return replace(
                _crawled(here, politeness_to(here, side.rate, side.max_requests), progress), target=side.named
            )


def _crawled(target: "Target", politeness: "Politeness", progress: "Progress") -> Seen:
    from mock_oms.conformance.crawler.crawler import crawl_target, opened
    from mock_oms.conformance.shapes import note, observed_shapes
    from mock_oms.worlds.open_world import wall_clock

    crawl = crawl_target(target, politeness, progress)
    if not opened(crawl):
        raise RefusedError(crawl.ended or f"{target.url} shows no list of plans.")
    cut_short = note(crawl.ended) if crawl.ended and crawl.cut_short else None
    return Seen(target=target.url, observation=observed_shapes(crawl, wall_clock()), cut_short=cut_short)


_TITLE = "Drift from A to B"
_FILE = click.Path(path_type=Path, dir_okay=False)
_KEYWORD = click.Choice(["Token", "Bearer"])
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
        click.option(f"--keyword-{low}", type=_KEYWORD, default="Token", show_default=True, help=before),
        click.option(f"--ca-{low}", type=_FILE, help=f"The authorities to trust for {letter} under https."),
        click.option(f"--save-{low}", type=_FILE, help=saved),
    )


@click.command(epilog=_EXAMPLES)
@click.argument("a")
@click.argument("b")
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

    from mock_oms.conformance.contract_patch import Contract
    from mock_oms.conformance.drift import compared
    from mock_oms.conformance.observation_file import saved_members
    from mock_oms.contract.observation import switches_of
    from mock_oms.contract.openapi import contract_for

    with always_reported(given["reports"], _TITLE, f"{without_user(a)} and {without_user(b)}"):
        observation(given["observed"])  # one that is broken is refused before anybody is asked
        shared = {name: given[name] for name in ("scenarios", "observed", "rate", "max_requests")}
        sides = [
            Side(
                letter=letter,
                named=named,
                **{name: given[f"{name}_{letter.lower()}"] for name in ("token_env", "token_file", "ca", "keyword")},
                **shared,
            )
            for letter, named in (("A", a), ("B", b))
        ]
        # Both are admitted before either is asked: nobody waits for A to learn that B has no token.
        targets = [admitted(side, yes=given["yes"]) for side in sides]
        with progress() as step:
            here, there = (seen_of(side, target, step) for side, target in zip(sides, targets, strict=True))
        contract = Contract(contract_for(switches_of(here.observation.shown)))
        found = compared(here.observation, there.observation, contract, names=(here.target, there.target))
    # A file may hold what many requests brought, and is sent none.
    requests = ", ".join(
        f"none to {side.letter}, which is a file"
        if side.is_captured
        else f"{sum(one.asked for one in seen.observation.situations.values())} to {side.letter}"
        for side, seen in zip(sides, (here, there), strict=True)
    )
    outcome = _outcome(here, there, found, requests=requests)
    show(outcome, given["reports"], as_json=given["as_json"])
    for file, side in ((given["save_a"], here), (given["save_b"], there)):
        if file is not None:
            _write(file, json.dumps(saved_members(side.observation), ensure_ascii=False) + "\n")
    if given["patch"] is not None:
        patch = {"answers": dict(found.answers), "contract": [dict(one) for one in found.contract]}
        _write(given["patch"], str(yaml.safe_dump(patch, allow_unicode=True, sort_keys=False)))
    raise click.exceptions.Exit(int(outcome.exit))


def _outcome(a: Seen, b: Seen, found: "Comparison", *, requests: str) -> "Outcome":
    from mock_oms.conformance.finding import Outcome

    cut_short = [f"{side.target}: {side.cut_short}" for side in (a, b) if side.cut_short]
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
        facts={"A": a.target, "B": b.target, "requests": requests},
    )


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RefusedError(f"{file} cannot be written: {error.strerror}.") from None
