"""`mock-oms serve`, and `mock-oms healthcheck` beside it."""

import signal
import sys
from typing import Any, NoReturn

import click

from mock_oms.cli.common import RefusedError, clear_errors, every_setting, setting
from mock_oms.settings import Settings


def _stop(*_: object) -> NoReturn:
    sys.exit(0)


@click.command(
    epilog="\b\nExamples:\n  mock-oms serve\n  mock-oms serve --scenario restock --port 0\n"
    "  MOCK_OMS_SCENARIOS=./scenarios mock-oms serve --scenario mine"
)
@every_setting
def serve(**given: Any) -> None:  # noqa: ANN401  the options are the fields of Settings
    """Serve the vendor's API until Ctrl+C; the banner's last line names the address."""
    # From the first moment on, until the server has handlers of its own: PID 1 of a container has none by default.
    signal.signal(signal.SIGTERM, _stop)
    from mock_oms.server import CannotServeError
    from mock_oms.server import serve as run

    with clear_errors():
        try:
            run(Settings(**given))
        except CannotServeError as error:
            raise RefusedError(str(error)) from None


@click.command(epilog="\b\nExample:\n  mock-oms healthcheck --url http://127.0.0.1:8080")
@setting("port")
@click.option("--url", help="The address of the mock, instead of that port on this machine.")
@click.option("--timeout", type=click.FloatRange(0.1, 60), default=2.0, show_default=True, help="Seconds to wait.")
def healthcheck(port: int, url: str | None, timeout: float) -> None:
    """Ask a running mock whether it is ready; exit code 1 if not (made for containers without curl)."""
    import http.client
    import urllib.request

    # Without the proxies of the environment: Docker puts them into containers, and none of them leads to ourselves.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    address = f"{(url or f'http://127.0.0.1:{port}').rstrip('/')}/_mock/health/ready"
    try:
        with opener.open(address, timeout=timeout) as answer:
            click.echo(answer.read().decode().strip())
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise click.ClickException(f"{address} is not ready: {error}.") from None
