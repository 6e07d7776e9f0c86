#!/bin/sh
# Runs all tests. With nextest where it is installed (it ends with one summary line), else with cargo's own runner.
# POSEKIT_REQUIRE_BROWSER=1: where the browser test of the report cannot run, that is a failure.
set -eu
if [ -z "${POSEKIT_REQUIRE_BROWSER:-}" ] && ! lacking=$(sh tests/browser/setup.sh --check 2>&1); then
    printf 'note: the browser test of the report is skipped: %s\n' "$lacking" >&2
fi
if cargo nextest --version >/dev/null 2>&1; then
    exec cargo nextest run --config-file tests/nextest.toml --release --locked --features failpoints --no-fail-fast
fi
exec cargo test --release --locked --features failpoints --no-fail-fast
