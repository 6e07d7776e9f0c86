#!/bin/sh
# posekit's angles beside those of Sports2D from the same landmarks: exports markers in pixels and angles, gives the markers to Sports2D without its
# filters, with the side of the person that posekit found. Fails where an angle differs for another reason than the known ones
# (docs/METRICS.md). Needs python3 with `pip install sports2d==0.8.34`; PYTHON names that interpreter.
#
#     PYTHON=venv/bin/python benches/vs_sports2d.sh [CLIP...]      # clips with names of their own; by default those of public/
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
posekit=${POSEKIT:-${CARGO_TARGET_DIR:-$HOME/.cache/posekit/target}/release/posekit}
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[ $# -gt 0 ] || set -- "$here"/public/*.mp4
for clip in "$@"; do
    "$posekit" extract -q --video "$clip" --dataset "$work/dataset"
done
"$posekit" analyze -q --dataset "$work/dataset"
"$posekit" analyze -q --dataset "$work/dataset" --export csv,trc,mot --output "$work/files"
"$posekit" query --dataset "$work/dataset" --format csv --output "$work/files/facings.csv" \
    "SELECT video, person_id, facing, first_frame_idx, last_frame_idx FROM facings ORDER BY video, person_id, first_frame_idx"
"$python" "$here/benches/vs_sports2d.py" "$work/files" "$work/sports2d" "$@"
