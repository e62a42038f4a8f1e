"""Checks of the network: the port, the control API, the names in the TLS certificate."""

import errno
import json
import ssl
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from mock_oms.cli.doctor.finding import DoctorFinding, Level
from mock_oms.server.run import CannotServeError, bind, refuse_diverging_worlds
from mock_oms.server.tls import refused_names, wanted_names
from mock_oms.settings import Settings
from mock_oms.urls import asked_host, is_loopback

#: Seconds that whoever sits on the port may take to say who it is.
_PATIENCE = 2.0


def port(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether the port is free; if not, whether a mock-oms answers there."""
    where = f"Port {settings.port} on {settings.host}"
    try:
        bind(settings).close()
    except CannotServeError as error:
        yield _taken(settings, where, error)
    else:
        says = f"{where} is free." if settings.port else f"A free port on {settings.host} is taken at start."
        yield DoctorFinding(check="port", says=says)


def _taken(settings: Settings, where: str, error: CannotServeError) -> DoctorFinding:
    cause = error.__cause__
    if not isinstance(cause, OSError) or cause.errno != errno.EADDRINUSE:
        way_out = "Name an address of this machine with --host, and a port with --port."
        return DoctorFinding(check="port", level=Level.ERROR, says=str(error), way_out=way_out)
    if _is_a_mock(settings):
        says, way_out = f"{where} is taken: a mock-oms answers there.", "Use that one, or name another with --port."
        return DoctorFinding(check="port", level=Level.WARNING, says=says, way_out=way_out)
    says = f"{where} is taken, and no mock-oms answers there."
    way_out = "Name another with --port, or take any with --port 0."
    return DoctorFinding(check="port", level=Level.ERROR, says=says, way_out=way_out)


def _is_a_mock(settings: Settings) -> bool:
    connection = _connection(settings, asked_host(settings.host))
    try:
        connection.request("GET", "/_mock/health/live")
        told = json.loads(connection.getresponse().read(1000))
    except (OSError, ValueError, HTTPException):
        return False
    finally:
        connection.close()
    return isinstance(told, dict) and told.get("status") == "live"


def _connection(settings: Settings, host: str) -> HTTPConnection:
    if settings.tls == "off":
        return HTTPConnection(host, settings.port, timeout=_PATIENCE)
    # Whose authority made its certificate does not matter: nothing is told, and nothing is believed but who it is.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return HTTPSConnection(host, settings.port, timeout=_PATIENCE, context=context)


def processes(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether one process holds all worlds."""
    try:
        refuse_diverging_worlds(settings)
    except CannotServeError as error:
        way_out = "Say --workers 1 --store memory."
        yield DoctorFinding(check="processes", level=Level.ERROR, says=str(error), way_out=way_out)
    else:
        yield DoctorFinding(check="processes", says="One process holds all worlds in its memory.")


def control(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether the control API needs a token here, and where that comes from."""
    has_token = settings.control_token is not None or settings.control_token_file is not None
    if has_token:
        yield DoctorFinding(check="control", says="The control API demands its token, from this machine too.")
    elif is_loopback(settings.host):
        yield DoctorFinding(check="control", says="The control API answers without a token, to this machine alone.")
    else:
        yield DoctorFinding(
            check="control",
            level=Level.WARNING,
            says=f"{settings.host} can be reached from other machines; a control token is made anew at each start.",
            way_out="Set one that lasts with --control-token-file or MOCK_OMS_CONTROL_TOKEN; or listen on 127.0.0.1.",
        )


def tls(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether a certificate can be made for these names, and told to clients."""
    if settings.tls == "off":
        yield from _without_tls(settings)
        return
    names = wanted_names(settings.tls_names)
    wrong = refused_names(names)
    for one in wrong:
        way_out = "Give host names or addresses, with commas between: --tls-names oms.example,10.0.0.5."
        yield DoctorFinding(
            check="tls", level=Level.ERROR, says=f"No certificate holds the name {one!r}.", way_out=way_out
        )
    folder = None if settings.tls_ca is None else settings.tls_ca.parent
    if folder is not None and not folder.is_dir():
        way_out = "Make it, or name another file with --tls-ca."
        yield DoctorFinding(check="tls", level=Level.ERROR, says=f"There is no folder {folder}.", way_out=way_out)
    elif not wrong:
        held = ", ".join(("this machine", *names))
        yield DoctorFinding(check="tls", says=f"https, with a certificate for {held}.")


def _without_tls(settings: Settings) -> Iterator[DoctorFinding]:
    idle = [flag for flag, said in (("--tls-names", settings.tls_names), ("--tls-ca", settings.tls_ca)) if said]
    if idle:
        says, way_out = f"{' and '.join(idle)} means nothing without TLS.", "Add --tls, or leave it out."
        yield DoctorFinding(check="tls", level=Level.WARNING, says=says, way_out=way_out)
    else:
        yield DoctorFinding(check="tls", says="http; --tls serves https.")
