#!/bin/sh
# Reads datasets with the libraries that people read them with: ids stay text, and the Python of README runs, with DuckDB 1.5 and with the newest.
# Two environments outside the clone hold the pinned packages: $POSEKIT_READERS, or ~/.cache/posekit/readers (about 600 MB).
#
#   readers.sh DATASET [README]    DATASET of the public clips; the last line is `N passed, N failed`
#   readers.sh --install           makes the environments
set -eu
here=$(cd "$(dirname "$0")" && pwd)
place=${POSEKIT_READERS:-$HOME/.cache/posekit/readers}

for version in 1.5.6 2.0.1; do
    venv=$place/duckdb-$version
    stamp=$venv/.posekit-lock
    if ! cmp -s "$here/requirements.txt" "$stamp"; then
        rm -rf "$venv"
        python3 -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check "duckdb==$version" -r "$here/requirements.txt" >&2
        cp "$here/requirements.txt" "$stamp"
    fi
done
[ "${1:-}" != --install ] || exit 0
[ $# -ge 1 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 3; }

n_passed=0 n_failed=0
for version in 1.5.6 2.0.1; do
    for check in check_ids check_readme; do
        if PYTHONDONTWRITEBYTECODE=1 "$place/duckdb-$version/bin/python" "$here/$check.py" "$@"; then
            n_passed=$((n_passed + 1))
        else
            n_failed=$((n_failed + 1))
            echo "failed: $check with DuckDB $version"
        fi
    done
done
echo "$n_passed passed, $n_failed failed"
[ "$n_failed" -eq 0 ]
