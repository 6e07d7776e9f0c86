#!/bin/sh
# Peak resident memory of rendering 3840x2160 under several caps: never above the cap.
#   benches/render_memory.sh [CAPS...]
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- 600MB 1GB 0.4
posekit=${POSEKIT:-${CARGO_TARGET_DIR:-$HOME/.cache/posekit/target}/release/posekit}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ffmpeg -v error -i public/flip_and_walk_2p.mp4 -vf scale=3840:2160 -c:v libx264 -preset veryfast -crf 23 -c:a copy "$work/uhd.mp4"
"$posekit" --quiet extract --people 1 --network lite --video "$work/uhd.mp4" --dataset "$work/tables"
"$posekit" --quiet analyze --dataset "$work/tables" || true
printf '%-8s %12s %10s\n' cap 'peak MB' 'frames/s'
for cap in "$@"; do
    /usr/bin/time -f %M -o "$work/peak" "$posekit" render --dataset "$work/tables" --output "$work/output" --memory_limit "$cap" --force \
        2>"$work/log" || { cat "$work/log" >&2; exit 1; }
    peak=$(awk '{ printf "%.0f", $1 * 1024 / 1e6 }' "$work/peak")
    rate=$(sed -n 's/.*, \([0-9.]*\) frames\/s.*/\1/p' "$work/log" | head -1)
    printf '%-8s %12s %10s\n' "$cap" "$peak" "$rate"
done
