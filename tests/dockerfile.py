"""The Dockerfile, read."""

import json
import re
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCKERFILE = ROOT / "Dockerfile"


def steps() -> list[tuple[str, str]]:
    """Each instruction with what follows it, continuation lines joined."""
    lines = [line for line in DOCKERFILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in joined.splitlines()) if name]


def instructions(name: str) -> list[str]:
    """What follows each instruction of this name."""
    return [rest for one, rest in steps() if one == name]


def copied() -> list[tuple[list[str], str]]:
    """What of the checkout goes into the build: sources, and where to."""
    words = [line.split() for line in instructions("COPY") if not line.startswith("--from=")]
    return [(sources, target) for *sources, target in words]


def environment() -> dict[str, str]:
    """The environment variables that the build and the image set."""
    return dict(pair.split("=", 1) for pair in chain.from_iterable(line.split() for line in instructions("ENV")))


def command() -> list[str]:
    """What a container runs."""
    (entrypoint,), (more,) = instructions("ENTRYPOINT"), instructions("CMD")
    return [*json.loads(entrypoint), *json.loads(more)]


def health_check() -> list[str]:
    """What asks a container for its health."""
    (check,) = instructions("HEALTHCHECK")
    command: list[str] = json.loads(check.partition(" CMD ")[2])
    return command
