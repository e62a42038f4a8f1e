#!/usr/bin/env bash
# Build the image: with Docker where its engine answers, else with buildah, which needs none.
#   PYTHON_VERSION  3.13, or 3.12, 3.11
#   TAG             mock-oms
#   BASE            another name for python:VERSION-slim, such as that of a mirror
#   BUILDER         docker or buildah, instead of the one that is found
#   BUILD_OPTIONS   more options for `docker build` or `buildah bud`, such as a --volume with the certificates of a proxy
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' mock_oms/__init__.py)
revision=$(git rev-parse HEAD 2> /dev/null || echo unknown)
options=(--build-arg "PYTHON_VERSION=${PYTHON_VERSION:-3.13}" --build-arg "VERSION=$version"
    --build-arg "REVISION=$revision" --tag "${TAG:-mock-oms}")
[ -z "${BASE:-}" ] || options+=(--build-arg "BASE=$BASE")
read -r -a more <<< "${BUILD_OPTIONS:-}"
options+=(${more[@]+"${more[@]}"})

found() {
    if docker info > /dev/null 2>&1; then echo docker; elif command -v buildah > /dev/null; then echo buildah; fi
}

with_buildah() {
    local file=Dockerfile
    # An older buildah (1.28 is one) stops at an option that it does not know. Without it the image is the same, but for those who
    # wait for its health in Docker: they go on after ten seconds instead of one.
    if ! grep -q start-interval "$(command -v buildah)"; then
        file=$(mktemp)
        # shellcheck disable=SC2064  the name is local, and gone at the exit
        trap "rm -f '$file'" EXIT
        sed 's/ --start-interval=[^ ]*//' Dockerfile > "$file"
        echo "This buildah knows no --start-interval: built without." >&2
    fi
    # chroot: works inside another container too. docker: the OCI format knows no health check.
    buildah bud --isolation chroot --format docker --file "$file" "${options[@]}" .
}

case ${BUILDER:-$(found)} in
    docker) exec docker build "${options[@]}" . ;;
    buildah) with_buildah ;;
    "")
        echo 'No image can be built here: `docker info` reaches no Docker engine, and there is no buildah.' >&2
        echo 'Start Docker, or install buildah, which needs no engine: `apt-get install buildah`.' >&2
        exit 1
        ;;
    *)
        echo "BUILDER is $BUILDER; accepted: docker, buildah." >&2
        exit 1
        ;;
esac
