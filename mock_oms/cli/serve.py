"""`mock-oms serve`, and `mock-oms healthcheck` beside it."""

import json
import re
import signal
import sys
from pathlib import Path
from typing import Any

import click

from mock_oms.cli.options import AUTHORITY, RefusedError, clear_errors, every_setting, examples, setting
from mock_oms.cli.printing import print_utf8
from mock_oms.settings import Settings
from mock_oms.text import certificates_in, printable
from mock_oms.urls import url_here, without_query, without_user


@click.command(
    epilog=examples("serve", "serve --scenario restock --port 0")
    + "\n  MOCK_OMS_SCENARIOS=./scenarios mock-oms serve --scenario mine"
)
@every_setting
def serve(**given: Any) -> None:  # noqa: ANN401  the options are the fields of Settings
    """Serve the vendor's API until Ctrl+C; the banner's last line names the address."""
    # From the first moment on, until the server has handlers of its own: PID 1 of a container has none by default.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # which nohup wants; else the terminal was closed
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    from mock_oms.server.log import event_line
    from mock_oms.server.run import CannotServeError
    from mock_oms.server.run import serve as run

    settings = Settings(**given)
    try:
        with clear_errors():
            run(settings)
    except KeyboardInterrupt:  # while it starts: it stops as at the other signals
        return
    except (CannotServeError, RefusedError) as error:
        refusal = RefusedError(str(error))
        if settings.log == "text":
            raise refusal from None
        click.echo(event_line("refused", refusal.message, level="error"), err=True, nl=False)
        raise click.exceptions.Exit(refusal.exit_code) from None


@click.command(epilog=examples("healthcheck --url http://127.0.0.1:8080"))
@setting("host")
@setting("port")
@setting("tls")
@AUTHORITY
@click.option("--url", help="The address of the mock, instead of that host and port.")
@click.option("--timeout", type=click.FloatRange(0.1, 60), default=2.0, show_default=True, help="Seconds to wait.")
def healthcheck(host: str, port: int, tls: str, ca: Path | None, url: str | None, timeout: float) -> None:
    """Ask a running mock whether it is ready; exit code 1 if not (made for containers without curl).

    A scenario file that has broken since the start is reported, and the exit code stays 0.
    """
    import http.client
    import ssl
    import urllib.error
    import urllib.request

    here = url_here("https" if tls == "on" else "http", host, port)
    address = f"{(here if url is None else url).rstrip('/')}/_mock/health/ready"
    shown = without_query(address)
    if not re.match("https?://[^/]", address, re.IGNORECASE):
        raise RefusedError(
            f"{without_query(url or '')!r} is no address of a mock; accepted: one such as http://127.0.0.1:8080."
        )
    trusted = None
    if address.lower().startswith("https:"):
        try:
            trusted = ssl.create_default_context(cadata=None if ca is None else certificates_in(ca))
        except OSError as error:  # until the mock has written it
            raise click.ClickException(f"The authority cannot be read from {ca}: {error}.") from None
        if ca is None and url is None:
            # Where no file was named, the authority is in a folder that only the banner names. The request stays on this
            # machine, carries no secret, and whoever could answer in the mock's place could stop the mock as well.
            trusted.check_hostname, trusted.verify_mode = False, ssl.CERT_NONE
    try:
        # Without the proxies of the environment: Docker puts them into containers, and none of them leads to ourselves.
        direct = urllib.request.ProxyHandler({})
        secured = urllib.request.HTTPSHandler(context=trusted)
        with urllib.request.build_opener(direct, secured).open(address, timeout=timeout) as answer:
            body = answer.read().decode().strip()
    except urllib.error.HTTPError as error:
        reasons = "".join(f"\n{printable(line)}" for line in _reasons(error.read()))
        raise click.ClickException(f"{shown} is not ready: {error}.{reasons}") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise click.ClickException(f"{shown} is not ready: {without_user(str(error))}.") from None
    print_utf8(f"{body}\n")
    for line in _reasons(body):
        click.echo(printable(line), err=True)


def _reasons(body: bytes | str) -> list[str]:
    """The sentence and the errors in a body; nothing where it is none of ours."""
    try:
        document = json.loads(body)
        errors = [line for lines in document.get("errors", {}).values() for line in lines]
        return [*filter(None, [document.get("detail")]), *errors]
    except (ValueError, AttributeError, TypeError):
        return []
