#!/bin/sh
# Tests the wheels as a user would: in fresh virtual environments of Python 3.10 to 3.13, as far as this machine has
# them, and in a bare Debian 12 and 11 (for root, with debootstrap; the first time it fetches 200 MB). The rows that the
# wheel's program makes are compared with those of the built program, if its path is given.
# Usage: wheel.sh [FOLDER [PROGRAM]]    of the wheels (default: dist); the last line is `N passed, N failed`
#   POSEKIT_WHEEL_PYTHONS="3.12"    only these
#   POSEKIT_WHEEL_OFFLINE=1         without the README's Python, which needs DuckDB's package
set -eu
here=$(cd "$(dirname "$0")" && pwd)
clone=$(cd "$here/../.." && pwd)
cache=${POSEKIT_WHEEL_CACHE:-$HOME/.cache/posekit/wheel}

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $1"; [ $# -lt 2 ] || say "  hint: $2"; exit 3; }

wheels=${1:-$clone/dist}
program=${2:-}
[ "$(ls "$wheels"/posekit-*.whl 2>/dev/null | wc -l)" = 1 ] || die "there has to be one wheel of posekit in $wheels" "make it with 'make wheel'"
wheels=$(realpath "$wheels")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n_passed=0 n_failed=0

# Nothing of this user's settings reaches a test, but for those of pip.
isolated() {
    env -i HOME="$work/home" PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 \
        $(env | grep -E '^(PIP|SSL|HTTPS?|https?|no)_[A-Za-z_]+=[^ ]*$' || true) "$@"
}

check() {
    name=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        n_passed=$((n_passed + 1))
        say "ok      $name"
    else
        n_failed=$((n_failed + 1))
        say "FAILED  $name"
        sed 's/^/    /' "$work/log" >&2
    fi
}

# The blocks of Python in the README that use the package.
python_of_readme() {
    awk '/^```python$/ { inside = 1; block = ""; next }
         /^```/ { if (inside && (block ~ /import posekit/ || all != "")) all = all block "\n"; inside = 0 }
         inside { block = block $0 "\n" }
         END { printf "%s", all }' "$clone/README.md"
}

find_python() {
    for candidate in "$HOME/.pyenv/versions/$1".*/bin/python "$(command -v "python$1" || true)"; do
        if [ -x "$candidate" ] && "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then
            echo "$candidate"
            break
        fi
    done
}

as_user() {
    folder=$1 python=$2
    mkdir -p "$folder"
    cd "$folder"
    isolated sh "$here/as_user.sh" "$python" "$wheels" "$clone/public/balance_multi_cam04.mp4" ${script:+"$script"}
}

# --- Virtual environments ----------------------------------------------------------------------------------------

mkdir "$work/home"
script=
if [ -z "${POSEKIT_WHEEL_OFFLINE:-}" ]; then
    python_of_readme >"$work/readme.py"
    [ ! -s "$work/readme.py" ] || script=$work/readme.py
    [ -n "$script" ] || say "note: no Python of the README imports posekit"
fi
for version in ${POSEKIT_WHEEL_PYTHONS:-3.10 3.11 3.12 3.13}; do
    python=$(find_python "$version")
    if [ -z "$python" ]; then
        say "skipped Python $version: this machine does not have it"
        continue
    fi
    check "Python $version" as_user "$work/python-$version" "$python"
    rm -rf "$work/python-$version"
done

# --- Bare systems ------------------------------------------------------------------------------------------------

# Everything that a test leaves behind lies in a file system in memory.
in_debian() {
    # shellcheck disable=SC2016 # the inner shell expands
    cd /
    unshare --mount sh -euc '
        mount -t proc proc "$1/proc"
        mount -t tmpfs tmpfs "$1/tmp"
        mkdir "$1/tmp/user" "$1/tmp/wheels"
        cp "$2"/*.whl "$1/tmp/wheels"
        cp "$3" "$4" "$1/tmp"
        exec chroot "$1" env -i HOME=/tmp PATH=/usr/bin:/bin LANG=C.UTF-8 $5 sh -euc "
            cd /tmp/user
            sh ../as_user.sh python3 /tmp/wheels /tmp/${3##*/}"
    ' - "$1" "$wheels" "$clone/public/balance_multi_cam04.mp4" "$here/as_user.sh" "$2"
}

# The archive that this machine's Debian comes from.
mirror() {
    # shellcheck disable=SC2016 # apt-get expands
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' 2>/dev/null | head -n 1
}

# A minimal Debian, fetched once.
make_debian() {
    root=$cache/debian-$1
    [ ! -e "$root/etc/debian_version" ] || return 0
    say "fetching Debian $1 ($2)"
    rm -rf "$root" "$root.unfinished"
    mkdir -p "$cache"
    # shellcheck disable=SC2046 # without a mirror there is no argument
    debootstrap --variant=minbase --include=python3,python3-venv "$2" "$root.unfinished" $(mirror) >"$work/log" 2>&1 ||
        { tail -n 20 "$work/log" >&2; die "debootstrap failed"; }
    mv "$root.unfinished" "$root"
}

if [ "$(id -u)" != 0 ]; then
    say "skipped bare systems: only root can make them"
elif ! command -v debootstrap >/dev/null; then
    say "skipped bare systems: debootstrap is missing (apt-get install debootstrap)"
else
    make_debian 12 bookworm
    check "Debian 12 with nothing but Python" in_debian "$root" ""
    # Its Python is too old for the package, its glibc (2.31) not for the program.
    make_debian 11 bullseye
    check "Debian 11 with nothing but Python, the program only" in_debian "$root" PIP_IGNORE_REQUIRES_PYTHON=1
fi

# --- Rows --------------------------------------------------------------------------------------------------------

# The clips, and what the system's FFmpeg makes of one in other codecs.
make_clips() {
    mkdir -p "$1"
    cp "$clone"/public/*.mp4 "$1"
    source=$clone/public/flip_and_walk_2p.mp4
    ffmpeg -v error -i "$source" -t 1 -an -c:v libx265 -x265-params log-level=none -preset ultrafast "$1/hevc.mkv"
    ffmpeg -v error -i "$source" -t 1 -an -c:v libvpx-vp9 -deadline realtime -cpu-used 8 "$1/vp9.webm"
    ffmpeg -v error -i "$source" -t 1 -an -c:v libsvtav1 -preset 12 "$1/av1.mp4" 2>/dev/null
    ffmpeg -v error -i "$source" -t 1 -an -c:v mjpeg -pix_fmt yuvj422p "$1/mjpeg.avi"
    ffmpeg -v error -i "$source" -t 1 -an -c:v prores_ks "$1/prores.mov"
    ffmpeg -v error -i "$source" -t 1 -an -c:v mpeg2video -q:v 3 "$1/mpeg2.ts"
}

same_rows() {
    make_clips "$work/clips"
    isolated python3 -m venv "$work/rows"
    isolated "$work/rows/bin/python" -m pip --quiet --disable-pip-version-check install --no-index "$wheels"/*.whl
    for which in wheel built; do
        path=$program
        [ $which != wheel ] || path=$work/rows/bin/posekit
        mkdir -p "$work/$which"
        (cd "$work/$which" && isolated "$path" extract --input ../clips --dataset datasets)
    done
    for table in landmarks raw_landmarks; do
        isolated "$program" query --dataset "$work/built/datasets" --format csv "
            WITH a AS (SELECT * FROM read_parquet('$work/wheel/datasets/$table/*/*/*.parquet', hive_partitioning = true)),
                b AS (SELECT * FROM read_parquet('$work/built/datasets/$table/*/*/*.parquet', hive_partitioning = true))
            SELECT (SELECT count(*) FROM a) AS n, (SELECT count(*) FROM (FROM a EXCEPT ALL FROM b)) AS more,
                (SELECT count(*) FROM (FROM b EXCEPT ALL FROM a)) AS fewer" | tail -n 1 >"$work/difference"
        cat "$work/difference"
        grep -qE '^[1-9][0-9]*,0,0$' "$work/difference" || return 1
    done
}

if [ -n "$program" ]; then
    check "the same rows as $program" same_rows
fi

echo "$n_passed passed, $n_failed failed"
[ "$n_failed" -eq 0 ]
