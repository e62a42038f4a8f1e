"""`mock-oms scrub`, and what it shares with `record`: the key of the pseudonyms, what is kept, what is unknown."""

import json
import os
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from mock_oms.cli.common import RefusedError

if TYPE_CHECKING:
    from mock_oms.recording.rules import Walk

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
    from mock_oms.recording.captures import scrubbed_capture
    from mock_oms.recording.errors import RecordingError

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


def walk_of(keep: str, unknown: str, key: bytes) -> "Walk":
    """How a run makes pseudonyms.

    :raises RefusedError: `keep` names what cannot be kept.
    """
    from mock_oms.recording.pseudonyms import Pseudonyms
    from mock_oms.recording.rules import Keepable, Unknown, Walk

    kinds = [word.strip() for word in keep.split(",") if word.strip()]
    strange = next((word for word in kinds if word not in _KEEPABLE), None)
    if strange is not None:
        raise RefusedError(f"--keep: found {strange!r}; accepted: {', '.join(_KEEPABLE)}.")
    return Walk(pseudonyms=Pseudonyms(key), unknown=Unknown(unknown), keep=frozenset(map(Keepable, kinds)))


def key_of(file: Path | None) -> bytes:
    """The key in a file, which is made for this user alone if it is not there; without a file one that is forgotten.

    :raises RefusedError: the file cannot be read or made, or holds no key.
    """
    import secrets

    from mock_oms.recording.errors import RecordingError
    from mock_oms.recording.keys import key_in

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
    from mock_oms.state.disk import write_whole

    try:
        write_whole(file, text.encode())
    except OSError as error:
        raise RefusedError(f"{file} cannot be written: {error.strerror}.") from None
