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

from mock_oms.cli.doctor.command import DoctorFinding, ok, warning
from mock_oms.server.asgi.connection import LINGER
from mock_oms.settings import PREFIX, Settings, environment_variable, environment_variables, is_service_link
from mock_oms.text import nearest_clause, shortened
from mock_oms.traffic.faults.fault import KINDS

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
_PORT = environment_variable("port")
_LINK = re.compile(rf"{PREFIX}(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_\d+_[A-Z]+(?:_(?:ADDR|PORT|PROTO))?)")
_CONTROL_GROUPS = Path("/sys/fs/cgroup")


def versions(_: Settings) -> Iterator[DoctorFinding]:
    """The mock, Python, the machine, and whether Faker is the version whose names and addresses we promise."""
    python = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield ok(f"mock-oms {version('mock-oms')}, {python}.")
    pins = (re.match(r"faker==([^\s;]+)", one) for one in requires("mock-oms") or ())
    pinned = next((one[1] for one in pins if one), None)
    try:
        found = version("faker")
    except PackageNotFoundError:
        found = "missing"
    if found == pinned:
        yield ok(f"Faker {found}, as pinned.")
    else:
        says = f"Faker is {found}, pinned is {pinned}: names and addresses will be other bytes."
        yield warning(says, f"Install faker=={pinned}.")


def variables(_: Settings) -> Iterator[DoctorFinding]:
    """Whether every environment variable that begins as ours do is one of ours, or of Kubernetes."""
    known = environment_variables()
    links = []
    if is_service_link(os.environ.get(_PORT, "")):
        links = sorted(one for one in os.environ if one == _PORT or _LINK.fullmatch(one))
        yield ok(f"Passed over, because Kubernetes writes them of a Service mock-oms: {', '.join(links)}.")
    unknown = sorted(one for one in os.environ if one.startswith(PREFIX) and one not in {*known, *links})
    for one in unknown:
        says = f"{shortened(one)} is no variable that anything here looks for{nearest_clause(one, known)}."
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
