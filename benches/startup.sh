#!/bin/sh
# How long posekit takes to begin: `--help`, and an extraction of many known videos, in which there is nothing to do. Fails where one takes
# more than 0.3 s of CPU time. Also what a first extraction of very short videos takes for each, which must not grow with their number.
#
#     benches/startup.sh [VIDEOS]      # 1000 by default
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
posekit=${POSEKIT:-${CARGO_TARGET_DIR:-$HOME/.cache/posekit/target}/release/posekit}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

cpu_s() { # CPU seconds of a command, user and system
    python3 -c '
import os, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
times = os.times()
print(f"{times.children_user + times.children_system:.3f}")' "$@"
}

check() { # NAME SECONDS
    verdict=ok
    awk "BEGIN { exit !($2 > 0.3) }" && { verdict=SLOW; failed=1; }
    printf '%-44s %6s s of CPU time  %s\n' "$1" "$2" "$verdict"
}

ffmpeg -v error -i "$here/public/flip_and_walk_2p.mp4" -vf scale=64:48 -frames:v 2 -an -c:v libx264 -pix_fmt yuv420p "$work/tiny.mp4"
n=${1:-1000}
number=0
mkdir "$work/few" "$work/many"
while [ "$number" -lt "$n" ]; do
    # Another number behind the end makes another content.
    { cat "$work/tiny.mp4"; printf '\0\0\0\020free%08d' "$number"; } > "$work/many/$number.mp4"
    [ "$number" -ge $((n / 10)) ] || cp "$work/many/$number.mp4" "$work/few"
    number=$((number + 1))
done
few=$(cpu_s "$posekit" extract --network lite --dataset "$work/few.dataset" --input "$work/few")
many=$(cpu_s "$posekit" extract --network lite --dataset "$work/many.dataset" --input "$work/many")
printf 'first extraction: %s ms of CPU time for each of %s videos of two frames, %s ms for each of %s\n' \
    "$(awk "BEGIN { printf \"%.1f\", $few * 1000 / ($n / 10) }")" $((n / 10)) "$(awk "BEGIN { printf \"%.1f\", $many * 1000 / $n }")" "$n"
awk "BEGIN { exit !($many / $n > 1.5 * $few / ($n / 10)) }" && { echo 'GROWS with the number of videos'; failed=1; }
check '--help' "$(cpu_s "$posekit" --help)"
check "extract, $n known videos" "$(cpu_s "$posekit" extract --network lite --dataset "$work/many.dataset" --input "$work/many")"
printf '%-44s %6s s of CPU time\n' "status, $n videos" "$(cpu_s "$posekit" status --dataset "$work/many.dataset")"
exit $failed
