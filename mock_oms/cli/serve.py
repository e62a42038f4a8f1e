"""`mock-oms serve`, and `mock-oms healthcheck` beside it."""

from functools import reduce
from typing import Any

import click

from mock_oms.cli.common import C, RefusedError, clear_errors, setting
from mock_oms.settings import Settings, helps


def _settings(command: C) -> C:
    return reduce(lambda wrapped, name: setting(name)(wrapped), reversed(list(helps())), command)


@click.command(
    epilog="\b\nExamples:\n  mock-oms serve\n  mock-oms serve --scenario restock --port 0\n"
    "  MOCK_OMS_SCENARIOS=./scenarios mock-oms serve --scenario mine"
)
@_settings
def serve(**given: Any) -> None:  # noqa: ANN401  the options are the fields of Settings
    """Serve the vendor's API until Ctrl+C; the banner's last line names the address."""
    from mock_oms.server import CannotServeError
    from mock_oms.server import serve as run

    with clear_errors():
        try:
            run(Settings(**given))
        except CannotServeError as error:
            raise RefusedError(str(error)) from None


@click.command(epilog="\b\nExample:\n  mock-oms healthcheck --url http://127.0.0.1:8080")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="The address of the mock.")
@click.option("--timeout", default=2.0, show_default=True, help="Seconds to wait for its answer.")
def healthcheck(url: str, timeout: float) -> None:
    """Ask a running mock whether it is ready; exit code 1 if not (made for containers without curl)."""
    import urllib.error
    import urllib.request

    address = f"{url.rstrip('/')}/_mock/health/ready"
    try:
        with urllib.request.urlopen(address, timeout=timeout) as answer:  # noqa: S310  the user's own address
            click.echo(answer.read().decode().strip())
    except (urllib.error.URLError, ValueError, OSError) as error:
        raise click.ClickException(f"{address} is not ready: {error}.") from None
