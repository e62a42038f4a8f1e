#!/usr/bin/env bash
# Run tests/unit and tests/api with every Python from 3.11 on that is found on PATH or under ~/.pyenv; more arguments go
# to pytest. Each gets an environment in .venvs/ that stays. Exit code 1 where one fails, or where none is found.
set -uo pipefail
cd "$(dirname "$0")/.."
shopt -s nullglob

found() {
    local minor candidate
    for minor in 11 12 13 14 15; do
        for candidate in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3."$minor".*/bin/python $(type -ap "python3.$minor"); do
            # What stands there may be a shim that knows no such version, or a Python of another name.
            "$candidate" -c "import sys, venv; sys.exit(sys.version_info[:2] != (3, $minor))" 2> /dev/null || continue
            echo "3.$minor $candidate"
            break
        done
    done
}

tried() {
    local version=$1 python=$2
    shift 2
    local folder=.venvs/$version
    [ -x "$folder/bin/python" ] || "$python" -m venv "$folder" || return
    "$folder/bin/python" -m pip install --quiet --upgrade 'pip>=25.1' || return
    "$folder/bin/python" -m pip install --quiet --editable . --group test || return
    "$folder/bin/python" -m pytest tests/unit tests/api "$@"
}

failed=0 lines=()
while read -r version python; do
    echo "== Python $version: $python"
    if tried "$version" "$python" "$@" < /dev/null; then said=passed; else said=FAILED failed=1; fi
    lines+=("$version $said")
done < <(found)

[ ${#lines[@]} -gt 0 ] || { echo "No Python from 3.11 on was found." >&2; exit 1; }
printf '%s\n' "${lines[@]}"
exit "$failed"
