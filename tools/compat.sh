#!/usr/bin/env bash
# What the ranges of pyproject.toml promise: the quick tests with the lowest and the highest releases, the same bytes from both, and the
# plugin beside projects of others. Each has an environment of its own below .venvs, made anew when pyproject.toml has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ ! -e .venvs/uv/.made ]]; then
    "${PYTHON:-python3}" -m venv .venvs/uv
    .venvs/uv/bin/python -m pip install --quiet uv
    touch .venvs/uv/.made
fi
uv() { .venvs/uv/bin/uv "$@" --quiet; }

# Name, then what is installed beside the mock.
environment() {
    local folder=.venvs/$1
    shift
    [[ ! -e $folder/.made || pyproject.toml -nt $folder/.made || tools/compat.sh -nt $folder/.made ]] || return 0
    rm -rf "$folder"
    "${PYTHON:-python3}" -m venv "$folder"
    uv pip install --python "$folder/bin/python" --editable . "$@"
    touch "$folder/.made"
}

tests=(tests/unit tests/api tests/system/test_determinism.py tests/system/test_front.py tests/system/test_oms_command.py
    tests/system/test_pytest_plugin.py tests/system/test_running_server.py tests/system/test_tls.py tests/system/test_wire_*.py)
mkdir -p .venvs
uv pip compile --resolution lowest-direct --no-header pyproject.toml --output-file .venvs/lowest.txt
environment lowest --constraint .venvs/lowest.txt --group compat
environment highest --upgrade --group compat
for end in lowest highest; do
    echo "With the $end releases:"
    uv pip check --python ".venvs/$end/bin/python"
    TEST_PROFILE=smoke ".venvs/$end/bin/python" -m pytest -q -m "not slow" "${tests[@]}" "$@"
    ".venvs/$end/bin/mock-oms" plans --scenario default --at 1d --limit 1000 >".venvs/$end.json"
done
cmp .venvs/lowest.json .venvs/highest.json

# A neighbour: its name, a module of it, and what is installed.
neighbour() {
    local name=$1 module=$2 folder=.venvs/beside-$1
    shift 2
    environment "beside-$name" pytest "$@"
    echo "Beside $*:"
    uv pip check --python "$folder/bin/python"
    "$folder/bin/mock-oms" plans --scenario default --at 1d --limit 1000 | cmp - .venvs/highest.json
    local tests
    tests=$(mktemp -d)
    printf 'import %s\ndef test_it(oms):\n    assert oms.plans().count\n' "$module" >"$tests/test_beside.py"
    (cd "$tests" && "$OLDPWD/$folder/bin/python" -W error -m pytest -q -p no:cacheprovider test_beside.py)
    rm -r "$tests"
}
neighbour django rest_framework 'django~=5.2.0' djangorestframework 'faker~=25.0' 'marshmallow<4' 'click<8.2'
neighbour fastapi fastapi 'fastapi~=0.115.0' 'uvicorn~=0.30.0' 'httpx<0.28'
neighbour moto moto.server 'moto[server]' 'flask<3.1'
