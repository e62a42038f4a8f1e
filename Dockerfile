# The mock as an image: `make image`, or `docker build --tag mock-oms .`; compose.yaml says how to run it.
# Kept plain, so that other builders than Docker's read it too: no heredocs, no cache mounts, no digests.
ARG PYTHON_VERSION=3.13
# Another name for the same image, where it comes from a mirror.
ARG BASE=python:${PYTHON_VERSION}-slim

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
# The environment gets no pip of its own: this stage's pip fills it from outside (`--python`).
RUN python -m venv --without-pip /opt/mock-oms
# Dependencies first: they change seldom, so that an edit of the source does not download them again.
COPY requirements/ requirements/
# Wheels only, each by its hash: nothing that comes from outside is run while the image is built.
RUN pip install --no-cache-dir --require-hashes --only-binary :all: --requirement requirements/build.txt \
    && pip --python /opt/mock-oms/bin/python install --no-cache-dir --no-compile --require-hashes --only-binary :all: \
        --requirement requirements/runtime.txt
# openapi.yaml and scenarios/ lie outside the package; only building a wheel brings them inside (force-include).
COPY pyproject.toml README.md LICENSE openapi.yaml ./
COPY scenarios/ scenarios/
COPY mock_oms/ mock_oms/
# `--no-index`: what the wheel wants and the lock lacks is an error here, not a download.
# Bytecode by unchecked hash: copying may round the times of files, and half of what goes by time would be stale.
RUN pip wheel --no-cache-dir --no-index --no-build-isolation --no-deps --wheel-dir dist . \
    && pip --python /opt/mock-oms/bin/python install --no-cache-dir --no-index --no-compile dist/*.whl \
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/mock-oms/lib

FROM ${BASE}
COPY --from=build /opt/mock-oms /opt/mock-oms
# The base image ships its standard library without bytecode. Running once as root keeps it for what we import, which
# saves every start half a second and every health check more than half of its time. It also shows that the wheel works.
# The two folders are for volumes: a new one takes over their mode, and then any user may write there.
RUN /opt/mock-oms/bin/mock-oms plans > /dev/null \
    && /opt/mock-oms/bin/python -c "import encodings.idna, trustme, urllib.request, mock_oms.server.run" \
    && mkdir -m 1777 /state /tls
# 0.0.0.0, because a published port never arrives on the container's loopback.
# All bytecode was written above; nothing is written at run time, so the root file system may be read-only.
ENV PATH=/opt/mock-oms/bin:${PATH} \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MOCK_OMS_HOST=0.0.0.0 \
    MOCK_OMS_PORT=8080 \
    MOCK_OMS_SCENARIOS=/scenarios
# Mount scenarios of your own here: they stand beside the shipped ones. WORKDIR also creates the folder; a configured
# folder that is missing is an error.
WORKDIR /scenarios
VOLUME /scenarios
# A number, because Kubernetes' runAsNonRoot cannot check a name.
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
# Asks the port of MOCK_OMS_PORT.
# The start interval (Docker 25, or buildah of the same age) is what lets those who wait go on after less than a second, not ten.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --start-interval=0.5s --retries=3 \
    CMD ["mock-oms", "healthcheck"]
# Exec form: Python is PID 1 and gets SIGTERM itself, without a shell in between that swallows it.
ENTRYPOINT ["mock-oms"]
CMD ["serve"]
# Last, so that a new revision keeps every layer above.
ARG VERSION=0.2.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="mock-oms" \
      org.opencontainers.image.description="A stateful mock of Akinon's OMS order execution plans" \
      org.opencontainers.image.licenses="MIT AND Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
