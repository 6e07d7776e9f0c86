#!/bin/sh
# Runs all tests. With nextest where it is installed (it ends with one summary line), else with cargo's own runner.
set -eu
if cargo nextest --version >/dev/null 2>&1; then
    exec cargo nextest run --release --locked --features failpoints --no-fail-fast
fi
exec cargo test --release --locked --features failpoints --no-fail-fast
