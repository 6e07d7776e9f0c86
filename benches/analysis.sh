#!/bin/sh
# How fast `posekit analyze` and `posekit query` go through a large dataset, and in how much memory: a synthetic one (benches/synthetic_dataset.rs),
# 30 frames a second, one person. 28 videos of an hour are 100 million rows in raw_landmarks. Fails where a count is wrong or a peak is
# over its cap.
#
#     benches/analysis.sh [VIDEOS MINUTES]      # 4 videos of 10 minutes by default
#     CAP_MB=4096 benches/analysis.sh 28 60     # with another cap for the analysis (2048 by default)
#     DATASET=DIR benches/analysis.sh 28 60     # in this folder, which stays; what is there already is not made again
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$HOME/.cache/posekit/target}
posekit=${POSEKIT:-$target/release/posekit}
videos=${1:-4} minutes=${2:-10} cap_mb=${CAP_MB:-2048}
rows=$((videos * minutes * 60 * 30 * 33))
angles=$((videos * minutes * 60 * 30 * 12))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dataset=${DATASET:-$work/dataset}
spill=$work/spill
failed=0

# Runs a command, its output into $work/out. Prints seconds, peak resident memory in MiB, and the most that was in $spill, in MiB.
measure() {
    python3 - "$work/out" "$spill" "$@" <<'PYTHON'
import os, subprocess, sys, threading, time
out, spill, *command = sys.argv[1:]
most, done = 0, threading.Event()

def size():
    found = 0
    for folder, _, names in os.walk(spill):
        for name in names:
            try:
                found += os.stat(os.path.join(folder, name)).st_blocks * 512
            except FileNotFoundError:
                pass
    return found

def watch():
    global most
    while not done.wait(0.1):
        most = max(most, size())

watcher = threading.Thread(target=watch)
watcher.start()
begin = time.monotonic()
with open(out, "w") as file:
    process = subprocess.Popen(command, stdout=file)
    _, status, usage = os.wait4(process.pid, 0)
seconds = time.monotonic() - begin
done.set()
watcher.join()
print(f"{seconds:.2f} {usage.ru_maxrss // 1024} {most >> 20}")
sys.exit(os.waitstatus_to_exitcode(status))
PYTHON
}

check_peak() { # NAME PEAK_MB CAP_MB
    [ "$2" -le "$3" ] || { echo "$1: peak of $2 MiB is OVER $3 MiB"; failed=1; }
}

query() { # NAME WANTED SQL: the answer's first value must be WANTED
    measured=$(measure "$posekit" query --dataset "$dataset" --format csv "$3")
    answer=$(sed -n '2s/,.*//p' "$work/out")
    [ "$answer" = "$2" ] || { echo "$1: WRONG, $answer instead of $2"; failed=1; }
    echo "$measured" | awk -v name="$1" '{ printf "%-52s %8.2f s   peak %5d MiB   spilled %5d MiB\n", name, $1, $2, $3 }'
}

if [ ! -e "$dataset/catalog.duckdb" ]; then
    cargo build -q --release --locked --manifest-path "$here/Cargo.toml" --example synthetic_dataset
    "$target/release/examples/synthetic_dataset" "$dataset" "$videos" "$minutes"
fi
printf '%s videos of %s minutes: %s rows in raw_landmarks, %s on disk\n' "$videos" "$minutes" "$rows" "$(du -sh "$dataset" | cut -f 1)"

measured=$(measure "$posekit" analyze -q --dataset "$dataset" --memory_limit "${cap_mb}MiB")
echo "$measured" | awk -v rows="$rows" '{ printf "analyze: %.1f s, %d rows of raw_landmarks a second, peak %d MiB\n", $1, rows / $1, $2 }'
check_peak analyze "$(echo "$measured" | cut -d ' ' -f 2)" "$cap_mb"
du -sh "$dataset" | awk '{ print "on disk now: " $1 }'

query "mean and peak of each joint over $angles angles" "$angles" "
    SELECT (sum(n) OVER ())::BIGINT AS n_angles, *
    FROM (
        SELECT joint, side, count(*) AS n, avg(angle_2d_deg) AS mean_deg, max(abs(velocity_deg_s)) AS peak_deg_s, min(quality) AS quality
        FROM joint_angles GROUP BY joint, side
    )"
query "mean visibility of each landmark over $rows rows" "$rows" "
    SELECT (sum(n) OVER ())::BIGINT AS n_rows, *
    FROM (SELECT landmark, count(*) AS n, avg(visibility) AS visibility FROM raw_landmarks GROUP BY landmark)"
# Neither the sorted rows nor the groups fit in the memory given.
query "$rows rows sorted by height, within 512 MB" "$((rows - 1))" "
    SET memory_limit = '512MB'; SET temp_directory = '$spill';
    SELECT count(*) AS n_rows, count(DISTINCT landmark_id) AS n_landmarks, max(y_px) AS lowest_px
    FROM (SELECT landmark_id, y_px FROM raw_landmarks ORDER BY y_px, video_id, frame_idx, landmark_id OFFSET 1)"
query "$rows groups, within 1 GB" "$rows" "
    SET memory_limit = '1GB'; SET temp_directory = '$spill';
    SELECT count(*) AS n_groups, max(n) AS largest
    FROM (SELECT video_id, person_id, frame_idx, landmark_id, count(*) AS n FROM raw_landmarks GROUP BY ALL)"
exit $failed
