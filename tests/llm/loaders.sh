#!/bin/sh
# Loads a dataset folder of `posekit export-llm` with the libraries that people train with, at the versions of requirements.txt.
# They are installed, once, in an environment outside the clone: $POSEKIT_LLM_VENV, or ~/.cache/posekit/llm-venv (about 2.3 GB).
#
#   loaders.sh FOLDER [--only GROUP ...]   checks the folder; the last line is `N passed, N failed`
#   loaders.sh --selftest FOLDER           breaks copies of the folder and checks that each fault is found
#   loaders.sh --install                   makes the environment
#   loaders.sh --check                     says what is missing, and ends with 1 where something is
#   loaders.sh --light FOLDER              without trainers, in an environment of its own (0.4 GB)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=${POSEKIT_LLM_VENV:-$HOME/.cache/posekit/llm-venv}
light_groups='card datasets older_datasets large older_large openai'
is_light=
if [ "${1:-}" = --light ]; then
    is_light=1
    shift
    venv=${POSEKIT_LLM_LIGHT_VENV:-$HOME/.cache/posekit/llm-light}
fi
# Which lists the environment was made from.
stamp=$venv/.posekit-lock

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $1"; [ $# -lt 2 ] || say "  hint: $2"; exit 3; }

# The first Python that the pinned packages are made for.
find_python() {
    for name in python3 python3.13 python3.12 python3.11; do
        command -v "$name" >/dev/null &&
            "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && { echo "$name"; return; }
    done
    return 0
}

missing() {
    [ -n "$(find_python)" ] || echo 'Python 3.11 to 3.13 with venv'
    [ -z "$is_light" ] || return 0
    command -v cc >/dev/null || echo cc
    command -v readelf >/dev/null || echo readelf
}

# The pinned packages of requirements.txt, or those of them that requirements_light.txt names.
wanted() {
    if [ -z "$is_light" ]; then
        cat "$here/requirements.txt"
        return
    fi
    for name in $(grep -v '^#' "$here/requirements_light.txt"); do
        grep -i "^$name==" "$here/requirements.txt" || die "$name not found in tests/llm/requirements.txt"
    done
}

is_there() { [ -f "$stamp" ] && (cd "$here" && sha256sum --status -c "$stamp"); }

# PyTorch's package for Linux is linked with NVIDIA's libraries, 4 GB of them. Without a GPU none of their functions is called, so small
# libraries with the same names and functions take their place. Each function fails (1) if it is called after all.
stand_in_for_cuda() {
    lib=$(echo "$venv"/lib/python3*/site-packages/torch/lib)
    work=$(mktemp -d)
    for file in "$lib"/libtorch*.so "$lib"/libc10*.so; do readelf --dyn-syms -W "$file"; done | awk '$7 == "UND" {print $8}' | sort -u >"$work/wanted"
    # CUDA's runtime is small and real.
    for file in "$lib"/libtorch*.so; do readelf -d "$file"; done |
        sed -n 's/.*NEEDED.*\[\(lib\(cu\|nccl\|nvrtc\|nvshmem\)[^]]*\)\]/\1/p' | sort -u | grep -v -e '^libcudart' -e '^libcuda\.so' >"$work/needed"
    while read -r name; do
        case $name in libnvshmem*) version=NVSHMEM ;; *) version=$name ;; esac
        if grep -F "@$version" "$work/wanted" | cut -d@ -f1 >"$work/names" && [ -s "$work/names" ]; then
            echo "$version { *; };" >"$work/map"
        else
            # These have no versions: each library gets all such functions.
            grep -E '^(nccl|nvshmem|cuFile|cusparseLt)' "$work/wanted" | grep -v @ >"$work/names"
            echo '{ global: *; };' >"$work/map"
        fi
        sed 's/.*/int &(void) { return 1; }/' "$work/names" >"$work/functions.c"
        cc -shared -fPIC -w -fno-builtin -Wl,-soname,"$name" -Wl,--version-script,"$work/map" -o "$lib/$name" "$work/functions.c"
    done <"$work/needed"
    rm -r "$work"
}

install() {
    lacking=$(missing | tr '\n' ' ')
    [ -z "$lacking" ] || die "these are missing: $lacking" "on Debian: apt-get install python3-venv gcc binutils"
    say "installing the packages of tests/llm/requirements.txt in $venv"
    rm -rf "$venv"
    "$(find_python)" -m venv "$venv" || die "$venv could not be made" "is the disk full?"
    # Without their own wishes for others: together they have none that pip could meet, and PyTorch's are 4 GB.
    wanted >"$venv/wanted.txt" || exit 3
    "$venv/bin/pip" install -q ${is_light:+--no-compile} --disable-pip-version-check --no-deps -r "$venv/wanted.txt" >&2 ||
        die "pip could not install the packages of tests/llm/requirements.txt" "is the package index reachable?"
    "$venv/bin/pip" install -q --disable-pip-version-check --no-deps --target "$venv/llama_factory" -r "$here/requirements_llama_factory.txt" >&2 ||
        die "pip could not install the packages of tests/llm/requirements_llama_factory.txt" "is the package index reachable?"
    if [ -z "$is_light" ]; then
        stand_in_for_cuda
        "$venv/bin/python" -c 'import torch; assert (torch.ones(2) + 1).sum() == 4' || die "PyTorch does not run on this machine"
    fi
    # Last, so that an interrupted run is no complete one.
    (cd "$here" && sha256sum requirements.txt requirements_llama_factory.txt ${is_light:+requirements_light.txt} >"$stamp")
}

case ${1:-} in
--check)
    lacking=$(missing | tr '\n' ' ')
    is_there || lacking="${lacking}the packages of tests/llm/requirements.txt"
    [ -z "$lacking" ] || { say "these are missing: $lacking (sh tests/llm/loaders.sh --install installs packages)"; exit 1; }
    ;;
--install) is_there || install ;;
--selftest)
    [ $# -ge 2 ] || die "no folder given"
    is_there || install
    shift
    exec env PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" "$here/loaders_selftest.py" "$@"
    ;;
'' | -h | --help) sed -n '2,10s/^# \{0,1\}//p' "$0" ;;
*)
    is_there || install
    # shellcheck disable=SC2086 # a list of words
    [ -z "$is_light" ] || set -- "$@" --only $light_groups
    exec env PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" "$here/loaders.py" "$@"
    ;;
esac
