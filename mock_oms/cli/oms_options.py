"""What the commands share that ask an OMS: address, token, politeness, consent; and how their outcome is shown."""

import os
import signal
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any

import click

from mock_oms import __version__
from mock_oms.cli.options import AUTHORITY, RefusedError, decorated, with_config
from mock_oms.cli.printing import is_terminal, print_json, print_table
from mock_oms.settings import Settings

if TYPE_CHECKING:
    from mock_oms.conformance.crawler.session import Politeness, Target
    from mock_oms.conformance.finding import Outcome
    from mock_oms.switches import Switches


#: The variable that holds the token unless another is named.
TOKEN = "OMS_TOKEN"  # noqa: S105  no secret
#: Bytes of a file that are read at most: no header carries so much.
_MOST = 8_192
_WAYS = f"set {TOKEN}, or name another variable with --token-env or a file with --token-file"
RATE = click.option("--rate", type=click.FloatRange(0.01, 1000), help="Requests per second.  [2; on this machine 50]")
YES = click.option("--yes", is_flag=True, help="Do not ask before a host is asked that is not this machine.")


def max_requests(text: str) -> Callable[[Any], Any]:
    """The option of the budget."""
    return click.option("--max-requests", type=click.IntRange(1, 10**6), default=200, show_default=True, help=text)


_OPTIONS = (
    RATE,
    max_requests("Requests at most."),
    YES,
    click.option("--token-env", metavar="NAME", help=f"The variable that holds the token.  [{TOKEN}]"),
    click.option("--token-file", type=click.Path(path_type=Path), help="A file that holds the token."),
    AUTHORITY,
)


def politeness_to(target: "Target", rate: float | None, most: int) -> "Politeness":
    """How politely a target is asked: at `rate` per second, or 2, on this machine 50."""
    from mock_oms.conformance.crawler import session

    return session.Politeness(rate=rate or (session.RATE_HERE if target.loopback else session.RATE), max_requests=most)


def crawl_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a target, and `admit`: whom to ask, and how politely, by an address and the switches."""

    @wraps(command)
    def run(
        *,
        rate: float | None,
        max_requests: int,
        yes: bool,
        token_env: str | None,
        token_file: Path | None,
        ca: Path | None,
        **given: Any,  # noqa: ANN401  the command's own
    ) -> None:
        def admit(url: str, answers: "Switches") -> "tuple[Target, Politeness]":
            from mock_oms.conformance.crawler.session import Target

            target = Target(url=url, ca=ca, keyword="Bearer" if answers.auth == "bearer" else "Token")
            politeness = politeness_to(target, rate, max_requests)
            refuse_without_consent(target, politeness, yes=yes)
            token = token_for(target, token_env, token_file, wanted=answers.auth != "off")
            return replace(target, token=token), politeness

        with clear_stops():
            command(admit=admit, **given)

    return with_config(decorated(_OPTIONS, run))


def refuse_without_consent(target: "Target", polite: "Politeness", *, yes: bool) -> None:
    """Ask whether a host may be asked that is not this machine, before anything connects to it."""
    if yes or target.loopback:
        return
    what = f"{target.url} is not this machine: at most {polite.max_requests} GET, {polite.rate:g} per second"
    if not sys.stdin.isatty():
        raise RefusedError(f"{what}. Nobody is there to be asked whether that is meant; say --yes if it is.")
    if not click.confirm(f"{what}. Begin?", err=True):
        raise RefusedError("Nothing was asked.")


def token_for(target: "Target", variable: str | None, file: Path | None, *, wanted: bool = True) -> str | None:
    """The token: of the file or the variable that was named, of the usual variable, the mock's own, or as typed now."""
    if variable and file:
        raise RefusedError("--token-env and --token-file name two tokens; give one of them.")
    if file is not None:
        try:
            with file.open("rb") as stream:
                content = stream.read(_MOST + 1)
        except OSError as error:
            raise RefusedError(f"The token cannot be read from {file}: {error.strerror}.") from None
        if len(content) > _MOST:
            raise RefusedError(f"{file} is longer than {_MOST:,} bytes: it holds more than a token.")
        return content.removeprefix(BOM_UTF8).decode("latin-1").strip()
    if found := os.environ.get(variable or TOKEN):
        return found
    if variable:
        raise RefusedError(f"The variable {variable} is not set or empty; it must hold the token.")
    if target.loopback:
        return Settings().token
    if not wanted:
        return None
    if not sys.stdin.isatty():
        raise RefusedError(f"The OMS wants a token, and nobody is there to type it; {_WAYS}.")
    return str(click.prompt("Token", hide_input=True, err=True))


@contextmanager
def clear_stops() -> Iterator[None]:
    """Turn what keeps an OMS from being asked into one sentence, an interruption too: exit code 1 is for findings."""
    from mock_oms.conformance.crawler.session import CrawlError

    try:
        yield
    except CrawlError as error:
        raise RefusedError(str(error)) from None
    except (KeyboardInterrupt, click.Abort):
        raise RefusedError("Interrupted before the end.") from None


class ReportFile(click.Path):
    """A file for a report, whose suffix says which kind: known before anything is asked, for a run takes minutes."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # noqa: ANN401
        """The path of the file."""
        from mock_oms.conformance.reports import RENDERERS

        file = Path(str(super().convert(value, param, ctx)))
        if file.suffix not in RENDERERS:
            accepted = ", ".join(RENDERERS)
            self.fail(f"{str(file)!r} is no kind of report; accepted: names that end in {accepted}.", param, ctx)
        if not file.parent.is_dir():
            self.fail(f"there is no folder {str(file.parent)!r} to write {file.name} to.", param, ctx)
        return file


REPORT = click.option(
    "--report",
    "reports",
    type=ReportFile(dir_okay=False),
    multiple=True,
    help="Write a report: junit in FILE.xml, Markdown in FILE.md, JSON in FILE.json; repeatable.",
)


def require(*packages: str, way_out: str = "") -> None:
    """Refuse to go on where one of these packages of the extra is not installed; `way_out` is how to do without it."""
    for name in packages:
        if find_spec(name) is None:
            other = f", or say {way_out}" if way_out else ""
            raise RefusedError(f"{name} is not installed; pip install 'mock-oms[contract]' brings it{other}.")


def show(outcome: "Outcome", reports: tuple[Path, ...], *, as_json: bool) -> None:
    """Write the reports of an outcome, and print it: what it is printed to may take nothing."""
    from mock_oms.conformance.reports import document

    unwritten = _write(outcome, reports)
    if as_json:
        print_json(document(outcome))
    else:
        _print(outcome)
    if unwritten:
        raise RefusedError("\n".join(unwritten))


@contextmanager
def always_reported(reports: tuple[Path, ...], title: str, target: str) -> Iterator[None]:
    """Write the reports, and why there is no more in them, where a run ends before it has an outcome."""

    def write(why: str) -> list[str]:
        from mock_oms.conformance.finding import Outcome
        from mock_oms.worlds.host_clock import wall_clock

        facts = {"began": wall_clock().isoformat(timespec="seconds"), "version": __version__}
        return _write(Outcome(title=title, target=target, results=(), cut_short=why, facts=facts), reports)

    try:
        with clear_stops(), _ended_as_by_ctrl_c():
            yield
    except RefusedError as error:
        raise RefusedError("\n".join((error.message, *write(error.message)))) from None
    except Exception as error:
        write(f"mock-oms itself failed ({type(error).__name__}).")
        raise


@contextmanager
def _ended_as_by_ctrl_c() -> Iterator[None]:
    """Let SIGTERM, by which CI ends a job that takes too long, interrupt a run, and not end it without a word."""
    if current_thread() is not main_thread():  # who runs it there minds the signals
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _write(outcome: "Outcome", reports: tuple[Path, ...]) -> list[str]:
    """Write every report that can be written; a sentence for each of the others."""
    from mock_oms.conformance.reports import RENDERERS

    unwritten = []
    for file in reports:
        try:
            file.write_text(RENDERERS[file.suffix](outcome), encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            unwritten.append(f"The report {file} cannot be written: {error.strerror}.")
    return unwritten


def _print(outcome: "Outcome") -> None:
    """Print an outcome; people at a terminal are told what each check claims, too."""
    from mock_oms.conformance.reports import came_to, legible

    advice, claims = [*filter(None, [outcome.advice])], is_terminal()
    click.echo("\n".join(map(legible, (f"{outcome.title}: {outcome.target}", *advice))))
    rows = [
        (one.check, str(one.looked), came_to(one), *([legible(one.claim)] if claims else [])) for one in outcome.results
    ]
    print_table([("check", "looked at", "result", *(["what it claims"] if claims else [])), *rows])
    click.echo("\n".join(map(legible, _rest(outcome))))


def _rest(outcome: "Outcome") -> Iterator[str]:
    """A few findings of each kind and how many more there are, then what was not seen, then how it was run."""
    from mock_oms.conformance.finding import grouped
    from mock_oms.conformance.reports import alike, finding_lines, halted, unseen

    for group in grouped(outcome.findings):
        for one in group.examples:
            first, *others = finding_lines(one)
            yield from ("", f"{one.check} {first}", *others)
        if group.more:
            yield from ("", alike(group))
    if missed := unseen(outcome):
        yield from ("", "Not seen:", *(f"  {one}" for one in missed))
    yield ""
    yield from (f"{name}: {value}" for name, value in outcome.facts.items())
    yield from (*outcome.notes, *halted(outcome))
    number = len(outcome.findings)
    yield f"{number} finding{'s'[: number != 1]}." if number else "No findings."
