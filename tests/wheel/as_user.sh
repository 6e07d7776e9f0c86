#!/bin/sh
# What a user does with the wheels, in an empty folder: installs them into a fresh virtual environment, asks the doctor,
# runs a clip, and uses the package from Python. Prints what goes wrong; the exit status says whether all went well.
# Usage: as_user.sh PYTHON WHEELS CLIP [SCRIPT]    WHEELS is a folder; SCRIPT, of the README, needs other packages, from
#                                                  a package index
set -eu
python=$1 wheels=$2 clip=$3 script=${4:-}

fail() { printf '%s\n' "$*" >&2; exit 1; }

"$python" -m venv environment
pip() { environment/bin/python -m pip --disable-pip-version-check --quiet "$@"; }
# Without a package index: nothing else may be needed.
pip install --no-index "$wheels"/*.whl
posekit=$PWD/environment/bin/posekit

"$posekit" doctor >doctor.txt || { cat doctor.txt >&2; fail "the doctor finds that something is missing"; }
for what in 'libavcodec' 'libavfilter' 'libonnxruntime.so' 'pose_landmark_heavy.onnx'; do
    grep -q "ok .*$what" doctor.txt || { cat doctor.txt >&2; fail "the doctor does not name $what"; }
done
# Whatever lies on this machine, nothing else than the environment's own libraries is taken.
outside=$(ldd "$posekit" | grep -E 'libav|libsw|libduckdb' | grep -vF "$(realpath environment)/" || true)
[ -z "$outside" ] || fail "these come from elsewhere: $outside"
! grep -E '\(/' doctor.txt | grep -vF "$(realpath environment)/" >&2 || fail "these come from elsewhere"

# Users have clips under any name, in any folder.
cp "$clip" clip.mp4
"$posekit" run -v clip.mp4 >run.txt 2>&1 || { cat run.txt >&2; fail "posekit run -v clip.mp4 failed"; }
[ -s output/index.html ] || fail "there is no report"
people=$("$posekit" query --format csv 'SELECT count(DISTINCT person_id) FROM landmarks' | tail -n 1)
[ "$people" -ge 1 ] || fail "nobody was found in the clip"
for codec in h265 vp9 av1; do
    "$posekit" render -v clip.mp4 --codec $codec --start 0 --end 0.5 --output "$codec" >render.txt 2>&1 ||
        { cat render.txt >&2; fail "posekit render --codec $codec failed"; }
done
"$posekit" render -v clip.mp4 --animate webp --start 0 --end 0.5 >render.txt 2>&1 ||
    { cat render.txt >&2; fail "posekit render --animate webp failed"; }
# DuckDB's errors are C++ exceptions, which have to pass through the program.
! "$posekit" query 'SELECT no_such_column FROM landmarks' 2>error.txt || fail "a wrong query succeeded"
grep -q no_such_column error.txt || { cat error.txt >&2; fail "a wrong query has no message"; }

# Tools such as pipx and uv put a link on the PATH.
ln -s "$posekit" linked
./linked doctor >/dev/null || fail "a link to the program does not work"

# Only systems that are too old for the package leave its own condition aside.
[ -n "${PIP_IGNORE_REQUIRES_PYTHON:-}" ] || environment/bin/python -c 'import posekit' || fail "the package cannot be imported"
if [ -n "$script" ]; then
    mkdir season
    cp "$clip" season
    pip install "$(ls "$wheels"/posekit-*.whl)[polars]" pandas pyarrow
    environment/bin/python "$script" >script.txt 2>&1 || { cat script.txt >&2; fail "the Python of the README failed"; }
fi

# Without the second wheel, its network is all that is missing (or found in the clone that the program was built in).
pip uninstall --yes posekit-heavy
"$posekit" doctor >doctor.txt || true
! grep pose_landmark_heavy.onnx doctor.txt | grep -F "$(realpath environment)/share/posekit/models/pose" ||
    fail "the network of the second wheel is still there"
! grep MISSING doctor.txt | grep -v pose_landmark_heavy.onnx >&2 || fail "more than a network is missing"
pip uninstall --yes posekit
left=$(find environment -path '*posekit*')
[ -z "$left" ] || fail "these are left after pip uninstall: $left"
