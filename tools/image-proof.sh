#!/usr/bin/env bash
# Build the image and run it as hard as it can be run; its container must answer as the local mock does, byte for byte.
# For Linux, root, buildah, runc, `ip` and `nsenter`; no engine and no registry. usage: tools/image-proof.sh [FOLDER]
#   PYTHON_VERSION  3.13, or 3.12
#   BASE_ROOTFS     a folder that stands in for the base image: a Debian with Python under /usr/local. Without it,
#                   python:VERSION-slim is pulled
#   MOCK_OMS        the local mock to compare with: .venv/bin/mock-oms
#   BUILD_OPTIONS   as in tools/image.sh
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
export PYTHON_VERSION=${PYTHON_VERSION:-3.13}
work=$(realpath -m "${1:-$here/build/image-proof-$PYTHON_VERSION}")
program=${MOCK_OMS:-$here/.venv/bin/mock-oms} name=mock-oms-proof-${PYTHON_VERSION//./-}

for tool in buildah runc ip nsenter "$program"; do
    command -v "$tool" > /dev/null || { echo "The proof needs $tool." >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "The proof needs root, for a network of its own." >&2; exit 1; }

mkdir -p "$work"
# A storage of its own; vfs works on every file system.
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s"\nrunroot = "%s"\n' "$work/storage" "$work/run" > "$work/storage.conf"
export CONTAINERS_STORAGE_CONF=$work/storage.conf

stand_in() {
    local container image=docker.io/library/python:$PYTHON_VERSION-slim
    BUILD_OPTIONS="--pull-never ${BUILD_OPTIONS:-}"
    ! buildah inspect --type image "$image" > /dev/null 2>&1 || return 0
    container=$(buildah from scratch)
    buildah copy -q "$container" "$BASE_ROOTFS" / > /dev/null
    buildah config --env PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin --env LANG=C.UTF-8 "$container"
    buildah commit -q "$container" "$image" > /dev/null
    buildah rm "$container" > /dev/null
}

[ -z "${BASE_ROOTFS:-}" ] || stand_in
export BUILD_OPTIONS=${BUILD_OPTIONS:-} BUILDER=buildah TAG=mock-oms:proof
"$here/tools/image.sh" > "$work/build.log" 2>&1 || { tail -30 "$work/build.log"; exit 1; }
buildah inspect --type image mock-oms:proof > "$work/inspect.json"
buildah images --format '{{.Name}}:{{.Tag}} {{.Size}}'

container=$(buildah from --pull-never mock-oms:proof)
root=$(buildah mount "$container")
ip netns add "$name"
trap 'ip netns del "$name"; buildah umount "$container" > /dev/null; buildah rm "$container" > /dev/null' EXIT
ip -n "$name" link set lo up
# Not `ip netns exec`, which hides the control groups that runc looks for.
nsenter --net="/run/netns/$name" python3 "$here/tools/image_proof.py" "$work" "$root" "$name" "$program"
