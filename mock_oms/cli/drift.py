"""`mock-oms drift`: the same questions to two OMS, and in what the answers differ."""

import json
import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from mock_oms.cli.oms_options import REPORT, always_reported, progress, refuse_without_consent, show, token_for
from mock_oms.cli.openapi import library_of, observation
from mock_oms.cli.options import RefusedError, as_json, clear_errors, setting
from mock_oms.settings import Settings
from mock_oms.urls import without_user

if TYPE_CHECKING:
    from mock_oms.conformance.crawler.crawler import Progress
    from mock_oms.conformance.crawler.session import Politeness
    from mock_oms.conformance.crawler.target import Target
    from mock_oms.conformance.diff.comparison import Comparison
    from mock_oms.conformance.diff.shapes import ObservedShapes
    from mock_oms.conformance.finding import Outcome


_OK = 200
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
    def variable(self) -> str:
        """The variable of its token; one for each side, so that no token goes to a host that it is not for."""
        return self.token_env or f"OMS_TOKEN_{self.letter}"

    @property
    def is_captured(self) -> bool:
        """Whether it is a file of JSON, which nobody is asked for.

        :raises RefusedError: there is a file of that name that cannot be read.
        """
        return "://" not in self.named and _is_json(Path(self.named))

    @property
    def bearer(self) -> str:
        """What to say where the token is sent after that word."""
        return f"--keyword-{self.letter.lower()} Bearer"


def admitted(side: Side, *, yes: bool) -> "Target | None":
    """Whom to ask, with a token, once a person has agreed where it is not this machine; None for a file or a scenario.

    :raises RefusedError: nobody agrees, or there is no token.
    :raises mock_oms.conformance.crawler.target.TargetError: it is no address, or no header can carry the token.
    """
    from mock_oms.conformance.crawler.target import Target

    if "://" not in side.named:
        return None
    target = Target(url=side.named, keyword=side.keyword, ca=side.ca, bearer=side.bearer)
    refuse_without_consent(target, _politeness(side, target), yes=yes)
    return replace(target, token=_token(side, target))


def shown(side: Side, target: "Target | None", progress: "Progress") -> "ObservedShapes":
    """What a side shows: of an OMS that is asked, of a scenario that is served for a moment, or of a file.

    :raises RefusedError: it shows nothing, for whatever reason.
    :raises mock_oms.conformance.crawler.target.CrawlError: it cannot be asked.
    """
    if target is not None:
        return _asked(target, _politeness(side, target), progress)
    return _of_file(Path(side.named)) if side.is_captured else _served(side, progress)


def _politeness(side: Side, target: "Target") -> "Politeness":
    from mock_oms.conformance.crawler.session import RATE, RATE_HERE, Politeness

    return Politeness(rate=side.rate or (RATE_HERE if target.loopback else RATE), max_requests=side.max_requests)


def _token(side: Side, target: "Target") -> str | None:
    own = Settings().token
    said = side.token_env or side.token_file or os.environ.get(side.variable)
    if target.loopback and not said:
        return own
    return token_for(target, None if side.token_file else side.variable, side.token_file)


def _asked(target: "Target", politeness: "Politeness", progress: "Progress") -> "ObservedShapes":
    from mock_oms.conformance.crawl import Question
    from mock_oms.conformance.crawler.crawler import crawl_target
    from mock_oms.conformance.diff.shapes import shapes_of
    from mock_oms.conformance.observe import host_of

    survey = crawl_target(target, politeness, progress)
    if all(one.status != _OK for one in survey.of(Question.WALK)):
        raise RefusedError(survey.ended or f"{target.url} shows no list of plans.")
    return replace(shapes_of(survey), host=host_of(survey))


def _served(side: Side, progress: "Progress") -> "ObservedShapes":
    """A scenario, served on this machine for as long as it is asked."""
    from mock_oms.conformance.crawler.target import Target
    from mock_oms.testing import running_server

    library = library_of(side.scenarios, observation(side.observed))
    with clear_errors():
        scenario = library.load(side.named)
        keyword: Any = "Bearer" if scenario.answers.auth == "bearer" else "Token"
        with running_server(scenario=side.named, scenarios=side.scenarios, observed=side.observed) as server:
            target = Target(url=server.url, token=server.token, keyword=keyword)
            return replace(_asked(target, _politeness(side, target), progress), target=side.named)


def _is_json(file: Path) -> bool:
    """Whether it is a file of JSON: by its name, or, where that says nothing, by the sign it begins with."""
    if file.suffix in _TELLING:
        return file.suffix == ".json"
    try:
        if not file.is_file():
            return False
        with file.open("rb") as stream:
            return stream.read(_BEGINNING).removeprefix(BOM_UTF8).lstrip()[:1] in {b"{", b"["}
    except OSError as error:
        raise RefusedError(f"{file} cannot be read: {error.strerror}.") from None


def _of_file(file: Path) -> "ObservedShapes":
    from mock_oms.conformance.diff.shapes import ShapesFileError, from_document, is_shapes_file, shapes_of_bodies

    document = _json_in(file)
    try:
        if is_shapes_file(document):
            return replace(from_document(document), target=str(file))
    except ShapesFileError as error:
        raise RefusedError(f"{file} cannot be used: {error}") from None
    if not _is_captured(document):
        raise RefusedError(
            f"{file} holds no plan, no list of plans, and nothing that --save-a has kept; accepted: one of these."
        )
    return shapes_of_bodies(str(file), [document])


def _json_in(file: Path) -> Any:  # noqa: ANN401  where JSON enters
    try:
        return json.loads(file.read_bytes())
    except OSError as error:
        raise RefusedError(f"{file} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"{file} is no JSON: {error}.") from None


def _is_captured(document: object) -> bool:
    listed = document.get("results") if isinstance(document, dict) and "results" in document else document
    return all(map(_is_plan, listed)) if isinstance(listed, list) else _is_plan(listed)


def _is_plan(found: object) -> bool:
    return isinstance(found, dict) and "id" in found


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
    low, variable = letter.lower(), f"OMS_TOKEN_{letter}"
    return (
        click.option(
            f"--token-env-{low}", metavar="NAME", help=f"The variable that holds {letter}'s token.  [{variable}]"
        ),
        click.option(f"--token-file-{low}", type=_FILE, help=f"A file that holds {letter}'s token."),
        click.option(
            f"--keyword-{low}", type=_KEYWORD, default="Token", show_default=True, help="What stands before the token."
        ),
        click.option(f"--ca-{low}", type=_FILE, help=f"The authorities to trust for {letter} under https."),
        click.option(
            f"--save-{low}", type=_FILE, help=f"Keep what {letter} showed, without values, to compare it again."
        ),
    )


def _both_sides(command: Callable[..., Any]) -> Callable[..., Any]:
    options = (*_of_a_side("A"), *_of_a_side("B"))
    return reduce(lambda wrapped, option: option(wrapped), reversed(options), command)


@click.command(epilog=_EXAMPLES)
@click.argument("a")
@click.argument("b")
@_both_sides
@setting("scenarios")
@setting("observed")
@click.option("--rate", type=click.FloatRange(0.01, 1000), help="Requests per second.  [2; on this machine 50]")
@click.option(
    "--max-requests",
    type=click.IntRange(1, 1_000_000),
    default=200,
    show_default=True,
    help="Requests to each at most.",
)
@click.option("--yes", is_flag=True, help="Do not ask before a host is asked that is not this machine.")
@click.option("--patch", type=_FILE, help="Write what would make A like B: switches, and a JSON Patch to the contract.")
@REPORT
@as_json
def drift(a: str, b: str, **given: Any) -> None:  # noqa: ANN401  the options
    """Compare two OMS: A, which clients were written for, and B.

    Each is an address, a scenario (its name or its file, such as a recording; it is served meanwhile, as --observed
    says where its file is silent), or a JSON file: a list or a plan that somebody captured, or what --save-a has kept.
    Exit code 0: no difference. 1: differences. 2: they could not be compared, or not to the end.
    """
    from mock_oms.conformance.diff.comparison import compared

    with always_reported(given["reports"], _TITLE, f"{without_user(a)} and {without_user(b)}"):
        observation(given["observed"])  # one that is broken is refused before anybody is asked
        sides = _side("A", a, given), _side("B", b, given)
        here, there = _portraits(*sides, yes=given["yes"])
        found = compared(here, there, _contract(here))
    outcome = _outcome(here, there, found, requests=_requests(zip(sides, (here, there), strict=True)))
    show(outcome, given["reports"], as_json=given["as_json"])
    _write(given["save_a"], lambda: _kept(here))
    _write(given["save_b"], lambda: _kept(there))
    _write(given["patch"], lambda: _patch(found))
    raise click.exceptions.Exit(int(outcome.exit))


def _side(letter: str, named: str, given: dict[str, Any]) -> "Side":

    own = {name: given[f"{name}_{letter.lower()}"] for name in ("token_env", "token_file", "ca", "keyword")}
    shared = {name: given[name] for name in ("scenarios", "observed", "rate", "max_requests")}
    return Side(letter=letter, named=named, **own, **shared)


def _portraits(a: "Side", b: "Side", *, yes: bool) -> tuple["ObservedShapes", "ObservedShapes"]:
    """Both are admitted before either is asked: nobody waits for A to learn that B has no token."""
    first, second = admitted(a, yes=yes), admitted(b, yes=yes)
    with progress() as step:
        return shown(a, first, step), shown(b, second, step)


def _contract(a: "ObservedShapes") -> Any:  # noqa: ANN401  imported when it is needed
    """The contract under the switches that A shows."""
    from mock_oms.conformance.diff.contract_patch import Contract
    from mock_oms.contract.openapi import contract_for
    from mock_oms.switches import Switches

    switches: dict[str, Any] = dict(a.shown)
    return Contract(contract_for(Switches(**switches)))


def _requests(sides: Iterable[tuple["Side", "ObservedShapes"]]) -> str:
    """How many each was sent; a file may hold what many requests brought, and is sent none."""
    return ", ".join(
        f"none to {side.letter}, which is a file"
        if side.is_captured
        else f"{sum(one.asked for one in portrait.situations.values())} to {side.letter}"
        for side, portrait in sides
    )


def _outcome(a: "ObservedShapes", b: "ObservedShapes", found: "Comparison", *, requests: str) -> "Outcome":
    from mock_oms.conformance.finding import Outcome

    cut_short = [f"{side.target}: {side.cut_short}" for side in (a, b) if side.cut_short]
    return Outcome(
        title=_TITLE,
        target=f"{a.target} and {b.target}",
        results=found.results,
        notes=(*(one for one in found.notes if one not in cut_short), *_ways_out(found)),
        cut_short="; ".join(cut_short) or None,
        facts={"A": a.target, "B": b.target, "requests": requests},
    )


def _ways_out(found: "Comparison") -> Iterator[str]:
    if found.answers:
        said = ", ".join(f"{name}: {value}" for name, value in found.answers.items())
        yield f"A scenario for A answers as B does with: answers: {{{said}}}"
    if found.contract:
        yield f"The contract would need {len(found.contract):,} changes; --patch FILE writes them."


def _patch(found: "Comparison") -> str:
    import yaml

    document = {"answers": dict(found.answers), "contract": [dict(one) for one in found.contract]}
    return str(yaml.safe_dump(document, allow_unicode=True, sort_keys=False))


def _kept(portrait: "ObservedShapes") -> str:
    from mock_oms.conformance.diff.shapes import as_document

    return json.dumps(as_document(portrait), ensure_ascii=False) + "\n"


def _write(file: Path | None, text: Callable[[], str]) -> None:
    if file is None:
        return
    try:
        file.write_text(text(), encoding="utf-8")
    except OSError as error:
        raise RefusedError(f"{file} cannot be written: {error.strerror}.") from None
