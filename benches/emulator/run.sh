#!/bin/sh
# Runs tests of the native engine on an emulated processor with AVX-512 and AMX (Sapphire Rapids), also where this machine has neither.
# The emulator is Bochs (the repository bochs-emu/Bochs, commit 783b58fd6), built with user_mode.inc: the tests are a static program that
# runs on the emulated processor without a system, some hundred times slower than on a real one.
#
#     benches/emulator/run.sh BOCHS [TEST...]     # BOCHS: the folder `bochs` of a clone, which stays as it is
#
# WORK keeps what was built (by default below the user's cache). PROPTEST_CASES are 2 here. Without tests: those that take minutes. Needs
# g++ and make.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
bochs=$(cd "$1" && pwd)
shift
work=${WORK:-$HOME/.cache/posekit/emulator}
mkdir -p "$work/lab/src"

if [ ! -x "$work/bochs/bochs" ]; then
    rm -rf "$work/bochs"
    cp -r "$bochs" "$work/bochs"
    cd "$work/bochs"
    cp "$here/user_mode.inc" cpu/
    sed -i 's/^#include "cpuid.h"/&\n#include "pc_system.h"\n#include "memory\/memory-bochs.h"\n#include "user_mode.inc"/
        s/.*"Execute SYSCALL instruction".*/&\n  if (is_user_mode) {\n    answer_call();\n    BX_NEXT_TRACE(i);\n  }/' cpu/proc_ctrl.cc
    sed -i '0,/^ *BX_CPU(0)->cpu_loop();/s//{ extern void begin_user_mode(); begin_user_mode(); }\n&/' main.cc
    CXXFLAGS='-O2 -pipe' ./configure --enable-all-optimizations --enable-cpu-level=6 --enable-x86-64 --enable-avx --enable-evex \
        --enable-amx --with-nogui --disable-docbook --disable-plugins > configure.log
    nice make > make.log 2>&1 || { tail "$work/bochs/make.log" && exit 1; }
fi

# The engine's sources as a crate of their own: it needs no library.
cat > "$work/lab/Cargo.toml" << CRATE
[package]
name = "lab"
version = "0.0.0"
edition = "2024"

[dependencies]
rayon = "1"
thiserror = "2"

[dev-dependencies]
proptest = { version = "1", default-features = false, features = ["std"] }

[profile.release]
incremental = true

[workspace]
CRATE
cp "$root/Cargo.lock" "$work/lab/"
ln -sfn "$root/models" "$work/lab/models"
printf '#![allow(dead_code, unused)]\n#[path = "%s"]\nmod native;\n' "$root/src/inference/native/mod.rs" > "$work/lab/src/lib.rs"
cd "$work/lab"
export RUSTFLAGS='-C target-feature=+crt-static' CARGO_TARGET_DIR="$work/target"
program=$(cargo test --release --target x86_64-unknown-linux-gnu --no-run 2>&1 | sed -n 's/.*Executable.*(\(.*\))$/\1/p')

cat > "$work/machine" << MACHINE
display_library: nogui
megs: 2048
cpu: model=sapphire_rapids, ips=100000000
romimage: file=$work/bochs/bios/BIOS-bochs-latest
vgaromimage: file=$work/bochs/bios/VGABIOS-lgpl/VGABIOS-lgpl-latest.bin
log: $work/log
panic: action=fatal
MACHINE
[ $# -gt 0 ] || set -- native::kernels native::sets native::tests::a_network_has native::tests::blocks_are native::tests::other_operations
export USER_PROGRAM="$program" USER_ARGUMENTS="--test-threads 1 $*" USER_ENVIRONMENT="PROPTEST_CASES=${PROPTEST_CASES:-2}"
nice "$work/bochs/bochs" -q -unlock -f "$work/machine" 2>&1 < /dev/null
