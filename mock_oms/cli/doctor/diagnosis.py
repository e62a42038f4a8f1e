"""What the doctor checks: this machine, and what the settings lead to."""

import errno
import importlib.util
import json
import os
import platform
import re
import resource
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx
import psutil

from mock_oms.api.state import last_checked
from mock_oms.cli.doctor.command import DoctorFinding, error, ok, warning
from mock_oms.cli.release import release
from mock_oms.contract.openapi import contract_for
from mock_oms.scenarios.building import Scenario
from mock_oms.scenarios.checking import check
from mock_oms.scenarios.errors import Problem, ScenarioError
from mock_oms.scenarios.library import Library
from mock_oms.server.asgi.connection import LINGER
from mock_oms.server.reload import open_library, open_observed
from mock_oms.server.run import CannotServeError, bound, refuse_diverging_worlds
from mock_oms.server.security import fault_of_short_token, real_tokens, refusal_of_real_tokens
from mock_oms.server.tls import refused_names, wanted_names
from mock_oms.settings import PREFIX, Settings, environment_variables, fault_of_token, is_service_link
from mock_oms.text import MAX_HINTS, nearest_clause, shortened
from mock_oms.tokens import ControlTokenError, TwoControlTokensError, given_token
from mock_oms.traffic.faults.fault import KINDS
from mock_oms.urls import is_loopback, url_here
from mock_oms.worlds.host_clock import wall_clock
from mock_oms.worlds.state_folder import is_in_use

#: Below this many bytes the system may end a mock of some size; a small one takes about 100 MB.
_MEMORY = 200_000_000
#: Below this many files, connections are refused that a test of some size opens.
_FILES = 1024
#: For each version of control groups, the files that hold a container's limit, its use, and the parts of that, in bytes.
_GROUPS = (
    ("memory.max", "memory.current", "memory.stat"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat"),
)
#: Memory that is freed when somebody needs it: files of a container that were not read lately.
_RECLAIMED = re.compile(r"^(?:total_)?inactive_file (\d+)$", re.MULTILINE)
#: The variables that Kubernetes writes for a Service of the name mock-oms, beside that of our own setting `port`.
_PORT = f"{PREFIX}PORT"
_LINK = re.compile(rf"{PREFIX}(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_\d+_[A-Z]+(?:_(?:ADDR|PORT|PROTO))?)")
_CONTROL_GROUPS = Path("/sys/fs/cgroup")


def versions(_: Settings) -> Iterator[DoctorFinding]:
    """The mock, Python and the machine."""
    python = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield ok(f"mock-oms {release()}, {python}.")


def variables(_: Settings) -> Iterator[DoctorFinding]:
    """Whether every environment variable that begins as ours do is one of ours, or of Kubernetes."""
    known = environment_variables()
    links = []
    if is_service_link(os.environ.get(_PORT, "")):
        links = sorted(one for one in os.environ if one == _PORT or _LINK.fullmatch(one))
        yield ok(f"Passed over, because Kubernetes writes them of a Service mock-oms: {', '.join(links)}.")
    unknown = sorted(one for one in os.environ if one.startswith(PREFIX) and one not in {*known, *links})
    for number, one in enumerate(unknown):
        near = nearest_clause(one, known) if number < MAX_HINTS else ""
        says = f"{shortened(one)} is no variable that anything here looks for{near}."
        yield warning(says, "Rename it, or take it out of the environment.")
    if not unknown and not links:
        yield ok(f"Every {PREFIX}* of the environment is known.")


def memory(_: Settings) -> Iterator[DoctorFinding]:
    """How much memory is free, in a container too."""
    free, where = min(free_memory(_CONTROL_GROUPS))
    says = f"{free // 1_000_000:,} MB of memory are free {where}."
    way_out = f"Give it {_MEMORY // 1_000_000} MB or more, or end something else."
    yield ok(says) if free >= _MEMORY else warning(says, way_out)


def free_memory(groups: Path) -> Iterator[tuple[int, str]]:
    """Free bytes, and where: on the machine, and within the limit of a container where there is one."""
    yield psutil.virtual_memory().available, "on this machine"
    for files in _GROUPS:
        limit, used, parts = (_text(groups / file) for file in files)
        if limit.isdecimal() and used.isdecimal():  # `max` is no limit
            reclaimed = max(map(int, _RECLAIMED.findall(parts)), default=0)
            yield max(0, int(limit) - int(used) + reclaimed), "within the limit of this container"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def open_files(_: Settings) -> Iterator[DoctorFinding]:
    """How many files may be open at once: each connection is one."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= _FILES:
        most = "Any number of" if soft == resource.RLIM_INFINITY else f"{soft:,}"
        yield ok(f"{most} files may be open at once; each connection takes one.")
    else:
        says = f"Only {soft:,} files may be open at once, and each connection takes one."
        yield warning(says, f"Raise the limit before the start: ulimit -n {_FILES}.")


def faults(_: Settings) -> Iterator[DoctorFinding]:
    """Which kinds of fault can be performed here."""
    kinds = ", ".join(sorted(KINDS))
    loop = "uvloop" if importlib.util.find_spec("uvloop") else "asyncio's own loop"
    try:
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
    except OSError as error:
        says = f"`connection: reset` shows no TCP reset here ({error.strerror}); all else works: {kinds}."
        yield warning(says, "Use `connection: empty` in its place.")
    else:
        yield ok(f"Every kind works here: {kinds} (connections by httptools on {loop}).")


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
    """Every scenario that can be played, as `mock-oms scenario check` verifies it."""
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
    if library.lacks_own:
        yield warning(
            f"{settings.scenarios} holds no scenario.", "Leave --scenarios out, or name the folder with yours."
        )
    elif not problems:
        yield ok(f"All {len(names)} scenarios hold together.")


def _broken(problems: Iterable[Problem]) -> Iterator[DoctorFinding]:
    for one in problems:
        mend = "Mend the file, then verify it with mock-oms scenario check."
        name = "Name what is there, with --scenario and --scenarios; mock-oms scenario list shows it."
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
    nearest = next(one for one in (folder.absolute(), *folder.absolute().parents) if os.path.exists(one))  # noqa: PTH110
    lock = folder / "lock"
    can_write = nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)
    if not can_write or (os.path.exists(lock) and not os.access(lock, os.W_OK)):  # noqa: PTH110
        way_out = "Name another folder with --state, or change its rights."
        yield error(f"The folder {folder} cannot be written to.", way_out)
        return
    try:
        in_use = is_in_use(folder)
    except OSError as broken:
        yield error(f"The folder {folder} cannot be used: {broken.strerror}.", "Name another folder with --state.")
        return
    if in_use:
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
        with bound(settings):
            pass
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
    # Whose authority made its certificate does not matter: no secret is sent, and the answer only says who it is.
    client = httpx.Client(verify=False, trust_env=False, timeout=_PATIENCE)  # noqa: S501  as said
    address = url_here("http" if settings.tls == "off" else "https", settings.host, settings.port)
    try:
        with client, client.stream("GET", f"{address}/_mock/health/live") as answer:
            health = json.loads(next(answer.iter_bytes(1000), b""))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return False
    return isinstance(health, dict) and health.get("status") == "live"


def control(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether the control API needs a token here, and where that comes from."""
    token = None
    with suppress(ControlTokenError):  # which another check reports
        token = given_token(settings.control_token, settings.control_token_file)
    if token is not None and (fault := fault_of_short_token(settings, token, settings.host)):
        yield error(fault, "Give a longer one, or listen on 127.0.0.1.")
    elif settings.control_token is not None or settings.control_token_file is not None:
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


#: The checks by name, in their order; each has one finding or more, and raises nothing.
CHECKS: Mapping[str, Callable[[Settings], Iterable[DoctorFinding]]] = {
    "versions": versions,
    "variables": variables,
    "scenarios": scenarios,
    "tokens": tokens,
    "observed": observation,
    "processes": processes,
    "port": port,
    "control": control,
    "control-token-file": control_token,
    "tls": tls,
    "state": state,
    "faults": faults,
    "memory": memory,
    "open-files": open_files,
}
