"""`mock-oms drift`: the same questions to two OMS, and in what the answers differ."""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.common import RefusedError, as_json, setting
from mock_oms.cli.observing import observation
from mock_oms.cli.outcomes import REPORT, always_reported, progress, show
from mock_oms.urls import without_user

if TYPE_CHECKING:
    from mock_oms.cli.sides import Side
    from mock_oms.comparing.comparison import Comparison
    from mock_oms.comparing.portrait import Portrait
    from mock_oms.findings.finding import Outcome

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
    from mock_oms.comparing.comparison import compared

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
    from mock_oms.cli.sides import Side

    own = {name: given[f"{name}_{letter.lower()}"] for name in ("token_env", "token_file", "ca", "keyword")}
    shared = {name: given[name] for name in ("scenarios", "observed", "rate", "max_requests")}
    return Side(letter=letter, named=named, **own, **shared)


def _portraits(a: "Side", b: "Side", *, yes: bool) -> tuple["Portrait", "Portrait"]:
    """Both are admitted before either is asked: nobody waits for A to learn that B has no token."""
    from mock_oms.cli.sides import admitted, shown

    first, second = admitted(a, yes=yes), admitted(b, yes=yes)
    with progress() as step:
        return shown(a, first, step), shown(b, second, step)


def _contract(a: "Portrait") -> Any:  # noqa: ANN401  imported when it is needed
    """The contract under the switches that A shows."""
    from mock_oms.answers import Answers
    from mock_oms.comparing.contracted import Contract
    from mock_oms.contract import contract_for

    switches: dict[str, Any] = dict(a.shown)
    return Contract(contract_for(Answers(**switches)))


def _requests(sides: Iterable[tuple["Side", "Portrait"]]) -> str:
    """How many each was sent; a file may hold what many requests brought, and is sent none."""
    return ", ".join(
        f"none to {side.letter}, which is a file"
        if side.is_captured
        else f"{sum(one.asked for one in portrait.situations.values())} to {side.letter}"
        for side, portrait in sides
    )


def _outcome(a: "Portrait", b: "Portrait", found: "Comparison", *, requests: str) -> "Outcome":
    from mock_oms.findings.finding import Outcome

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


def _kept(portrait: "Portrait") -> str:
    from mock_oms.comparing.keeping import kept

    return json.dumps(kept(portrait), ensure_ascii=False) + "\n"


def _write(file: Path | None, text: Callable[[], str]) -> None:
    if file is None:
        return
    try:
        file.write_text(text(), encoding="utf-8")
    except OSError as error:
        raise RefusedError(f"{file} cannot be written: {error.strerror}.") from None
