"""The version names the commit where there is one: in a checkout, a worktree, a distribution that was built in one."""

from pathlib import Path

import pytest

from mock_oms import __version__
from mock_oms.cli.release import release

COMMIT = "1b9a503f2c11" + "0" * 28

#: The files beside or in the package, and what is said of the commit.
PLACES: dict[str, tuple[dict[str, str], str]] = {
    "a detached head": ({"openapi.yaml": "", ".git/HEAD": f"{COMMIT}\n"}, " (1b9a503f2c11)"),
    "a branch": (
        {"openapi.yaml": "", ".git/HEAD": "ref: refs/heads/a/b\n", ".git/refs/heads/a/b": f"{COMMIT}\n"},
        " (1b9a503f2c11)",
    ),
    "a packed branch": (
        {
            "openapi.yaml": "",
            ".git/HEAD": "ref: refs/heads/main\n",
            ".git/packed-refs": f"# x\n{COMMIT} refs/heads/main\n",
        },
        " (1b9a503f2c11)",
    ),
    "a worktree": (
        {
            "openapi.yaml": "",
            ".git": "gitdir: real/worktrees/one\n",
            "real/worktrees/one/HEAD": "ref: refs/heads/main\n",
            "real/worktrees/one/commondir": "../..\n",
            "real/refs/heads/main": COMMIT,
        },
        " (1b9a503f2c11)",
    ),
    "a branch without a commit": (
        {"openapi.yaml": "", ".git/HEAD": "ref: refs/heads/main\n", ".git/packed-refs": ""},
        "",
    ),
    "nonsense": ({"openapi.yaml": "", ".git/HEAD": "\x1b[31m\n"}, ""),
    "a wheel": ({"package/commit.txt": f"{COMMIT}-dirty\n"}, " (1b9a503f2c11-dirty)"),
    "a wheel in somebody's repository": ({".git/HEAD": COMMIT}, ""),
    "a checkout without git": ({"openapi.yaml": "", "package/commit.txt": COMMIT}, " (1b9a503f2c11)"),
}


@pytest.mark.parametrize("name", PLACES)
def test_the_commit_is_told_where_there_is_one(name: str, tmp_path: Path) -> None:
    files, said = PLACES[name]
    for file, text in files.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text, encoding="utf-8")
    assert release(tmp_path / "package") == f"{__version__}{said}"
