"""`mock-oms record`: a scenario out of what a real OMS shows, without anybody's data in it."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from mock_oms.cli.oms_options import CrawlOptions, crawl_options
from mock_oms.cli.options import DurationType, RefusedError

if TYPE_CHECKING:
    from mock_oms.conformance.crawl import Exchange
    from mock_oms.conformance.crawler.session import Session
    from mock_oms.conformance.recorder.reader import ListSession, Query, Reader
    from mock_oms.conformance.recorder.rules import RuleWalk
    from mock_oms.conformance.recorder.scenario import Recording, WrittenScenario
    from mock_oms.switches import Switches


C = TypeVar("C", bound=Callable[..., Any])
_KEYS = 32
_KEEPABLE = ("sku", "erp_code")

_OPTIONS = (
    click.option(
        "--keep", metavar="KINDS", default="", help="Leave these as they are: sku, erp_code, or both (sku,erp_code)."
    ),
    click.option(
        "--unknown",
        type=click.Choice(["stop", "drop", "hash"]),
        default="stop",
        show_default=True,
        help="What becomes of fields that the allow-list does not have.",
    ),
    click.option(
        "--key-file",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The key of the pseudonyms, for the same ones in each run; made, if it is missing. Without it: forgotten.",
    ),
)


def pseudonymous(command: C) -> C:
    """Give a command the options that say how pseudonyms are made."""
    return reduce(lambda wrapped, option: option(wrapped), reversed(_OPTIONS), command)


@click.command(
    epilog="\b\nExamples:\n  mock-oms scrub captured.json --out plans.json\n"
    "  mock-oms scrub session.har --unknown drop --key-file pseudonyms.key > session.scrubbed.har"
)
@click.argument("file", type=click.File("rb"))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write; else it is printed.")
@pseudonymous
def scrub(file: IO[bytes], out: Path | None, keep: str, unknown: str, key_file: Path | None) -> None:
    """Take everybody's data out of a captured plan, list or archive of requests (HAR)."""
    from mock_oms.conformance.recorder.captures import scrubbed_capture
    from mock_oms.conformance.recorder.pseudonyms import RecordingError

    found = _json_in(file)
    try:
        left = scrubbed_capture(found, walk_of(keep, unknown, key_of(key_file)))
    except (RecordingError, RecursionError) as error:
        raise RefusedError(
            str(error) if isinstance(error, RecordingError) else "The file is nested too deeply."
        ) from None
    written = json.dumps(left, ensure_ascii=False, indent=2)
    if out:
        keep_file(out, f"{written}\n")
    else:
        click.echo(written)


def _json_in(file: IO[bytes]) -> Any:  # noqa: ANN401  where JSON enters
    try:
        return json.loads(file.read(), parse_constant=_refuse)
    except (ValueError, RecursionError):  # what is wrong with it might repeat what is in it
        raise RefusedError(f"{file.name} is no JSON.") from None


def _refuse(word: str) -> None:
    raise ValueError(word)


def walk_of(keep: str, unknown: str, key: bytes) -> "RuleWalk":
    """How a run makes pseudonyms.

    :raises RefusedError: `keep` names what cannot be kept.
    """
    from mock_oms.conformance.recorder.pseudonyms import Pseudonyms
    from mock_oms.conformance.recorder.rules import KeptIfListed, RuleWalk, Unknown

    kinds = [word.strip() for word in keep.split(",") if word.strip()]
    strange = next((word for word in kinds if word not in _KEEPABLE), None)
    if strange is not None:
        raise RefusedError(f"--keep: found {strange!r}; accepted: {', '.join(_KEEPABLE)}.")
    return RuleWalk(pseudonyms=Pseudonyms(key), unknown=Unknown(unknown), keep=frozenset(map(KeptIfListed, kinds)))


def key_of(file: Path | None) -> bytes:
    """The key in a file, which is made for this user alone if it is not there; without a file one that is forgotten.

    :raises RefusedError: the file cannot be read or made, or holds no key.
    """
    import secrets

    from mock_oms.conformance.recorder.pseudonyms import RecordingError, key_in

    if file is None:
        return secrets.token_bytes(_KEYS)
    try:
        if not file.exists():
            _make_key(file)
        return key_in(file.read_text(encoding="ascii", errors="replace"), str(file))
    except RecordingError as error:
        raise RefusedError(str(error)) from None
    except OSError as error:
        raise RefusedError(f"The key cannot be kept in {file}: {error.strerror}.") from None


def _make_key(file: Path) -> None:
    """Never over another one, and never for a moment readable to others."""
    import secrets

    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(f"{secrets.token_hex(_KEYS)}\n")


def keep_file(file: Path, text: str) -> None:
    """Write a file whole.

    :raises RefusedError: it cannot be written.
    """
    from mock_oms.worlds.world_file import write_whole

    try:
        write_whole(file, text.encode())
    except OSError as error:
        raise RefusedError(f"{file} cannot be written: {error.strerror}.") from None


@click.command(
    epilog="\b\nExamples:\n  mock-oms record https://oms.example.com --out recorded.yaml\n"
    "  mock-oms record http://127.0.0.1:8080 --out day.yaml --watch 2h --every 60s --key-file pseudonyms.key"
)
@click.argument("url")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The scenario to write.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="Only plans created since, in UTC."
)
@click.option("--watch", type=DurationType(), help="Read the list again for so long, and record what changes.")
@click.option("--every", type=DurationType(), default="60s", show_default=True, help="How often, with --watch.")
@pseudonymous
@crawl_options
@click.option(
    "--switch", "switches", multiple=True, metavar="NAME=VALUE", help="What is known before: auth=bearer, ..."
)
def record(
    url: str,
    *,
    switches: tuple[str, ...],
    asks: Callable[[str, "Switches"], CrawlOptions],
    **given: Any,  # noqa: ANN401  the options of this command, by name
) -> None:
    """Record the plans of an OMS at URL as a scenario: by GET alone, politely, with pseudonyms for all data."""
    from mock_oms.cli.contract import expected_switches
    from mock_oms.conformance.crawler.session import Session

    wishes = RecordOptions(**given)
    if wishes.every < timedelta(seconds=1):
        raise RefusedError("--every: found less than a second; accepted: a duration from 1s on.")
    answers = expected_switches(switches)
    asked = asks(url, answers)
    walk = walk_of(wishes.keep, wishes.unknown, key_of(wishes.key_file))
    with Session(asked.target, asked.politeness) as session:
        recording = _recorded(RecorderSession(session), walk, wishes)
    recording.shapes |= {name: {str(getattr(answers, name)): 1} for name in (one.partition("=")[0] for one in switches)}
    _finish(recording, wishes)


@dataclass(frozen=True, slots=True)
class RecorderSession:
    """A session, for which whatever stops it ends the recording."""

    session: "Session"

    def get(self, path: str, query: "Query", /) -> "Exchange":
        """The answer to a GET."""
        from mock_oms.conformance.crawler.target import StoppedError
        from mock_oms.conformance.recorder.rules import EndedError

        try:
            exchange = self.session.get(path, query)
        except StoppedError as error:
            raise EndedError(str(error)) from None
        if self.session.ended:  # a 429 is an answer, and nothing to read
            raise EndedError(str(self.session.ended))
        return exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOptions:
    """What was typed."""

    out: Path
    since: datetime | None
    watch: timedelta | None
    every: timedelta
    keep: str
    unknown: str
    key_file: Path | None

    @property
    def part(self) -> Path:
        """Where an unfinished recording is kept, scrubbed."""
        return self.out.with_name(f"{self.out.name}.part")


def _recorded(asks: "ListSession", walk: "RuleWalk", wishes: RecordOptions) -> "Recording":
    """Read what was wished; what was seen until somebody ended it holds."""
    from mock_oms.conformance.recorder.pseudonyms import RecordingError
    from mock_oms.conformance.recorder.reader import Reader
    from mock_oms.worlds.open_world import wall_clock

    recording = _begun(walk, wishes, wall_clock())
    began = datetime.fromisoformat(recording.begun) - walk.pseudonyms.offset
    since = wishes.since.replace(tzinfo=UTC) if wishes.since else None
    with _progress() as progress:
        reader = Reader(
            asks=asks,
            walk=walk,
            recording=recording,
            elapsed=lambda: wall_clock() - began,
            since=since,
            progress=progress,
            kept=lambda: _keep_part(recording, walk, wishes),
        )
        try:
            _read(reader, wishes)
        except RecordingError as error:
            raise RefusedError(str(error)) from None
    return recording


def _read(reader: "Reader", wishes: RecordOptions) -> None:
    try:
        reader.read()
        if wishes.watch:
            reader.watch(wishes.watch, wishes.every, time.sleep)
    except KeyboardInterrupt:
        reader.recording.ended = "It was interrupted."


def _begun(walk: "RuleWalk", wishes: RecordOptions, now: datetime) -> "Recording":
    """A new recording, or the unfinished one that lies beside the scenario.

    :raises RefusedError: it was made with another key, or is none.
    """
    from mock_oms.conformance.recorder.scenario import Recording, recording_of

    if not wishes.part.exists():
        return Recording(begun=walk.pseudonyms.moved(f"{now:%Y-%m-%dT%H:%M:%S}Z") or "now")
    if wishes.key_file is None:
        raise RefusedError(f"{wishes.part} is an unfinished recording: name its --key-file to go on, or remove it.")
    try:
        first, *lines = map(json.loads, wishes.part.read_text(encoding="utf-8").splitlines())
        if first["key"] != walk.pseudonyms.fingerprint:
            raise RefusedError(f"{wishes.part} was begun with another key than that in {wishes.key_file}.")
        return recording_of(iter(lines))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration):
        raise RefusedError(f"{wishes.part} is no unfinished recording; remove it.") from None


def _keep_part(recording: "Recording", walk: "RuleWalk", wishes: RecordOptions) -> None:
    """Write down what was seen, if there is a key with which somebody can go on."""
    if wishes.key_file:
        lines = [{"key": walk.pseudonyms.fingerprint}, *recording.lines()]
        keep_file(wishes.part, "".join(f"{json.dumps(line)}\n" for line in lines))


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar for people who sit before a terminal."""
    with click.progressbar(length=1, label="Plans", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def show(seen: int, of: int) -> None:
            bar.length = max(1, of)
            bar.update(seen - bar.pos)

        yield show


def _finish(recording: "Recording", wishes: RecordOptions) -> None:
    """Write the scenario and say what it holds; exit code 1 where the OMS was not read to its end."""
    from mock_oms.conformance.recorder.scenario import scenario_of

    written = scenario_of(recording)
    _verify(written, wishes.out)
    keep_file(wishes.out, written.text)
    if not recording.ended or recording.full:
        wishes.part.unlink(missing_ok=True)
    plural = "" if written.plans == 1 else "s"
    click.echo(f"{wishes.out}: {written.plans} plan{plural}, {written.moves} transitions.", err=True)
    if written.left_out:
        click.echo(f"Left out: {written.left_out}, for which a scenario has no id, no state or no room.", err=True)
    if recording.ended:
        way_out = " The same command goes on from here." if wishes.key_file and not recording.full else ""
        click.echo(f"Not to its end: {recording.ended}{way_out}", err=True)
        sys.exit(1)


def _verify(written: "WrittenScenario", out: Path) -> None:
    """Play what was written: a recording that cannot be played is no scenario."""
    from mock_oms.cli.options import clear_errors
    from mock_oms.scenarios.building import build_scenario
    from mock_oms.scenarios.checking import check
    from mock_oms.scenarios.errors import ScenarioError
    from mock_oms.scenarios.yaml_file import parse_yaml

    with clear_errors():
        problems = check(build_scenario(*parse_yaml(written.text, out)))
        if problems:
            raise ScenarioError(problems)
