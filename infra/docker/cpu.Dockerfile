# syntax=docker/dockerfile:1.7
# Everything of songfilm but models: server, services, bootstrap, studio, films and CPU workers.
#   docker build -f infra/docker/cpu.Dockerfile -t songfilm-cpu:0.1.0 .
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
# What kernels are compiled for. x86-64-v3: Intel since Haswell, AMD since Zen (AVX2); 3 to 9 % slower
# than native, same pixels, and valid wherever the container runs. Other processors: CPU=generic.
ARG CPU=x86-64-v3
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/songfilm/venv
ENV PATH=/opt/songfilm/venv/bin:$PATH
WORKDIR /src
COPY requirements.lock pyproject.toml prefect.yaml README.md LICENSE ./
COPY recipe_schema recipe_schema
COPY tasks tasks
COPY flows flows
COPY deployments deployments
RUN pip install -c requirements.lock ".[server]"
# Not from /src: what is compiled there would be of another path.
WORKDIR /
RUN NUMBA_CPU_NAME=${CPU} NUMBA_CPU_FEATURES="" NUMBA_CACHE_DIR=/opt/songfilm/kernels \
    SONGFILM_HOME=/tmp/home python -m deployments.prime
COPY infra/docker/start.sh /opt/songfilm/start.sh

FROM ${PYTHON_IMAGE}
ARG CPU=x86-64-v3
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --create-home --home-dir /home/songfilm songfilm \
    && install -d -o 10001 -g 10001 /var/lib/songfilm
COPY --from=build /opt/songfilm /opt/songfilm
ENV PATH=/opt/songfilm/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    NUMBA_CPU_NAME=${CPU} \
    NUMBA_CPU_FEATURES="" \
    NUMBA_CACHE_DIR=/tmp/kernels \
    SONGFILM_HOME=/var/lib/songfilm
USER 10001:10001
WORKDIR /home/songfilm
# No HEALTHCHECK: one image, many roles; compose and Kubernetes ask each in its own way.
ENTRYPOINT ["/usr/bin/tini", "--", "/opt/songfilm/start.sh"]
CMD ["songfilm", "check"]
