#!/bin/sh
# Exports a pose dataset for YOLO and lets Ultralytics' own checker scan it: every picture has to be found, none may be corrupt. Needs python3 with
# `pip install ultralytics==8.4.190` (with PyTorch, some GB); PYTHON names that interpreter.
#
#     PYTHON=venv/bin/python benches/yolo.sh                  # extracts public/ first
#     PYTHON=venv/bin/python benches/yolo.sh DATASET          # an analyzed dataset
#     TRAIN=1 PYTHON=venv/bin/python benches/yolo.sh          # also trains a small network without weights for one epoch
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
posekit=${POSEKIT:-${CARGO_TARGET_DIR:-$HOME/.cache/posekit/target}/release/posekit}
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ $# -gt 0 ]; then
    dataset=$1
else
    dataset=$work/dataset
    "$posekit" extract -q --network lite --dataset "$dataset" --input "$here/public"
    "$posekit" analyze -q --dataset "$dataset"
fi
"$posekit" analyze --dataset "$dataset" --export yolo --picture_step 5 --output "$work/yolo"
cd "$work"
YOLO_CONFIG_DIR=$work "$python" "$here/benches/yolo_check.py" "$work/yolo"
