#!/bin/sh
# Speed and memory of `posekit export-llm` on a thousand videos, beside a Python script of DuckDB and json that makes the same measurement
# questions: alone, and with what an export does besides (near-duplicates, splits, leaks). Alternating runs; prints each.  llm_export.sh [VIDEOS [ROUNDS]]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
videos=${1:-1000} rounds=${2:-3}
posekit=${POSEKIT:-${CARGO_TARGET_DIR:-$HOME/.cache/posekit/target}/release/posekit}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==1.5.6 datasketch==2.0.0
"$posekit" --quiet extract --network lite --dataset "$work/small" --models "$here/../models" --input "$here/../public"
"$posekit" --quiet analyze --dataset "$work/small" --sport_type walking
"$work/venv/bin/python" "$here/llm_copies.py" "$work/small" "$work/large" "$videos"
# Opened for writing once, the catalog's views point to the new folder.
"$posekit" --quiet query --write --dataset "$work/large" "SELECT 1" >"$work/out"
# The set `value` alone, as the script makes it.
mkdir -p "$work/sql/llm/measurement_value"
cp "$here/../sql/llm/measurement/value.sql" "$here/../sql/llm/measurement/value.jinja" "$work/sql/llm/measurement_value"
sed 's/^name = .*/name = "measurement_value"/' "$here/../sql/llm/measurement/kind.toml" > "$work/sql/llm/measurement_value/kind.toml"

timed() {
    label=$1; shift
    /usr/bin/env time -f "$label %e s, %U+%S s CPU, %M kB" "$@" 2>"$work/log" >"$work/out" || { cat "$work/log" >&2; exit 1; }
    grep -E '^ *[0-9,]+ examples' "$work/log" || true
    tail -n 1 "$work/log"
}
for _ in $(seq "$rounds"); do
    rm -rf "$work/one" "$work/all"
    timed 'posekit, measurement values, messages:' "$posekit" export-llm --dataset "$work/large" --sql_dir "$work/sql" --kinds measurement_value \
        --format messages --llm_data "$work/one" --memory_limit 1GiB --allow_leakage
    timed 'python, measurement values:' "$work/venv/bin/python" "$here/llm_measurement.py" "$work/large" "$work/python.jsonl"
    cat "$work/out"
    timed 'python, the same with near-duplicates and leaks:' "$work/venv/bin/python" "$here/llm_measurement.py" "$work/large" "$work/python.jsonl" --whole
    cat "$work/out"
    timed 'posekit, all kinds, all formats:' "$posekit" export-llm --dataset "$work/large" --llm_data "$work/all" --memory_limit 1GiB --allow_leakage
done
