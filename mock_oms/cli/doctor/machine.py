"""What this machine gives: versions, memory, open files, and faults that can really happen on its connections."""

import importlib.util
import os
import platform
import re
import resource
import socket
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import psutil

from mock_oms.cli.doctor.finding import DoctorFinding, Level
from mock_oms.server.asgi.connection import LINGER
from mock_oms.settings import PREFIX, Settings, environment_variable, environment_variables, is_service_link
from mock_oms.text import nearest_clause, shortened
from mock_oms.traffic.faults.fault import KINDS

#: Below this many bytes the system may end a mock of some size; a small one takes about 100 MB.
_MEMORY = 200_000_000
#: Below this many files, connections are refused that a test of some size opens.
_FILES = 1024
#: What a container may use, what it does use, and of what that is made up, in bytes: as the second version of control
#: groups names it, then as the first does.
_GROUPS = (
    ("memory.max", "memory.current", "memory.stat"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat"),
)
#: What is in use only until somebody needs it: the files of a container that nobody has read lately.
_RECLAIMED = re.compile(r"^(?:total_)?inactive_file (\d+)$", re.MULTILINE)
#: How Kubernetes names what it tells of a Service of the name mock-oms, beside the variable that is also a setting.
_PORT = environment_variable("port")
_LINK = re.compile(rf"{PREFIX}(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_\d+_[A-Z]+(?:_(?:ADDR|PORT|PROTO))?)")
_CONTROL_GROUPS = Path("/sys/fs/cgroup")


def versions(_: Settings) -> Iterator[DoctorFinding]:
    """The mock, Python, the machine, and whether Faker is the one whose words are part of our bytes."""
    python = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield DoctorFinding(check="versions", says=f"mock-oms {version('mock-oms')}, {python}.")
    found, pinned = _version("faker"), _pin("faker")
    if found == pinned:
        yield DoctorFinding(check="versions", says=f"Faker {found}, as pinned.")
    else:
        yield DoctorFinding(
            check="versions",
            level=Level.WARNING,
            says=f"Faker is {found or 'missing'}, pinned is {pinned}: names and addresses will be other bytes.",
            way_out=f"Install faker=={pinned}.",
        )


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _pin(package: str) -> str | None:
    found = (re.match(rf"{package}==([^\s;]+)", one) for one in requires("mock-oms") or ())
    return next((one[1] for one in found if one), None)


def variables(_: Settings) -> Iterator[DoctorFinding]:
    """Whether every environment variable that begins as ours do is one of ours, or of Kubernetes."""
    known, links = environment_variables(), _links()
    strange = sorted(one for one in os.environ if one.startswith(PREFIX) and one not in {*known, *links})
    if links:
        says = f"Passed over, because Kubernetes writes them of a Service mock-oms: {', '.join(links)}."
        yield DoctorFinding(check="variables", says=says)
    for one in strange:
        yield DoctorFinding(
            check="variables",
            level=Level.WARNING,
            says=f"{shortened(one)} is no variable that anything here looks for{nearest_clause(one, known)}.",
            way_out="Rename it, or take it out of the environment.",
        )
    if not strange and not links:
        yield DoctorFinding(check="variables", says=f"Every {PREFIX}* of the environment is known.")


def _links() -> list[str]:
    """The variables by which Kubernetes tells every pod of a Service that has our name."""
    if not is_service_link(os.environ.get(_PORT, "")):
        return []
    return sorted(one for one in os.environ if one == _PORT or _LINK.fullmatch(one))


def memory(_: Settings) -> Iterator[DoctorFinding]:
    """How much memory is free, in a container too."""
    free, where = min(free_memory(_CONTROL_GROUPS))
    says = f"{free // 1_000_000:,} MB of memory are free {where}."
    if free >= _MEMORY:
        yield DoctorFinding(check="memory", says=says)
    else:
        way_out = f"Give it {_MEMORY // 1_000_000} MB or more, or end something else."
        yield DoctorFinding(check="memory", level=Level.WARNING, says=says, way_out=way_out)


def free_memory(groups: Path) -> Iterator[tuple[int, str]]:
    """Free bytes, and where: on the machine, and within the limit of a container where there is one."""
    yield psutil.virtual_memory().available, "on this machine"
    for most, used, parts in _GROUPS:
        limit, taken = _number(groups / most), _number(groups / used)
        if limit is not None and taken is not None:
            yield max(0, limit - taken + _reclaimed(groups / parts)), "within the limit of this container"


def _number(file: Path) -> int | None:
    """What a file of a control group holds; None where there is none, or no limit (`max`)."""
    try:
        return int(file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _reclaimed(file: Path) -> int:
    try:
        return max(map(int, _RECLAIMED.findall(file.read_text(encoding="ascii"))), default=0)
    except (OSError, ValueError):
        return 0


def open_files(_: Settings) -> Iterator[DoctorFinding]:
    """How many files may be open at once: each connection is one."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= _FILES:
        most = "Any number of" if soft == resource.RLIM_INFINITY else f"{soft:,}"
        yield DoctorFinding(check="open-files", says=f"{most} files may be open at once; each connection takes one.")
    else:
        yield DoctorFinding(
            check="open-files",
            level=Level.WARNING,
            says=f"Only {soft:,} files may be open at once, and each connection takes one.",
            way_out=f"Raise the limit before the start: ulimit -n {_FILES}.",
        )


def faults(_: Settings) -> Iterator[DoctorFinding]:
    """Which kinds of fault can be performed here."""
    kinds = ", ".join(sorted(KINDS))
    loop = "uvloop" if importlib.util.find_spec("uvloop") else "asyncio's own loop"
    lost = _lost()
    if lost is None:
        yield DoctorFinding(
            check="faults", says=f"Every kind works here: {kinds} (connections by httptools on {loop})."
        )
    else:
        yield DoctorFinding(
            check="faults",
            level=Level.WARNING,
            says=f"`connection: reset` shows no TCP reset here ({lost}); all else works: {kinds}.",
            way_out="Use `connection: empty` in its place.",
        )


def _lost() -> str | None:
    """Why a connection cannot be reset; None where it can."""
    try:
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
    except OSError as error:
        return str(error.strerror)
    return None
