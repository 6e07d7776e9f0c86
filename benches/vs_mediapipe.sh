#!/bin/sh
# posekit beside the pipeline that people write in Python (OpenCV -> MediaPipe Pose -> JSON), on the public clips and on a folder of
# six 720p H.264 clips: alternating runs, medians; posekit with its start-up, Python without its imports. Needs python3 with `pip install mediapipe==0.10.21`; PYTHON names that interpreter.
#
#     PYTHON=venv/bin/python benches/vs_mediapipe.sh [RUNS]
#
# NEWER names an interpreter with `pip install mediapipe==1.2.3 opencv-python-headless`: it is measured as well, with the same networks.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
posekit=${POSEKIT:-${CARGO_TARGET_DIR:-$HOME/.cache/posekit/target}/release/posekit}
python=${PYTHON:-python3}
runs=${1:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

median() { sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }
now() { date +%s.%N; }
newer() { # video: frames and seconds of the newer MediaPipe
    "$NEWER" "$here/benches/mediapipe_tasks.py" run "$work/full.task" "$1" 2>/dev/null
}
if [ -n "${NEWER:-}" ]; then
    "$python" "$here/benches/mediapipe_tasks.py" bundle "$work/full.task" 2>/dev/null
fi

for clip in flip_and_walk_2p balance_multi_cam04; do
    for _ in $(seq "$runs"); do
        rm -rf "$work/dataset"
        begin=$(now)
        "$posekit" extract -q --people 1 --network full --video "$here/public/$clip.mp4" --dataset "$work/dataset"
        end=$(now)
        "$posekit" query --dataset "$work/dataset" --format csv "SELECT n_frames / ($end - $begin) FROM runs" | tail -n 1 >> "$work/$clip.posekit"
        "$python" "$here/benches/mediapipe_pipeline.py" "$here/public/$clip.mp4" "$work/$clip.json" 2>/dev/null |
            sed 's/.* fps=\([0-9.]*\).*/\1/' >> "$work/$clip.mediapipe"
        [ -z "${NEWER:-}" ] || newer "$here/public/$clip.mp4" | sed 's/.* fps=\([0-9.]*\).*/\1/' >> "$work/$clip.newer"
    done
    ours=$(median < "$work/$clip.posekit")
    theirs=$(median < "$work/$clip.mediapipe")
    rows=$("$posekit" query --dataset "$work/dataset" --format csv "SELECT count(*) FROM landmarks" | tail -n 1)
    parquet=$(find "$work/dataset/landmarks" -name '*.parquet' -exec cat {} + | wc -c)
    json=$(wc -c < "$work/$clip.json")
    awk -v clip="$clip" -v ours="$ours" -v theirs="$theirs" -v rows="$rows" -v parquet="$parquet" -v json="$json" 'BEGIN {
        printf "%-22s posekit %6.1f frames/s  MediaPipe %6.1f frames/s  ratio %.2f  bytes per landmark: Parquet %.1f, JSON %.0f\n",
            clip, ours, theirs, ours / theirs, parquet / rows, json / rows }'
    [ -z "${NEWER:-}" ] || median < "$work/$clip.newer" | awk -v ours="$ours" '{ printf "%22s newer MediaPipe %6.1f frames/s  ratio %.2f\n", "", $1, ours / $1 }'
done

mkdir "$work/six"
for number in 1 2 3 4 5 6; do
    # Six different beginnings, so that none is a copy of another.
    ffmpeg -v error -y -ss "0.$number" -i "$here/public/flip_and_walk_2p.mp4" -vf scale=1280:720 -c:v libx264 -preset fast -crf 23 \
        -pix_fmt yuv420p -frames:v 200 "$work/six/clip$number.mp4"
done
for _ in $(seq "$runs"); do
    rm -rf "$work/dataset"
    begin=$(now)
    "$posekit" extract -q --people 1 --network full --input "$work/six" --dataset "$work/dataset"
    end=$(now)
    "$posekit" query --dataset "$work/dataset" --format csv "SELECT sum(n_frames) / ($end - $begin) FROM runs" | tail -n 1 >> "$work/six.posekit"
    for clip in "$work"/six/*.mp4; do
        "$python" "$here/benches/mediapipe_pipeline.py" "$clip" "$work/six.json" 2>/dev/null
    done | sed 's/frames=\([0-9]*\).* seconds=\([0-9.]*\).*/\1 \2/' |
        awk '{ frames += $1; seconds += $2 } END { print frames / seconds }' >> "$work/six.mediapipe"
    [ -z "${NEWER:-}" ] || for clip in "$work"/six/*.mp4; do newer "$clip"; done |
        sed 's/frames=\([0-9]*\).* seconds=\([0-9.]*\).*/\1 \2/' |
        awk '{ frames += $1; seconds += $2 } END { print frames / seconds }' >> "$work/six.newer"
done
ours=$(median < "$work/six.posekit")
theirs=$(median < "$work/six.mediapipe")
awk -v ours="$ours" -v theirs="$theirs" 'BEGIN {
    printf "%-22s posekit %6.1f frames/s  MediaPipe %6.1f frames/s  ratio %.2f\n", "six 720p clips", ours, theirs, ours / theirs }'
[ -z "${NEWER:-}" ] || median < "$work/six.newer" | awk -v ours="$ours" '{ printf "%22s newer MediaPipe %6.1f frames/s  ratio %.2f\n", "", $1, ours / $1 }'
