#!/usr/bin/env bash
# Install what tests/neighbours needs, the group `neighbours` and the mock itself, in .venvs/neighbours.
set -euo pipefail
cd "$(dirname "$0")/.."

python=.venvs/neighbours/bin/python
if [[ ! -e .venvs/neighbours/.made || pyproject.toml -nt .venvs/neighbours/.made ]]; then
    "${PYTHON:-python3}" -m venv .venvs/neighbours
    "$python" -m pip install --quiet --upgrade 'pip>=25.1'
    "$python" -m pip install --quiet --editable . --group neighbours
    touch .venvs/neighbours/.made
fi
