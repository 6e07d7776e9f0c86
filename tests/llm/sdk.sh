#!/bin/sh
# The loopback server (tests/support/loopback) against the providers' own Python SDKs, both ways: the requests that it accepts fit the
# SDKs' types, and its answers are what the SDKs parse. Ends with one line `N passed, N failed`; the exit status is 1 if any failed.
#
#   sdk.sh [LOG...]  LOG: more accepted requests to check, as `llm_loopback --log LOG` wrote them for another client
#
# LLM_LOOPBACK names the server's program; else cargo builds it. The packages of requirements_sdk.txt are kept in a virtual environment in
# the user's cache folder, or in the folder that LLM_SDK_VENV names.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $1"; [ $# -lt 2 ] || say "  hint: $2"; exit 3; }

command -v python3 >/dev/null || die "python3 is missing" "install Python 3.10 or newer with its venv module"

venv=${LLM_SDK_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/posekit/llm_sdk}
stamp=$venv/requirements_sdk.txt
if ! cmp -s "$here/requirements_sdk.txt" "$stamp"; then
    say "installing the packages of tests/llm/requirements_sdk.txt into $venv"
    rm -rf "$venv"
    python3 -m venv "$venv" || die "python3 could not make a virtual environment" "install the package python3-venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements_sdk.txt" >&2 ||
        die "pip could not install the packages of tests/llm/requirements_sdk.txt" "is the package index reachable?"
    # Last, so that an interrupted run is no complete one.
    cp "$here/requirements_sdk.txt" "$stamp"
fi

server=${LLM_LOOPBACK:-}
if [ -z "$server" ]; then
    target=$(cd "$here/../.." && cargo metadata --format-version 1 --no-deps --locked |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')
    (cd "$here/../.." && cargo build --quiet --release --locked --example llm_loopback)
    server=$target/release/examples/llm_loopback
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
# The loopback server is on this machine: no proxy between.
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
unset ANTHROPIC_API_KEY ANTHROPIC_AUTH_TOKEN ANTHROPIC_BASE_URL OPENAI_API_KEY OPENAI_BASE_URL OPENAI_ORG_ID OPENAI_PROJECT_ID

: >"$work/clients"
: >"$work/types"
say "the SDKs read the server's answers"
"$venv/bin/python" "$here/sdk_client.py" "$server" "$work/accepted.jsonl" >"$work/clients" 2>&1 || true
cat "$work/clients"
say "the accepted requests fit the SDKs' types"
"$venv/bin/python" "$here/sdk_types.py" "$work/accepted.jsonl" "$@" >"$work/types" 2>&1 || true
cat "$work/types"

# A script that ended without its last line has failed.
cat "$work/clients" "$work/types" | awk '
    /^[0-9]+ passed, [0-9]+ failed$/ { passed += $1; failed += $3; ends++ }
    END { failed += 2 - ends; printf "%d passed, %d failed\n", passed, failed; exit failed > 0 }'
