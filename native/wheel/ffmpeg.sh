#!/bin/sh
# Builds the FFmpeg of the wheel: shared libraries of the very version that the program is compiled with, with the
# encoders inside them and nothing else of the system's. Usage: ffmpeg.sh ZIG CACHE. What is built lies in
# CACHE/ffmpeg/lib; a second run builds only what has changed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
zig=$1
cache=$2
prefix=$cache/ffmpeg
work=$cache/build
# The oldest glibc that the libraries run with. ONNX Runtime as published needs this one, too.
glibc=2.28

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $1"; [ $# -lt 2 ] || say "  hint: $2"; exit 3; }

sha256_of() { sha256sum "$1" 2>/dev/null | cut -d ' ' -f 1; }

# --- Source packages ---------------------------------------------------------------------------------------------

# The rows of sources.txt.
rows() { grep -v '^#' "$here/sources.txt"; }

version_of() { rows | awk -v package="$1" '$1 == package { print $2 }'; }

# The name that dpkg gives to files of a version: without the epoch.
dsc_of() { printf '%s/sources/%s_%s.dsc' "$cache" "$1" "$(version_of "$1" | sed 's/^[0-9]*://')"; }

is_there() { [ "$(sha256_of "$(dsc_of "$1")")" = "$(rows | awk -v package="$1" '$1 == package { print $4 }')" ]; }

# A configuration of apt with the sources of the archives that it has the packages of; the system's stays as it is.
# Archives of security fixes come last: they keep no sources of what has moved into a point release.
configure_apt() {
    mkdir -p "$cache/apt/lists/partial"
    apt-get indextargets --format 'deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
        sort -u | awk '{ print ($3 ~ /-/) (($3 ~ /security/) ? 1 : 0), $0 }' | sort | cut -d ' ' -f 2- >"$cache/apt/sources.list"
    [ -s "$cache/apt/sources.list" ] || die "apt knows no archive of Debian" "build the wheel on Debian 12"
    printf 'Dir::Etc::SourceList "%s/apt/sources.list";\nDir::Etc::SourceParts "-";\nDir::State::Lists "%s/apt/lists";\nAPT::Sandbox::User "root";\n' \
        "$cache" "$cache" >"$cache/apt/apt.conf"
    APT_CONFIG=$cache/apt/apt.conf apt-get update -qq || die "apt-get could not read Debian's lists of sources" "see its messages above"
}

fetch_sources() {
    missing=$(rows | while read -r package _; do is_there "$package" || echo "$package"; done)
    [ -n "$missing" ] || return 0
    mkdir -p "$cache/sources"
    configure_apt
    for package in $missing; do
        version=$(version_of "$package")
        say "fetching the sources of $package $version"
        (cd "$cache/sources" && APT_CONFIG=$cache/apt/apt.conf apt-get source -qq --download-only "$package=$version" >&2) ||
            die "apt-get could not fetch the sources of $package $version" \
                "if Debian has a newer one, raise the version in native/wheel/sources.txt; 'apt-get source $package' says which"
        is_there "$package" || die "the .dsc file of $package has another sha256 than sources.txt says" "do not use it; report this"
    done
}

# --- Compilers ---------------------------------------------------------------------------------------------------

# Zig's clang links with the symbols of any glibc. Meson asks two questions that Zig answers in its own way: for the macros
# (without a version of glibc, which only linking needs), and for the linker (that of LLVM).
write_compilers() {
    mkdir -p "$cache/bin"
    for language in cc c++; do
        cat >"$cache/bin/zig-$language" <<END
#!/bin/sh
case " \$* " in
*" -Wl,--version "*) echo "LLD 22 (compatible with GNU linkers)" ;;
*" -dM "*) exec "$zig" $language -target x86_64-linux-gnu "\$@" ;;
*) exec "$zig" $language -target x86_64-linux-gnu.$glibc -fno-sanitize=all "\$@" ;;
esac
END
        chmod +x "$cache/bin/zig-$language"
    done
}

# --- Recipes -----------------------------------------------------------------------------------------------------
# Each is run in the package's source folder and installs static libraries into $prefix. They have what the program
# uses, for 8 bits a channel.

build_zlib() {
    ./configure --static --prefix="$prefix"
    make libz.a
    make install
}

build_bzip2() {
    make libbz2.a CC="$CC" CFLAGS="$CFLAGS -D_FILE_OFFSET_BITS=64"
    cp libbz2.a "$prefix/lib"
    cp bzlib.h "$prefix/include"
}

build_dav1d() {
    meson setup build --prefix="$prefix" --libdir=lib --buildtype=release --default-library=static \
        -Denable_tools=false -Denable_tests=false
    ninja -C build -j2 install
}

build_libwebp() {
    cmake_install . -DWEBP_BUILD_ANIM_UTILS=OFF -DWEBP_BUILD_CWEBP=OFF -DWEBP_BUILD_DWEBP=OFF -DWEBP_BUILD_GIF2WEBP=OFF \
        -DWEBP_BUILD_IMG2WEBP=OFF -DWEBP_BUILD_VWEBP=OFF -DWEBP_BUILD_WEBPINFO=OFF -DWEBP_BUILD_WEBPMUX=OFF -DWEBP_BUILD_EXTRAS=OFF
}

build_x264() {
    ./configure --prefix="$prefix" --enable-static --enable-pic --disable-cli --disable-opencl --bit-depth=8
    make -j2 install
}

build_x265() {
    cmake_install source -DENABLE_SHARED=OFF -DENABLE_CLI=OFF -DENABLE_LIBNUMA=OFF -DENABLE_PIC=ON
    # CMake has written where Zig keeps its C++ runtime at the moment.
    sed -i 's/^Libs.private:.*/Libs.private: -lc++/' "$prefix/lib/pkgconfig/x265.pc"
}

build_libvpx() {
    ./configure --prefix="$prefix" --target=x86_64-linux-gcc --enable-pic --disable-shared --enable-static \
        --disable-examples --disable-tools --disable-docs --disable-unit-tests --disable-vp8 --disable-vp9-decoder \
        --disable-webm-io --disable-libyuv
    make -j2 install
}

build_svt_av1() {
    cmake_install . -DBUILD_SHARED_LIBS=OFF -DBUILD_APPS=OFF -DBUILD_DEC=OFF -DBUILD_TESTING=OFF -DREPRODUCIBLE_BUILDS=ON
}

# All decoders, demuxers and parsers that FFmpeg itself has, for the files of any camera; of the rest only what posekit
# uses: of libavfilter the deinterlacer, and the conversion of pixel formats that it cannot take. Nothing here opens a network or a device.
build_ffmpeg() {
    ./configure --prefix="$prefix" --cc="$CC" --cxx="$CXX" --extra-version="$(version_of ffmpeg | sed 's/.*-//')" \
        --pkg-config-flags=--static --extra-cflags="-I$prefix/include" --extra-ldflags="-L$prefix/lib" \
        --enable-shared --disable-static --enable-pic --disable-debug \
        --disable-programs --disable-doc --disable-autodetect --disable-network \
        --disable-avdevice --disable-swresample --disable-postproc \
        --disable-encoders --disable-muxers --disable-protocols --disable-hwaccels --disable-filters --disable-devices \
        --enable-gpl --enable-zlib --enable-bzlib --enable-iconv --enable-libdav1d \
        --enable-libx264 --enable-libx265 --enable-libvpx --enable-libsvtav1 --enable-libwebp \
        --enable-encoder=libx264,libx265,libvpx_vp9,libsvtav1,libwebp_anim --enable-muxer=mp4,nut,webm,webp --enable-protocol=file \
        --enable-filter=bwdif,scale ||
        { tail -n 40 ffbuild/config.log; exit 1; }
    # Without the places of this machine, so that every machine makes the same files.
    sed -i 's|^#define FFMPEG_CONFIGURATION .*|#define FFMPEG_CONFIGURATION "native/wheel/ffmpeg.sh of posekit"|
        s,^#define \(FFMPEG_DATADIR\|AVCONV_DATADIR\) .*,#define \1 "/usr/share/ffmpeg",' config.h
    # glibc 2.28 has this function, but Zig has no header for it.
    sed -i 's/^#define HAVE_SYSCTL 1/#define HAVE_SYSCTL 0/' config.h
    # The libraries find each other. As an option of configure, $ORIGIN does not survive its shells.
    echo "LDSOFLAGS += -Wl,-rpath,'\$\$\$\$ORIGIN'" >>ffbuild/config.mak
    make -j2
    make install-libs install-headers
}

cmake_install() {
    source=$1
    shift
    cmake -S "$source" -B build-posekit -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$prefix" \
        -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DCMAKE_AR=/usr/bin/ar -DCMAKE_RANLIB=/usr/bin/ranlib "$@"
    ninja -C build-posekit -j2 install
}

# Everything that a built package follows from: its source, the compiler, its recipe, and for FFmpeg all others.
key_of() {
    name=$(printf '%s' "$1" | tr - _)
    {
        [ "$1" = ffmpeg ] && rows || rows | awk -v package="$1" '$1 == package'
        "$zig" version
        echo "$glibc"
        sed -n '/^cmake_install()/,/^}/p' "$0"
        if [ "$1" = ffmpeg ]; then sed -n '/^build_/,/^}/p' "$0"; else sed -n "/^build_$name()/,/^}/p" "$0"; fi
    } | sha256sum | cut -d ' ' -f 1
}

build() {
    package=$1
    key=$(key_of "$package")
    [ "$(cat "$prefix/built/$package" 2>/dev/null)" != "$key" ] || return 0
    say "building $package $(version_of "$package")"
    rm -rf "${work:?}/$package"
    mkdir -p "$work" "$prefix/built" "$prefix/lib" "$prefix/include"
    log=$work/$package.log
    dpkg-source -x "$(dsc_of "$package")" "$work/$package" >"$log" 2>&1 || { cat "$log" >&2; die "the sources of $package do not unpack"; }
    # Not as a condition: there the shell would go on after a command that fails.
    set +e
    (
        set -e
        cd "$work/$package"
        export CC="$cache/bin/zig-cc" CXX="$cache/bin/zig-c++" AR=ar RANLIB=ranlib
        export CFLAGS='-O3 -fPIC' CXXFLAGS='-O3 -fPIC' PKG_CONFIG_LIBDIR="$prefix/lib/pkgconfig" PKG_CONFIG_PATH=
        "build_$(printf '%s' "$package" | tr - _)"
    ) >>"$log" 2>&1
    status=$?
    set -e
    [ $status = 0 ] || { tail -n 40 "$log" >&2; die "$package cannot be built" "all of its messages are in $log"; }
    mkdir -p "$prefix/licenses"
    cp "$work/$package/debian/copyright" "$prefix/licenses/$package.txt"
    [ "$package" != ffmpeg ] || cp "$work/ffmpeg/COPYING.GPLv3" "$prefix/licenses/GPL-3.txt"
    echo "$key" >"$prefix/built/$package"
    rm -rf "${work:?}/$package"
}

fetch_sources
write_compilers
for package in $(rows | cut -d ' ' -f 1); do
    build "$package"
done
