#!/bin/sh
# Runs the properties of tests/integration/fuzz.rs with new random cases, on one core, until the time is over. Memory is limited, so that
# changed bytes that make posekit ask for a lot are found too. Ends with the first failure; proptest prints the smallest case.
#
#     benches/fuzz.sh [SECONDS]      # 600 by default
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$HOME/.cache/posekit/target}"
cargo test -q --release --locked --features failpoints --test integration --no-run
output=$(mktemp)
trap 'rm -f "$output"' EXIT
cases=4096
end=$(($(date +%s) + ${1:-600}))
rounds=0
# Two of the nine properties run an eighth of the cases: each reads a network or decodes a video.
while [ "$(date +%s)" -lt "$end" ]; do
    (
        ulimit -v 3000000
        PROPTEST_CASES=$cases nice cargo test -q --release --locked --features failpoints --test integration -- \
            fuzz:: --test-threads 1
    ) > "$output" 2>&1 || { cat "$output" && exit 1; }
    rounds=$((rounds + 1))
    echo "$rounds rounds, $((rounds * cases)) cases of each property"
done
