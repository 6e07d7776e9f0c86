#!/bin/sh
# Asks a GGUF file with the real llama.cpp, greedily, so that a model that posekit merged can be compared. llama.cpp (b11549) comes with the
# Python package xllamacpp, which is installed, once, outside the clone: in $POSEKIT_LLAMA_CPP_VENV, or ~/.cache/posekit/llama_cpp (0.1 GB).
#
#   llama_cpp.sh MODEL.gguf [--tokens N] [--file FILE] [PROMPT ...]   one JSON line for each answer (see llama_cpp.py)
#   llama_cpp.sh --install                                            makes the environment
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=${POSEKIT_LLAMA_CPP_VENV:-$HOME/.cache/posekit/llama_cpp}
stamp=$venv/requirements_llama_cpp.txt

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $1"; [ $# -lt 2 ] || say "  hint: $2"; exit 3; }

install() {
    ! cmp -s "$here/requirements_llama_cpp.txt" "$stamp" || return 0
    command -v python3 >/dev/null || die "python3 is missing" "install Python 3.10 or newer with its venv module"
    say "installing the packages of tests/llm/requirements_llama_cpp.txt into $venv"
    rm -rf "$venv"
    python3 -m venv "$venv" || die "python3 could not make a virtual environment" "install the package python3-venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
        --requirement "$here/requirements_llama_cpp.txt" >&2 ||
        die "pip could not install the packages of tests/llm/requirements_llama_cpp.txt" "is the package index reachable? The package is for x86_64 Linux"
    # Last, so that an interrupted run is no complete one.
    cp "$here/requirements_llama_cpp.txt" "$stamp"
}

case ${1:-} in
'' | -h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0" ;;
--install) install ;;
*)
    install
    exec env PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" "$here/llama_cpp.py" "$@"
    ;;
esac
