#!/usr/bin/env bash
# Build sdist and wheel in dist/; `mock-oms --version` of them tells the commit of this checkout.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf dist/*.whl dist/*.tar.gz
# An sdist has no .git, and keeps the file that it came with.
if [ -e .git ]; then
    trap 'rm -f mock_oms/commit.txt' EXIT
    git describe --always --dirty --abbrev=40 --exclude '*' > mock_oms/commit.txt
fi
"${BIN:-.venv/bin}/python" -m build --outdir dist
"${BIN:-.venv/bin}/python" -m build --wheel --outdir dist packaging/client
