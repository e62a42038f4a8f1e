#!/usr/bin/env bash
# What `make bench` needs beside Python: wrk, nginx, Java and Node from the system, and the peers that come from npm.
# Debian's nginx starts a server of its own on port 80, which nothing here needs.
set -euo pipefail
cd "$(dirname "$0")"
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

declare -A package_of=(
    [wrk]=wrk [nginx]=nginx-light [java]=default-jre-headless [taskset]=util-linux [node]=nodejs [npm]=npm
)
packages=()
for program in "${!package_of[@]}"; do
    command -v "$program" >/dev/null || packages+=("${package_of[$program]}")
done

if ((${#packages[@]})); then
    if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null; then
        apt-get update -q
        apt-get install -yq --no-install-recommends "${packages[@]}"
    else
        echo "Missing here, by their names in Debian: ${packages[*]}. Install them; a peer without its program is left out." >&2
    fi
fi

if command -v npm >/dev/null; then
    npm install --no-audit --no-fund --no-package-lock
else
    echo "Without npm there is no WireMock, Prism, json-server or Mockoon." >&2
fi
