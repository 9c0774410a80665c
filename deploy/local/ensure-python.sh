#!/usr/bin/env bash
# Make .venv from Python 3.11 and its own venv and pip: nothing else needs to be on the machine.
# uv is fetched first, pinned by hash, because it installs the rest in seconds.
set -euo pipefail
cd "$(dirname "$0")/../.."
unset VIRTUAL_ENV PYTHONHOME PYTHONPATH CONDA_PREFIX

say() { printf '%s\n' "$*" >&2; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      printf '%s' "$candidate"
      return
    fi
  done
  say "OneClick needs Python 3.11 or newer, and found none. Install it, or say where it is: make PYTHON=/path/to/python3.11 …"
  exit 1
}

if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  python=$(find_python)
  say "Making .venv with $("$python" --version)"
  rm -rf .venv
  if ! "$python" -m venv .venv; then
    rm -rf .venv
    say "Python's own venv module does not work here; on Debian and Ubuntu it is the package python3.11-venv."
    exit 1
  fi
fi

if ! cmp -s deploy/local/bootstrap.lock .venv/uv/bootstrap.lock; then
  rm -rf .venv/uv
  if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    .venv/bin/python -m ensurepip >/dev/null
  fi
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: \
    --target .venv/uv -r deploy/local/bootstrap.lock
  cp deploy/local/bootstrap.lock .venv/uv/bootstrap.lock
fi

say "Installing the locked Python packages"
.venv/uv/bin/uv pip sync --quiet --require-hashes --python .venv/bin/python requirements-dev.lock
touch .venv/installed
