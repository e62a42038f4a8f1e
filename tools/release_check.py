"""Whether a tag, the version of the package and CHANGELOG agree: `python tools/release_check.py v0.2.0`."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def disagreements(tag: str, root: Path = ROOT) -> list[str]:
    """One sentence for each thing that says another version than the tag."""
    version = re.escape(tag.removeprefix("v"))
    says = {
        "mock_oms/__init__.py": rf'__version__ = "{version}"$',
        "openapi.yaml": rf"  version: {version}$",
        "Dockerfile": rf"ARG VERSION={version}$",
        "CHANGELOG.md": rf"## {version} - \d{{4}}-\d\d-\d\d$",
    }
    found = [] if re.fullmatch(r"v\d+\.\d+\.\d+", tag) else [f"A tag is called as v0.2.0 is, not {tag!r}."]
    for name, line in says.items():
        if not re.search(rf"^{line}", (root / name).read_text(encoding="utf-8"), re.MULTILINE):
            found.append(f"{name} has no line of {tag}: {line}")
    unreleased = re.search(
        r"^## Unreleased\n(.*?)^## ", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    if unreleased and unreleased[1].strip():
        found.append("CHANGELOG.md has entries under Unreleased: move them to the section of this version.")
    return found


if __name__ == "__main__":
    sys.exit("\n".join(disagreements(" ".join(sys.argv[1:]))) or 0)
