# syntax=docker/dockerfile:1.7
# A worker for graphics cards.
#   docker build -f infra/docker/gpu.Dockerfile -t songfilm-gpu:0.1.0 .
# What it lacks: a video model. songfilm has no model's packages to install yet, so that this worker
# sees its cards, takes runs of pool gpu, and paints them on the processor.
ARG CUDA_IMAGE=nvidia/cuda:12.8.1-base-ubuntu24.04

FROM ${CUDA_IMAGE} AS build
ARG CPU=x86-64-v3
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3.12 python3.12-venv \
    && rm -rf /var/lib/apt/lists/* \
    && python3.12 -m venv /opt/songfilm/venv
ENV PATH=/opt/songfilm/venv/bin:$PATH
WORKDIR /src
COPY requirements.lock pyproject.toml prefect.yaml README.md LICENSE ./
COPY recipe_schema recipe_schema
COPY tasks tasks
COPY flows flows
COPY deployments deployments
RUN pip install -c requirements.lock ".[server]"
WORKDIR /
RUN NUMBA_CPU_NAME=${CPU} NUMBA_CPU_FEATURES="" NUMBA_CACHE_DIR=/opt/songfilm/kernels \
    SONGFILM_HOME=/tmp/home python -m deployments.prime
COPY infra/docker/start.sh /opt/songfilm/start.sh
COPY infra/runpod/start.sh /opt/songfilm/runpod.sh

# The base image has CUDA's runtime, and asks NVIDIA's toolkit for the driver and nvidia-smi, by
# which workers tell cards apart.
FROM ${CUDA_IMAGE}
ARG CPU=x86-64-v3
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3.12 tini \
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
ENTRYPOINT ["/usr/bin/tini", "--", "/opt/songfilm/start.sh"]
CMD ["songfilm", "check"]
