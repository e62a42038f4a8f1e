#!/usr/bin/env bash
# Write dist/mock-oms.cdx.json: every Python package of the image, with its licence and who needs it, as CycloneDX.
# The same input gives the same bytes: no serial number, no time.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "${BIN:-.venv/bin}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# As in the Dockerfile; `pip wheel` builds in isolation here, because this environment is not the image's.
"$bin/python" -m venv --without-pip "$work/mock-oms"
"$bin/python" -m pip wheel --quiet --no-deps --wheel-dir "$work" .
into=(--python "$work/mock-oms/bin/python" install --quiet --no-compile)
"$bin/python" -m pip "${into[@]}" --require-hashes --only-binary :all: --requirement requirements/runtime.txt
"$bin/python" -m pip "${into[@]}" --no-index --no-deps "$work"/*.whl

# The version stands in the package; the tool reads it in pyproject.toml alone.
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' mock_oms/__init__.py)
sed "s/^dynamic = .*/version = \"$version\"/" pyproject.toml > "$work/pyproject.toml"

mkdir -p dist
"$bin/cyclonedx-py" environment --output-reproducible --short-PURLs --pyproject "$work/pyproject.toml" --output-format JSON \
    --output-file dist/mock-oms.cdx.json "$work/mock-oms/bin/python"
"$bin/python" -c 'import json; print(len(json.load(open("dist/mock-oms.cdx.json"))["components"]), "packages in dist/mock-oms.cdx.json")'
