"""What the settings lead to: scenarios, tokens, state folder, control token, processes, port, TLS."""

import errno
import json
import os
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import replace
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from filelock import FileLock, Timeout

from mock_oms.cli.doctor.command import DoctorFinding, error, ok, warning
from mock_oms.contract.observation import last_checked
from mock_oms.contract.openapi import contract_for
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.checking import check
from mock_oms.scenarios.errors import Problem, ScenarioError
from mock_oms.scenarios.library import Library
from mock_oms.server.reload import open_library, open_observed
from mock_oms.server.run import CannotServeError, bind, refuse_diverging_worlds
from mock_oms.server.security import real_tokens, refusal_of_real_tokens
from mock_oms.server.tls import refused_names, wanted_names
from mock_oms.settings import Settings, fault_of_token
from mock_oms.tokens import ControlTokenError, TwoControlTokensError, given_token
from mock_oms.urls import is_loopback, reachable_host
from mock_oms.worlds.open_world import wall_clock

_OBSERVE = "Write one with mock-oms contract URL --observe FILE"
#: Seconds that whoever listens on the port may take to answer.
_PATIENCE = 2.0


def _library(settings: Settings) -> Library:
    """The scenarios as a server of these settings has them; an observation that cannot be used is left out."""
    try:
        observed = open_observed(settings)
    except ScenarioError:  # `observation` reports it
        observed = None
    return open_library(replace(settings, reload="off"), observed)


def _played(settings: Settings) -> Scenario | None:
    """The scenario that the settings name; None where it cannot be used, which `scenarios` reports."""
    try:
        return _library(settings).load(settings.scenario)
    except ScenarioError:
        return None


def observation(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether what was observed can be used, is of a real OMS, and was not read against another contract."""
    file, now = settings.observed, wall_clock()
    try:
        observed = open_observed(settings)
    except ScenarioError as broken:
        for one in broken.problems:
            yield error(str(one), f"{_OBSERVE}, or leave --observed out.")
        return
    if observed is None:
        yield ok("No observation of a real OMS is in use; --observed FILE adopts one.")
        return
    says = f"{file} is in use: {last_checked(observed, now)}."
    yield ok(says) if observed.is_real and observed.date <= now else warning(says, f"{_OBSERVE} of a real OMS.")
    ours = contract_for(None)["info"]["version"]
    if observed.contract != ours:
        says = f"{file} was read against version {observed.contract} of the contract; here it is {ours}."
        yield warning(says, f"{_OBSERVE}.")
    scenario = _played(settings)
    others = [
        f"{name} {value} (observed: {wanted})"
        for name, wanted in observed.answers.items()
        if scenario and (value := getattr(scenario.answers, name)) != wanted
    ]
    if others:
        yield ok(f"The scenario {settings.scenario} counts first: {', '.join(others)}.")


def scenarios(settings: Settings) -> Iterator[DoctorFinding]:
    """Every scenario that can be played, as `mock-oms scenarios check` verifies it."""
    library = _library(settings)
    try:
        names = dict.fromkeys((*library.files(), settings.scenario))
    except ScenarioError as broken:
        yield from _broken(broken.problems)
        return
    problems: list[Problem] = []
    for name in names:
        try:
            problems += check(library.load(name))
        except ScenarioError as broken:
            problems += broken.problems
    yield from _broken(problems)
    if not problems:
        yield ok(f"All {len(names)} scenarios hold together.")


def _broken(problems: Iterable[Problem]) -> Iterator[DoctorFinding]:
    for one in problems:
        mend = "Mend the file, then verify it with mock-oms scenarios check."
        name = "Name what is there, with --scenario and --scenarios; mock-oms scenarios list shows it."
        yield error(str(one), mend if os.path.exists(one.file) else name)  # noqa: PTH110  takes a name that is too long


def tokens(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether clients can send the token, some token looks real, and that keeps the mock from starting."""
    if fault := fault_of_token(settings.token):
        yield error(fault, "Give another with --token, MOCK_OMS_TOKEN or in the file of settings.")
        return
    scenario = _played(settings)
    found = () if scenario is None else real_tokens(settings, scenario)
    refused = scenario is not None and refusal_of_real_tokens(settings, scenario) is not None
    for one in found:
        more = ", or say --allow-real-tokens, or listen on 127.0.0.1" if refused else ""
        yield (error if refused else warning)(one, f"Replace it{more}.")
    if not found:
        yield ok("No token looks like a real customer's.")


def state(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether worlds can be kept."""
    folder = settings.state
    if folder is None:
        yield ok("Worlds end with the process; --state FOLDER keeps them.")
        return
    # The folder may still have to be made, in the nearest one that exists.
    nearest = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    lock = folder / "lock"
    can_write = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    if not can_write or (lock.exists() and not os.access(lock, os.W_OK)):
        way_out = "Name another folder with --state, or change its rights."
        yield error(f"The folder {folder} cannot be written to.", way_out)
        return
    try:
        if lock.exists():  # locking would make it
            with FileLock(lock, timeout=0):
                pass
    except Timeout:
        yield warning(f"The folder {folder} is in use by a mock-oms.", "Stop that one, or name another folder.")
    else:
        yield ok(f"The folder {folder} can be written to, and nobody uses it.")


def control_token(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether the file of the control token holds one; it is not shown."""
    file = settings.control_token_file
    if file is None:
        return
    try:
        given_token(settings.control_token, file)
    except TwoControlTokensError as fault:
        yield error(str(fault), "Give one of them.")
    except ControlTokenError as fault:
        yield error(str(fault), "Write one token into it, for instance with: openssl rand -base64 24.")
    else:
        yield ok(f"{file} holds a control token (not shown).")


def processes(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether one process holds all worlds."""
    try:
        refuse_diverging_worlds(settings)
    except CannotServeError as refusal:
        yield error(str(refusal), "Say --workers 1 --store memory.")
    else:
        yield ok("One process holds all worlds in its memory.")


def port(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether the port is free; if not, whether a mock-oms answers there."""
    where = f"Port {settings.port} on {settings.host}"
    try:
        bind(settings).close()
    except CannotServeError as refusal:
        cause = refusal.__cause__
        if not isinstance(cause, OSError) or cause.errno != errno.EADDRINUSE:
            yield error(str(refusal), "Name an address of this machine with --host, and a port with --port.")
        elif _is_a_mock(settings):
            yield warning(f"{where} is taken: a mock-oms answers there.", "Use that one, or name another with --port.")
        else:
            says = f"{where} is taken, and no mock-oms answers there."
            yield error(says, "Name another with --port, or take any with --port 0.")
    else:
        yield ok(f"{where} is free." if settings.port else f"A free port on {settings.host} is taken at start.")


def _is_a_mock(settings: Settings) -> bool:
    host = reachable_host(settings.host)
    if settings.tls == "off":
        connection = HTTPConnection(host, settings.port, timeout=_PATIENCE)
    else:
        # Whose authority made its certificate does not matter: no secret is sent, and the answer only says who it is.
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = HTTPSConnection(host, settings.port, timeout=_PATIENCE, context=context)
    try:
        connection.request("GET", "/_mock/health/live")
        health = json.loads(connection.getresponse().read(1000))
    except (OSError, ValueError, HTTPException):
        return False
    finally:
        connection.close()
    return isinstance(health, dict) and health.get("status") == "live"


def control(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether the control API needs a token here, and where that comes from."""
    if settings.control_token is not None or settings.control_token_file is not None:
        yield ok("The control API demands its token, from this machine too.")
    elif is_loopback(settings.host):
        yield ok("The control API answers without a token, to this machine alone.")
    else:
        yield warning(
            f"{settings.host} can be reached from other machines; a control token is made anew at each start.",
            "Set one that lasts with --control-token-file or MOCK_OMS_CONTROL_TOKEN; or listen on 127.0.0.1.",
        )


def tls(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether a certificate can be made for these names, and written for clients."""
    if settings.tls == "off":
        flags = (("--tls-names", settings.tls_names), ("--tls-ca", settings.tls_ca))
        unused = " and ".join(flag for flag, value in flags if value)
        if unused:
            yield warning(f"{unused} means nothing without TLS.", "Add --tls, or leave it out.")
        else:
            yield ok("http; --tls serves https.")
        return
    names = wanted_names(settings.tls_names)
    wrong = refused_names(names)
    for one in wrong:
        way_out = "Give host names or addresses, with commas between: --tls-names oms.example,10.0.0.5."
        yield error(f"No certificate holds the name {one!r}.", way_out)
    if settings.tls_ca is not None and not settings.tls_ca.parent.is_dir():
        yield error(f"There is no folder {settings.tls_ca.parent}.", "Make it, or name another file with --tls-ca.")
    elif not wrong:
        yield ok(f"https, with a certificate for {', '.join(('this machine', *names))}.")
