#!/usr/bin/env bash
# Install what tests/gates needs: the group `gates` in .venvs/gates, Spectral and Bruno in folders of their own. Java, Node.js and the
# Chromium of tests/browser come with apt-get where that is at hand and allowed; else one line says what is missing, which is a
# failure under CI.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A known=([java]=default-jre-headless [npm]=npm)
packages=()
for command in "${!known[@]}"; do
    command -v "$command" >/dev/null || packages+=("${known[$command]}")
done
# It has several names.
"${PYTHON:-python3}" -m tests.browser.chromium >/dev/null 2>&1 || packages+=(chromium)
if ((${#packages[@]})) && [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
    apt-get update -q
    apt-get install -yq --no-install-recommends "${packages[@]}"
elif ((${#packages[@]})); then
    echo "Missing: ${packages[*]}. The tests that need them are skipped." >&2
    [[ ${CI:-} != true ]]
fi

python=.venvs/gates/bin/python
if [[ ! -e .venvs/gates/.made || pyproject.toml -nt .venvs/gates/.made ]]; then
    "${PYTHON:-python3}" -m venv .venvs/gates
    "$python" -m pip install --quiet --upgrade 'pip>=25.1'
    "$python" -m pip install --quiet --group gates
    touch .venvs/gates/.made
fi
declare -A packages_of=([spectral]='@stoplight/spectral-cli@^6.16' [bruno]='@usebruno/cli@^4.1')
for name in "${!packages_of[@]}"; do
    if [[ ! -e .venvs/$name/.made ]] && command -v npm >/dev/null; then
        mkdir -p ".venvs/$name"
        npm install --prefix ".venvs/$name" --silent --no-audit --no-fund --no-package-lock --ignore-scripts "${packages_of[$name]}"
        touch ".venvs/$name/.made"
    fi
done
