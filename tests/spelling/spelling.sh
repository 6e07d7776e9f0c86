#!/bin/sh
# Looks for misspelled words in the repository (settings: typos.toml). The checker is installed, once, outside the clone. Machines for
# which there is no checked package, and those without Python's venv, are told and passed over.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=${POSEKIT_SPELLING_VENV:-$HOME/.cache/posekit/spelling}

say() { printf '%s\n' "$*" >&2; }

if ! cmp -s "$here/requirements.txt" "$venv/.requirements"; then
    rm -rf "$venv"
    if ! { python3 -m venv "$venv" &&
        "$venv/bin/pip" install -q --disable-pip-version-check --require-hashes --only-binary :all: -r "$here/requirements.txt"; } >&2; then
        say "spelling was not checked: the package of tests/spelling/requirements.txt cannot be installed"
        exit 0
    fi
    # Last, so that an interrupted run is no complete one.
    cp "$here/requirements.txt" "$venv/.requirements"
fi
cd "$here/../.."
"$venv/bin/typos" --config typos.toml
