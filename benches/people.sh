#!/bin/bash
# When to look for people, and at what: recall (people found, summed over frames), identities and cost on the public clips, by the
# seconds between two runs of the detector of several people; then what tiles gain where people are small.
#
#     benches/people.sh
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
posekit=${POSEKIT:-${CARGO_TARGET_DIR:-$HOME/.cache/posekit/target}/release/posekit}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT=%U

measure() { # label, clip, options: a line of the table
    local label=$1 clip=$2
    shift 2
    rm -rf "$work/dataset"
    local cpu_s
    cpu_s=$({ time "$posekit" extract -q --video "$clip" --dataset "$work/dataset" "$@" >&2; } 2>&1 | tail -n 1)
    "$posekit" query --dataset "$work/dataset" --format csv "
        SELECT format('| {} | {} | {} | {} | {:.1f} |', '$label', sum(n_people), (SELECT count(*) FROM people),
            (SELECT count(*) FROM regions WHERE source IN ('people_detector', 'turned')), 1000 * $cpu_s / count(*))
        FROM frames" | tail -n 1 | tr -d '"'
}

for clip in flip_and_walk_2p balance_multi_cam04; do
    printf '\n%s\n\n| detection every | people x frames | ids | found by detector or turned crop | CPU ms/frame |\n|---|---|---|---|---|\n' "$clip"
    for seconds in 0.1 0.25 0.5 1 2; do
        measure "$seconds s" "$here/public/$clip.mp4" --detection-interval "$seconds"
    done
    measure 'one person (--people 1)' "$here/public/$clip.mp4" --people 1
done

for share in 2 3 4; do
    ffmpeg -v error -y -i "$here/public/flip_and_walk_2p.mp4" -vf "scale=iw/$share:ih/$share,pad=1768:994:(ow-iw)/3:(oh-ih)/3:gray" \
        -c:v libx264 -crf 18 -preset fast -pix_fmt yuv420p "$work/small.mp4"
    printf '\nflip_and_walk_2p at 1/%s of its size within 1768x994\n\n| tiles | people x frames | ids | found by detector or turned crop | CPU ms/frame |\n|---|---|---|---|---|\n' "$share"
    for tiles in off auto 2x2 3x3; do
        measure "$tiles" "$work/small.mp4" --tiles "$tiles"
    done
done
