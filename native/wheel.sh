#!/bin/sh
# Builds the Python wheels into dist. The first has the program, its libraries and networks, an FFmpeg without anything of the
# system's, and the package in python/posekit. The second has the network `heavy`, with which the first would be too
# large for package indexes; the program finds it. They run on every Linux with glibc 2.28 or newer. They are built on Debian 12; the
# first time takes a quarter of an hour on two cores, later only what has changed is built.
# Usage: wheel.sh [FOLDER]    puts the wheels into FOLDER instead
set -eu
clone=$(cd "$(dirname "$0")/.." && pwd)
here=$clone/native/wheel
dist=${1:-$clone/dist}
cache=${POSEKIT_WHEEL_CACHE:-$HOME/.cache/posekit/wheel}
target=${CARGO_TARGET_DIR:-$clone/target}
glibc=2.28

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $1"; [ $# -lt 2 ] || say "  hint: $2"; exit 3; }

[ "$(uname -m)-$(uname -s)" = x86_64-Linux ] || die "the wheel is built on x86-64 Linux only"

# --- Tools -------------------------------------------------------------------------------------------------------

missing_packages() {
    command -v nasm >/dev/null || echo nasm
    command -v cmake >/dev/null || echo cmake
    command -v meson >/dev/null || echo meson
    command -v ninja >/dev/null || echo ninja-build
    command -v dpkg-source >/dev/null || echo dpkg-dev
    python3 -c 'import venv, ensurepip' 2>/dev/null || echo python3-venv
}

install_packages() {
    packages=$(missing_packages | tr '\n' ' ')
    [ -n "$packages" ] || return 0
    command -v apt-get >/dev/null || die "these are missing and there is no apt-get to install them: $packages" "build the wheel on Debian 12"
    if [ "$(id -u)" = 0 ]; then as_root=''; elif command -v sudo >/dev/null; then as_root=sudo; else
        die "these are missing and installing them needs root: $packages" "run as root: apt-get install -y --no-install-recommends $packages"
    fi
    say "installing $packages"
    # shellcheck disable=SC2086 # words are meant
    { $as_root apt-get update -qq &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages >&2; } ||
        die "apt-get could not install: $packages" "see its messages above"
}

# Zig, whose compiler links with the symbols of older glibcs than this machine's.
install_zig() {
    venv=$cache/tools
    if ! cmp -s "$here/requirements.txt" "$venv/.requirements"; then
        rm -rf "$venv"
        say "fetching zig"
        { python3 -m venv "$venv" &&
            "$venv/bin/pip" install -q --disable-pip-version-check --require-hashes --only-binary :all: -r "$here/requirements.txt"; } >&2 ||
            die "pip could not fetch zig" "is the Python package index reachable?"
        # Last, so that an interrupted run is no complete one.
        cp "$here/requirements.txt" "$venv/.requirements"
    fi
    zig=$("$venv/bin/python" -c 'import os, ziglang; print(os.path.join(os.path.dirname(ziglang.__file__), "zig"))')
}

# --- The program -------------------------------------------------------------------------------------------------

# The linker that Rust calls. libgcc_s is the system's own, as for DuckDB: two unwinders in one process would break
# C++ exceptions. Zig would put in another. This machine's libgcc_s itself may need a newer glibc, those of older systems do not.
write_linker() {
    libgcc=$(cc -print-file-name=libgcc_s.so.1)
    cat >"$cache/bin/zig-link" <<END
#!/bin/sh
for argument in "\$@"; do
    shift
    case \$argument in
    # Without the clone's place, which no other machine has.
    -Wl,-rpath,*) set -- "\$@" '-Wl,-rpath,\$ORIGIN/../lib/posekit' ;;
    -lgcc_s) set -- "\$@" "$libgcc" -Wl,--allow-shlib-undefined ;;
    *) set -- "\$@" "\$argument" ;;
    esac
done
exec "$cache/bin/zig-cc" "\$@"
END
    chmod +x "$cache/bin/zig-link"
}

# Only the last step differs from `make build`, so nothing else is compiled again. Afterwards the target folder holds
# the usual program again.
build_program() {
    say "linking the program for glibc $glibc"
    (
        cd "$clone"
        cargo rustc --release --locked --bin posekit -- -C linker="$cache/bin/zig-link" -C linker-features=-lld \
            -L "native=$cache/ffmpeg/lib" -C strip=symbols
    ) || die "the program cannot be linked"
    cp "$target/release/posekit" "$1"
    (cd "$clone" && cargo build --release --locked --quiet)
}

# --- Licenses ----------------------------------------------------------------------------------------------------

# The licenses of everything inside: those of FFmpeg and its encoders come from their source packages.
collect_licenses() {
    mkdir -p "$1"
    cp "$clone/LICENSE" "$clone/NOTICE" "$cache/ffmpeg/licenses"/* "$1"
    cp "$clone/src/report/page/assets/vendor/LICENSE" "$1/uplot.txt"
    cp "$(dirname "$zig")/lib/libcxx/LICENSE.TXT" "$1/llvm-libcxx.txt"
    (cd "$clone" && cargo metadata --format-version 1 --locked --filter-platform x86_64-unknown-linux-gnu) |
        python3 "$here/crates.py" >"$1/crates.txt"
    packed=$cache/packages
    if ! cmp -s "$clone/native/libraries.txt" "$packed/.libraries"; then
        rm -rf "$packed"
        mkdir -p "$packed"
        grep -v '^#' "$clone/native/libraries.txt" | while read -r platform library registry package _; do
            [ "$platform" = x86_64-linux ] || continue
            say "fetching the license of $package"
            case $registry in
            npm) (cd "$packed" && file=$(npm pack --silent "$package") && tar -xzf "$file" package/LICENSE && rm "$file" &&
                mv package/LICENSE "$library.txt" && rmdir package) ;;
            pypi) python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --dest "$packed/wheel" \
                --python-version 3.12 --implementation cp --platform manylinux_2_28_x86_64 "$package" >&2 &&
                python3 -m zipfile -e "$packed"/wheel/*.whl "$packed/wheel" &&
                mv "$packed/wheel/$library/LICENSE" "$packed/$library.txt" &&
                mv "$packed/wheel/$library/ThirdPartyNotices.txt" "$packed/$library-third-party.txt" && rm -rf "$packed/wheel" ;;
            esac || die "the license of $package cannot be fetched"
        done
        cp "$clone/native/libraries.txt" "$packed/.libraries"
    fi
    cp "$packed"/*.txt "$1"
}

# --- Checks ------------------------------------------------------------------------------------------------------

# The libraries that every Linux with glibc has.
system_libraries='libc.so.6 libm.so.6 libdl.so.2 librt.so.1 libpthread.so.0 libgcc_s.so.1 libstdc++.so.6 ld-linux-x86-64.so.2'

# Every library that is needed lies inside or is one of the above, and none needs a newer glibc than the name says.
check() {
    for file in "$1/bin/posekit" "$1"/lib/posekit/*; do
        for needed in $(readelf -d "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
            [ -e "$1/lib/posekit/$needed" ] || case " $system_libraries " in
            *" $needed "*) ;;
            *) die "$(basename "$file") needs $needed, which is not in the wheel" ;;
            esac
        done
        newest=$(readelf -V "$file" | grep -oE 'GLIBC_[0-9]+\.[0-9.]+' | sort -uV | tail -n 1)
        [ "$(printf '%s\nGLIBC_%s\n' "$newest" "$glibc" | sort -V | tail -n 1)" = "GLIBC_$glibc" ] ||
            die "$(basename "$file") needs $newest, the wheel promises $glibc"
    done
}

# --- The wheel ---------------------------------------------------------------------------------------------------

sh "$clone/native/setup.sh"
install_packages
install_zig
sh "$here/ffmpeg.sh" "$zig" "$cache"
write_linker

stage=$cache/stage
rm -rf "$stage"
mkdir -p "$stage/bin" "$stage/lib/posekit" "$stage/share/posekit/models"
build_program "$stage/bin/posekit"
cp "$clone"/native/lib/*.so "$stage/lib/posekit"
for library in "$cache"/ffmpeg/lib/*.so.*; do
    # Of the names of each library, the one that programs ask for.
    name=$(readelf -d "$library" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
    cp "$library" "$stage/lib/posekit/$name"
done
strip --strip-unneeded "$stage"/lib/posekit/*
cp "$clone"/models/*.onnx "$stage/share/posekit/models"
heavy=$cache/stage-heavy
rm -rf "$heavy"
mkdir -p "$heavy/share/posekit/models"
mv "$stage/share/posekit/models/pose_landmark_heavy.onnx" "$heavy/share/posekit/models"
cp "$clone/LICENSE" "$clone/NOTICE" "$stage/share/posekit"
check "$stage"
rm -rf "$cache/licenses"
collect_licenses "$cache/licenses"

SOURCE_DATE_EPOCH=$(git -C "$clone" log -1 --format=%ct 2>/dev/null || echo 0)
export SOURCE_DATE_EPOCH
python3 "$here/pack.py" --clone "$clone" --stage "$stage" --heavy "$heavy" --licenses "$cache/licenses" --glibc "$glibc" \
    --output "$dist"
