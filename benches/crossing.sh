#!/bin/sh
# People who cross, with real pixels: clips made of the public clip of a man and a woman (benches/crossing.py), and what posekit makes of
# them. Needs ffmpeg, and python3 with `pip install mediapipe==0.10.21`; PYTHON names that interpreter. KEEP names a folder for the clips,
# the poses and what is known about them, to look at afterwards; DETAILS=1 prints the frames in question too. NETWORK names
# another network than full.
#
#     PYTHON=venv/bin/python benches/crossing.sh
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
posekit=${POSEKIT:-${CARGO_TARGET_DIR:-$HOME/.cache/posekit/target}/release/posekit}
python=${PYTHON:-python3}
clip=$here/public/flip_and_walk_2p.mp4
if [ -n "${KEEP:-}" ]; then
    work=$KEEP
    mkdir -p "$work"
else
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
fi

columns="frame_idx, person_id"
for joint in shoulder elbow wrist hip knee ankle; do
    for side in left right; do
        columns="$columns, ${side}_${joint}_x_px, ${side}_${joint}_y_px"
    done
done

poses() { # video, CSV: extracts, and writes where everybody is
    rm -rf "$work/dataset"
    "$posekit" extract -q --video "$1" --dataset "$work/dataset" --network "${NETWORK:-full}"
    "$posekit" query --dataset "$work/dataset" --format csv "SELECT $columns FROM poses ORDER BY frame_idx, person_id" > "$2"
}

poses "$clip" "$work/original.csv"
"$python" "$here/benches/crossing.py" build "$clip" "$work/original.csv" "$work" 2> "$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
"$python" "$here/benches/crossing.py" head
for truth in "$work"/*.truth.json; do
    name=${truth%.truth.json}
    poses "$name.mp4" "$name.csv"
    "$python" "$here/benches/crossing.py" judge "$truth" "$name.csv" ${DETAILS:+details}
done
