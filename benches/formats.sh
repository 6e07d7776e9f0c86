#!/bin/sh
# Exports a dataset in every format and reads the files back with other people's readers: pandas, Polars, ezc3d, c3d, pycocotools, sleap-io, bvhio, movement. What they
# have to find is computed from the catalog without posekit's writers. Fails where a file differs or a reader complains. Needs python3 with
# `pip install numpy==2.4.6 pandas==3.1.1 pyarrow==26.0.1 polars==2.1.0 duckdb==2.0.1 ezc3d==1.7.2 c3d==0.6.0 pycocotools==2.0.11 bvhio==1.5.4 movement==0.15.0`, and for
# sleap-io, whose requirements differ, a second one with `pip install sleap-io==0.9.5`;
# PYTHON and SLEAP_PYTHON name these interpreters; without SLEAP_PYTHON sleap-io is left out.
#
#     PYTHON=venv/bin/python benches/formats.sh                          # extracts public/ first
#     PYTHON=venv/bin/python benches/formats.sh DATASET [OPTION...]      # options of the analysis, which is done first where it is not up to date
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
posekit=${POSEKIT:-${CARGO_TARGET_DIR:-$HOME/.cache/posekit/target}/release/posekit}
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ $# -gt 0 ]; then
    dataset=$1
    shift
else
    dataset=$work/dataset
    "$posekit" extract -q --network lite --dataset "$dataset" --input "$here/public"
fi
"$posekit" analyze -q --dataset "$dataset" "$@"
"$posekit" analyze -q --dataset "$dataset" --export csv,parquet,trc,mot,c3d,coco,dlc,json,bvh --output "$work/files"
"$python" "$here/benches/formats_expected.py" "$dataset" "$work/files"
"$python" "$here/benches/formats_roundtrip.py" "$work/files"
if [ -n "${SLEAP_PYTHON:-}" ]; then
    "$posekit" analyze -q --dataset "$dataset" --export coco --picture_step 10 --output "$work/pictures"
    "$SLEAP_PYTHON" "$here/benches/formats_sleap.py" "$work/pictures"
fi
