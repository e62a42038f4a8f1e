"""Run a mounted image, for `tools/image-proof.sh`, and compare its answers with those of a local mock."""

import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TOKEN = {"Authorization": "Token mock-oms-token"}
LIST = "/api/v1/oms/orderexecutionplans/"
#: What is asked of both: a target, and the headers that go with it. The scenario's clock stands still.
ASKED: tuple[tuple[str, dict[str, str]], ...] = (
    (LIST, TOKEN),
    (f"{LIST}?limit=1", TOKEN),
    (f"{LIST}?limit=1&page=2", TOKEN),
    (f"{LIST}?page=999", TOKEN),
    (f"{LIST}41207/", TOKEN),
    (f"{LIST}41207/", {**TOKEN, "Accept": "text/html"}),
    (f"{LIST}1/", TOKEN),
    (LIST, {}),
    (LIST, {"Authorization": "Token wrong"}),
    ("/api/v1/oms/nothing/", TOKEN),
    ("/_mock/health/live", {}),
    ("/_mock/health/ready", {}),
)
SETTINGS = {"MOCK_OMS_SCENARIO": "restock", "MOCK_OMS_CONTROL_TOKEN": "of-the-image-proof"}
#: Tried inside the container: each line of output is a fact about the process that serves.
INSIDE = """
import os
status = dict(line.split(":", 1) for line in open("/proc/1/status").read().splitlines())
print("uid, gid:", status["Uid"].split()[0], status["Gid"].split()[0])
print("capabilities:", status["CapEff"].strip(), "no new privileges:", status["NoNewPrivs"].strip())
print("resident:", status["VmRSS"].strip(), "PID 1:", open("/proc/1/cmdline").read().split(chr(0))[:-1])
for path in ("/proof", "/scenarios/proof", "/opt/mock-oms/proof", "/state/proof"):
    try:
        open(path, "w")
        print("WRITTEN:", path)
    except OSError as error:
        print("cannot be written:", path, error.strerror)
"""
#: Seconds to wait until a mock is ready.
PATIENCE = 30


def bundle(work: Path, root: str, name: str) -> Path:
    """What runc starts from: what the image says, in the network `name`, without capabilities, nothing writable."""
    folder = work / "bundle"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    subprocess.run(["runc", "spec"], cwd=folder, check=True)
    said: dict[str, Any] = json.loads((work / "inspect.json").read_text())["Docker"]["config"]
    spec = json.loads((folder / "config.json").read_text())
    user, group = map(int, said["User"].split(":"))
    spec["process"] |= {
        "terminal": False,
        "args": said["Entrypoint"] + said["Cmd"],
        "cwd": said["WorkingDir"],
        "user": {"uid": user, "gid": group},
        "env": said["Env"] + [f"{key}={value}" for key, value in SETTINGS.items()],
        "capabilities": {},
        "noNewPrivileges": True,
    }
    spec["process"].pop("rlimits", None)
    spec["root"] = {"path": root, "readonly": True}
    spec["linux"].pop("resources", None)
    network = {"type": "network", "path": f"/var/run/netns/{name}"}
    spaces = [one for one in spec["linux"]["namespaces"] if one["type"] not in {"network", "cgroup"}]
    spec["linux"]["namespaces"] = [*spaces, network]
    (folder / "config.json").write_text(json.dumps(spec))
    return folder


def answer(port: int, target: str, headers: dict[str, str]) -> bytes:
    """An answer as bytes: status, headers but for the date, body. Both mocks are asked under the same name."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", target, headers={"Host": "mock-oms:8080", "X-Request-Id": "one", **headers})
    got = connection.getresponse()
    said = "".join(f"{name}: {value}\n" for name, value in got.getheaders() if name.lower() != "date")
    body = got.read()
    connection.close()
    return f"{got.status} {got.reason}\n{said}\n".encode() + body


@contextmanager
def running(
    command: list[str],
    port: int,
    **more: Any,  # noqa: ANN401  Popen's
) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A mock that is ready, and the seconds until it was; its log goes to standard error."""
    begin = time.perf_counter()
    with subprocess.Popen(command, **more) as process:
        try:
            while not is_ready(port):
                if process.poll() is not None or time.perf_counter() - begin > PATIENCE:
                    sys.exit(f"{command} does not become ready.")
                time.sleep(0.02)
            yield process, time.perf_counter() - begin
        finally:
            if process.poll() is None:
                process.kill()


def is_ready(port: int) -> bool:
    """Whether the mock on this port answers that it is ready."""
    try:
        return answer(port, "/_mock/health/ready", {}).startswith(b"200")
    except OSError:
        return False


def compare() -> list[str]:
    """The targets whose answers differ between the container and the local mock."""
    return [target for target, headers in ASKED if answer(8080, target, headers) != answer(9090, target, headers)]


def inside(name: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the container."""
    return subprocess.run(["runc", "exec", name, *command], capture_output=True, text=True, check=False)


def stop(name: str, process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """Exit code after SIGTERM, and the seconds until it ended."""
    begin = time.perf_counter()
    subprocess.run(["runc", "kill", name, "TERM"], check=True)
    return process.wait(timeout=15), time.perf_counter() - begin


def main(work: Path, root: str, name: str, program: str) -> None:
    """Start both, print what was found; exit code 1 where the answers differ or something is not as it must be."""
    folder = bundle(work, root, name)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MOCK_OMS_")} | SETTINGS
    local = [program, "serve", "--port", "9090"]
    with (
        (work / "container.log").open("wb") as log,
        (work / "local.log").open("wb") as other,
        running(["runc", "run", name], 8080, cwd=folder, stderr=log) as (process, seconds),
        running(local, 9090, env=environment, stderr=other),
    ):
        differing = compare()
        facts, health = inside(name, "python", "-c", INSIDE), inside(name, "mock-oms", "healthcheck")
        code, end = stop(name, process)
    print(f"the container was ready after {seconds:.2f} s")
    print(f"{len(ASKED) - len(differing)} of {len(ASKED)} answers are the local mock's, byte for byte", *differing)
    print(facts.stdout + facts.stderr, end="")
    print(f"health check: exit code {health.returncode}; SIGTERM: exit code {code} after {end:.2f} s")
    if differing or facts.returncode or "WRITTEN" in facts.stdout or health.returncode or code:
        sys.exit("This image is not as it must be.")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
