"""`mock-oms record`: a scenario out of what a real OMS shows, without anybody's data in it."""

import json
import re
import secrets
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from mock_oms.cli.oms_options import crawl_options
from mock_oms.cli.options import DurationType, RefusedError, clear_errors, document_in
from mock_oms.cli.printing import print_utf8, progress

if TYPE_CHECKING:
    from mock_oms.conformance.crawl import Exchange
    from mock_oms.conformance.crawler.session import Politeness, Target
    from mock_oms.conformance.recorder.allowed import RuleWalk, Unknown
    from mock_oms.conformance.recorder.reader import Query
    from mock_oms.conformance.recorder.scenario import Recording
    from mock_oms.switches import Switches


_KEY_BYTES = 32
#: Bytes of the file of a key that are read at most: a wrong path may lead to anything.
_MOST_OF_KEY = 1_000
_KEEPABLE = ("sku", "erp_code")
_FILE = click.Path(path_type=Path, dir_okay=False)
KEEP = click.option(
    "--keep", metavar="KINDS", default="", help="Leave these as they are: sku, erp_code, or both (sku,erp_code)."
)
UNKNOWN = click.option(
    "--unknown",
    type=click.Choice(["stop", "drop", "hash"]),
    default="stop",
    show_default=True,
    help="What becomes of fields that the allow-list does not have.",
)
KEY_FILE = click.option(
    "--key-file",
    type=_FILE,
    help="The key of the pseudonyms, for the same ones in each run; made, if it is missing. Without it: forgotten.",
)


@click.command(
    epilog="\b\nExamples:\n  mock-oms scrub captured.json --out plans.json\n"
    "  mock-oms scrub session.har --unknown drop --key-file pseudonyms.key > session.scrubbed.har"
)
@click.argument("file", type=click.File("rb"))
@click.option("--out", type=_FILE, help="Where to write; else it is printed.")
@KEEP
@UNKNOWN
@KEY_FILE
def scrub(file: IO[bytes], out: Path | None, keep: str, unknown: "Unknown", key_file: Path | None) -> None:
    """Take everybody's data out of a captured plan, list or archive of requests (HAR)."""
    from mock_oms.conformance.recorder.captures import scrubbed_capture
    from mock_oms.conformance.recorder.pseudonyms import RecordingError

    try:
        found = json.loads(document_in(file), parse_constant=int)  # which refuses NaN and Infinity
    except (ValueError, RecursionError):  # what is wrong with it might repeat what is in it
        raise RefusedError(f"{file.name} is no JSON.") from None
    try:
        with progress("scrubbing"):
            left = scrubbed_capture(found, rule_walk(keep, unknown, key_file))
    except RecordingError as error:
        raise RefusedError(str(error)) from None
    except RecursionError:
        raise RefusedError("The file is nested too deeply.") from None
    text = f"{json.dumps(left, ensure_ascii=False, indent=2)}\n"
    if out:
        _write(out, text)
    else:
        print_utf8(text)


def rule_walk(keep: str, unknown: "Unknown", key_file: Path | None) -> "RuleWalk":
    """The walk that replaces everybody's data, as these options say."""
    from mock_oms.conformance.recorder.allowed import RuleWalk
    from mock_oms.conformance.recorder.pseudonyms import Pseudonyms

    kinds = [word.strip() for word in keep.split(",") if word.strip()]
    for word in kinds:
        if word not in _KEEPABLE:
            raise RefusedError(f"--keep: found {word!r}; accepted: {', '.join(_KEEPABLE)}.")
    key = _key(key_file) if key_file else secrets.token_bytes(_KEY_BYTES)
    return RuleWalk(pseudonyms=Pseudonyms(key), unknown=unknown, keep=frozenset(kinds))


def _key(file: Path) -> bytes:
    """The key in a file, which is made if it is not there: never over another one, nor readable to others."""
    try:
        if not file.exists():
            file.touch(mode=0o600, exist_ok=False)
            file.write_text(f"{secrets.token_hex(_KEY_BYTES)}\n", encoding="ascii")
        with file.open("rb") as stream:
            text = stream.read(_MOST_OF_KEY).decode("utf-8-sig", "replace").strip()
    except OSError as error:
        raise RefusedError(f"The key cannot be kept in {file}: {error.strerror}.") from None
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise RefusedError(f"{file} holds no key; accepted: 64 hexadecimal digits, as `record` writes them there.")
    return bytes.fromhex(text)


def _write(file: Path, text: str) -> None:
    from mock_oms.worlds.files import write_output

    try:
        write_output(file, text.encode(), mode=0o600)
    except OSError as error:
        raise RefusedError(f"{file} cannot be written: {error.strerror}.") from None


@click.command(
    epilog="\b\nExamples:\n  mock-oms record https://oms.example.com --out recorded.yaml\n"
    "  mock-oms record http://127.0.0.1:8080 --out day.yaml --watch 2h --every 60s --key-file pseudonyms.key"
)
@click.argument("url")
@click.option("--out", type=_FILE, required=True, help="The scenario to write.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="Only plans created since, in UTC."
)
@click.option("--watch", type=DurationType(), help="Read the list again for so long, and record what changes.")
@click.option("--every", type=DurationType(), default="60s", show_default=True, help="How often, with --watch.")
@KEEP
@UNKNOWN
@KEY_FILE
@crawl_options
@click.option(
    "--switch", "switches", multiple=True, metavar="NAME=VALUE", help="What is known before: auth=bearer, ..."
)
def record(
    url: str,
    *,
    out: Path,
    since: datetime | None,
    watch: timedelta | None,
    every: timedelta,
    keep: str,
    unknown: "Unknown",
    key_file: Path | None,
    switches: tuple[str, ...],
    admit: Callable[[str, "Switches"], "tuple[Target, Politeness]"],
) -> None:
    """Record the plans of an OMS at URL as a scenario: by GET alone, politely, with pseudonyms for all data."""
    from mock_oms.cli.contract import expected_switches
    from mock_oms.conformance.crawler.session import Session
    from mock_oms.conformance.recorder.pseudonyms import RecordingError
    from mock_oms.conformance.recorder.reader import Reader
    from mock_oms.worlds.host_clock import steady_clock

    if every < timedelta(seconds=1):
        raise RefusedError("--every: found less than a second; accepted: a duration from 1s on.")
    expected = expected_switches(switches)
    target, politeness = admit(url, expected)
    walk = rule_walk(keep, unknown, key_file)
    part = out.with_name(f"{out.name}.part")
    with Session(target, politeness) as session, progress("reading plans") as step:

        def get(path: str, query: "Query") -> "Exchange":
            exchange = session.get(path, query)
            if session.ended:  # a 429 is an answer, and nothing to read
                raise session.ended
            return exchange

        wall = steady_clock()
        recording = _begun(part, walk, key_file, wall())
        began = datetime.fromisoformat(recording.begun) - walk.pseudonyms.offset
        reader = Reader(
            get=get,
            walk=walk,
            recording=recording,
            elapsed=lambda: wall() - began,
            since=since.replace(tzinfo=UTC) if since else None,
            progress=step,
            save=partial(_save, part, walk.pseudonyms.fingerprint, recording) if key_file else lambda: None,
        )
        try:
            reader.read()
            if watch:
                reader.watch(watch, every, time.sleep)
        except KeyboardInterrupt:
            recording.ended = "It was interrupted."
        except RecordingError as error:
            raise RefusedError(str(error)) from None
    names = (one.partition("=")[0] for one in switches)
    recording.shapes |= {name: {str(getattr(expected, name)): 1} for name in names}
    _finish(recording, out, part, can_go_on=key_file is not None and not recording.full)


def _begun(part: Path, walk: "RuleWalk", key_file: Path | None, now: datetime) -> "Recording":
    """A new recording, or the unfinished one beside the scenario."""
    from mock_oms.conformance.recorder.scenario import Recording, recording_of

    if not part.exists():
        return Recording(begun=walk.pseudonyms.moved(f"{now:%Y-%m-%dT%H:%M:%S}Z") or "now")
    if key_file is None:
        raise RefusedError(f"{part} is an unfinished recording: name its --key-file to go on, or remove it.")
    try:
        first, *lines = map(json.loads, part.read_text(encoding="utf-8").splitlines())
        if first["key"] != walk.pseudonyms.fingerprint:
            raise RefusedError(
                f"{part} was begun with another key than that in {key_file}, or by an earlier version: "
                "name its key, or remove it."
            )
        return recording_of(iter(lines))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration):
        raise RefusedError(f"{part} is no unfinished recording; remove it.") from None


def _save(part: Path, key: str, recording: "Recording") -> None:
    lines = [{"key": key}, *recording.lines()]
    _write(part, "".join(f"{json.dumps(line)}\n" for line in lines))


def _finish(recording: "Recording", out: Path, part: Path, *, can_go_on: bool) -> None:
    """Write the scenario and say what it holds; exit code 1 where the OMS was not read to its end."""
    from mock_oms.conformance.recorder.scenario import scenario_of
    from mock_oms.scenarios.building import build_scenario
    from mock_oms.scenarios.checking import check
    from mock_oms.scenarios.errors import ScenarioError
    from mock_oms.scenarios.json_schema import schema_line
    from mock_oms.scenarios.yaml_file import parse_yaml

    written = scenario_of(recording)
    if not written.plans:
        if not recording.ended:
            part.unlink(missing_ok=True)
        why = recording.ended or "ask when it shows one"
        left = f"; left out: {written.left_out}" if written.left_out else ""
        raise RefusedError(f"No plan was recorded{left}, and {out} was not written: {why.rstrip('.')}.")
    with clear_errors():  # a recording that cannot be played is none
        problems = check(build_scenario(*parse_yaml(written.text, out)))
        if problems:
            raise ScenarioError(problems)
    _write(out, f"{schema_line(out)}{written.text}")
    if not recording.ended or recording.full:
        part.unlink(missing_ok=True)
    plural = "" if written.plans == 1 else "s"
    click.echo(f"{out}: {written.plans} plan{plural}, {written.commands} transitions.", err=True)
    if written.left_out:
        click.echo(f"Left out: {written.left_out}, for which a scenario has no id, no state or no room.", err=True)
    if recording.ended:
        way_out = " The same command goes on from here." if can_go_on else ""
        click.echo(f"Not to its end: {recording.ended}{way_out}", err=True)
        sys.exit(1)
