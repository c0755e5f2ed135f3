#!/bin/sh
# Start of every container. numba refuses a cache that it cannot write to, and the image's is
# read-only: the compiled kernels are copied (9 MB) to where this process may write.
set -eu
if [ -n "${NUMBA_CACHE_DIR:-}" ] && [ ! -e "$NUMBA_CACHE_DIR" ]; then
    cp -R /opt/songfilm/kernels "$NUMBA_CACHE_DIR.part"
    mv "$NUMBA_CACHE_DIR.part" "$NUMBA_CACHE_DIR"
fi
exec "$@"
