#!/bin/sh
# Start of a RunPod pod of the image songfilm-gpu: a worker with an engine a card, until it is
# stopped. Not run on RunPod by us; the worker's command was run on other machines.
# Server, store and catalogue must be reachable from RunPod, with TLS and passwords.
set -eu
for name in PREFECT_API_URL PREFECT_API_AUTH_STRING SONGFILM_STORE SONGFILM_S3_ENDPOINT \
    SONGFILM_S3_ACCESS_KEY SONGFILM_S3_SECRET_KEY SONGFILM_SECRET SONGFILM_CATALOGUE_URL; do
    if [ -z "$(printenv "$name")" ]; then
        echo "$name is not set: add it to the template; secrets as {{ RUNPOD_SECRET_… }}" >&2
        exit 2
    fi
done
# The pod's id stays when it is stopped and started again: its worker knows the runs that it lost.
exec prefect worker start --pool gpu --type songfilm-gpu --name "runpod-${RUNPOD_POD_ID:-$(hostname)}" \
    --limit "${RUNPOD_GPU_COUNT:-1}" --install-policy never --no-create-pool-if-not-found
