#!/bin/sh
# How fast posekit renders beside a transcode by FFmpeg's program with the same encoder settings, on the public clips and on a minute of
# one: alternating runs, medians. Tables and program have to be there (`make build`).
#   benches/render.sh [RUNS]
set -eu
cd "$(dirname "$0")/.."
runs=${1:-5}
posekit=${POSEKIT:-${CARGO_TARGET_DIR:-$HOME/.cache/posekit/target}/release/posekit}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/videos"
cp public/*.mp4 "$work/videos"
ffmpeg -v error -stream_loop 7 -i public/flip_and_walk_2p.mp4 -t 60 -vf scale=1280:720 -c:v libx264 -preset veryfast -crf 20 \
    -c:a copy "$work/videos/minute_720p.mp4"
"$posekit" --quiet extract --people 1 --network lite --input "$work/videos" --dataset "$work/tables"
"$posekit" --quiet analyze --dataset "$work/tables" || true

seconds() { # COMMAND...: how long it takes
    begin=$(date +%s.%N)
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    end=$(date +%s.%N)
    echo "$begin $end" | awk '{ printf "%.3f\n", $2 - $1 }'
}
median() { sort -n "$1" | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

printf '%-28s %10s %10s %8s\n' clip 'ffmpeg s' 'posekit s' ratio
for clip in "$work"/videos/*.mp4; do
    name=$(basename "$clip")
    rate=$(ffprobe -v error -select_streams v -show_entries stream=avg_frame_rate -of csv=p=0 "$clip")
    interval=$(echo "$rate" | awk -F/ '{ printf "%d", 2 * $1 / $2 + 0.5 }')
    : >"$work/theirs"
    : >"$work/ours"
    run=0
    while [ "$run" -lt "$runs" ]; do
        seconds ffmpeg -v error -y -nostdin -i "$clip" -c:v libx264 -preset veryfast -crf 20 -g "$interval" -pix_fmt yuv420p \
            -c:a copy -movflags +faststart "$work/theirs.mp4" >>"$work/theirs"
        seconds "$posekit" render --dataset "$work/tables" --video "$name" --output "$work/output" --force >>"$work/ours"
        run=$((run + 1))
    done
    theirs=$(median "$work/theirs")
    ours=$(median "$work/ours")
    printf '%-28s %10s %10s %8s\n' "$name" "$theirs" "$ours" "$(echo "$theirs $ours" | awk '{ printf "%.2f", $1 / $2 }')"
done
