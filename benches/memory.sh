#!/bin/sh
# Peak resident memory of extractions under caps on a 3840x2160 clip, and over ever longer 720p clips, which must not need more.
# Fails where a peak is more than 5 % over its cap, or a longer clip takes more than 3 % over a shorter one.
#
#     benches/memory.sh [MINUTES...]      # lengths of the 720p clip; by default 1 and 3
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
posekit=${POSEKIT:-${CARGO_TARGET_DIR:-$HOME/.cache/posekit/target}/release/posekit}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source_clip=$here/public/flip_and_walk_2p.mp4
failed=0

peak_kb() { # extracts with the given arguments and prints the peak, kilobytes
    rm -rf "$work/dataset"
    "$posekit" extract -q --dataset "$work/dataset" "$@"
    "$posekit" query --dataset "$work/dataset" --format csv "SELECT max(peak_rss_bytes) // 1000 FROM runs" | tail -n 1
}

ffmpeg -v error -stream_loop 1 -i "$source_clip" -vf scale=3840:2160 -c:v libx264 -preset fast -crf 30 -pix_fmt yuv420p "$work/4k.mp4"
total_kb=$(awk '/MemTotal/ { print int($2 * 1.024) }' /proc/meminfo)
for network in lite full heavy; do
  for people in 1 auto; do
    for cap in 400MB 1GB 0.4; do
        case $cap in 400MB) cap_kb=400000 ;; 1GB) cap_kb=1000000 ;; *) cap_kb=$((total_kb * 4 / 10)) ;; esac
        if peak=$(peak_kb --video "$work/4k.mp4" --memory_limit "$cap" --network "$network" --people "$people" 2> "$work/error"); then
            verdict=ok
            [ $((peak * 100)) -le $((cap_kb * 105)) ] || { verdict=OVER; failed=1; }
            printf '4K %-5s people %-4s cap %-6s peak %6d kB of %8d kB  %s\n' "$network" "$people" "$cap" "$peak" "$cap_kb" "$verdict"
        else
            printf '4K %-5s people %-4s cap %-6s refused: %s\n' "$network" "$people" "$cap" "$(head -n 1 "$work/error")"
        fi
    done
  done
done

shortest=
for minutes in ${*:-1 3}; do
    ffmpeg -v error -y -stream_loop -1 -i "$source_clip" -t "$((minutes * 60))" -vf scale=1280:720 -c:v libx264 -preset ultrafast -pix_fmt yuv420p "$work/720p.mp4"
    peak=$(peak_kb --video "$work/720p.mp4" --network lite --people 1)
    : "${shortest:=$peak}"
    verdict=ok
    [ $((peak * 100)) -le $((shortest * 103)) ] || { verdict=GROWS; failed=1; }
    printf '720p lite %4d min  peak %6d kB  %s\n' "$minutes" "$peak" "$verdict"
done
exit $failed
