#!/bin/sh
# Renew the lock files: versions and hashes, no host names. Needs `uv` on the PATH; users never run this.
set -eu
cd "$(dirname "$0")/.."
compile() { uv pip compile -q --python-version 3.11 --universal --generate-hashes --no-header \
  --no-emit-index-url --no-emit-find-links "$@"; }
compile --extra console pyproject.toml requirements/build.in -o requirements/console.lock
compile --extra console pyproject.toml requirements/build.in requirements/dev.in -o requirements/dev.lock
compile -c requirements/dev.lock requirements/cluster.in -o requirements/cluster.lock
