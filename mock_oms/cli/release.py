"""Which release runs, and of which commit: read from files, without running git."""

import re
from contextlib import suppress
from pathlib import Path

import mock_oms

#: What `make dist` puts into a distribution: the commit, with `-dirty` where the checkout had changes.
_WRITTEN = "commit.txt"
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?(?:-dirty)?")


def release(package: Path = Path(mock_oms.__file__).parent) -> str:
    """The version and, where it is known, the commit: `0.2.0 (1b9a503f2c11)`; `package` is the folder of mock_oms."""
    commit = _commit(package)
    if not commit:
        return mock_oms.__version__
    name, dash, changed = commit.partition("-")
    return f"{mock_oms.__version__} ({name[:12]}{dash}{changed})"


def _commit(package: Path) -> str | None:
    """The commit of the checkout or, outside of one, that which was written down when the distribution was built."""
    with suppress(OSError, ValueError):
        if (package.parent / "openapi.yaml").is_file():  # a copy in somebody's repository is not of its commit
            return _checked_out(package.parent / ".git")
    with suppress(OSError, ValueError):
        return _valid((package / _WRITTEN).read_text(encoding="ascii"))
    return None


def _checked_out(git: Path) -> str | None:
    """The commit that HEAD names; in a worktree `.git` is a file, and the branches are in the folder that it shares."""
    if git.is_file():
        git = git.parent / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
    head = (git / "HEAD").read_text(encoding="utf-8").strip()
    if not head.startswith("ref: "):
        return _valid(head)
    shared, branch = git, head.removeprefix("ref: ")
    with suppress(FileNotFoundError):
        shared = git / (git / "commondir").read_text(encoding="utf-8").strip()
    with suppress(FileNotFoundError):
        return _valid((shared / branch).read_text(encoding="ascii"))
    lines = (shared / "packed-refs").read_text(encoding="utf-8").splitlines()
    return next((_valid(line.split()[0]) for line in lines if line.endswith(f" {branch}")), None)


def _valid(text: str) -> str | None:
    return text.strip() if _COMMIT.fullmatch(text.strip()) else None
