#!/usr/bin/env bash
# Pin what the image installs in requirements/: every package, its release, the hash of each of its files.
# From the oldest Python that is supported, because only there every conditional dependency is wanted.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${BIN:-.venv/bin}

"$bin/python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "The lock is made with Python 3.11, the oldest \
that is supported, because newer ones need fewer packages: make lock VENV=.venvs/lock PYTHON=python3.11")'

pin() {
    CUSTOM_COMPILE_COMMAND="make lock" "$bin/pip-compile" --no-config --quiet --upgrade --generate-hashes --allow-unsafe \
        --strip-extras --no-annotate --no-emit-options --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
        "$@" pyproject.toml
}

pin --output-file requirements/runtime.txt
pin --only-build-deps --build-deps-for wheel --output-file requirements/build.txt
