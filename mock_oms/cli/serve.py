"""`mock-oms serve`, and `mock-oms healthcheck` beside it."""

import signal
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

import click

from mock_oms.cli.options import AUTHORITY, RefusedError, clear_errors, every_setting, printable, setting
from mock_oms.settings import Settings
from mock_oms.urls import url_here, without_user

if TYPE_CHECKING:
    import ssl


def _stop(*_: object) -> NoReturn:
    sys.exit(0)


class _RefusedAsJsonError(RefusedError):
    """A `RefusedError` that is printed as one JSON line, for `--log json`."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Write it to standard error."""
        from mock_oms.server.log import event_line

        click.echo(event_line("refused", self.message, level="error"), file=file, err=True, nl=False)


@click.command(
    epilog="\b\nExamples:\n  mock-oms serve\n  mock-oms serve --scenario restock --port 0\n"
    "  MOCK_OMS_SCENARIOS=./scenarios mock-oms serve --scenario mine"
)
@every_setting
def serve(**given: Any) -> None:  # noqa: ANN401  the options are the fields of Settings
    """Serve the vendor's API until Ctrl+C; the banner's last line names the address."""
    # From the first moment on, until the server has handlers of its own: PID 1 of a container has none by default.
    signal.signal(signal.SIGTERM, _stop)
    settings = Settings(**given)
    try:
        _run(settings)
    except RefusedError as error:
        raise error if settings.log == "text" else _RefusedAsJsonError(error.message) from None


def _run(settings: Settings) -> None:
    from mock_oms.server.run import CannotServeError
    from mock_oms.server.run import serve as run

    with clear_errors():
        try:
            run(settings)
        except CannotServeError as error:
            raise RefusedError(str(error)) from None


def _trust(ca: Path | None, *, itself: bool) -> "ssl.SSLContext":
    import ssl

    try:
        context = ssl.create_default_context(cafile=ca)
    except OSError as error:  # until the mock has written it
        raise click.ClickException(f"The authority cannot be read from {ca}: {error}.") from None
    if ca is None and itself:
        # Where no file was named, the authority lies in a folder that only the banner names. The question stays on this
        # machine, carries no secret, and whoever could answer in the mock's place there could stop the mock as well.
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@click.command(epilog="\b\nExample:\n  mock-oms healthcheck --url http://127.0.0.1:8080")
@setting("host")
@setting("port")
@setting("tls")
@AUTHORITY
@click.option("--url", help="The address of the mock, instead of that host and port.")
@click.option("--timeout", type=click.FloatRange(0.1, 60), default=2.0, show_default=True, help="Seconds to wait.")
def healthcheck(host: str, port: int, tls: str, ca: Path | None, url: str | None, timeout: float) -> None:
    """Ask a running mock whether it is ready; exit code 1 if not (made for containers without curl).

    A scenario file that has broken since the start is told, and the exit code stays 0.
    """
    import http.client
    import urllib.error
    import urllib.request

    here = url_here("https" if tls == "on" else "http", host, port)
    address = f"{(url or here).rstrip('/')}/_mock/health/ready"
    shown = without_user(address)
    trusted = _trust(ca, itself=url is None) if address.lower().startswith("https:") else None
    try:
        # Without the proxies of the environment: Docker puts them into containers, and none of them leads to ourselves.
        direct = urllib.request.ProxyHandler({})
        secured = urllib.request.HTTPSHandler(context=trusted)
        with urllib.request.build_opener(direct, secured).open(address, timeout=timeout) as answer:
            said = answer.read().decode().strip()
    except urllib.error.HTTPError as error:
        raise click.ClickException(f"{shown} is not ready: {error}.{_reason(error.read())}") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise click.ClickException(f"{shown} is not ready: {without_user(str(error))}.") from None
    click.echo(said)
    for line in _told(said):
        click.echo(printable(line), err=True)


def _reason(body: bytes) -> str:
    """What a refusal says of itself: its sentence, then a line for each error; nothing where it is none of ours."""
    return "".join(f"\n{printable(line)}" for line in _told(body))


def _told(body: bytes | str) -> list[str]:
    """The sentence and the errors in a body."""
    import json

    try:
        said = json.loads(body)
        return [
            *filter(None, [said.get("detail")]),
            *(line for lines in said.get("errors", {}).values() for line in lines),
        ]
    except (ValueError, AttributeError, TypeError):
        return []
