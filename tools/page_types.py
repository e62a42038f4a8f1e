"""Check the types of the page's modules with TypeScript: `python tools/page_types.py` (`make check` runs it).

TypeScript, and the packages whose types the vendored files have, are installed below .venvs/tsc by npm. Without npm one
line says that nothing was checked, which is a failure under CI.
"""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "mock_oms/api/dashboard"
TOOL = ROOT / ".venvs/tsc"
TYPESCRIPT = "typescript@7.0.2"
_LIBRARIES = ["es2023", "dom", "dom.iterable", "dom.asynciterable"]
_OPTIONS = {
    "allowJs": True,
    "checkJs": True,
    "noEmit": True,
    "strict": True,
    # Else every callback of a template would need a comment: a fifth of the page's bytes were such comments.
    "noImplicitAny": False,
    "skipLibCheck": True,
    "noImplicitReturns": True,
    "noUnusedLocals": True,
    "noUnusedParameters": True,
    "target": "es2023",
    "lib": _LIBRARIES,
    "module": "preserve",
    "types": [],
}


def installed() -> Path | None:
    """The compiler, of the releases that are wanted; None without npm."""
    rows = tomllib.loads((PAGE / "vendor/vendored.toml").read_text(encoding="utf-8"))["vendored"]
    packages = sorted({TYPESCRIPT, *(f"{row['package']}@{row['version']}" for row in rows)})
    made = TOOL / ".made"
    if not made.exists() or made.read_text().split() != packages:
        if shutil.which("npm") is None:
            return None
        TOOL.mkdir(parents=True, exist_ok=True)
        quiet = ("--silent", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts")
        subprocess.run(["npm", "install", "--prefix", str(TOOL), *quiet, *packages], check=True)
        made.write_text("\n".join(packages))
    return TOOL / "node_modules/.bin/tsc"


def complaints(compiler: Path, page: Path) -> list[str]:
    """What the compiler says of the modules in a folder, a line each.

    They are checked in a copy, where in place of each vendored file stand the types of its package: beside the file in
    the package they would be shipped, and elsewhere TypeScript does not look for them.
    """
    with TemporaryDirectory(dir=TOOL) as folder:
        copy = Path(folder, "page")
        shutil.copytree(page, copy, ignore=shutil.ignore_patterns("vendor"))
        (copy / "vendor").mkdir()
        for file in (PAGE / "vendor").glob("*.mjs"):
            names = "{ default }" if "export default" in file.read_text(encoding="utf-8") else "*"
            (copy / "vendor" / f"{file.stem}.d.mts").write_text(f'export {names} from "{file.stem}";\n')
        project = {"compilerOptions": _OPTIONS, "include": ["**/*.js", "**/*.d.mts"]}
        (copy / "tsconfig.json").write_text(json.dumps(project))
        words = [str(compiler), "--project", ".", "--pretty", "false"]
        done = subprocess.run(words, cwd=copy, capture_output=True, text=True, check=False)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line]
    return lines or ([f"tsc ended with {done.returncode}."] if done.returncode else [])


def main(page: Path) -> int:
    """Print what is wrong, and answer with an exit code."""
    compiler = installed()
    if compiler is None:
        print("Left out: the types of the page's modules are checked by TypeScript, and npm is not installed.")
        return int(os.environ.get("CI") == "true")
    found = complaints(compiler, page)
    for line in found:
        # A line that goes on with the one before it starts with a blank.
        print(line if line.startswith(" ") else os.path.relpath(page / line))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else PAGE))
