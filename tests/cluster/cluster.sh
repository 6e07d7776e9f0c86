#!/bin/sh
# Tests the Python package with real engines (Ray, Dask) and the real program. The pinned packages lie outside the clone:
# $POSEKIT_CLUSTER, or ~/.cache/posekit/cluster (about 500 MB).
#
#   cluster.sh PROGRAM [unittest arguments]    the last line is unittest's
#   cluster.sh --install                       makes the environment
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=${POSEKIT_CLUSTER:-$HOME/.cache/posekit/cluster}

if ! cmp -s "$here/requirements.txt" "$venv/.posekit-lock"; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2
    cp "$here/requirements.txt" "$venv/.posekit-lock"
fi
[ "${1:-}" != --install ] || exit 0
[ $# -ge 1 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 3; }

REAL_POSEKIT=$(realpath "$1")
shift
export REAL_POSEKIT
export PYTHONPATH="$here/../../python" PYTHONDONTWRITEBYTECODE=1
export LD_LIBRARY_PATH="$here/../../native/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
# A cluster of this machine only, for as long as a test takes.
export RAY_AUTH_MODE=disabled RAY_USAGE_STATS_ENABLED=0 RAY_raylet_start_wait_time_s=120
cd "$here"
if [ $# -gt 0 ]; then
    exec "$venv/bin/python" -m unittest "$@"
fi
"$venv/bin/mypy" --config-file ../../python/pyproject.toml ../../python/posekit
exec "$venv/bin/python" -m unittest discover
