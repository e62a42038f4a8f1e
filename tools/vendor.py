"""Fetch the files of npm packages that lie in this repository as they are: `make vendor`.

A table vendored.toml beside them names each file, its package and its sha256. For another release: write its version
into the table, then `make vendor ARGS=--renew`, which writes the sha256 anew.
"""

import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
TABLES = (ROOT / "mock_oms/api/dashboard/vendor/vendored.toml", ROOT / "tests/browser/vendor/vendored.toml")


def rows(table: Path) -> list[dict[str, str]]:
    """A row for each file: `file`, `package`, `version`, `licence`, `member` (its path in the package), `sha256`."""
    return list(tomllib.loads(table.read_text(encoding="utf-8"))["vendored"])


def disagreements(table: Path) -> list[str]:
    """One sentence for each file of the folder that is not as its table says."""
    named = {row["file"]: row["sha256"] for row in rows(table)}
    there = {path.name: path for path in table.parent.iterdir() if path != table}
    found = [f"{name} is in the table of {table.parent} and not in the folder." for name in named.keys() - there.keys()]
    found += [f"{name} is in {table.parent} and not in its table." for name in there.keys() - named.keys()]
    for name in named.keys() & there.keys():
        if sha256(there[name].read_bytes()).hexdigest() != named[name]:
            found.append(f"{there[name]} has another sha256 than the table beside it: make vendor fetches it anew.")
    return sorted(found)


def fetched(packages: Iterable[str], members: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], bytes]:
    """The members of npm packages, each package named as `preact@11.2.0`."""
    found = {}
    with TemporaryDirectory() as folder:
        for package in packages:
            words = ["npm", "pack", "--silent", "--pack-destination", folder, package]
            name = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.split()[-1]
            with tarfile.open(Path(folder, name)) as archive:
                for member in members[package]:
                    file = archive.extractfile(f"package/{member}")
                    found[package, member] = file.read() if file else b""
    return found


def renew(table: Path, *, hashes_too: bool) -> None:
    """Write the files of a table beside it.

    :raises SystemExit: a file has another sha256 than the table says, and `hashes_too` is false; nothing is written.
    """
    members: dict[str, list[str]] = {}
    for row in rows(table):
        members.setdefault(f"{row['package']}@{row['version']}", []).append(row["member"])
    contents = fetched(members, members)
    text = table.read_text(encoding="utf-8")
    written = {}
    for row in rows(table):
        content = contents[f"{row['package']}@{row['version']}", row["member"]]
        found = sha256(content).hexdigest()
        if found != row["sha256"] and not hashes_too:
            sys.exit(
                f"{row['member']} of {row['package']} {row['version']} has the sha256 {found}, and the table says "
                f"{row['sha256']}. If you have changed the version: make vendor ARGS=--renew"
            )
        line = f'file = "{row["file"]}"'
        before, _, after = text.partition(line)
        text = f"{before}{line}{after.replace(row['sha256'], found, 1)}"
        written[row["file"]] = content
    for name, content in written.items():
        (table.parent / name).write_bytes(content)
    table.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for one in TABLES:
        renew(one, hashes_too="--renew" in sys.argv[1:])
